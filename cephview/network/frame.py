"""From film pixels to the network's frame and back: the one place where coordinates change.

Three frames, x before y in all of them:

- film: pixel indices, (0, 0) is the centre of the top-left pixel;
- input: the same of the network's input picture, as floating point indices;
- uv: normalised input coordinates u = (x + 0.5) / width, (0, 0) and (1, 1) are the outer corners.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A scale and a shift, each (x, y): input + 0.5 = (film + 0.5) * scale + shift."""

    scale: tuple[float, float]
    shift: tuple[float, float]
    size: tuple[int, int]

    @classmethod
    def fit(
        cls, film_size: tuple[int, int], size: tuple[int, int], *, aspect: float = 1.0
    ) -> "Frame":
        """Show the whole film, centred, undistorted in millimetres.

        film_size and size are (width, height) in pixels; aspect is the height of a film pixel over
        its width.
        """
        return cls.of_box((-0.5, -0.5, film_size[0] - 0.5, film_size[1] - 0.5), size, aspect=aspect)

    @classmethod
    def of_box(
        cls,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        *,
        aspect: float = 1.0,
    ) -> "Frame":
        """Show a box of the film, (left, top, right, bottom) in film indices, centred."""
        left, top, right, bottom = box
        across, down = right - left, (bottom - top) * aspect
        if across <= 0 or down <= 0:
            raise ValueError(f"an empty box cannot be shown: {box}")
        scale_x = min(size[0] / across, size[1] / down)
        scale = (scale_x, scale_x * aspect)
        middle = ((left + right) / 2 + 0.5, (top + bottom) / 2 + 0.5)
        shift = (size[0] / 2 - middle[0] * scale[0], size[1] / 2 - middle[1] * scale[1])
        return cls(scale, shift, size)

    def to_input(self, film_px: Floats) -> Floats:
        """Return input indices of film indices; both (..., 2)."""
        return np.asarray((film_px + 0.5) * np.array(self.scale) + np.array(self.shift) - 0.5)

    def to_film(self, input_px: Floats) -> Floats:
        """Return film indices of input indices; both (..., 2)."""
        return np.asarray((input_px + 0.5 - np.array(self.shift)) / np.array(self.scale) - 0.5)

    def to_uv(self, film_px: Floats) -> Floats:
        """Return normalised input coordinates of film indices; both (..., 2)."""
        return np.asarray((self.to_input(film_px) + 0.5) / np.array(self.size, dtype=float))

    def from_uv(self, uv: Floats) -> Floats:
        """Return film indices of normalised input coordinates; both (..., 2)."""
        return self.to_film(uv * np.asarray(self.size, dtype=float) - 0.5)

    def picture(self, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> Tensor:
        """Return the (height, width) float32 input picture of a film, 0 outside the film.

        Grey values stay as they are. Shrinking averages (a triangle filter as wide as the step), so
        that fine grain does not alias.
        """
        width, height = self.size
        if _covers(self, pixels.shape):
            inner = (0, 0, width, height)
        else:
            first = np.floor(self.to_input(np.array([-0.5, -0.5])) + 0.5 + 1e-6).astype(int)
            last = np.ceil(
                self.to_input(np.array([pixels.shape[1], pixels.shape[0]]) - 0.5) + 0.5 - 1e-6
            ).astype(int)
            inner = (
                max(0, int(first[0])),
                max(0, int(first[1])),
                min(width, int(last[0])),
                min(height, int(last[1])),
            )
        canvas = torch.zeros(height, width)
        left, top, right, bottom = inner
        if right > left and bottom > top:
            canvas[top:bottom, left:right] = self._resampled(pixels, inner)
        return canvas

    def _resampled(
        self,
        pixels: NDArray[np.uint8] | NDArray[np.uint16],
        inner: tuple[int, int, int, int],
    ) -> Tensor:
        """Resample the film under a box of whole input pixels, one axis at a time."""
        left, top, right, bottom = inner
        film = torch.from_numpy(np.ascontiguousarray(pixels).astype(np.float32))
        rows = _weights(pixels.shape[0], top, bottom, self.scale[1], self.shift[1])
        columns = _weights(pixels.shape[1], left, right, self.scale[0], self.shift[0])
        return _apply(columns, _apply(rows, film).T).T


def _covers(frame: Frame, shape: tuple[int, ...]) -> bool:
    corners = frame.to_input(np.array([[-0.5, -0.5], [shape[1] - 0.5, shape[0] - 0.5]])) + 0.5
    return bool((corners[0] <= 1e-6).all() and (corners[1] >= np.array(frame.size) - 1e-6).all())


def _weights(
    length: int, start: int, stop: int, scale: float, shift: float
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return film indices and weights, (cells, taps), of input cells start..stop of an axis."""
    centres = (np.arange(start, stop) + 0.5 - shift) / scale - 0.5
    reach = max(1.0, 1.0 / scale)
    taps = int(np.ceil(2 * reach)) + 1
    first = np.ceil(centres - reach).astype(np.int64)
    index = first[:, None] + np.arange(taps)[None, :]
    weight = np.maximum(0.0, 1.0 - np.abs(index - centres[:, None]) / reach)
    index = index.clip(0, length - 1)
    weight /= weight.sum(axis=1, keepdims=True)
    return index, weight.astype(np.float32)


def _apply(taps: tuple[NDArray[np.int64], NDArray[np.float32]], values: Tensor) -> Tensor:
    """Weigh rows of values, (length, n), into (cells, n)."""
    index, weight = taps
    return F.embedding_bag(
        torch.from_numpy(index),
        values.contiguous(),
        per_sample_weights=torch.from_numpy(weight),
        mode="sum",
    )


def normalised(picture: Tensor) -> Tensor:
    """Stretch grey values to the range the trunk was trained on, from the picture's own range.

    picture: (..., height, width), any grey scale. The 0.2nd and 99.8th percentiles of what is not
    exactly 0 become 0 and 1, so bit depth and exposure do not matter. Returns
    (grey - 0.498) / 0.502.
    """
    seen = picture[picture > 0]
    if seen.numel() < 16:
        return (torch.zeros_like(picture) - 0.498) / 0.502
    step = max(1, seen.numel() // 100_000)
    ends = torch.quantile(seen[::step].float(), torch.tensor([0.002, 0.998], device=seen.device))
    span = (ends[1] - ends[0]).clamp_min(1e-6)
    return (((picture - ends[0]) / span).clamp(0.0, 1.0) - 0.498) / 0.502

"""From film pixels to the network's frame and back: the one place where coordinates change.

Three frames, x before y in all of them:

- film: pixel indices, (0, 0) is the centre of the top-left pixel;
- input: the same of the network's input picture, as floating point indices;
- uv: normalised input coordinates u = (x + 0.5) / width, (0, 0) and (1, 1) are the outer corners.

A film that lies or is exposed the wrong way is turned first: a View is that film as the network is
to see it, and knows the way back.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.uncertainty import Covariance

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

# A border is not shown where it is flat to so small a share of the film's range of grey, and takes
# up more than this share of a side.
FLAT = 0.02
BORDER = 0.03


@dataclass(frozen=True)
class View:
    """A film turned: its pixels, and the height of a pixel over its width."""

    pixels: Pixels
    aspect: float
    turn: Turn

    @classmethod
    def of(cls, film: Film, turn: Turn) -> "View":
        """Turn a film: invert, then swap left and right, then turn clockwise, as turn says."""
        aspect = film.pixel_size.aspect
        pixels = turned(film.pixels, turn)
        return cls(pixels, 1 / aspect if turn.quarters % 2 else aspect, turn)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, once turned."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def from_film(self, film_px: Floats) -> Floats:
        """Return indices of the turned film for film indices; both (..., 2)."""
        x, y = film_px[..., 0], film_px[..., 1]
        width, height = self._film_size
        if self.turn.mirrored:
            x = width - 1 - x
        for _ in range(self.turn.quarters % 4):
            x, y = height - 1 - y, x
            width, height = height, width
        return np.stack([x, y], axis=-1)

    def to_film(self, turned_px: Floats) -> Floats:
        """Return film indices for indices of the turned film; both (..., 2)."""
        x, y = turned_px[..., 0], turned_px[..., 1]
        width, height = self.size
        for _ in range(self.turn.quarters % 4):
            x, y = y, width - 1 - x
            width, height = height, width
        if self.turn.mirrored:
            x = width - 1 - x
        return np.stack([x, y], axis=-1)

    def covariance_to_film(self, turned_px2: Covariance) -> Covariance:
        """Return the covariance along the film's axes for one along the turned film's."""
        xx, xy, yy = turned_px2.xx, turned_px2.xy, turned_px2.yy
        if self.turn.quarters % 2:
            xx, xy, yy = yy, -xy, xx
        return Covariance(xx, -xy if self.turn.mirrored else xy, yy)

    def first_look(self, size: tuple[int, int]) -> "Frame":
        """Show all of the film but a flat border; size is (width, height) of the input."""
        return Frame.of_box(content_box(self.pixels), size, aspect=self.aspect)

    @property
    def _film_size(self) -> tuple[int, int]:
        width, height = self.size
        return (height, width) if self.turn.quarters % 2 else (width, height)


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """Return the pixels of a film as turn says; a view of them where that is possible."""
    seen = pixels
    if turn.negative:
        ends = int(pixels.min()) + int(pixels.max())
        inverse = ends - pixels.astype(np.int32)
        seen = inverse.astype(np.uint8) if pixels.dtype == np.uint8 else inverse.astype(np.uint16)
    if turn.mirrored:
        seen = seen[:, ::-1]
    return np.rot90(seen, -turn.quarters)


def content_box(pixels: Pixels) -> tuple[float, float, float, float]:
    """Return the box of a film, (left, top, right, bottom) in indices, within its flat border.

    All of the film where it has none, or is flat all over.
    """
    height, width = pixels.shape
    whole = (-0.5, -0.5, width - 0.5, height - 0.5)
    # A row is judged by some of its pixels: a border is flat in all of them.
    rows = pixels[:, :: max(1, width // 256)]
    columns = pixels[:: max(1, height // 256)]
    limit = FLAT * float(int(rows.max()) - int(rows.min()))
    alive_rows = np.flatnonzero(_range(rows, 1) > limit)
    alive_columns = np.flatnonzero(_range(columns, 0) > limit)
    if alive_rows.size < height / 4 or alive_columns.size < width / 4:
        return whole
    left, right = alive_columns[0] - 0.5, alive_columns[-1] + 0.5
    top, bottom = alive_rows[0] - 0.5, alive_rows[-1] + 0.5
    borders = (
        max(left + 0.5, width - 0.5 - right) / width,
        max(top + 0.5, height - 0.5 - bottom) / height,
    )
    return whole if max(borders) < BORDER else (left, top, right, bottom)


def _range(pixels: Pixels, axis: int) -> Floats:
    return np.asarray(pixels.max(axis=axis).astype(np.float64) - pixels.min(axis=axis))


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

    def picture(self, pixels: Pixels) -> Tensor:
        """Return the (height, width) float32 input picture of a film, 0 outside the film.

        Grey values stay as they are. Shrinking averages (a triangle filter as wide as the step), so
        that fine grain does not alias.
        """
        width, height = self.size
        inner = self.shown(pixels.shape)
        canvas = torch.zeros(height, width)
        left, top, right, bottom = inner
        if right > left and bottom > top:
            canvas[top:bottom, left:right] = self._resampled(pixels, inner)
        return canvas

    def shown(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """Return the box of whole input pixels, (left, top, right, bottom), that show a film.

        shape: (height, width) of the film. right and bottom are not part of the box.
        """
        width, height = self.size
        if _covers(self, shape):
            return 0, 0, width, height
        first = np.floor(self.to_input(np.array([-0.5, -0.5])) + 0.5 + 1e-6).astype(int)
        last = np.ceil(self.to_input(np.array([shape[1], shape[0]]) - 0.5) + 0.5 - 1e-6).astype(int)
        return (
            max(0, int(first[0])),
            max(0, int(first[1])),
            min(width, int(last[0])),
            min(height, int(last[1])),
        )

    def _resampled(
        self,
        pixels: Pixels,
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

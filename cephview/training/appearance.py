"""What exposure, grain, markers and collimators do to a picture whose points stay where they are.

Pictures are (batch, 1, height, width) or (height, width), grey in [0, 1], on any device.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Appearance:
    """How far; each is the half-width of a uniform draw unless said otherwise.

    log_gamma; contrast around the middle grey; brightness of the range; noise, blur_px and sharpen
    (unsharp masking's amount) are upper ends, each used on the share of pictures that follows it.
    covers is the largest number of grey boxes and rulers laid over a picture, as markers are;
    collimated is the share of pictures of which an edge, up to edge of the side, is black.
    """

    log_gamma: float = 0.6
    contrast: float = 0.25
    brightness: float = 0.08
    noise: float = 0.08
    noise_share: float = 0.5
    blur_px: float = 1.5
    blur_share: float = 0.25
    sharpen: float = 1.5
    covers: int = 3
    collimated: float = 0.12
    edge: float = 0.3


def expose(seen: Tensor, how: Appearance, rng: np.random.Generator) -> Tensor:
    def draw(reach: float) -> Tensor:
        values = rng.uniform(-1, 1, (seen.shape[0], 1, 1, 1)) * reach
        return torch.from_numpy(values).float().to(seen.device)

    seen = seen.clamp_min(1e-4) ** draw(how.log_gamma).exp()
    return (seen - 0.5) * (1 + draw(how.contrast)) + 0.5 + draw(how.brightness)


def grain(seen: Tensor, how: Appearance, rng: np.random.Generator) -> Tensor:
    """Blur or sharpen some pictures, and lay noise over some."""
    seen = seen.clone()
    generator = torch.Generator(device=seen.device).manual_seed(int(rng.integers(2**31)))
    for i in range(seen.shape[0]):
        if rng.random() < how.blur_share:
            smooth = blurred(seen[i : i + 1], float(rng.uniform(0.3, how.blur_px)))
            if rng.random() < 0.5:
                smooth = seen[i : i + 1] + rng.uniform(0, how.sharpen) * (seen[i : i + 1] - smooth)
            seen[i : i + 1] = smooth
        if rng.random() < how.noise_share:
            noise = torch.randn(seen[i].shape, generator=generator, device=seen.device)
            seen[i] += noise * rng.uniform(0, how.noise)
    return seen


def blurred(seen: Tensor, sigma_px: float) -> Tensor:
    """Return (batch, 1, height, width) under a Gaussian of so many pixels, 3 sigma wide."""
    reach = max(1, round(3 * sigma_px))
    steps = torch.arange(-reach, reach + 1, device=seen.device, dtype=torch.float32)
    kernel = torch.exp(-(steps**2) / (2 * sigma_px**2))
    kernel = kernel / kernel.sum()
    edged = F.pad(seen, (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(F.conv2d(edged, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def cover(picture: Tensor, how: Appearance, rng: np.random.Generator) -> None:
    """Lay grey boxes, and rulers with ticks, over (height, width), in place."""
    height, width = picture.shape
    for _ in range(int(rng.integers(0, how.covers + 1))):
        if rng.random() < 0.25:
            _rule(picture, rng)
            continue
        across, down = rng.uniform(0.01, 0.08) * width, rng.uniform(0.01, 0.08) * height
        left, top = rng.uniform(0, width - across), rng.uniform(0, height - down)
        box = (slice(int(top), int(top + down) + 1), slice(int(left), int(left + across) + 1))
        picture[box] = float(rng.uniform(0, 1))


def _rule(picture: Tensor, rng: np.random.Generator) -> None:
    """Draw a ruler: ticks along a line, upright or lying, of one grey."""
    upright = picture if rng.random() < 0.6 else picture.T
    length, across = upright.shape
    column = int(rng.uniform(0, 0.97) * across)
    top, bottom = np.sort(rng.uniform(0, 1, 2)) * length
    gap = max(4, int(rng.uniform(0.005, 0.05) * length))
    tick = max(2, int(rng.uniform(0.005, 0.03) * across))
    grey = float(rng.uniform(0.5, 1))
    upright[int(top) : int(bottom), column] = grey
    upright[int(top) : int(bottom) : gap, column : column + tick] = grey


def collimate(
    picture: Tensor, how: Appearance, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Black out one edge of some pictures, (height, width), in place.

    Returns the box that is left, (left, top, right, bottom), in pixel indices; without a limit
    where no edge was blacked out.
    """
    box = [-np.inf, -np.inf, np.inf, np.inf]
    if rng.random() < how.collimated:
        height, width = picture.shape
        side, depth = int(rng.integers(4)), rng.uniform(0.02, max(how.edge, 0.02))
        if side == 0:
            cut = int(depth * width)
            picture[:, :cut], box[0] = 0.0, cut - 0.5
        elif side == 1:
            cut = int(depth * height)
            picture[:cut], box[1] = 0.0, cut - 0.5
        elif side == 2:
            cut = width - int(depth * width)
            picture[:, cut:], box[2] = 0.0, cut - 0.5
        else:
            cut = height - int(depth * height)
            picture[cut:], box[3] = 0.0, cut - 0.5
    return box[0], box[1], box[2], box[3]

"""Vary a batch of pictures as films vary: turned, zoomed, exposed, blurred, grainy."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are varied; each is the half-width of a uniform draw unless said otherwise.

    rotation_deg; log_scale and log_aspect of the zoom; shift as a share of the side; log_gamma;
    contrast around the middle grey; brightness of the range; noise and blur_px are upper ends, each
    used on the share of pictures that follows it; covers is the largest number of grey boxes laid
    over a picture, as rulers and markers do.
    """

    rotation_deg: float = 12.0
    log_scale: float = 0.15
    log_aspect: float = 0.02
    shift: float = 0.05
    log_gamma: float = 0.4
    contrast: float = 0.25
    brightness: float = 0.12
    noise: float = 0.06
    noise_share: float = 0.5
    blur_px: float = 1.2
    blur_share: float = 0.3
    covers: int = 2


NONE = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def augment(
    grey: Tensor,
    points: NDArray[np.float64],
    size: tuple[int, int],
    how: Augmentation,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Draw one variation of each picture.

    grey: (batch, height, width) in [0, 1], on any device. points: (batch, landmarks, 2), pixel
    indices of grey, NaN where unknown. size: (width, height) of the result. Returns the pictures,
    (batch, 1, height, width), normalised for the trunk, and the points in their pixel indices.
    """
    device = grey.device
    batch = grey.shape[0]
    forward = np.stack([_draw_affine(grey.shape[1:], size, how, rng) for _ in range(batch)])
    homogeneous = np.concatenate([points + 0.5, np.ones((*points.shape[:2], 1))], axis=-1)
    moved = np.einsum("bij,blj->bli", forward, homogeneous)[..., :2] - 0.5
    grid = F.affine_grid(
        torch.from_numpy(_theta(forward, grey.shape[1:], size)).float().to(device),
        [batch, 1, size[1], size[0]],
        align_corners=False,
    )
    seen = F.grid_sample(grey[:, None], grid, align_corners=False)
    seen = _grain(_expose(seen, how, rng), how, rng)
    for i in range(batch):
        _cover(seen[i, 0], how, rng)
    return (seen.clamp(0, 1) - 0.498) / 0.502, torch.from_numpy(moved).float().to(device)


def _draw_affine(
    shape: tuple[int, ...], size: tuple[int, int], how: Augmentation, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (3, 3) from continuous picture coordinates to continuous input coordinates."""
    height, width = shape
    angle = np.deg2rad(rng.uniform(-1, 1) * how.rotation_deg)
    zoom = min(size[0] / width, size[1] / height) * np.exp(rng.uniform(-1, 1) * how.log_scale)
    aspect = np.exp(rng.uniform(-1, 1) * how.log_aspect)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    stretch = np.diag([zoom * aspect, zoom / aspect, 1.0])
    from_middle, to_middle = np.eye(3), np.eye(3)
    from_middle[:2, 2] = (-width / 2, -height / 2)
    shift = rng.uniform(-1, 1, 2) * how.shift
    to_middle[:2, 2] = (size[0] * (0.5 + shift[0]), size[1] * (0.5 + shift[1]))
    return np.asarray(to_middle @ turn @ stretch @ from_middle)


def _theta(
    forward: NDArray[np.float64], shape: tuple[int, ...], size: tuple[int, int]
) -> NDArray[np.float64]:
    """Return affine_grid's matrices, (batch, 2, 3): [-1, 1] of the input to [-1, 1] of grey."""
    height, width = shape
    from_unit = np.array([[size[0] / 2, 0, size[0] / 2], [0, size[1] / 2, size[1] / 2], [0, 0, 1]])
    to_unit = np.array([[2 / width, 0, -1], [0, 2 / height, -1], [0, 0, 1.0]])
    return np.asarray(to_unit @ np.linalg.inv(forward) @ from_unit)[:, :2]


def _expose(seen: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    def draw(reach: float) -> Tensor:
        values = rng.uniform(-1, 1, (seen.shape[0], 1, 1, 1)) * reach
        return torch.from_numpy(values).float().to(seen.device)

    seen = seen.clamp_min(1e-4) ** draw(how.log_gamma).exp()
    return (seen - 0.5) * (1 + draw(how.contrast)) + 0.5 + draw(how.brightness)


def _grain(seen: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    seen = seen.clone()
    generator = torch.Generator(device=seen.device).manual_seed(int(rng.integers(2**31)))
    for i in range(seen.shape[0]):
        if rng.random() < how.blur_share:
            sigma = rng.uniform(0.3, how.blur_px)
            steps = torch.arange(-3, 4, device=seen.device, dtype=torch.float32)
            kernel = torch.exp(-(steps**2) / (2 * sigma**2))
            kernel = kernel / kernel.sum()
            row = F.conv2d(seen[i : i + 1], kernel.view(1, 1, 1, 7), padding=(0, 3))
            seen[i : i + 1] = F.conv2d(row, kernel.view(1, 1, 7, 1), padding=(3, 0))
        if rng.random() < how.noise_share:
            noise = torch.randn(seen[i].shape, generator=generator, device=seen.device)
            seen[i] += noise * rng.uniform(0, how.noise)
    return seen


def _cover(picture: Tensor, how: Augmentation, rng: np.random.Generator) -> None:
    height, width = picture.shape
    for _ in range(int(rng.integers(0, how.covers + 1))):
        across, down = rng.uniform(0.01, 0.08) * width, rng.uniform(0.01, 0.08) * height
        left, top = rng.uniform(0, width - across), rng.uniform(0, height - down)
        box = (slice(int(top), int(top + down) + 1), slice(int(left), int(left + across) + 1))
        picture[box] = float(rng.uniform(0, 1))

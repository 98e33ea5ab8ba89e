"""Vary a batch of pictures as films vary: turned, zoomed, warped, cut, exposed, blurred, grainy."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from cephview.training.appearance import Appearance, collimate, cover, expose, grain

# The elastic warp bends between so many control points down and across the picture.
WARP_POINTS = (6, 5)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are varied; each is the half-width of a uniform draw unless said otherwise.

    rotation_deg; log_scale and log_aspect of the zoom; shift as a share of the side. wide_share of
    the pictures are turned, shrunk and shifted further: by wide_rotation_deg, by a zoom between
    e^wide_log_scale[0] and e^wide_log_scale[1], and by wide_shift. warp: standard deviation of the
    displacement of the elastic warp's control points, as a share of the height.
    """

    rotation_deg: float = 12.0
    log_scale: float = 0.15
    log_aspect: float = 0.02
    shift: float = 0.05
    wide_share: float = 0.15
    wide_rotation_deg: float = 25.0
    wide_log_scale: tuple[float, float] = (-0.7, 0.4)
    wide_shift: float = 0.12
    warp: float = 0.004
    appearance: Appearance = field(default_factory=Appearance)


NONE = Augmentation(0, 0, 0, 0, 0, 0, (0, 0), 0, 0, Appearance(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))


def augment(
    grey: Tensor,
    points: Floats,
    size: tuple[int, int],
    how: Augmentation,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Draw one variation of each picture.

    grey: (batch, height, width) in [0, 1], on any device. points: (batch, landmarks, 2), pixel
    indices of grey, NaN where unknown. size: (width, height) of the result. Returns the pictures,
    (batch, 1, height, width), normalised for the trunk, and the points in their pixel indices, NaN
    where a collimator's edge was laid over them.
    """
    device = grey.device
    batch = grey.shape[0]
    forward = np.stack([_draw_affine(grey.shape[1:], size, how, rng) for _ in range(batch)])
    homogeneous = np.concatenate([points + 0.5, np.ones((*points.shape[:2], 1))], axis=-1)
    moved = np.einsum("bij,blj->bli", forward, homogeneous)[..., :2] - 0.5
    theta = torch.from_numpy(_theta(forward, grey.shape[1:], size)).float().to(device)
    grid = F.affine_grid(theta, [batch, 1, size[1], size[0]], align_corners=False)
    if how.warp:
        bend = rng.normal(0, how.warp * size[1], (batch, 2, *WARP_POINTS))
        warp = _spread(bend, size, device)
        step = 2 * warp.permute(0, 2, 3, 1) / torch.tensor(size, device=device)
        grid = grid + torch.einsum("bij,bhwj->bhwi", theta[:, :, :2], step)
        moved = _unwarped(moved, warp.cpu())
    seen = F.grid_sample(grey[:, None], grid, align_corners=False)
    seen = grain(expose(seen, how.appearance, rng), how.appearance, rng)
    for i in range(batch):
        cover(seen[i, 0], how.appearance, rng)
        hidden = collimate(seen[i, 0], how.appearance, rng)
        with np.errstate(invalid="ignore"):
            left, top, right, bottom = hidden
            x, y = moved[i].T
            moved[i][(x < left) | (y < top) | (x > right) | (y > bottom)] = np.nan
    return (seen.clamp(0, 1) - 0.498) / 0.502, torch.from_numpy(moved).float().to(device)


def _draw_affine(
    shape: tuple[int, ...], size: tuple[int, int], how: Augmentation, rng: np.random.Generator
) -> Floats:
    """Return (3, 3) from continuous picture coordinates to continuous input coordinates."""
    height, width = shape
    is_wide = rng.random() < how.wide_share
    turn_by = how.wide_rotation_deg if is_wide else how.rotation_deg
    low, high = how.wide_log_scale if is_wide else (-how.log_scale, how.log_scale)
    shift_by = how.wide_shift if is_wide else how.shift
    angle = np.deg2rad(rng.uniform(-1, 1) * turn_by)
    zoom = min(size[0] / width, size[1] / height) * np.exp(rng.uniform(low, high))
    aspect = np.exp(rng.uniform(-1, 1) * how.log_aspect)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    stretch = np.diag([zoom * aspect, zoom / aspect, 1.0])
    from_middle, to_middle = np.eye(3), np.eye(3)
    from_middle[:2, 2] = (-width / 2, -height / 2)
    shift = rng.uniform(-1, 1, 2) * shift_by
    to_middle[:2, 2] = (size[0] * (0.5 + shift[0]), size[1] * (0.5 + shift[1]))
    return np.asarray(to_middle @ turn @ stretch @ from_middle)


def _theta(forward: Floats, shape: tuple[int, ...], size: tuple[int, int]) -> Floats:
    """Return affine_grid's matrices, (batch, 2, 3): [-1, 1] of the input to [-1, 1] of grey."""
    height, width = shape
    from_unit = np.array([[size[0] / 2, 0, size[0] / 2], [0, size[1] / 2, size[1] / 2], [0, 0, 1]])
    to_unit = np.array([[2 / width, 0, -1], [0, 2 / height, -1], [0, 0, 1.0]])
    return np.asarray(to_unit @ np.linalg.inv(forward) @ from_unit)[:, :2]


def _spread(bend: Floats, size: tuple[int, int], device: torch.device) -> Tensor:
    """Return (batch, 2, height, width): where, beside itself, each input pixel is read, in px."""
    coarse = torch.from_numpy(bend).float().to(device)
    return F.interpolate(coarse, (size[1], size[0]), mode="bicubic", align_corners=True)


def _unwarped(points: Floats, warp: Tensor) -> Floats:
    """Return x with x + warp(x) = points: where a point appears once the picture is bent.

    A fixed point: the warp is far flatter than the identity, so each round shrinks the error.
    """
    height, width = warp.shape[-2:]
    last = np.array([width - 1, height - 1])
    at = points.copy()
    for _ in range(6):
        unit = torch.from_numpy(np.nan_to_num(2 * at / last - 1).clip(-1, 1)).float()
        pulled = F.grid_sample(
            warp, unit[:, :, None], align_corners=True, padding_mode="border"
        ).squeeze(-1)
        at = points - pulled.transpose(1, 2).numpy().astype(np.float64)
    return at

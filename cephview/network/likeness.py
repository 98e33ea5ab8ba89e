"""How like the films a model was trained on a film is, and how it should be turned if it is not.

Five measures, each of which grows with unlikeness: how far a thumbnail's features lie from those of
the films trained on; how little it looks like a positive film that stands upright and faces right;
how implausible the points are as a face; how unsure the network is of them; and how near they come
to the film's edge, beyond which the network would not find them. Their statistics are gathered by
`cephview calibrate`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from cephview.core.detection import Likeness, Turn

Floats = NDArray[np.float64]

MEASURES = ("strange", "turned", "shape", "unsure", "edge")
REASONS = {
    "strange": "its picture is unusual",
    "turned": "the film seems to lie another way, or to be a negative",
    "shape": "the points do not lie as on a face",
    "unsure": "the model is unsure of its points",
    "edge": "points lie at the edge of the film, as if part of the head were cut off",
}

# Every way a film can be turned; the first is none.
TURNS = tuple(
    Turn(negative, mirrored, quarters)
    for negative, mirrored, quarters in product((False, True), (False, True), range(4))
)

# Thumbnails are square, so that a turned one has been turned as the film was.
SIDE = 128
GRID = 4
# Of a thumbnail whose log-odds to be upright are beyond this, they say no more.
SUREST = 30.0


def thumbnails(shown: Tensor, turns: Sequence[Turn] = TURNS[:1]) -> Tensor:
    """Return a film small, once for each turn: (turns, 1, SIDE, SIDE), normalised grey.

    shown: (height, width), the part of the network's input that shows the film.
    """
    height, width = shown.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    grey = F.interpolate(shown[None, None], size, mode="area")[0, 0] * 0.502 + 0.498
    canvas = torch.zeros(len(turns), 1, SIDE, SIDE, device=shown.device)
    for i, turn in enumerate(turns):
        small = 1 - grey if turn.negative else grey
        small = small.flip(1) if turn.mirrored else small
        small = torch.rot90(small, -turn.quarters)
        top, left = (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2
        canvas[i, 0, top : top + small.shape[0], left : left + small.shape[1]] = small
    return (canvas - 0.498) / 0.502


@torch.inference_mode()
def features(backbone: nn.Module, small: Tensor) -> Floats:
    """Return (batch, features) of thumbnails: what the trunk sees where, and all over."""
    maps = backbone(small.contiguous(memory_format=torch.channels_last))
    placed = F.adaptive_avg_pool2d(maps[2], GRID).flatten(1)
    return np.asarray(torch.cat([placed, maps[3].mean(dim=(2, 3))], 1).double().cpu().numpy())


def aligned(points: Floats, mean: Floats) -> Floats:
    """Return points, (landmarks, 2), moved, turned and scaled onto a mean shape of size 1.

    Least squares over similarities, without reflection, in closed form with complex numbers.
    """
    off = points - points.mean(axis=0)
    z, w = off[:, 0] + 1j * off[:, 1], mean[:, 0] + 1j * mean[:, 1]
    total = float((np.abs(z) ** 2).sum())
    z = z * ((np.conj(z) * w).sum() / total if total > 0 else 0.0)
    return np.stack([z.real, z.imag], axis=-1)


def _margin(points: Floats, shown: Sequence[float]) -> float:
    """Return how far the outermost point is from the film's edge, in sizes of the face.

    The size is the root mean square distance of the points from their middle. Negative beyond.
    """
    left, top, right, bottom = shown
    x, y = points[:, 0] + 0.5, points[:, 1] + 0.5
    inward = min((x - left).min(), (right - x).min(), (y - top).min(), (bottom - y).min())
    size = float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
    return float(inward) / max(size, 1e-6)


@dataclass(frozen=True)
class LikenessModel:
    """The statistics of the films a model was trained on.

    centre, basis: the features' mean and principal axes, (features,) and (features, kept). whiten,
    mean: of what is left of the features of upright films, (kept, kept) and (kept,). rest: the root
    mean square of what the axes leave out of them. turn_weights, turn_bias: log-odds of each of
    TURNS, (kept, 16) and (16,). shape_mean: (landmarks, 2), centred, of size 1; shape_whiten:
    (2 landmarks, 2 landmarks). usual, limits: what each of MEASURES mostly is, and beyond what a
    film is called unlike; false_alarms is the share of films like those that are.
    """

    centre: Floats
    basis: Floats
    mean: Floats
    whiten: Floats
    rest: float
    turn_weights: Floats
    turn_bias: Floats
    shape_mean: Floats
    shape_whiten: Floats
    usual: Floats
    limits: Floats
    false_alarms: float

    def measures(
        self, seen: Floats, points: Floats, excess: Floats, shown: Sequence[float]
    ) -> Floats:
        """Return the measures of a film.

        seen: (features,). points: (landmarks, 2), input px. excess: (landmarks,), the logarithm of
        the expected errors over what they mostly are. shown: the box of input pixels that shows the
        film, (left, top, right, bottom), right and bottom no part of it.
        """
        shape = (aligned(points, self.shape_mean) - self.shape_mean).ravel() @ self.shape_whiten
        worse_half = np.sort(excess)[len(excess) // 2 :]
        return np.array(
            [
                self.strangeness(seen[None])[0],
                -self.upright(seen[None])[0],
                math.log(float(np.linalg.norm(shape)) / math.sqrt(len(shape)) + 0.1),
                float(worse_half.mean()),
                -_margin(points, shown),
            ]
        )

    def strangeness(self, seen: Floats) -> Floats:
        """Return (batch,): the logarithm of the distance of features from those of like films."""
        off = seen - self.centre
        kept = off @ self.basis
        far = ((kept - self.mean) @ self.whiten) ** 2
        left_out = (off - kept @ self.basis.T) ** 2
        return np.asarray(
            np.log(far.mean(axis=1) + left_out.sum(axis=1) / self.rest**2 + 1e-12) / 2
        )

    def upright(self, seen: Floats) -> Floats:
        """Return the log-odds, (batch,), that films of these features need no turn."""
        logits = (seen - self.centre) @ self.basis @ self.turn_weights + self.turn_bias
        others = logits[:, 1:].max(axis=1)
        others = others + np.log(np.exp(logits[:, 1:] - others[:, None]).sum(axis=1))
        return np.asarray(np.clip(logits[:, 0] - others, -SUREST, SUREST))

    def judged(self, measures: Floats) -> Likeness:
        """Return the likeness of a film of these measures, without a better turn."""
        beyond = (measures - self.usual) / (self.limits - self.usual)
        worst = int(np.argmax(beyond))
        score = max(0.0, float(beyond[worst]))
        reason = REASONS[MEASURES[worst]] if score > 1 else ""
        return Likeness(score, self.false_alarms, reason)

    def to_tensors(self) -> dict[str, Tensor]:
        """Return what from_tensors reads, float32."""
        return {
            field.name: torch.as_tensor(getattr(self, field.name), dtype=torch.float32)
            for field in fields(self)
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "LikenessModel":
        """Read to_tensors. Raises ValueError where something is missing."""
        missing = [field.name for field in fields(cls) if field.name not in tensors]
        if missing:
            raise ValueError(f"its statistics lack {', '.join(missing)}")
        values: dict[str, Any] = {f.name: tensors[f.name].double().numpy() for f in fields(cls)}
        scalars: dict[str, Any] = {n: float(v) for n, v in values.items() if v.ndim == 0}
        return cls(**(values | scalars))

    def check(self, channels: tuple[int, ...], landmarks: int) -> None:
        """Raise ValueError unless these are statistics of a trunk of these maps and so many points.

        channels: of the trunk's maps at strides 4, 8, 16 and 32.
        """
        size = channels[2] * GRID**2 + channels[3]
        kept = self.mean.shape[0] if np.ndim(self.mean) == 1 else 0
        needed = {
            "centre": (size,), "basis": (size, kept), "mean": (kept,), "whiten": (kept, kept),
            "rest": (), "turn_weights": (kept, len(TURNS)), "turn_bias": (len(TURNS),),
            "shape_mean": (landmarks, 2), "shape_whiten": (2 * landmarks, 2 * landmarks),
            "usual": (len(MEASURES),), "limits": (len(MEASURES),), "false_alarms": (),
        }  # fmt: skip
        wrong = [name for name, shape in needed.items() if np.shape(getattr(self, name)) != shape]
        if wrong or not kept:
            raise ValueError("its statistics of likeness are not of this network")
        if self.rest <= 0 or not 0 <= self.false_alarms <= 1 or (self.limits <= self.usual).any():
            raise ValueError("its statistics of likeness cannot be")

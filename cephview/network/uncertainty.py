"""How far each refined point may be off, and in which direction, from what the network shows.

The size of an error is read off several signs at once: the predicted scale, how wide the attention
is spread, and how far the layers disagree. Its direction is that of the attention's spread, bent to
what the errors of each landmark were like on films that were not trained on. Which sign counts how
much is fitted by `cephview calibrate` and kept in model.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cephview.network.attention import Reading
from cephview.network.model import Points

Floats = NDArray[np.float64]

SIGNS = (
    "log_scale",
    "spread",
    "spread_of_first_layer",
    "spread_of_coarse",
    "coarse_to_refined",
    "first_to_last_layer",
)

# A sign far beyond all that it was fitted on says no more than this many of its spreads.
FURTHEST = 6.0
# An attention on one cell has no direction: so much is added to its variances, input px².
CELL = 4.0


@dataclass(frozen=True)
class Signs:
    """What a look at one film shows of its errors.

    values: (landmarks, signs), logarithms, in the order of SIGNS. spread: (landmarks, 2, 2), the
    second moments of the last layer's attention, input px².
    """

    values: Floats
    spread: Floats


def signs_of(found: Points) -> tuple[Signs, ...]:
    """Read the signs of each film of a batch."""
    coarse, first, last = found.coarse[-1], found.refined[0], found.refined[-1]
    moments = _moments(last)
    values = np.stack(
        [
            last.log_scale.double().cpu().numpy(),
            _log_size(moments),
            _log_size(_moments(first)),
            _log_size(_moments(coarse)),
            _log_distance(coarse, last),
            _log_distance(first, last),
        ],
        axis=-1,
    )
    return tuple(Signs(v, m) for v, m in zip(values, moments, strict=True))


def _moments(reading: Reading) -> Floats:
    """Return (batch, landmarks, 2, 2): the covariance of the cells' places under the attention."""
    weight = reading.logits.float().softmax(dim=-1)
    cells = reading.cells_xy.expand(*weight.shape, 2).float()
    mean = (weight[..., None] * cells).sum(dim=-2, keepdim=True)
    off = cells - mean
    moments = torch.einsum("bln,blni,blnj->blij", weight, off, off)
    return np.asarray(moments.double().cpu().numpy())


def _log_size(moments: Floats) -> Floats:
    return np.asarray(0.5 * np.log((moments[..., 0, 0] + moments[..., 1, 1]) / 2 + 1.0))


def _log_distance(a: Reading, b: Reading) -> Floats:
    off = (a.xy - b.xy).double().cpu().numpy()
    return np.asarray(np.log(np.hypot(off[..., 0], off[..., 1]) + 1.0))


@dataclass(frozen=True)
class Ellipses:
    """From signs to covariances.

    The logarithm of a landmark's radial error, in input px, is expected to be its offset plus the
    weighted sum of the signs, each less its centre and over its spread. shapes: (landmarks, 2, 2)
    of determinant 1, the errors' covariance where the attention is round. bend: how much of the
    attention's direction counts, 0 none to 1 all. level: standard deviation over expected error.
    """

    centre: Floats
    spread: Floats
    weights: Floats
    offsets: Floats
    shapes: Floats
    bend: float
    level: float

    def excess(self, signs: Signs) -> Floats:
        """Return the logarithm of each landmark's expected error over what it mostly is."""
        seen = (signs.values - self.centre) / self.spread
        return np.asarray(np.clip(seen, -FURTHEST, FURTHEST) @ self.weights)

    def covariances(self, signs: Signs) -> Floats:
        """Return (landmarks, 2, 2), input px²."""
        size = self.level * np.exp(self.offsets + self.excess(signs))
        half = bent(signs.spread, self.bend / 2)
        return np.asarray(size[:, None, None] ** 2 * (half @ self.shapes @ half))

    def to_table(self, landmarks: tuple[str, ...]) -> dict[str, Any]:
        """Return plain numbers for model.toml; from_table reads them again."""
        return {
            "signs": list(SIGNS),
            "centre": _rounded(self.centre),
            "spread": _rounded(self.spread),
            "weights": _rounded(self.weights),
            "bend": self.bend,
            "level": round(self.level, 5),
            "landmarks": {
                landmark: _rounded([offset, shape[0, 0], shape[0, 1], shape[1, 1]])
                for landmark, offset, shape in zip(
                    landmarks, self.offsets, self.shapes, strict=True
                )
            },
        }

    @classmethod
    def from_table(cls, table: Mapping[str, Any], landmarks: tuple[str, ...]) -> "Ellipses":
        """Read the table of model.toml. Raises ValueError where it is not of these signs."""
        if tuple(table.get("signs", ())) != SIGNS:
            raise ValueError(f"its ellipses are of the signs {table.get('signs')}, not of {SIGNS}")
        try:
            rows = np.array([table["landmarks"][i] for i in landmarks], dtype=float)
            shapes = rows[:, [1, 2, 2, 3]].reshape(-1, 2, 2)
            centre, spread, weights = (
                np.array(table[name], dtype=float) for name in ("centre", "spread", "weights")
            )
            if not centre.shape == spread.shape == weights.shape == (len(SIGNS),):
                raise ValueError("its ellipses do not have a number a sign")
            if (np.linalg.eigvalsh(shapes) <= 0).any() or (spread <= 0).any():
                raise ValueError("its ellipses have a landmark without a size")
            bend, level = float(table["bend"]), float(table["level"])
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"its ellipses are not complete ({error})") from error
        return cls(centre, spread, weights, rows[:, 0], shapes, bend, level)


def bent(moments: Floats, power: float) -> Floats:
    """Return second moments, (..., 2, 2), made of determinant 1 and raised to a power."""
    values, axes = np.linalg.eigh(moments + CELL * np.eye(2))
    values = values / np.sqrt(values.prod(axis=-1, keepdims=True))
    return np.asarray(np.einsum("...ij,...j,...kj->...ik", axes, values**power, axes))


def _rounded(values: Any) -> list[float]:
    return [round(float(v), 5) for v in values]

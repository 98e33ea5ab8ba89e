"""Where a clinic puts a landmark beside where the network finds it.

Conventions differ between clinics by a constant more than by anything else, and two numbers a
landmark can be read off a few films. Learning them by gradient from as few films takes minutes and
moves landmarks that were right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cephview.core.model_info import ModelInfo
from cephview.network.detector import Detector
from cephview.network.frame import Frame
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation
from cephview.training.metrics import FilmError, accuracy

# A shift is drawn towards none as if so many more films had shown none, so that one film's slip
# does not become a rule.
PRIOR_FILMS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moves:
    """How a hand moved the refined points of films.

    shares: (films, landmarks, 2), of the height of the network's first look, NaN where not known.
    px_per_share: (films, 2). groups: of each film.
    """

    shares: Floats
    px_per_share: Floats
    groups: tuple[str, ...]


def moves_of(detector: Detector, data: DataSet, found: Evaluation) -> Moves:
    """Read the moves off an evaluation of the films of data by detector."""
    size = detector.info.input_size
    per_share = []
    for (film_size, aspect), _ in zip(found.films, data.films, strict=True):
        frame = Frame.fit(film_size, size, aspect=aspect)
        per_share.append(size[1] / np.array(frame.scale))
    px_per_share = np.stack(per_share)
    errors = np.stack([e.error_px for e in found.refined_errors])
    return Moves(-errors / px_per_share[:, None], px_per_share, tuple(f.group for f in data.films))


def shift_of(shares: Floats) -> Floats:
    """Return the shift that moves show: (films, landmarks, 2) to (landmarks, 2), 0 if unknown."""
    known = np.isfinite(shares).all(-1).sum(0)[:, None]
    filled = np.where(known > 0, shares, 0.0)
    return np.asarray(np.nanmedian(filled, axis=0) * known / (known + PRIOR_FILMS))


def with_shift(info: ModelInfo, shift: Floats) -> ModelInfo:
    """Add a shift to a model's convention."""
    convention = {}
    for landmark, (dx, dy) in zip(info.landmarks, shift, strict=True):
        x, y = info.convention.get(landmark, (0.0, 0.0))
        convention[landmark] = (x + float(dx), y + float(dy))
    return replace(info, convention=convention)


def cross_validated(found: Evaluation, moves: Moves, landmarks: Sequence[str]) -> Evaluation:
    """Return what the films would measure, each under the shift that the other groups show."""
    groups = np.array(moves.groups)
    shifts = np.stack([shift_of(moves.shares[groups != group]) for group in groups])
    shifts_px = shifts * moves.px_per_share[:, None]

    def moved(errors: Sequence[FilmError]) -> tuple[FilmError, ...]:
        return tuple(
            replace(error, error_px=error.error_px + shift)
            for error, shift in zip(errors, shifts_px, strict=True)
        )

    coarse, refined = moved(found.coarse_errors), moved(found.refined_errors)
    return replace(
        found,
        coarse=accuracy(coarse, landmarks),
        refined=accuracy(refined, landmarks),
        coarse_errors=coarse,
        refined_errors=refined,
    )

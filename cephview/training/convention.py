"""Where a clinic puts a landmark beside where the network finds it.

Conventions differ between clinics by a constant more than by anything else, and two numbers a
landmark can be read off a few films. Learning them by gradient from as few films takes minutes and
moves landmarks that were right.

A landmark moves only where the films say so. Its shift is drawn towards none by how uncertain it
is, and is none where it could be chance; and without a film's own say, it must have brought the
point nearer to the hand by more than the noise.
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

# A film shows about so much of a head; the unit of shifts where films have no scale.
MM_PER_HEIGHT = 240.0
# A reader of ISBI 2015 places landmarks 0.9 mm along each axis, root mean square, from the mean of
# two.
USUAL_MM = 1.0
# Of the squared length of a mean in two dimensions over its variance along one; the 95 % quantile
# of chi-squared with two degrees of freedom.
CHANCE = 5.99
# A landmark's own scatter is drawn towards that of all as if so many more patients had shown it.
POOLED_PATIENTS = 6
# A landmark that fewer patients show keeps its place.
LEAST_PATIENTS = 3
# No convention goes so far: a third more than the largest shift between two readers of ISBI 2015,
# of soft-tissue pogonion.
LANDMARK_MM = 12.0
# Moves beyond so many times the usual one count as if they were no longer.
FAR = 1.5
_ROUNDS = 6

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Moves:
    """How a hand moved the refined points of films.

    shares: (films, landmarks, 2), of the height of the network's first look, NaN where not known.
    px_per_share: (films, 2). groups: of each film.
    """

    shares: Floats
    px_per_share: Floats
    groups: tuple[str, ...]

    def by_patient(self) -> tuple[Floats, tuple[str, ...]]:
        """Return the mean move of each patient, (patients, landmarks, 2), and who they are."""
        patients = tuple(dict.fromkeys(self.groups))
        groups = np.array(self.groups)
        return np.stack([_mean(self.shares[groups == p]) for p in patients]), patients

    def without(self, group: str) -> "Moves":
        return self.only([i for i, g in enumerate(self.groups) if g != group])

    def only(self, films: Sequence[int]) -> "Moves":
        return Moves(
            self.shares[list(films)],
            self.px_per_share[list(films)],
            tuple(self.groups[i] for i in films),
        )


def moves_of(detector: Detector, data: DataSet, found: Evaluation) -> Moves:
    """Read the moves off an evaluation of the films of data by detector."""
    groups = tuple(film.group for film in data.films)
    return moves_from(found, detector.info.input_size, groups)


def moves_from(found: Evaluation, input_size: tuple[int, int], groups: tuple[str, ...]) -> Moves:
    """Read the moves off an evaluation by a model of this input size, (width, height)."""
    per_share = []
    for film_size, aspect in found.films:
        frame = Frame.fit(film_size, input_size, aspect=aspect)
        per_share.append(input_size[1] / np.array(frame.scale))
    px_per_share = np.stack(per_share)
    errors = np.stack([e.error_px for e in found.refined_errors])
    return Moves(-errors / px_per_share[:, None], px_per_share, groups)


def shift_of(moves: Moves) -> Floats:
    """Return the shift that moves show, (landmarks, 2); 0 where they do not support one."""
    shares, _ = moves.by_patient()
    shift = _estimate(shares)
    return np.where((_is_supported(shares) & ~_is_far(shift))[:, None], shift, 0.0)


def far_landmarks(moves: Moves, landmarks: Sequence[str]) -> tuple[str, ...]:
    """Return the landmarks whose corrections agree on a place further off than a convention."""
    is_far = _is_far(_estimate(moves.by_patient()[0]))
    return tuple(name for name, far in zip(landmarks, is_far, strict=True) if far)


def _is_far(shift: Floats) -> Flags:
    return np.asarray(np.linalg.norm(shift, axis=-1) * MM_PER_HEIGHT > LANDMARK_MM)


def _estimate(shares: Floats) -> Floats:
    """Return shifts drawn towards none, (landmarks, 2), of (patients, landmarks, 2).

    The mean with far moves held in (Huber), times 1 - CHANCE v / |mean|² or 0, v being its variance
    along an axis: none of a mean that is within chance of none, nearly all of one far beyond
    (James and Stein, positive part). Then drawn to none once more as normal shifts of USUAL_MM
    would be, which holds in what is known badly.
    """
    known = np.asarray(np.isfinite(shares).all(-1))
    count = known.sum(0)
    mean, scatter = _held_in(shares, known)
    has_scatter = count >= 2
    pooled = float(np.median(scatter[has_scatter])) if has_scatter.any() else 0.0
    own = np.maximum(count - 1, 0)
    scatter = (POOLED_PATIENTS * pooled + own * scatter) / (POOLED_PATIENTS + own)
    variance = scatter / np.maximum(count, 1)
    length = (mean**2).sum(-1)
    sure = np.maximum(0.0, 1.0 - CHANCE * variance / np.maximum(length, 1e-18))
    usual = (USUAL_MM / MM_PER_HEIGHT) ** 2
    factor = np.where(count >= LEAST_PATIENTS, sure * usual / (usual + variance), 0.0)
    return np.asarray(mean * factor[:, None])


def _held_in(shares: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Return means with far moves held in, and the variances along an axis, by landmark."""
    some = known.any(0)
    filled = np.where(known[..., None], shares, np.nan)
    filled[:, ~some] = 0.0
    mean = np.nanmedian(filled, axis=0)
    away = np.linalg.norm(filled - mean, axis=-1)
    usual = np.nanmedian(away, axis=0)
    usual = 0.5 * usual + 0.5 * float(np.median(usual[some])) if some.any() else usual
    values = np.where(known[..., None], shares, 0.0)
    for _ in range(_ROUNDS):
        away = np.linalg.norm(values - mean, axis=-1)
        weight = known * np.minimum(1.0, (FAR * usual + 1e-12) / np.maximum(away, 1e-12))
        total = np.maximum(weight.sum(0), 1e-12)
        mean = (weight[..., None] * values).sum(0) / total[:, None]
    count = np.maximum(known.sum(0), 1)
    inner = (weight[..., None] * (values - mean)) ** 2
    held = np.maximum(total / count, 1e-6) ** 2
    return mean, inner.sum((0, 2)) / 2 / np.maximum(count - 1, 1) / held


def _is_supported(shares: Floats) -> Flags:
    """Say of each landmark whether what the other patients show brings a patient's points nearer.

    By more than its standard error, over the patients, each under the shift of the others.
    """
    patients = len(shares)
    change = np.full(shares.shape[:2], np.nan)
    for i in range(patients):
        shift = _estimate(np.delete(shares, i, axis=0))
        change[i] = np.linalg.norm(shares[i] - shift, axis=-1) - np.linalg.norm(shares[i], axis=-1)
    known = np.isfinite(change)
    count = known.sum(0)
    values = np.where(known, change, 0.0)
    mean = values.sum(0) / np.maximum(count, 1)
    spread = np.where(known, change - mean, 0.0)
    error = np.sqrt((spread**2).sum(0) / np.maximum(count - 1, 1) / np.maximum(count, 1))
    return np.asarray((count >= LEAST_PATIENTS) & (mean < -error))


def _mean(shares: Floats) -> Floats:
    """Return the mean over films, (landmarks, 2), NaN where no film shows a landmark."""
    known = np.isfinite(shares).all(-1, keepdims=True)
    total = np.where(known, shares, 0.0).sum(0)
    count = known.sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def with_shift(info: ModelInfo, shift: Floats) -> ModelInfo:
    """Add a shift to a model's convention."""
    convention = {}
    for landmark, (dx, dy) in zip(info.landmarks, shift, strict=True):
        x, y = info.convention.get(landmark, (0.0, 0.0))
        convention[landmark] = (x + float(dx), y + float(dy))
    return replace(info, convention=convention)


def cross_validated(found: Evaluation, moves: Moves, landmarks: Sequence[str]) -> Evaluation:
    """Return what the films would measure, each under the shift that the other patients show."""
    shifts = {group: shift_of(moves.without(group)) for group in set(moves.groups)}
    return shifted(found, moves, np.stack([shifts[g] for g in moves.groups]), landmarks)


def unmoved(
    after: Evaluation, before: Evaluation, places: Sequence[int], landmarks: Sequence[str]
) -> Evaluation:
    """Return an evaluation with some landmarks, by their places, as they were before."""

    def mixed(new: Sequence[FilmError], old: Sequence[FilmError]) -> tuple[FilmError, ...]:
        errors = []
        for now, then in zip(new, old, strict=True):
            error_px = now.error_px.copy()
            error_px[list(places)] = then.error_px[list(places)]
            errors.append(replace(now, error_px=error_px))
        return tuple(errors)

    coarse = mixed(after.coarse_errors, before.coarse_errors)
    refined = mixed(after.refined_errors, before.refined_errors)
    return replace(
        after,
        coarse=accuracy(coarse, landmarks),
        refined=accuracy(refined, landmarks),
        coarse_errors=coarse,
        refined_errors=refined,
    )


def shifted(
    found: Evaluation, moves: Moves, shifts: Floats, landmarks: Sequence[str]
) -> Evaluation:
    """Return what films would measure with further shifts, (films or 1, landmarks, 2), shares."""
    shifts_px = np.broadcast_to(shifts * moves.px_per_share[:, None], moves.shares.shape)

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

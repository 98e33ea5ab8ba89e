"""Make predicted doubts mean what they say, from films that were not trained on."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from cephview.network.uncertainty import Ellipses, Signs, bent
from cephview.training import TrainingError
from cephview.training.evaluate import Evaluation
from cephview.training.looks import Looks, together
from cephview.training.metrics import calibration_factor, common_unit, radial

Floats = NDArray[np.float64]

SHARE = 0.95
# The 95 % radius of a round normal distribution in two dimensions, in standard deviations.
RADIUS = float(np.sqrt(-2 * np.log1p(-SHARE)))

# Ridges, in looks: on the weight of a sign, on what a landmark differs by, on its shape.
WEIGHT_RIDGE = 100.0
OFFSET_RIDGE = 10.0
SHAPE_RIDGE = 20.0
# Smaller errors, input px, are as good as this one: their logarithm would rule the fit.
SMALLEST = 0.5
# How much of the attention's direction counts.
BEND = 0.75
# All films that were not trained on count as much as this share of those that were.
UNSEEN_SHARE = 0.25
FOLDS = 10
FEWEST_FILMS = 10


def calibrate(found: Evaluation) -> dict[str, float]:
    """Return the factors that make the predicted scales standard deviations, a layer each."""
    factors = {}
    for layer, errors in (("coarse", found.coarse_errors), ("refined", found.refined_errors)):
        unit = common_unit(errors)
        per_px = [1.0 if e.mm_per_px is None else float(np.mean(e.mm_per_px)) for e in errors]
        sigmas = np.stack(
            [e.sigma_px * (p if unit == "mm" else 1.0) for e, p in zip(errors, per_px, strict=True)]
        )
        factors[f"{layer}_factor"] = calibration_factor(radial(errors, unit), sigmas)
    return factors


@dataclass(frozen=True)
class Calibrated:
    """How good ellipses are, each look judged by what looks of other patients taught.

    inside: the share of points within their 95 % ellipse. ranks: Spearman's correlation of size and
    radial error over all points; ranks_within: the mean of it over the landmarks, each for itself.
    """

    inside: float
    ranks: float
    ranks_within: float
    points: int


def fit_ellipses(learnt: Looks, unseen: Looks) -> tuple[Ellipses, Calibrated]:
    """Fit ellipses to looks at films that were trained on, varied, and at films that were not.

    The many films trained on say which signs tell a large error from a small one; how large errors
    are is said by the others alone: the level is such that 95 % of their points lie inside, each
    judged by what the rest taught. Raises TrainingError where there are too few.
    """
    if len(np.unique(unseen.groups)) < FEWEST_FILMS or not len(learnt):
        raise TrainingError(
            f"{len(unseen)} films that were not trained on are too few to calibrate by; "
            f"keep at least {FEWEST_FILMS} from training."
        )
    distances = np.full(unseen.errors.shape[:2], np.nan)
    sizes = np.full_like(distances, np.nan)
    excess = np.full_like(distances, np.nan)
    for held in folds_of(unseen.groups):
        part = _fit(learnt, unseen.rows(~held))
        rows = unseen.rows(held)
        covariances = covariances_of(part, rows)
        distances[held] = mahalanobis(rows.errors, covariances)
        sizes[held] = np.linalg.det(covariances) ** 0.25
        excess[held] = [part.excess(signs) for signs in signs_rows(rows)]
    level = _quantile(distances) / RADIUS
    # Judged once more with levels that do not know the films they are judged on.
    inside = np.full(distances.shape, np.nan)
    for held in folds_of(unseen.groups):
        inside[held] = distances[held] <= _quantile(distances[~held])
    known = np.isfinite(distances)
    whole = _fit(learnt, unseen)
    quality = Calibrated(
        inside=float(inside[known].mean()),
        ranks=float(spearmanr(sizes[known], unseen.radial[known]).statistic),
        ranks_within=_ranks_within(excess, unseen.radial),
        points=int(known.sum()),
    )
    return replace(whole, level=level), quality


def folds_of(groups: NDArray[np.str_]) -> list[NDArray[np.bool_]]:
    """Return up to FOLDS masks that hold out whole groups, each group once."""
    names = np.unique(groups)
    folds = np.array_split(names, min(FOLDS, len(names)))
    return [np.isin(groups, fold) for fold in folds]


def signs_rows(looks: Looks) -> list[Signs]:
    return [Signs(v, s) for v, s in zip(looks.signs, looks.spread, strict=True)]


def covariances_of(ellipses: Ellipses, looks: Looks) -> Floats:
    """Return (looks, landmarks, 2, 2), input px²."""
    return np.stack([ellipses.covariances(signs) for signs in signs_rows(looks)])


def mahalanobis(errors: Floats, covariances: Floats) -> Floats:
    """Return (...) distances of errors, (..., 2), under covariances, (..., 2, 2)."""
    inverse = np.linalg.inv(covariances)
    return np.asarray(np.sqrt(np.einsum("...i,...ij,...j->...", errors, inverse, errors)))


def _quantile(distances: Floats) -> float:
    return float(np.quantile(distances[np.isfinite(distances)], SHARE))


def _fit(learnt: Looks, unseen: Looks) -> Ellipses:
    """Fit all but the level, which is 1."""
    weight = UNSEEN_SHARE * len(learnt) / max(1, len(unseen))
    looks = together(learnt, unseen)
    per_look = np.r_[np.ones(len(learnt)), np.full(len(unseen), weight)]
    centre = looks.signs.mean(axis=(0, 1))
    spread = looks.signs.std(axis=(0, 1)) + 1e-6
    weights, offsets = _regression((looks.signs - centre) / spread, looks.radial, per_look)
    rounded = np.broadcast_to(np.eye(2), (len(offsets), 2, 2))
    plain = Ellipses(centre, spread, weights, offsets, np.array(rounded), BEND, 1.0)
    return replace(plain, shapes=shapes_of(plain, looks, per_look))


def _regression(signs: Floats, errors: Floats, per_look: Floats) -> tuple[Floats, Floats]:
    """Return the weights of signs and the offsets of landmarks, by ridge regression.

    signs: (looks, landmarks, signs), errors: (looks, landmarks), per_look: (looks,).
    """
    looks, landmarks, count = signs.shape
    own = np.tile(np.eye(landmarks), (looks, 1))
    design = np.concatenate([signs.reshape(-1, count), own, np.ones((len(own), 1))], axis=1)
    with np.errstate(invalid="ignore"):
        target = np.log(np.maximum(errors, SMALLEST)).ravel()
    weight = np.repeat(per_look, landmarks)
    known = np.isfinite(target)
    design, target, weight = design[known], target[known], weight[known]
    ridge = np.r_[np.full(count, WEIGHT_RIDGE), np.full(landmarks, OFFSET_RIDGE), 0.0]
    solved = np.linalg.solve(
        design.T @ (weight[:, None] * design) + np.diag(ridge), design.T @ (weight * target)
    )
    return solved[:count], solved[count:-1] + solved[-1]


def shapes_of(plain: Ellipses, looks: Looks, per_look: Floats) -> Floats:
    """Return (landmarks, 2, 2): the errors' second moments where the attention is round.

    Shrunk towards round, and of determinant 1.
    """
    half = bent(looks.spread, -BEND / 2)
    size = np.exp(plain.offsets + np.stack([plain.excess(s) for s in signs_rows(looks)]))
    errors = np.einsum("...ij,...j->...i", half, looks.errors) / size[..., None]
    known = np.isfinite(errors).all(axis=-1)
    # An error many times what was expected says more about its film than about its landmark.
    far = np.linalg.norm(np.nan_to_num(errors), axis=-1, keepdims=True)
    errors = np.nan_to_num(errors) / np.maximum(1.0, far / 4.0)
    weight = per_look[:, None] * known
    moments = np.einsum("nl,nli,nlj->lij", weight, errors, errors)
    total = np.trace(moments, axis1=-2, axis2=-1) / 2 / np.maximum(weight.sum(axis=0), 1e-9)
    moments = moments + SHAPE_RIDGE * np.maximum(total, 1e-9)[:, None, None] * np.eye(2)
    return np.asarray(moments / np.sqrt(np.linalg.det(moments))[:, None, None])


def _ranks_within(sizes: Floats, errors: Floats) -> float:
    ranks = []
    for size, error in zip(sizes.T, errors.T, strict=True):
        known = np.isfinite(error) & np.isfinite(size)
        if known.sum() > 2 and np.ptp(size[known]) > 0 and np.ptp(error[known]) > 0:
            ranks.append(float(spearmanr(size[known], error[known]).statistic))
    return float(np.mean(ranks)) if ranks else float("nan")

"""What films like those trained on look like, and how seldom one of them is called unlike."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from cephview.network.detector import Detector
from cephview.network.likeness import (
    MEASURES,
    SIDE,
    TURNS,
    LikenessModel,
    aligned,
    features,
    thumbnails,
)
from cephview.network.uncertainty import Ellipses
from cephview.training import TrainingError
from cephview.training.augment import Augmentation, augment
from cephview.training.calibration import folds_of, signs_rows
from cephview.training.looks import Looks, together

Floats = NDArray[np.float64]

# Films are turned and varied this much larger than their thumbnails, on their longer side.
OVERSIZE = 1.5
# Variations of each film; in each it is also seen turned in so many ways.
ROUNDS = 3
TURNED = 5
# Axes of the features that are kept.
KEPT = 96
# How far upright films' features are drawn towards being spread alike along all axes.
SHRINK = 0.1
PENALTY = 1e-3
# Films not trained on are called unlike so many spreads above what is usual among them. Three of a
# normal distribution are passed by one in 700; these have longer tails.
SPREADS = 3.5
# A point so near the film's edge, in sizes of the face (about 45 mm), is on it.
EDGE = 0.02
# So seldom a film trained on, varied as widely as in training, looks stranger than the limit.
RARE_AMONG_VARIED = 0.005
FEWEST_SHAPES = 10

Progress = Callable[[Sequence[int]], Iterable[int]]


def fit_likeness(
    detector: Detector,
    ellipses: Ellipses,
    greys: Sequence[NDArray[np.uint8]],
    shapes: Floats,
    unseen: Looks,
    varied: Looks,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> LikenessModel:
    """Return the statistics of likeness.

    greys: the pictures trained on, (films, height, width) each. shapes: (films, landmarks, 2), true
    points in any frame of square pixels, NaN where not known. unseen, varied: looks at films that
    were not trained on, as they are and varied, which set the limits. Raises TrainingError where
    there are too few.
    """
    seen, turns = turned_features(detector, greys, rng, progress)
    centre, basis = _axes(seen)
    kept = (seen - centre) @ basis
    upright = turns == 0
    mean, whiten = _whitened(kept[upright])
    left_out = seen[upright] - centre - kept[upright] @ basis.T
    weights, bias = _turn_classifier(kept, turns)
    shape_mean, shape_whiten = _shape(shapes, unseen)
    plain = LikenessModel(
        centre=centre,
        basis=basis,
        mean=mean,
        whiten=whiten,
        rest=float(np.sqrt((left_out**2).sum(axis=1).mean())),
        turn_weights=weights,
        turn_bias=bias,
        shape_mean=shape_mean,
        shape_whiten=shape_whiten,
        usual=np.zeros(len(MEASURES)),
        limits=np.ones(len(MEASURES)),
        false_alarms=1.0,
    )
    strangest = float(np.quantile(plain.strangeness(seen[upright]), 1 - RARE_AMONG_VARIED))
    looks = together(unseen, varied)
    return with_limits(
        plain,
        measured(plain, ellipses, looks),
        looks.groups,
        np.arange(len(looks)) < len(unseen),
        strangest,
    )


def measured(plain: LikenessModel, ellipses: Ellipses, looks: Looks) -> Floats:
    """Return (looks, MEASURES)."""
    excess = [ellipses.excess(signs) for signs in signs_rows(looks)]
    return np.array(
        [
            plain.measures(seen, points, above, shown)
            for seen, points, above, shown in zip(
                looks.seen, looks.points, excess, looks.shown.tolist(), strict=True
            )
        ]
    )


def with_limits(
    plain: LikenessModel,
    measures: Floats,
    groups: NDArray[np.str_],
    as_they_are: NDArray[np.bool_],
    strangest: float = -np.inf,
) -> LikenessModel:
    """Set what is usual and the limits by looks at films that were not trained on.

    measures: (looks, MEASURES). as_they_are: (looks,), not varied; the share of false alarms is
    counted over these, each judged by the limits that the other patients' films set, with one alarm
    and one quiet film more (Laplace): none in a few films does not mean never. strangest: the
    limit of the first measure is no less.
    """
    alarms = 0
    for held in folds_of(groups):
        usual, limits = _usual(measures[~held], strangest)
        alarms += int((measures[held & as_they_are] > limits).any(axis=1).sum())
    usual, limits = _usual(measures, strangest)
    share = (alarms + 1) / (int(as_they_are.sum()) + 2)
    return replace(plain, usual=usual, limits=limits, false_alarms=share)


def _usual(measures: Floats, strangest: float) -> tuple[Floats, Floats]:
    """Return the median and the limit of each measure.

    A film is turned where that is likelier than that it is not: at even odds. A point on the edge
    is as good as cut off. Of the other measures the limit is so many spreads above the median.
    """
    usual = np.median(measures, axis=0)
    limits = usual + SPREADS * (measures.std(axis=0) + 1e-3)
    strange, turned, edge = (MEASURES.index(name) for name in ("strange", "turned", "edge"))
    limits[strange] = max(limits[strange], strangest)
    limits[turned] = max(limits[turned], 0.0)
    limits[edge] = max(-EDGE, usual[edge] + 1e-3)
    return usual, limits


@torch.inference_mode()
def turned_features(
    detector: Detector,
    greys: Sequence[NDArray[np.uint8]],
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> tuple[Floats, NDArray[np.int64]]:
    """Return features of varied films, upright and turned, and the place in TURNS of each row."""
    seen, turns = [], []
    index = [(pool, i) for pool, films in enumerate(greys) for i in range(len(films))]
    for n in progress(range(len(index))) if progress else range(len(index)):
        pool, i = index[n]
        small = _small(torch.from_numpy(np.array(greys[pool][i])).float() / 255)
        others = rng.permutation(np.arange(1, len(TURNS)))
        for round_ in range(ROUNDS):
            shown = _another_format(_varied(small, rng), rng)
            chosen = [0, *others[round_ * TURNED : (round_ + 1) * TURNED].tolist()]
            pictures = thumbnails(shown.to(detector.device), [TURNS[k] for k in chosen])
            seen.append(features(detector.network.backbone, pictures))
            turns.extend(chosen)
    return np.concatenate(seen), np.array(turns)


def _small(grey: Tensor) -> Tensor:
    height, width = grey.shape
    scale = OVERSIZE * SIDE / max(height, width)
    size = (round(height * scale), round(width * scale))
    return F.interpolate(grey[None, None], size, mode="area")[0, 0]


def _varied(small: Tensor, rng: np.random.Generator) -> Tensor:
    """Return (height, width), normalised, varied as pictures are in training."""
    height, width = small.shape
    nowhere = np.full((1, 1, 2), np.nan)
    return augment(small[None], nowhere, (width, height), Augmentation(warp=0), rng)[0][0, 0]


def _another_format(shown: Tensor, rng: np.random.Generator) -> Tensor:
    """Cut a film at its ends, or widen it, so that lying format and lying head are two things."""
    height, width = shown.shape
    draw = rng.random()
    if draw < 0.3:
        cut = round(height * rng.uniform(0, 0.25))
        top = int(rng.integers(0, cut + 1))
        return shown[top : top + height - cut]
    if draw < 0.6:
        border = round(width * rng.uniform(0, 0.35))
        grey = float(rng.uniform(-1, 1)) if rng.random() < 0.3 else -0.99
        left = int(rng.integers(0, border + 1))
        return F.pad(shown, (left, border - left), value=grey)
    return shown


def _axes(seen: Floats) -> tuple[Floats, Floats]:
    """Return the mean, (features,), and the principal axes, (features, kept)."""
    centre = seen.mean(axis=0)
    kept = min(KEPT, seen.shape[1], max(1, len(seen) // 8))
    off = torch.from_numpy(seen - centre)
    _, _, axes = torch.linalg.svd(off, full_matrices=False)
    return centre, np.asarray(axes[:kept].T.contiguous().numpy())


def _whitened(kept: Floats) -> tuple[Floats, Floats]:
    """Return the mean and what turns its surroundings into a unit ball."""
    covariance = np.cov(kept.T).reshape(kept.shape[1], kept.shape[1])
    even = np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    return kept.mean(axis=0), _root_of_inverse((1 - SHRINK) * covariance + SHRINK * even)


def _turn_classifier(kept: Floats, turns: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return weights, (kept, turns), and biases of a multinomial logistic regression."""
    spread = kept.std(axis=0) + 1e-9
    x = torch.from_numpy(kept / spread)
    y = torch.from_numpy(turns)
    # Films lie upright far more often than any one way else; the odds are to weigh them alike.
    balance = torch.bincount(y, minlength=len(TURNS)).double().clamp_min(1).reciprocal()
    weights = torch.zeros(x.shape[1], len(TURNS), dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(len(TURNS), dtype=torch.float64, requires_grad=True)
    fit = torch.optim.LBFGS([weights, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        fit.zero_grad()
        value = F.cross_entropy(x @ weights + bias, y, weight=balance)
        value = value + PENALTY * weights.square().sum()
        value.backward()
        return value

    fit.step(loss)
    return np.asarray(weights.detach().numpy() / spread[:, None]), np.asarray(bias.detach().numpy())


def _shape(shapes: Floats, unseen: Looks) -> tuple[Floats, Floats]:
    """Return the mean shape, centred and of size 1, and what makes plausible shapes a unit ball."""
    whole = shapes[np.isfinite(shapes).all(axis=(1, 2))]
    if len(whole) < FEWEST_SHAPES:
        raise TrainingError(
            f"{len(whole)} films with all points known are too few to say how faces look; "
            f"{FEWEST_SHAPES} are needed."
        )
    mean = _sized(whole[0])
    for _ in range(5):
        mean = _sized(np.mean([aligned(points, mean) for points in whole], axis=0))
    off = np.array([aligned(points, mean) - mean for points in whole]).reshape(len(whole), -1)
    sizes = [np.linalg.norm(points - points.mean(axis=0)) for points in unseen.points]
    error = float(np.nanmean(unseen.radial**2) / 2 / np.mean(sizes) ** 2)
    return mean, _root_of_inverse(off.T @ off / len(off) + error * np.eye(off.shape[1]))


def _sized(points: Floats) -> Floats:
    off = points - points.mean(axis=0)
    return np.asarray(off / np.linalg.norm(off))


def _root_of_inverse(covariance: Floats) -> Floats:
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-12)))

"""The figures of an evaluation, from its signed errors.

Mean radial error and success detection rates as in Wang et al., Medical Image Analysis 31, 2016,
section 3. All lengths are in the unit of the measurement, "mm" or "px"; rates are in per cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from cephview.report.bootstrap import (
    Interval,
    drawn_counts,
    drawn_means,
    drawn_medians,
    interval,
)
from cephview.report.ellipse import share_at, spread_of
from cephview.report.measured import LAYERS, LayerName, Measured

Floats = NDArray[np.float64]

THRESHOLDS_MM = (2.0, 2.5, 3.0, 4.0)
SHARES = tuple(range(10, 100))
"""Per cent within the ellipse, at which the calibration is read."""

# Of the bootstrap: a report made again says the same.
SEED = 20150401


@dataclass(frozen=True)
class Headline:
    """A layer over all points. sd is of the radial errors of all points, divided by n - 1.

    sdr: by threshold in mm, empty in pixels. intervals: 95 per cent each, under "mre", "median" and
    "sdr_2" and so on; empty where fewer than two films are independent.
    """

    points: int
    mre: float
    sd: float
    median: float
    sdr: Mapping[str, float]
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class LandmarkFigures:
    """A landmark over all films, radial but for bias, the mean signed error (x right, y down)."""

    landmark: str
    points: int
    mre: float
    sd: float
    sdr_2: float | None
    bias: tuple[float, float]
    p95: float


@dataclass(frozen=True)
class Ranks:
    """Spearman's rank correlation of predicted spread with radial error; None where undefined.

    within is the mean over landmarks of the correlation within each, which says whether the model
    knows a bad point from a good one of the same landmark.
    """

    overall: float | None
    within: float | None


@dataclass(frozen=True)
class LayerFigures:
    """observed: per cent of true points within the ellipse of each of SHARES. radial: (films,
    landmarks); unshifted: the same less each landmark's mean shift on the other films, which is
    what another convention of the truth alone does not explain. NaN where not known.
    """

    headline: Headline
    landmarks: tuple[LandmarkFigures, ...]
    observed: tuple[float, ...]
    ranks: Ranks
    radial: Floats
    unshifted: Floats


@dataclass(frozen=True)
class ReaderRow:
    """A landmark: how far a second reader, and the refined layer, are from the truth on average."""

    landmark: str
    points: int
    reader: float
    model: float


@dataclass(frozen=True)
class FilmScores:
    """How the model's own doubt of a film goes with the film's mean refined error.

    films: how many have a score. spearman is None where undefined. unlike: how many the model calls
    unlike those trained on, and the mean error of these and of the others, None without any.
    """

    films: int
    spearman: float | None
    unlike: int
    mre_unlike: float | None
    mre_like: float | None


@dataclass(frozen=True)
class Figures:
    """reader_rows is empty without a second reader; reader is the row over all landmarks.

    film_scores is None where the model has no score for any film.
    """

    unit: str
    coarse: LayerFigures
    refined: LayerFigures
    reader_rows: tuple[ReaderRow, ...] = ()
    reader: ReaderRow | None = None
    film_scores: FilmScores | None = None

    def layer(self, name: LayerName) -> LayerFigures:
        return self.refined if name == "refined" else self.coarse


def figures_of(measured: Measured) -> Figures:
    """Compute all figures. Raises ValueError where no true point is known."""
    coarse, refined = (_layer(measured, name) for name in LAYERS)
    rows: tuple[ReaderRow, ...] = ()
    row = None
    if measured.has_other_reader:
        rows, row = _reader_rows(measured, refined.radial)
    figures = Figures(measured.unit, coarse, refined, rows, row)
    return replace(figures, film_scores=_film_scores(measured, film_means(figures)))


def summary_lines(figures: Figures) -> tuple[str, ...]:
    """Return what a terminal says of each layer beside its mean error."""
    lines = []
    for name in LAYERS:
        layer = figures.layer(name)
        head = layer.headline
        between = head.intervals.get("mre")
        spread = f"SD {head.sd:.3f}, median {head.median:.3f} {figures.unit}"
        if between is not None:
            spread += f", 95 % interval of the MRE {between[0]:.3f} to {between[1]:.3f}"
        if layer.ranks.overall is not None:
            spread += (
                f", predicted spread against error: rank correlation {layer.ranks.overall:.2f}"
            )
        if layer.observed:
            spread += f", {layer.observed[SHARES.index(95)]:.1f} % inside the 95 % ellipse"
        known = layer.unshifted[np.isfinite(layer.unshifted)]
        if known.size:
            spread += f"; less each landmark's mean shift on the other films {known.mean():.3f}"
            if figures.unit == "mm":
                spread += f" mm and {100 * (known <= 2).mean():.2f} % within 2 mm"
        lines.append(f"{name}: {spread}")
    scores = figures.film_scores
    if scores is not None:
        means = (
            f"{what} {mre:.2f} {figures.unit}"
            for what, mre in (("theirs", scores.mre_unlike), ("of the others", scores.mre_like))
            if mre is not None
        )
        lines.append(
            f"called unlike those trained on: {scores.unlike} of {scores.films} films; mean error "
            + ", ".join(means)
        )
    return tuple(lines)


def unshifted(errors: Floats) -> Floats:
    """Return radial errors less each landmark's mean shift on the other films.

    errors: (films, landmarks, 2), NaN where not known. Returns (films, landmarks), NaN there and
    where no other film shows the landmark.
    """
    known = np.isfinite(errors).all(axis=-1, keepdims=True)
    filled = np.where(known, errors, 0.0)
    others = known.sum(axis=0) - known
    shift = np.divide(
        filled.sum(axis=0) - filled, others, out=np.full_like(filled, np.nan), where=others > 0
    )
    return radial_of(errors - shift)


def radial_of(errors: Floats) -> Floats:
    """Return the lengths of signed errors, (..., 2) to (...)."""
    return np.asarray(np.hypot(errors[..., 0], errors[..., 1]))


def film_means(figures: Figures) -> Floats:
    """Return the mean refined error of each film, NaN where none of its points is known."""
    radial = figures.refined.radial
    known = np.isfinite(radial)
    sums = np.where(known, radial, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.asarray(np.divide(sums, count, out=np.full(len(sums), np.nan), where=count > 0))


def _layer(measured: Measured, name: LayerName) -> LayerFigures:
    errors, covariances = measured.errors(name), measured.covariances(name)
    radial = radial_of(errors)
    if not np.isfinite(radial).any():
        raise ValueError("no true point to measure by")
    rows = (
        _landmark(landmark, errors[:, i], measured.unit)
        for i, landmark in enumerate(measured.landmarks)
        if np.isfinite(radial[:, i]).any()
    )
    return LayerFigures(
        headline=_headline(radial, measured.unit, measured.groups),
        landmarks=tuple(rows),
        observed=_observed(share_at(errors, covariances)),
        ranks=_ranks(spread_of(covariances), radial),
        radial=radial,
        unshifted=unshifted(errors),
    )


def _headline(radial: Floats, unit: str, groups: Sequence[str]) -> Headline:
    known = radial[np.isfinite(radial)]
    within = {
        f"{t:g}": np.where(np.isfinite(radial), 100.0 * (radial <= t), np.nan)
        for t in (THRESHOLDS_MM if unit == "mm" else ())
    }
    intervals: dict[str, Interval] = {}
    if len(set(groups)) > 1:
        counts = drawn_counts(groups, SEED)
        drawn = {"mre": drawn_means(radial, counts), "median": drawn_medians(radial, counts)}
        drawn |= {f"sdr_{name}": drawn_means(hits, counts) for name, hits in within.items()}
        found = {name: interval(values) for name, values in drawn.items()}
        intervals = {name: both for name, both in found.items() if both is not None}
    return Headline(
        points=int(known.size),
        mre=float(known.mean()),
        sd=_sd(known),
        median=float(np.median(known)),
        sdr={name: float(np.nanmean(hits)) for name, hits in within.items()},
        intervals=intervals,
    )


def _landmark(landmark: str, errors: Floats, unit: str) -> LandmarkFigures:
    signed = errors[np.isfinite(errors).all(axis=1)]
    radial = radial_of(signed)
    return LandmarkFigures(
        landmark=landmark,
        points=len(radial),
        mre=float(radial.mean()),
        sd=_sd(radial),
        sdr_2=100.0 * float((radial <= 2.0).mean()) if unit == "mm" else None,
        bias=(float(signed[:, 0].mean()), float(signed[:, 1].mean())),
        p95=float(np.quantile(radial, 0.95)),
    )


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _observed(shares: Floats) -> tuple[float, ...]:
    known = shares[np.isfinite(shares)]
    if not known.size:
        return ()
    return tuple(100.0 * float((known <= p / 100).mean()) for p in SHARES)


def _ranks(spread: Floats, radial: Floats) -> Ranks:
    within = [_spearman(spread[:, i], radial[:, i]) for i in range(radial.shape[1])]
    found = [value for value in within if value is not None]
    return Ranks(_spearman(spread, radial), float(np.mean(found)) if found else None)


def _spearman(spread: Floats, radial: Floats) -> float | None:
    known = np.isfinite(spread) & np.isfinite(radial)
    a, b = spread[known], radial[known]
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(spearmanr(a, b).statistic)


def _film_scores(measured: Measured, means: Floats) -> FilmScores | None:
    scores = np.array(
        [np.nan if film.likeness is None else film.likeness.score for film in measured.films]
    )
    known = np.isfinite(scores) & np.isfinite(means)
    if not known.any():
        return None
    is_unlike = np.array([f.likeness is not None and f.likeness.is_unlike for f in measured.films])

    def mean(which: NDArray[np.bool_]) -> float | None:
        return float(means[which].mean()) if which.any() else None

    return FilmScores(
        films=int(known.sum()),
        spearman=_spearman(scores, means),
        unlike=int((known & is_unlike).sum()),
        mre_unlike=mean(known & is_unlike),
        mre_like=mean(known & ~is_unlike),
    )


def _reader_rows(
    measured: Measured, model: Floats
) -> tuple[tuple[ReaderRow, ...], ReaderRow | None]:
    """Return a row a landmark and one over all, on the points that both readers placed."""
    reader = radial_of(measured.other_errors())
    known = np.isfinite(reader) & np.isfinite(model)

    def row(name: str, which: NDArray[np.bool_], reader: Floats, model: Floats) -> ReaderRow:
        count = int(which.sum())
        return ReaderRow(name, count, float(reader[which].mean()), float(model[which].mean()))

    rows = tuple(
        row(landmark, known[:, i], reader[:, i], model[:, i])
        for i, landmark in enumerate(measured.landmarks)
        if known[:, i].any()
    )
    return rows, row("all", known, reader, model) if known.any() else None

"""How far two readers of the same films agree: point by point, and by landmark over many films."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Beyond so many millimetres two readers should look again, and beyond so many a third must decide.
REVIEW_MM = 2.0
ADJUDICATE_MM = 4.0


class Verdict(StrEnum):
    """What two readings of one point ask for, in words a user reads."""

    AGREE = "agree"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"


def verdict(distance_mm: float) -> Verdict:
    """Return what a distance between two readings asks for: up to 2 mm agree, up to 4 review."""
    if distance_mm <= REVIEW_MM:
        return Verdict.AGREE
    return Verdict.REVIEW if distance_mm <= ADJUDICATE_MM else Verdict.ADJUDICATE


@dataclass(frozen=True)
class Limits:
    """A Bland-Altman comparison of two readers' values: second minus first, in their unit.

    bias: the mean difference; sd: its standard deviation (n - 1); low, high: the 95 % limits of
    agreement, bias -+ 1.96 sd. Bland & Altman, Lancet 1986, 307-310.
    """

    bias: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """Two readers of one landmark over some films, mm.

    distance: the mean distance between their points, distance_sd its standard deviation. dahlberg:
    Dahlberg's error of one coordinate pair, sqrt(sum d^2 / 2n) over the distances d (Dahlberg 1940;
    Houston, Am J Orthod 1983, 382-390). x, y: Bland-Altman by coordinate. icc_x, icc_y: ICC(2,1) of
    the coordinates. verdicts: how many films ask for what.
    """

    films: int
    distance: float
    distance_sd: float
    dahlberg: float
    x: Limits
    y: Limits
    icc_x: float
    icc_y: float
    verdicts: Mapping[Verdict, int]


def compare(first_mm: Floats, second_mm: Floats, origin_mm: Floats | None = None) -> Agreement:
    """Compare two readers of one landmark.

    first_mm, second_mm: (films, 2), x and y in one frame common to both readers, mm. The ICC
    measures how well films are told apart beside the readers' differences, so the frame should be
    one that makes films comparable (from sella, say), not the corner of the scan: origin_mm,
    (films, 2), is where that frame begins in each film, NaN where it is not known; such films do
    not count for the ICC, which is NaN from fewer than two. Raises ValueError for fewer than two
    films or unequal shapes.
    """
    if first_mm.shape != second_mm.shape or first_mm.ndim != 2 or first_mm.shape[1] != 2:
        raise ValueError("two readers are compared on the same films, two coordinates each")
    if len(first_mm) < 2:
        raise ValueError("two readers are compared on at least two films")
    distances = np.hypot(*(second_mm - first_mm).T)
    origin = np.zeros_like(first_mm) if origin_mm is None else origin_mm
    known = np.isfinite(origin).all(axis=1)
    icc_x, icc_y = (
        icc_2_1(
            np.stack([first_mm[known, i], second_mm[known, i]], axis=1) - origin[known, i, None]
        )
        if known.sum() >= 2
        else math.nan
        for i in range(2)
    )
    return Agreement(
        films=len(distances),
        distance=float(distances.mean()),
        distance_sd=float(distances.std(ddof=1)),
        dahlberg=dahlberg(distances),
        x=limits_of_agreement(first_mm[:, 0], second_mm[:, 0]),
        y=limits_of_agreement(first_mm[:, 1], second_mm[:, 1]),
        icc_x=icc_x,
        icc_y=icc_y,
        verdicts=count_verdicts(distances),
    )


def count_verdicts(distances_mm: Sequence[float] | Floats) -> dict[Verdict, int]:
    """Return how many distances ask for what; every verdict is there."""
    counts = dict.fromkeys(Verdict, 0)
    for distance in distances_mm:
        counts[verdict(float(distance))] += 1
    return counts


def dahlberg(differences: Sequence[float] | Floats) -> float:
    """Return Dahlberg's error of paired readings, sqrt(sum d^2 / 2n), in the differences' unit."""
    d = np.asarray(differences, dtype=np.float64)
    if d.size == 0:
        raise ValueError("no pair of readings")
    return math.sqrt(float(np.square(d).sum()) / (2 * d.size))


def limits_of_agreement(first: Floats, second: Floats) -> Limits:
    """Return the Bland-Altman comparison of two readers' values, (films,) each."""
    if len(first) < 2 or len(first) != len(second):
        raise ValueError("two readers are compared on at least two films, the same for both")
    difference = second - first
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    return Limits(bias, sd, bias - 1.96 * sd, bias + 1.96 * sd)


def icc_2_1(values: Floats) -> float:
    """Return ICC(2,1): two-way random effects, absolute agreement, one reader.

    values: (films, readers). Shrout & Fleiss, Psychological Bulletin 1979, 420-428. NaN where
    neither films nor readers differ.
    """
    n, k = values.shape
    if n < 2 or k < 2:
        raise ValueError("an ICC needs at least two films and two readers")
    mean = values.mean()
    between_films = k * np.square(values.mean(axis=1) - mean).sum() / (n - 1)
    between_readers = n * np.square(values.mean(axis=0) - mean).sum() / (k - 1)
    rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + mean
    residual = np.square(rest).sum() / ((n - 1) * (k - 1))
    below = between_films + (k - 1) * residual + k * (between_readers - residual) / n
    return float((between_films - residual) / below) if below else math.nan

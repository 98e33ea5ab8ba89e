"""Two readings side by side: a film's points in pairs, and each landmark over many films."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cephview.core.agreement import Agreement, Floats, Verdict, compare, count_verdicts, verdict
from cephview.core.scale import PixelSize
from cephview.core.tracing import XY, Tracing
from cephview.core.turning import seen_direction

# Coordinates are told from the first of these, so that films can be compared, and its own from the
# second: seen from itself a point lies always at the same place.
ORIGINS = ("S", "N")


@dataclass(frozen=True)
class Pair:
    """One landmark as two readers have it, in pixel indices of the film as it is on file.

    distance_mm is None without a trusted scale, and then there is no verdict either.
    """

    landmark: str
    first: XY
    second: XY
    distance_mm: float | None

    @property
    def distance_px(self) -> float:
        return math.dist(self.first, self.second)

    @property
    def verdict(self) -> Verdict | None:
        return None if self.distance_mm is None else verdict(self.distance_mm)

    @property
    def mean(self) -> XY:
        return (self.first[0] + self.second[0]) / 2, (self.first[1] + self.second[1]) / 2


def pairs(first: Tracing, second: Tracing, size: PixelSize) -> tuple[Pair, ...]:
    """Return the landmarks that both readers stand for, those farthest apart first."""
    theirs = {point.landmark: point.truth for point in second}
    found = [
        Pair(point.landmark, point.truth.xy, other.xy, size.distance_mm(point.truth.xy, other.xy))
        for point in first
        if point.truth is not None and (other := theirs.get(point.landmark)) is not None
    ]
    return tuple(
        sorted(found, key=lambda p: -(p.distance_px if p.distance_mm is None else p.distance_mm))
    )


def read_by_one(first: Tracing, second: Tracing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the landmarks that only the first reader stands for, and only the second."""
    mine = {point.landmark for point in first if point.truth is not None}
    theirs = {point.landmark for point in second if point.truth is not None}
    return (
        tuple(point.landmark for point in first if point.landmark in mine - theirs),
        tuple(point.landmark for point in second if point.landmark in theirs - mine),
    )


@dataclass(frozen=True)
class ReadTwice:
    """A film with two readings of it."""

    size: PixelSize
    first: Tracing
    second: Tracing


@dataclass(frozen=True, eq=False)
class LandmarkAgreement:
    """Two readers of one landmark over the films that both read it in, in the unit of the study.

    first, second: (films, 2), x to the right and y down as the first reader saw the film,
    from the corner of the film. origin: (films, 2), the mean of both readers' sella in the same
    frame (nasion for sella itself), NaN where either did not place it.
    """

    landmark: str
    first: Floats
    second: Floats
    origin: Floats

    @property
    def films(self) -> int:
        return len(self.first)

    @cached_property
    def distances(self) -> Floats:
        """Return the distance between both readers on each film."""
        distances: Floats = np.hypot(*(self.second - self.first).T)
        return distances

    @cached_property
    def agreement(self) -> Agreement | None:
        """Return the figures, or None from a single film."""
        if self.films < 2:
            return None
        return compare(self.first, self.second, self.origin)

    def bland_altman(self, axis: int) -> tuple[Floats, Floats]:
        """Return (mean from the origin, second minus first) by film; axis 0 is x, 1 is y."""
        mean = (self.first + self.second)[:, axis] / 2 - self.origin[:, axis]
        difference = (self.second - self.first)[:, axis]
        is_known = np.isfinite(mean)
        return mean[is_known], difference[is_known]


@dataclass(frozen=True, eq=False)
class Study:
    """Two readers over all films that both read, by landmark.

    unit is "mm", of the films with a trusted scale; the others, counted by without_scale, have no
    part in it. It is "px" where no film has a scale: then all are compared, without verdicts.
    """

    landmarks: tuple[LandmarkAgreement, ...]
    films: int
    without_scale: int
    unit: str = "mm"

    @cached_property
    def distances(self) -> Floats:
        """Return every distance."""
        parts = [landmark.distances for landmark in self.landmarks]
        return np.concatenate(parts) if parts else np.zeros(0)

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """Return how many distances ask for what; nothing in pixels, which say nothing of that."""
        return count_verdicts(self.distances) if self.unit == "mm" else {}


def study(films: Iterable[ReadTwice], landmarks: Sequence[str]) -> Study:
    """Compare two readers over films, in the order of these landmarks.

    Landmarks that no film has twice are left out, and so are films without a pair.
    """
    read = [film for film in films if pairs(film.first, film.second, film.size)]
    scaled = [film for film in read if film.size.is_trusted]
    unit, compared = ("mm", scaled) if scaled or not read else ("px", read)
    found = [_over_films(landmark, compared, unit) for landmark in landmarks]
    return Study(
        tuple(landmark for landmark in found if landmark.films),
        len(compared),
        len(read) - len(scaled),
        unit,
    )


def _over_films(landmark: str, films: Sequence[ReadTwice], unit: str) -> LandmarkAgreement:
    origin = ORIGINS[1] if landmark == ORIGINS[0] else ORIGINS[0]
    rows = []
    for film in films:
        both = _both(film, landmark, unit)
        if both is not None:
            begin = _both(film, origin, unit)
            rows.append((*both, np.full(2, np.nan) if begin is None else np.mean(begin, axis=0)))
    first, second, origins = np.array(rows).reshape(-1, 3, 2).transpose(1, 0, 2)
    return LandmarkAgreement(landmark, first, second, origins)


def _both(film: ReadTwice, landmark: str, unit: str) -> tuple[Floats, Floats] | None:
    size = film.size.mm_per_px() if unit == "mm" else (1.0, 1.0)
    places = []
    for tracing in (film.first, film.second):
        point = next((point for point in tracing if point.landmark == landmark), None)
        if point is None or point.truth is None or size is None:
            return None
        x, y = point.truth.xy
        places.append(np.array(seen_direction(film.first.turn, (x * size[0], y * size[1]))))
    return places[0], places[1]

"""What the Points panel says of each point: plain values, no widgets."""

import math
from dataclasses import dataclass

from cephview.core.landmarks import LandmarkSet
from cephview.core.review import Walk, is_checked
from cephview.core.scale import PixelSize
from cephview.core.scale_check import scale_to_judge_by
from cephview.core.tracing import XY, Point, State
from cephview.core.uncertainty import Covariance

_HIGH_MM = 1.25
_HIGH_SHARE_OF_HEIGHT = 0.005


@dataclass(frozen=True)
class Length:
    """A distance with its unit, "mm" with a trusted scale, else "px"."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:.1f} {self.unit}" if self.unit == "mm" else f"{self.value:.0f} px"

    @property
    def number(self) -> str:
        return f"{self.value:.1f}" if self.unit == "mm" else f"{self.value:.0f}"


@dataclass(frozen=True)
class PointRow:
    """One line of the table.

    uncertainty: one standard deviation of a coordinate of the model's point; None where no model
    placed it. share is its length as a bar in [0, 1]; is_high asks for eyes. moved: how far the
    hand is from the model's point. is_checked: somebody looked at it (core.review).
    """

    landmark: str
    name: str
    state: State
    uncertainty: Length | None
    share: float
    is_high: bool
    moved: Length | None
    is_checked: bool

    @property
    def words(self) -> str:
        """Return the state as a user reads it."""
        if self.state is State.MISSING:
            return "not placed"
        if self.state is State.MOVED:
            return "placed" if self.moved is None else f"moved {self.moved}"
        return str(self.state)


def point_rows(
    walk: Walk, landmarks: LandmarkSet, size: PixelSize, film_height_px: int
) -> tuple[PointRow, ...]:
    """Return a row a point, in the order in which they are looked at."""
    tracing = walk.tracing
    judged = scale_to_judge_by(tracing, size)
    return tuple(
        PointRow(
            landmark=landmark,
            name=landmarks[landmark].name,
            state=(point := tracing[landmark]).state,
            uncertainty=uncertainty(point, size),
            share=min(1.0, (doubt := doubtfulness(point, judged, film_height_px)) / 2),
            is_high=doubt >= 1 and point.state is State.MODEL,
            moved=moved(point, size),
            is_checked=is_checked(point, moved_counts=walk.moved_counts),
        )
        for landmark in walk.order
    )


def distance(a_px: XY, b_px: XY, size: PixelSize) -> Length:
    """Return the distance of two points, in mm with a trusted scale, else in px."""
    mm = size.distance_mm(a_px, b_px)
    if mm is not None:
        return Length(mm, "mm")
    return Length(math.dist(a_px, b_px), "px")


def uncertainty(point: Point, size: PixelSize) -> Length | None:
    """Return one standard deviation of the model's point, or None where no model placed it."""
    spread = _spread(point)
    if spread is None:
        return None
    return length_of(spread, size)


def length_of(spread: Covariance, size: PixelSize) -> Length:
    """Return one standard deviation of a spread (px²), in mm with a trusted scale."""
    mm = size.mm_per_px()
    return Length(spread.sigma, "px") if mm is None else Length(spread.scaled(*mm).sigma, "mm")


def doubt_words(point: Point, size: PixelSize) -> str:
    """Return both half axes of the ellipse that holds 95 % of the errors of the model's point.

    As "±1.9 × 1.1 mm", in px without a trusted scale; "" where no model placed the point.
    """
    spread = _spread(point)
    if spread is None:
        return ""
    mm = size.mm_per_px()
    long, short, _ = (spread if mm is None else spread.scaled(*mm)).ellipse()
    unit = "px" if mm is None else "mm"
    return f"\u00b1{Length(long, unit).number} \u00d7 {Length(short, unit)}"


def _spread(point: Point) -> Covariance | None:
    placed = point.refined or point.coarse
    return None if placed is None else placed.spread


def moved(point: Point, size: PixelSize) -> Length | None:
    """Return how far the hand is from the model's point, or None without both."""
    model = point.refined or point.coarse
    if point.human is None or model is None:
        return None
    return distance(model.xy, point.human.xy, size)


def refinement(point: Point, size: PixelSize) -> Length | None:
    """Return how far the second encoder moved the point, or None without both layers."""
    if point.coarse is None or point.refined is None:
        return None
    return distance(point.coarse.xy, point.refined.xy, size)


def doubtfulness(point: Point, judged: PixelSize, film_height_px: int) -> float:
    """Return how uncertain a model's point is; from 1 on it asks for eyes.

    judged is the scale to judge by (scale_to_judge_by). 0 where no model placed the point.
    """
    sigma = uncertainty(point, judged)
    return 0.0 if sigma is None else urgency_of(sigma, film_height_px)


def urgency_of(sigma: Length, film_height_px: int) -> float:
    """Return an uncertainty as a share of what asks for eyes; 0 where it cannot be judged."""
    high = _HIGH_MM if sigma.unit == "mm" else film_height_px * _HIGH_SHARE_OF_HEIGHT
    return sigma.value / high if high else 0.0

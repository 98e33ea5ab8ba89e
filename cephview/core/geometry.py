"""Points, lines, angles and projections in millimetre space.

A place on a film is (x, y) in pixel indices, x right, y down. Where a pixel is not square a pixel
counts for more in one direction than in the other, so nothing here is computed from pixel indices:
Plane.place first brings them into a plane with square units, and every function speaks of that.

Angles are in degrees. Seen on the film, with y down, a positive turn is clockwise. A film that was
laid the wrong way round shows a right as a left: given how it must be turned, Plane.of swaps them
back, so that a sign says the same of every face.
"""

import math
from dataclasses import dataclass

from cephview.core.detection import Turn
from cephview.core.scale import PixelSize
from cephview.core.turning import AS_ON_FILE

XY = tuple[float, float]


@dataclass(frozen=True)
class Plane:
    """How pixel indices become places in a plane with square units.

    is_mm says whether the unit is the millimetre. Without a trusted scale the unit is the width of
    a pixel: angles and ratios are right there, and a length has no meaning to a user. A negative
    x_unit swaps left and right.
    """

    x_unit: float
    y_unit: float
    is_mm: bool

    @classmethod
    def of(cls, pixel_size: PixelSize, turn: Turn = AS_ON_FILE) -> "Plane":
        """Return the plane of a film: in millimetres where its scale is trusted.

        turn is how the film is turned to show the face to the right. Only a swap of left and right
        matters, which changes signs: quarters leave every distance, angle and side as it is.
        """
        size = pixel_size.mm_per_px()
        x_unit, y_unit = (1.0, pixel_size.aspect) if size is None else size
        return cls(-x_unit if turn.mirrored else x_unit, y_unit, is_mm=size is not None)

    def place(self, xy_px: XY) -> XY:
        """Return where a place given in pixel indices lies in the plane."""
        return xy_px[0] * self.x_unit, xy_px[1] * self.y_unit

    def pixel(self, xy: XY) -> XY:
        """Return the pixel indices of a place in the plane."""
        return xy[0] / self.x_unit, xy[1] / self.y_unit


@dataclass(frozen=True)
class Line:
    """An endless line from one place of the plane towards another.

    Raises ValueError where the two coincide: no line runs through them then.
    """

    start: XY
    end: XY

    def __post_init__(self) -> None:
        if not math.dist(self.start, self.end) > 0:
            raise ValueError("a line needs two different points")

    @property
    def length(self) -> float:
        return math.dist(self.start, self.end)

    @property
    def direction(self) -> XY:
        """Return the unit vector from start to end."""
        length = self.length
        return (self.end[0] - self.start[0]) / length, (self.end[1] - self.start[1]) / length


def distance(a: XY, b: XY) -> float:
    """Return the distance of two places, in the unit of their plane."""
    return math.dist(a, b)


def midpoint(a: XY, b: XY) -> XY:
    """Return the place halfway between two."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def angle_deg(a: XY, vertex: XY, b: XY) -> float:
    """Return the angle at a vertex between the rays to a and to b, in [0, 180].

    Raises ValueError where a ray has no length.
    """
    return angle_between_rays_deg(Line(vertex, a), Line(vertex, b))


def angle_between_rays_deg(first: Line, second: Line) -> float:
    """Return the angle between the directions of two lines, in [0, 180]."""
    return abs(turn_deg(first, second))


def angle_between_lines_deg(first: Line, second: Line) -> float:
    """Return the angle at which two lines cross, whichever way each points, in [0, 90]."""
    angle = angle_between_rays_deg(first, second)
    return min(angle, 180.0 - angle)


def turn_deg(first: Line, second: Line) -> float:
    """Return by how much the first direction turns into the second, in (-180, 180].

    Positive is clockwise as seen on the film.
    """
    (ax, ay), (bx, by) = first.direction, second.direction
    # atan2 of both products keeps its precision where acos loses it: near 0 and near 180.
    angle = math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
    return 180.0 if angle == -180.0 else angle


def offset(place: XY, line: Line) -> float:
    """Return the signed distance of a place from a line.

    Positive on the right of the line as seen on the film when looking from start to end.
    """
    dx, dy = line.direction
    return dx * (place[1] - line.start[1]) - dy * (place[0] - line.start[0])


def along(place: XY, line: Line) -> float:
    """Return how far from the start of a line, in its direction, the foot of a place lies."""
    dx, dy = line.direction
    return dx * (place[0] - line.start[0]) + dy * (place[1] - line.start[1])


def foot(place: XY, line: Line) -> XY:
    """Return the foot of the perpendicular from a place to a line."""
    dx, dy = line.direction
    reach = along(place, line)
    return line.start[0] + reach * dx, line.start[1] + reach * dy


def projected_distance(a: XY, b: XY, line: Line) -> float:
    """Return the signed distance along a line from the foot of a to that of b (as for Wits)."""
    return along(b, line) - along(a, line)


def intersection(first: Line, second: Line) -> XY | None:
    """Return where two lines cross, or None where they are parallel to a millionth of a degree."""
    (ax, ay), (bx, by) = first.direction, second.direction
    sine = ax * by - ay * bx
    if abs(sine) < math.radians(1e-6):
        return None
    px, py = second.start[0] - first.start[0], second.start[1] - first.start[1]
    reach = (px * by - py * bx) / sine
    return first.start[0] + reach * ax, first.start[1] + reach * ay

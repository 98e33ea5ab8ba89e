"""Smooth curves through control points, and the places on them that a reader looks for.

Curves are (n, 2) arrays of millimetres, x forward (to the right of the film), y down.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Points = NDArray[np.float64]
SAMPLES_PER_SPAN = 24


@dataclass(frozen=True, eq=False)
class Curve:
    """A sampled curve. knot k of its control points lies at sample k * SAMPLES_PER_SPAN."""

    points: Points

    def span(self, first: int, last: int) -> Points:
        """Return the samples from control point first to control point last, both included."""
        return self.points[first * SAMPLES_PER_SPAN : last * SAMPLES_PER_SPAN + 1]


def smooth(control: Points, *, closed: bool = False, like: Points | None = None) -> Curve:
    """Draw a cubic spline through the control points, by centripetal chord length.

    like gives the chord lengths instead: curves deformed from one template share one spline basis,
    and drawing them is a product of matrices.
    """
    like = control if like is None else like
    knots = np.vstack([like, like[:1]]) if closed else like
    steps = np.sqrt(np.hypot(*np.diff(knots, axis=0).T))
    return Curve(_basis(tuple(steps.round(3).tolist()), closed) @ control)


@lru_cache(maxsize=512)
def _basis(steps: tuple[float, ...], closed: bool) -> Points:
    """Return the matrix (samples, control points) of the spline with these knot distances."""
    t = np.concatenate([[0.0], np.cumsum(steps)])
    unit = np.eye(len(t) - 1 if closed else len(t))
    values = np.vstack([unit, unit[:1]]) if closed else unit
    spline = CubicSpline(t, values, bc_type="periodic" if closed else "natural")
    fractions = np.arange(SAMPLES_PER_SPAN) / SAMPLES_PER_SPAN
    at = (t[:-1, None] + np.diff(t)[:, None] * fractions).ravel()
    return np.asarray(spline(np.append(at, t[-1])))


def furthest_along(points: Points, direction: tuple[float, float]) -> tuple[Points, bool]:
    """Return the sample furthest along a direction, and whether it lies inside, not at an end."""
    index = int(np.argmax(points @ np.asarray(direction)))
    return points[index], 0 < index < len(points) - 1


def deepest(points: Points, side: float) -> tuple[Points, bool]:
    """Return the sample furthest from the chord of the ends, on one side of it.

    side is +1 for the left of the way from first to last as seen on the film (y down), -1 for the
    right. The second value says whether the curve bends to that side at all.
    """
    chord = points[-1] - points[0]
    normal = side * np.array([chord[1], -chord[0]]) / np.hypot(*chord)
    depth = (points - points[0]) @ normal
    index = int(np.argmax(depth))
    return points[index], bool(depth[index] > 0.1)


def middle(points: Points) -> Points:
    """Return the point half-way along the curve by arc length."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    half = length[-1] / 2
    return np.array([np.interp(half, length, points[:, k]) for k in range(2)])


def crossing(a: Points, b: Points) -> Points | None:
    """Return the first place where polyline a crosses polyline b, or None."""
    p, r = a[:-1, None], np.diff(a, axis=0)[:, None]
    q, s = b[None, :-1], np.diff(b, axis=0)[None]
    across = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    across = np.where(np.abs(across) < 1e-12, np.nan, across)
    d = q - p
    t = (d[..., 0] * s[..., 1] - d[..., 1] * s[..., 0]) / across
    u = (d[..., 0] * r[..., 1] - d[..., 1] * r[..., 0]) / across
    hits = np.argwhere((t >= 0) & (t <= 1) & (u >= 0) & (u <= 1))
    if len(hits) == 0:
        return None
    i, j = hits[0]
    return np.asarray(a[i] + t[i, j] * (a[i + 1] - a[i]))


def centroid(polygon: Points) -> Points:
    """Return the centre of area of a polygon (closed by its chord)."""
    nxt = np.roll(polygon, -1, axis=0)
    cross = polygon[:, 0] * nxt[:, 1] - nxt[:, 0] * polygon[:, 1]
    return np.asarray(((polygon + nxt) * cross[:, None]).sum(0) / (3 * cross.sum()))


def is_clockwise(polygon: Points) -> bool:
    """Whether the inside lies to the right of the polygon's way, as seen on the film (y down)."""
    nxt = np.roll(polygon, -1, axis=0)
    return bool((polygon[:, 0] * nxt[:, 1] - nxt[:, 0] * polygon[:, 1]).sum() > 0)


def normals(points: Points) -> Points:
    """Return the unit vectors to the right of an open curve's way, as seen on the film."""
    tangent = np.empty_like(points)
    tangent[1:-1] = points[2:] - points[:-2]
    tangent[0], tangent[-1] = points[1] - points[0], points[-1] - points[-2]
    length = np.sqrt((tangent * tangent).sum(1, keepdims=True))
    tangent /= np.maximum(length, 1e-9)
    return np.asarray(tangent[:, ::-1] * np.array([-1.0, 1.0]))


def warp(anchors: Points, moves: Points, points: Points, stiffness: float = 2.0) -> Points:
    """Move points by the smooth (thin-plate) field that carries the anchors along their moves.

    stiffness (mm) smooths the field: anchors are followed a little less closely, and the field
    does not fold between anchors that lie near each other.
    """

    def kernel(a: Points, b: Points) -> Points:
        r2 = ((a[:, None] - b[None]) ** 2).sum(-1)
        return np.asarray(0.5 * r2 * np.log(np.maximum(r2, 1e-12)))

    n = len(anchors)
    affine = np.column_stack([np.ones(n), anchors])
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = kernel(anchors, anchors) + stiffness * n * np.eye(n)
    system[:n, n:], system[n:, :n] = affine, affine.T
    weights = np.linalg.solve(system, np.vstack([moves, np.zeros((3, 2))]))
    field = kernel(points, anchors) @ weights[:n]
    field += np.column_stack([np.ones(len(points)), points]) @ weights[n:]
    return np.asarray(points + field)

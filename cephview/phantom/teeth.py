"""Teeth seen from the side: crown, root and pulp."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.core import head as template
from cephview.core.head import CUSPID, INCISOR, MOLAR
from cephview.phantom.curves import Points, is_clockwise, smooth

_NECK = {id(INCISOR): 11, id(CUSPID): 8, id(MOLAR): 10}
_PULP = np.array([(0, 0.5), (0, 1.4)])
_MOLARS_FROM = 4


@dataclass(frozen=True, eq=False)
class Tooth:
    """Outlines in head millimetres: all round the tooth; and the crown's, from neck to neck.

    is_clockwise says whether the inside of both lies to the right of their way on the film.
    """

    outline: Points
    crown: Points
    pulp: Points
    is_clockwise: bool
    is_filled: bool = False


@dataclass(frozen=True, eq=False)
class _Frame:
    """Where a tooth stands: its edge, neck and apex, and the direction of positive u."""

    edge: Points
    neck: Points
    apex: Points
    across: Points

    def __call__(self, outline: NDArray[np.float64]) -> Points:
        u, t = outline[:, :1], outline[:, 1:]
        crown = self.edge + np.minimum(t, 1) * (self.neck - self.edge)
        return np.asarray(crown + np.maximum(t - 1, 0) * (self.apex - self.neck) + u * self.across)


def _tooth(frame: _Frame, outline: Points, pulp: Points, is_filled: bool = False) -> Tooth:
    curve = smooth(outline, closed=True)
    placed = frame(curve.points)
    crown = frame(curve.span(0, _NECK[id(outline)]))
    return Tooth(placed, crown, frame(pulp), is_clockwise(placed), is_filled)


def front_tooth(axis: Points, width_mm: float) -> Tooth:
    """Draw an incisor from its tip, neck and apex; the tip is exactly the end of its edge."""
    tip, neck, apex = axis
    along = (neck - tip) / np.hypot(*(neck - tip))
    front = np.array([along[1], -along[0]])
    front = front if front[0] > 0 else -front
    frame = _Frame(tip, neck, apex, front * width_mm / 2)
    return _tooth(frame, INCISOR, np.array([(0, 0.6), (0, 1.85)]))


def side_teeth(
    upper: Points, lower: Points, size: float, rng: np.random.Generator
) -> tuple[Tooth, ...]:
    """Set the teeth behind the incisors along the occlusal line, upper then lower.

    upper and lower are the incisors' tip, neck and apex; the teeth next to them lean as they do.
    """
    front = 0.5 * (upper[0] + lower[0])
    rise = np.deg2rad(8 + rng.normal(0, 3.0))
    back = np.array([-np.cos(rise), -np.sin(rise)])
    down = np.array([-back[1], back[0]])
    down = down if down[1] > 0 else -down
    has_fillings = rng.random() < 0.35
    teeth = []
    rows = ((template.UPPER_WIDTHS, -1.0, upper), (template.LOWER_WIDTHS, 1.0, lower))
    for widths, side, incisor in rows:
        s = 3.0 * size - (0.0 if side < 0 else 0.8)
        lean = incisor[2] - incisor[0]
        slope = float(lean @ back / max(abs(float(lean @ down)), 1.0))
        for k, width in enumerate(widths):
            half = width * size / 2
            edge = front + back * (s + half) - down * side * rng.normal(0.7, 0.25)
            tilt = slope * max(0.0, 0.8 - 0.2 * k) - 0.04 * k * (1 if side > 0 else 0)
            axis = side * down + back * (tilt + rng.normal(0, 0.03))
            axis = axis / np.hypot(*axis)
            crown_mm = (9.0 if k < 2 else 7.4) * size
            root_mm = (15.0 if k == 1 else 12.0) * size * (1 + rng.normal(0, 0.06))
            neck = edge + axis * crown_mm
            frame = _Frame(edge, neck, neck + axis * root_mm, half * np.array([axis[1], -axis[0]]))
            outline = MOLAR if k >= _MOLARS_FROM else CUSPID
            is_filled = has_fillings and k >= 2 and rng.random() < 0.3
            teeth.append(_tooth(frame, outline, _PULP, is_filled))
            s += 2 * half * 0.97
    return tuple(teeth)

"""Teeth seen from the side: crown, root and pulp."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.phantom import template
from cephview.phantom.curves import Points, clockwise, smooth

# Outlines along (u, t): u across in half widths; t in crown lengths from the edge, then, past 1,
# in root lengths from the neck. An incisor's labial side is positive u.
_INCISOR_CROWN = np.array([
    (0, 0), (0.2, 0.015), (0.42, 0.16), (0.78, 0.45), (1.0, 0.78), (0.9, 1.0), (-0.9, 1.0),
    (-1.06, 0.86), (-0.92, 0.68), (-0.52, 0.42), (-0.3, 0.16), (-0.18, 0.015),
])  # fmt: skip
_INCISOR_ROOT = np.array([
    (0.9, 1.0), (0.78, 1.45), (0.4, 1.88), (0, 2.0), (-0.4, 1.88), (-0.78, 1.45), (-0.9, 1.0),
])  # fmt: skip
_CUSPID_CROWN = np.array([
    (-0.84, 0.22), (-0.4, 0.07), (0, 0), (0.4, 0.07), (0.84, 0.22), (1.0, 0.45), (0.76, 1.0),
    (-0.76, 1.0), (-1.0, 0.45),
])  # fmt: skip
_CUSPID_ROOT = np.array([
    (0.76, 1.0), (0.6, 1.5), (0.28, 1.92), (0, 2.0), (-0.28, 1.92), (-0.6, 1.5), (-0.76, 1.0),
])  # fmt: skip
_MOLAR_CROWN = np.array([
    (-0.9, 0.2), (-0.62, 0.0), (-0.3, 0.12), (0.0, 0.2), (0.3, 0.12), (0.62, 0.0), (0.9, 0.2),
    (1.0, 0.5), (0.82, 1.0), (-0.82, 1.0), (-1.0, 0.5),
])  # fmt: skip
_MOLAR_ROOT = np.array([
    (0.82, 1.0), (0.78, 1.5), (0.56, 2.0), (0.26, 1.6), (0.0, 1.26), (-0.26, 1.6), (-0.56, 2.0),
    (-0.8, 1.5), (-0.82, 1.0),
])  # fmt: skip
_PULP = np.array([(0, 0.5), (0, 1.4)])
_MOLARS_FROM = 4


@dataclass(frozen=True, eq=False)
class Tooth:
    """Outlines in head millimetres. The crown runs clockwise; the root is open at the neck."""

    crown: Points
    root: Points
    pulp: Points
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


def _tooth(
    frame: _Frame, crown: Points, root: Points, pulp: Points, is_filled: bool = False
) -> Tooth:
    # The samples keep their uniform parameter: the bases are then shared by all teeth.
    even = {n: np.column_stack([np.arange(n), np.zeros(n)]) for n in (len(crown), len(root))}
    ring = smooth(crown, closed=True, like=_ring(len(crown))).points[:-1]
    line = smooth(root, like=even[len(root)]).points
    return Tooth(clockwise(frame(ring)), frame(line), frame(pulp), is_filled)


def _ring(n: int) -> Points:
    angle = np.arange(n) * 2 * np.pi / n
    return np.column_stack([np.cos(angle), np.sin(angle)])


def front_tooth(axis: Points, width_mm: float) -> Tooth:
    """Draw an incisor from its tip, neck and apex; the tip is exactly the end of its edge."""
    tip, neck, apex = axis
    along = (neck - tip) / np.hypot(*(neck - tip))
    front = np.array([along[1], -along[0]])
    front = front if front[0] > 0 else -front
    frame = _Frame(tip, neck, apex, front * width_mm / 2)
    return _tooth(frame, _INCISOR_CROWN, _INCISOR_ROOT, np.array([(0, 0.6), (0, 1.85)]))


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
    has_fillings = rng.random() < 0.4
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
            is_molar = k >= _MOLARS_FROM
            outlines = (_MOLAR_CROWN, _MOLAR_ROOT) if is_molar else (_CUSPID_CROWN, _CUSPID_ROOT)
            is_filled = has_fillings and k >= 2 and rng.random() < 0.3
            teeth.append(_tooth(frame, *outlines, _PULP, is_filled))
            s += 2 * half * 0.97
    return tuple(teeth)

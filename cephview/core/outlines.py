"""Planes and outlines of the head as far as the points of a tracing support them.

The names say what a reader knows from tracing paper; the curves are drawn through the points alone,
so between them they follow no anatomy.
"""

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

XY = tuple[float, float]
Segment = tuple[XY, XY, XY, XY]

_FEWEST_FOR_A_CURVE = 3


@dataclass(frozen=True)
class Plane:
    """A line through two landmarks."""

    name: str
    start: str
    end: str


@dataclass(frozen=True)
class Outline:
    """A curve through landmarks, in the order in which one draws it."""

    name: str
    chain: tuple[str, ...]


PLANES = (
    Plane("Sella-nasion", "S", "N"),
    Plane("Frankfort horizontal", "Po", "Or"),
    Plane("Palatal plane", "PNS", "ANS"),
    Plane("Mandibular plane", "Go", "Me"),
    Plane("Facial plane", "N", "Pog"),
)
OUTLINES = (
    Outline("Soft-tissue profile", ("G'", "N'", "Prn", "Sn", "UL", "LL", "B'", "Pog'", "Me'")),
    Outline("Mandible", ("Co", "Ar", "Go", "Me", "Gn", "Pog", "B")),
    Outline("Cranial base", ("N", "S", "Ba", "Ar")),
)


def runs(
    chain: Sequence[str], known: Container[str], present: Container[str]
) -> list[tuple[str, ...]]:
    """Return the stretches of a chain that can be drawn.

    known are the landmarks of the set: one it does not have is passed over, one that it has and
    that is not present breaks the chain, for the curve would cut across what it marks. Stretches of
    fewer than three points are none: a straight line is no outline.
    """
    stretches: list[list[str]] = [[]]
    for landmark in chain:
        if landmark not in known:
            continue
        if landmark in present:
            stretches[-1].append(landmark)
        else:
            stretches.append([])
    return [tuple(run) for run in stretches if len(run) >= _FEWEST_FOR_A_CURVE]


def curve(points: Sequence[XY]) -> tuple[Segment, ...]:
    """Return cubic Bezier segments through all points, in their own frame.

    A centripetal Catmull-Rom spline, which makes neither loops nor cusps within a segment (Yuksel,
    Schaefer and Keyser, Computer-Aided Design 43, 2011). Points that coincide are taken once; fewer
    than two give nothing.
    """
    apart = [p for n, p in enumerate(points) if n == 0 or math.dist(p, points[n - 1]) > 0]
    return tuple(
        (
            apart[n],
            _control(apart[n - 1] if n else None, apart[n], apart[n + 1]),
            _control(apart[n + 2] if n + 2 < len(apart) else None, apart[n + 1], apart[n]),
            apart[n + 1],
        )
        for n in range(len(apart) - 1)
    )


def _control(before: XY | None, at: XY, after: XY) -> XY:
    """Return the handle of a point on its way to the next; at an end it is the point itself."""
    if before is None or math.dist(before, at) == 0:
        return at
    a, b = math.sqrt(math.dist(before, at)), math.sqrt(math.dist(at, after))
    middle, total = 2 * a * a + 3 * a * b + b * b, 3 * a * (a + b)

    def along(axis: int) -> float:
        return (a * a * after[axis] - b * b * before[axis] + middle * at[axis]) / total

    return along(0), along(1)

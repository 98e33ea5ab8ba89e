"""Planes and outlines of the head as far as the points of a tracing support them.

An outline is that of the average head, carried along by the points that lie on it or beside it. It
runs from one present point to the next and passes through each; between them it is what one would
expect, and no reading of the film.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cephview.core import head
from cephview.core.average import fitted, is_facing_left

XY = tuple[float, float]
Segment = tuple[XY, XY, XY, XY]


@dataclass(frozen=True)
class Plane:
    """A line through two landmarks."""

    name: str
    start: str
    end: str


@dataclass(frozen=True)
class Outline:
    """A line of the average head, in the order in which one draws it.

    chain holds landmarks, and between them control points in millimetres of the average head.
    anchors are the landmarks that carry it. What has no landmark on itself names in needs those
    without which it is not drawn.
    """

    name: str
    anchors: tuple[str, ...]
    chain: tuple[str | XY, ...]
    needs: tuple[str, ...] = ()


def _incisor(axis: head.Points, width_mm: float) -> tuple[XY, ...]:
    outline = head.tooth(head.INCISOR, axis, width_mm)
    return tuple((float(x), float(y)) for x, y in (*outline, outline[0]))


PLANES = (
    Plane("Sella-nasion", "S", "N"),
    Plane("Frankfort horizontal", "Po", "Or"),
    Plane("Palatal plane", "PNS", "ANS"),
    Plane("Mandibular plane", "Go", "Me"),
    Plane("Facial plane", "N", "Pog"),
)
_SKULL = ("S", "N", "Or", "Po", "Ba", "ANS", "PNS", "A")
_JAW = ("Co", "Ar", "R", "Go", "Me", "Gn", "Pog", "B", "Id")
_SKIN = ("G'", "N'", "Pn", "Sn", "A'", "UL", "LL", "B'", "Pog'", "Gn'", "Me'", "N", "ANS", "Me")
OUTLINES = (
    Outline("Soft-tissue profile", _SKIN, (
        "G'", (67.6, -13), "N'", (67.4, 1.5), (72.8, 11), (79, 22), (84.6, 31.2), "Pn",
        (83.4, 39.6), (77, 42.4), (71.6, 44.2), "Sn", "A'", (71.0, 53.6), "UL", (73.6, 61.0),
        (70.4, 64.6), (67.4, 66.8), (69.6, 69.6), (71.8, 74), "LL", (68.6, 83), (64.6, 86.6),
        "B'", (64.0, 94), "Pog'", "Gn'", "Me'",
    )),
    Outline("Mandible", _JAW, (
        "Id", (55.6, 78.6), "B", (53.6, 87.6), "Pog", "Gn", "Me", (43, 100.2), (34, 96.4),
        (23, 90.6), (11, 82.8), (1.2, 76.6), "Go", (-9.8, 63.4), "R", (-11, 48), (-12.6, 38), "Ar",
        (-14.6, 21), (-14.4, 15.6), "Co",
    )),
    Outline("Upper jaw", _SKULL, (
        "PNS", (24, 38.2), (34, 37.6), (44, 38.4), (53, 40.4), "ANS", (57.6, 43.0), (56.5, 46),
        "A", (57.8, 53.6), "Pr",
    )),
    # No more than the hollow itself: how far its rims reach, sella and nasion do not tell.
    Outline("Sella", _SKULL, (
        (6.2, -4.8), (5.3, -2.2), (5.4, 0.8), (3.7, 3.9), (0.2, 5.1), (-3.3, 4.0), (-5.3, 1.0),
        (-5.4, -2.0), (-6.3, -4.8),
    ), ("S", "N")),
    Outline("Clivus", _SKULL, ((-12.5, 9), (-17.5, 20), (-23, 31), "Ba"), ("S", "Ba")),
    Outline("Upper incisor", ("UIT", "UIA"), _incisor(head.UPPER_INCISOR, 7.2), ("UIT", "UIA")),
    Outline("Lower incisor", ("LIT", "LIA"), _incisor(head.LOWER_INCISOR, 6.0), ("LIT", "LIA")),
)  # fmt: skip


def drawn(known: Container[str], present: Mapping[str, XY]) -> list[list[XY]]:
    """Return every line that the present points support, as knots of a curve in their frame.

    known are the landmarks of the set: one it does not have is a part of the average head like any
    other, one that it has and that is not present breaks the line. present tells where the others
    lie, y down, in square pixels.
    """
    is_left = is_facing_left(present)
    lines: list[list[XY]] = []
    for outline in OUTLINES:
        stretches = runs(outline, known, present)
        carry = fitted(present, outline.anchors, is_left=is_left) if stretches else None
        if carry is None:
            continue
        for stretch in stretches:
            at = carry(np.array([head.PLACES[k] if isinstance(k, str) else k for k in stretch]))
            lines.append([
                present[knot] if isinstance(knot, str) and knot in present else (float(x), float(y))
                for knot, (x, y) in zip(stretch, at, strict=True)
            ])  # fmt: skip
    return lines


def runs(
    outline: Outline, known: Container[str], present: Container[str]
) -> list[tuple[str | XY, ...]]:
    """Return the stretches of an outline that can be drawn, each from a present point to another.

    One that needs no point on itself is drawn whole.
    """
    if not all(landmark in present for landmark in outline.needs):
        return []
    stretches: list[list[str | XY]] = [[]]
    for knot in outline.chain:
        if isinstance(knot, str) and knot in known and knot not in present:
            stretches.append([])
        else:
            stretches[-1].append(knot)
    if outline.needs:
        return [tuple(stretch) for stretch in stretches if len(stretch) > 1]
    found = []
    for stretch in stretches:
        ends = [n for n, knot in enumerate(stretch) if isinstance(knot, str) and knot in present]
        if len(ends) > 1:
            found.append(tuple(stretch[ends[0] : ends[-1] + 1]))
    return found


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

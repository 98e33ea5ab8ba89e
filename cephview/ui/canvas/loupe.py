"""The loupe: the film around a dragged point, some times larger, beside it and never over it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from cephview.core import head
from cephview.core.average import fitted, is_facing_left
from cephview.core.tracing import XY
from cephview.ui.canvas.backdrop import Backdrop
from cephview.ui.canvas.viewport import MAX_ZOOM, Viewport
from cephview.ui.look.theme import Theme

Box = tuple[float, float, float, float]

RADIUS = 66.0
FACTORS = (3.0, 4.0, 5.0, 6.0, 8.0)
FACTOR = 4.0
# Free screen pixels between a point and the loupe's rim.
CLEARANCE = 44.0
# The loupe stays where it is while its place covers no more than about one point.
KEEP_BELOW = 1.8
_NEAR = RADIUS + CLEARANCE
_DISTANCES = (_NEAR, _NEAR + 40, _NEAR + 80, _NEAR + 130)
_DIRECTIONS = [(math.cos(a), math.sin(a)) for a in (math.radians(d) for d in range(0, 360, 15))]


def is_useful(viewport: Viewport, factor: float = FACTOR) -> bool:
    """Say whether a loupe would show more than the view does."""
    return viewport.zoom * factor < MAX_ZOOM


def next_factor(factor: float, step: int) -> float:
    """Return the factor after (1) or before (-1) one of FACTORS; the ends stay."""
    nearest = min(range(len(FACTORS)), key=lambda n: abs(FACTORS[n] - factor))
    return FACTORS[min(max(nearest + step, 0), len(FACTORS) - 1)]


def loupe_place(
    viewport: Viewport,
    at: XY,
    points: list[XY],
    previous: XY | None = None,
    taken: Sequence[Box] = (),
) -> XY | None:
    """Return the middle of the loupe for a dragged point on screen, or None without room.

    points are the other points on screen: the place that covers the fewest of them wins, and among
    equals the one that points away from all of them, where the film has least to show. previous is
    the last offset from the point, kept as long as it fits, so that the loupe does not jump. taken
    are boxes (left, top, right, bottom) of what lies over the film and would hide it.
    """
    rim = RADIUS + 4
    left, top, right, bottom = viewport.film_on_screen()
    outwards = _away_from(points, at)

    def cost(offset: XY) -> float:
        x, y = at[0] + offset[0], at[1] + offset[1]
        if not (rim <= x <= viewport.view_width - rim and rim <= y <= viewport.view_height - rim):
            return math.inf
        if any(_distance(box, (x, y)) < rim for box in taken):
            return math.inf
        covered = sum(math.hypot(px - x, py - y) < RADIUS + 22 for px, py in points)
        length = math.hypot(*offset)
        turned = 1 - (offset[0] * outwards[0] + offset[1] * outwards[1]) / length
        is_beside = (
            x + RADIUS < left or x - RADIUS > right or y + RADIUS < top or y - RADIUS > bottom
        )
        return covered + 0.4 * turned + (length - _NEAR) / 250 - (0.5 if is_beside else 0.0)

    if previous is not None and cost(previous) < KEEP_BELOW:
        return at[0] + previous[0], at[1] + previous[1]
    offsets = [(dx * far, dy * far) for far in _DISTANCES for dx, dy in _DIRECTIONS]
    best = min(offsets, key=cost)
    if math.isinf(cost(best)):
        return None
    return at[0] + best[0], at[1] + best[1]


def _distance(box: Box, at: XY) -> float:
    left, top, right, bottom = box
    return math.hypot(max(left - at[0], 0, at[0] - right), max(top - at[1], 0, at[1] - bottom))


def _away_from(points: list[XY], at: XY) -> XY:
    """Return the unit vector from the middle of the points to a place; (0, 0) where they meet."""
    if not points:
        return 0.0, 0.0
    x = at[0] - sum(point[0] for point in points) / len(points)
    y = at[1] - sum(point[1] for point in points) / len(points)
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 1 else (0.0, 0.0)


def spine(places: Mapping[str, XY]) -> list[XY]:
    """Return where the vertebrae may be expected among these points, for no point marks them."""
    carry = fitted(places, is_left=is_facing_left(places))
    if carry is None:
        return []
    upper = head.SPINE["c2"].mean(axis=0)
    return [(float(x), float(y)) for x, y in carry(np.vstack([upper, head.BODY_CENTRES]))]


def paint_loupe(
    painter: QPainter,
    backdrop: Backdrop,
    viewport: Viewport,
    film_xy: XY,
    centre: XY,
    theme: Theme,
    factor: float = FACTOR,
) -> None:
    """Draw the film around film_xy into a circle at a screen place, with a cross-hair."""
    scale = min(viewport.scale * factor, MAX_ZOOM / viewport.dpr)
    inside = replace(
        viewport, view_width=2 * RADIUS, view_height=2 * RADIUS, centre=film_xy, scale=scale
    )
    middle = QPointF(*centre)
    circle = QRectF(centre[0] - RADIUS, centre[1] - RADIUS, 2 * RADIUS, 2 * RADIUS)
    path = QPainterPath()
    path.addEllipse(circle)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 5))
    painter.setBrush(theme.colour("film"))
    painter.drawEllipse(circle)
    painter.save()
    painter.setClipPath(path)
    painter.translate(circle.topLeft())
    backdrop.paint(painter, inside)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 120), 2.6), (theme.colour("attention", 0.95), 1.0)):
        painter.setPen(QPen(colour, width))
        # The middle stays free: that is where the anatomy is.
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(
                middle + QPointF(dx * 9, dy * 9),
                middle + QPointF(dx * (RADIUS - 2), dy * (RADIUS - 2)),
            )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("attention"))
    painter.drawEllipse(middle, 1.2, 1.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("attention"), 1.6))
    painter.drawEllipse(circle)
    painter.restore()

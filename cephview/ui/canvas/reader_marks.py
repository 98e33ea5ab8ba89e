"""Two readings on a film: a square and a triangle a landmark, and a line between them."""

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from cephview.core.comparison import Pair
from cephview.core.reading import is_decided
from cephview.core.tracing import Placed, Point, Tracing
from cephview.ui.canvas.marks import HUMAN_RADIUS, RING_RADIUS, MarksContext
from cephview.ui.editing.comparing import Compared
from cephview.ui.look.theme import Theme, font

RADIUS = 6.0
REACH_PX = 12.0
_DOT = 1.3
_PAD = 10.0
_ROW = 22.0


def paint_readers(painter: QPainter, context: MarksContext) -> MarksContext:
    """Draw both readings; return the context by which names stand beside their points."""
    compared = context.compared
    if compared is None:
        return context
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pair in compared.pairs:
        first, second = ends(context, pair)
        for pen in (QPen(QColor(0, 0, 0, 150), 3.4), QPen(context.theme.colour("on_film"), 1.2)):
            painter.setPen(pen)
            painter.drawLine(first, second)
    for pair in compared.pairs:
        first, second = ends(context, pair)
        paint_first(painter, first, context.theme, RADIUS * context.size)
        paint_second(painter, second, context.theme, RADIUS * context.size)
        if pair.landmark == context.selection and not is_decided(context.tracing[pair.landmark]):
            _ring(painter, context, first, second)
    painter.restore()
    return replace(context, tracing=_named(context.tracing, compared))


def paint_first(painter: QPainter, at: QPointF, theme: Theme, radius: float = RADIUS) -> None:
    """Draw the mark of the first reading, a square; what lies below stays to be seen."""
    side = radius * 0.86
    corners = ((-side, -side), (side, -side), (side, side), (-side, side))
    _mark(painter, at, [QPointF(*c) for c in corners], theme.colour("reader_1"))


def paint_second(painter: QPainter, at: QPointF, theme: Theme, radius: float = RADIUS) -> None:
    """Draw the mark of the second reading, a triangle."""
    corners = [
        QPointF(math.cos(angle) * radius * 1.2, math.sin(angle) * radius * 1.2)
        for angle in (-math.pi / 2, math.pi / 6, 5 * math.pi / 6)
    ]
    _mark(painter, at, corners, theme.colour("reader_2"))


def paint_legend(painter: QPainter, view: QRect, compared: Compared, theme: Theme) -> None:
    """Say at the upper right of a view, where a film is mostly empty, whose mark is which."""
    rows = ((paint_first, compared.first), (paint_second, compared.second),
            (_paint_decided, "decided"))  # fmt: skip
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(12))
    metrics = QFontMetricsF(painter.font())
    names = [metrics.elidedText(n, Qt.TextElideMode.ElideRight, 200) for _, n in rows]
    row = max(_ROW, metrics.height() + 4)
    wide = max(metrics.horizontalAdvance(name) for name in names) + 24 + 2 * _PAD
    high = row * len(rows) + _PAD
    box = QRectF(view.width() - wide - 12, 12, wide, high)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("floating_on"))
    painter.drawRoundedRect(box, 8, 8)
    for n, ((paint, _), name) in enumerate(zip(rows, names, strict=True)):
        middle = box.top() + _PAD / 2 + row * (n + 0.5)
        paint(painter, QPointF(box.left() + _PAD + 7, middle), theme)
        painter.setPen(theme.colour("text_1"))
        at = QRectF(box.left() + _PAD + 24, middle - row / 2, wide, row)
        painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter), name)
    painter.restore()


def pair_at(context: MarksContext, at: tuple[float, float]) -> str:
    """Return the landmark of the nearest mark of either reading within reach, or ""."""
    best, best_distance = "", REACH_PX
    for pair in context.compared.pairs if context.compared is not None else ():
        for end in ends(context, pair):
            distance = math.hypot(end.x() - at[0], end.y() - at[1])
            if distance < best_distance:
                best, best_distance = pair.landmark, distance
    return best


def ends(context: MarksContext, pair: Pair) -> tuple[QPointF, QPointF]:
    """Return where both points of a pair lie on the screen."""
    to_screen = context.viewport.to_screen
    return QPointF(*to_screen(pair.first)), QPointF(*to_screen(pair.second))


def _mark(painter: QPainter, at: QPointF, corners: list[QPointF], colour: QColor) -> None:
    shape = QPolygonF([at + corner for corner in corners])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(0, 0, 0, 215), 4.0), QPen(colour, 1.8)):
        painter.setPen(pen)
        painter.drawPolygon(shape)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(at, _DOT, _DOT)


def _paint_decided(painter: QPainter, at: QPointF, theme: Theme) -> None:
    r = HUMAN_RADIUS
    corners = [QPointF(0, -r), QPointF(r, 0), QPointF(0, r), QPointF(-r, 0)]
    painter.setPen(QPen(QColor(0, 0, 0, 215), 1.3))
    painter.setBrush(theme.colour("human"))
    painter.drawPolygon(QPolygonF([at + corner for corner in corners]))


def _ring(painter: QPainter, context: MarksContext, first: QPointF, second: QPointF) -> None:
    apart = math.hypot(second.x() - first.x(), second.y() - first.y())
    radius = apart / 2 + RING_RADIUS * context.size
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(0, 0, 0, 150), 4.0), QPen(context.theme.colour("attention"), 2.0)):
        painter.setPen(pen)
        painter.drawEllipse((first + second) / 2, radius, radius)


def _named(tracing: Tracing, compared: Compared) -> Tracing:
    """Return a tracing with a point wherever a name belongs: what is decided, else the first's."""
    points = []
    for point in tracing:
        pair = compared.pair(point.landmark)
        if point.best is None and point.hidden is None and pair is not None:
            points.append(Point(point.landmark, human=Placed(*pair.first, by="", at="")))
        else:
            points.append(point)
    return replace(tracing, points=tuple(points))

"""Where a fine-tune moved landmarks: arrows on the average head."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cephview.core import head
from cephview.ui.look.schematic import draw_head
from cephview.ui.look.theme import Theme, font, scaled

HEIGHT = 190
# What an arrow is longer than it would be on this small head.
LONGER = 4
# The part of the head that landmarks lie in, mm: left, top, width, height.
_PART = QRectF(-42, -26, 142, 142)
_BARB = 5.0


class MovedHead(QWidget):
    """Draws an arrow for each landmark that has a place on the average head."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._moved: dict[str, tuple[float, float]] = {}
        self.setFixedHeight(scaled(HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_moved(self, moved: dict[str, tuple[float, float]]) -> None:
        """Show (x, y) in mm by landmark; hidden for none whose place is known."""
        self._moved = {name: xy for name, xy in moved.items() if name in head.PLACES}
        self.setAccessibleName("Where landmarks were moved, drawn on a head")
        self.setVisible(bool(self._moved))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        area = QRectF(self.rect())
        scale = min(area.width() / _PART.width(), area.height() / _PART.height())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.fillPath(frame, self._theme.colour("surface_0"))
        painter.setClipPath(frame)
        centre = QPointF(_PART.center().x(), _PART.center().y())
        draw_head(painter, area.center(), centre, scale, self._theme, 0.5)
        for name, (x, y) in self._moved.items():
            place = QPointF(*head.PLACES[name])
            start = area.center() + (place - centre) * scale
            self._arrow(painter, name, start, start + QPointF(x, y) * scale * LONGER)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("line_strong"), 1))
        painter.drawPath(frame)
        painter.end()

    def _arrow(self, painter: QPainter, name: str, start: QPointF, end: QPointF) -> None:
        angle = math.atan2(end.y() - start.y(), end.x() - start.x())
        barbs = [
            end - QPointF(math.cos(angle + turn), math.sin(angle + turn)) * _BARB
            for turn in (0.5, -0.5)
        ]
        for token, width in (("surface_0", 4.5), ("attention", 1.8)):
            painter.setPen(QPen(self._theme.colour(token), width))
            painter.drawLine(start, end)
            for barb in barbs:
                painter.drawLine(end, barb)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("attention"))
        painter.drawEllipse(start, 2.0, 2.0)
        painter.setFont(font(11, 600))
        painter.setPen(self._theme.colour("attention_text"))
        # At the blunt end, away from where the arrow goes.
        wide = painter.fontMetrics().horizontalAdvance(name)
        left = start.x() - wide - 6 if end.x() >= start.x() else start.x() + 6
        painter.drawText(QPointF(left, start.y() + 4), name)

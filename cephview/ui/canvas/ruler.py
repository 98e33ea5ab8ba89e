"""The ruler while it is drawn."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cephview.core.scale import PixelSize
from cephview.core.tracing import XY
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.look.theme import Theme, font


def ruler_text(start: XY, end: XY, pixel_size: PixelSize) -> str:
    """Return a length as read: millimetres only where the scale is trusted, pixels always."""
    pixels = math.hypot(end[0] - start[0], end[1] - start[1])
    mm = pixel_size.distance_mm(start, end)
    return f"{pixels:.1f} px" if mm is None else f"{mm:.1f} mm  ·  {pixels:.1f} px"


def paint_ruler(
    painter: QPainter, viewport: Viewport, start: XY, end: XY, pixel_size: PixelSize, theme: Theme
) -> None:
    """Draw a line between two places of the film, with its length at the end."""
    a, b = QPointF(*viewport.to_screen(start)), QPointF(*viewport.to_screen(end))
    length = math.hypot(b.x() - a.x(), b.y() - a.y())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    across = QPointF(-(b.y() - a.y()), b.x() - a.x()) * (7 / length) if length else QPointF()
    for pen in (QPen(QColor(0, 0, 0, 170), 4.0), QPen(theme.colour("attention"), 1.6)):
        painter.setPen(pen)
        painter.drawLine(a, b)
        for place in (a, b):
            painter.drawLine(place - across, place + across)
    painter.setFont(font(12, 600))
    text = ruler_text(start, end, pixel_size)
    width = painter.fontMetrics().horizontalAdvance(text) + 16
    box = QRectF(b.x() + 14, b.y() - 34, width, 24)
    if box.right() > viewport.view_width - 4:
        box.moveRight(b.x() - 14)
    if box.top() < 4:
        box.moveTop(b.y() + 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("floating_on"))
    painter.drawRoundedRect(box, 7, 7)
    painter.setPen(theme.colour("text_1"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()

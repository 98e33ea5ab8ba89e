"""Where a landmark lies: a part of the average head as a line drawing, with the place marked.

Drawn from the outlines of core.head, in millimetres; the colours are the theme's.
"""

from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cephview.core import head
from cephview.core.outlines import curve
from cephview.ui.look.theme import Theme, font, scaled

HEIGHT = 132
# As much of the head as shows what lies around, and no more.
_HEIGHT_MM = 74.0
_CLOSED = ("meatus", "ptm", "c2", "frontal_sinus")
_BONES = (
    "vault_outer", "vault_inner", "frontal_sinus", "planum", "sella", "clivus", "base_lower",
    "orbit_rim", "zygoma", "meatus", "ptm", "nasal_floor", "palate_roof", "maxilla_front",
    "mandible_outer", "mandible_inner", "symphysis_back", "c2",
)  # fmt: skip


class Schematic(QWidget):
    """Shows where on the head a landmark lies; hidden for one nobody knows the place of."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._landmark = ""
        self.setFixedHeight(scaled(HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def landmark(self) -> str:
        return self._landmark

    def show_landmark(self, landmark: str) -> None:
        """Show another landmark, or nothing with ""."""
        self._landmark = landmark if landmark in head.PLACES else ""
        self.setAccessibleName(f"Where {landmark} lies" if self._landmark else "")
        self.setVisible(bool(self._landmark))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._landmark:
            painter = QPainter(self)
            paint_schematic(painter, QRectF(self.rect()), self._landmark, self._theme)
            painter.end()


def paint_schematic(painter: QPainter, area: QRectF, landmark: str, theme: Theme) -> None:
    """Draw the head around a landmark into an area. Raises KeyError where its place is unknown."""
    scale = area.height() / _HEIGHT_MM
    x, y = head.PLACES[landmark]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QPainterPath()
    frame.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
    painter.fillPath(frame, theme.colour("surface_0"))
    painter.setClipPath(frame)
    draw_head(painter, area.center(), QPointF(x, y), scale, theme)
    _mark(painter, area.center(), landmark, theme)
    painter.setPen(QPen(theme.colour("line_strong"), 1))
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(frame)
    painter.restore()


def draw_head(
    painter: QPainter,
    at: QPointF,
    centre_mm: QPointF,
    scale: float,
    theme: Theme,
    strength: float = 0.85,
) -> None:
    """Draw the head's lines with a place of it, in mm, at a place; scale is in px a mm."""
    painter.save()
    painter.translate(at)
    painter.scale(scale, scale)
    painter.translate(-centre_mm)
    skin, bones, teeth = _paths()
    painter.fillPath(skin, theme.colour("surface_2"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for path, width in ((skin, 1.6), (bones, 1.2), (teeth, 1.0)):
        painter.setPen(QPen(theme.colour("text_3", strength), width / scale))
        painter.drawPath(path)
    painter.restore()


def _mark(painter: QPainter, at: QPointF, landmark: str, theme: Theme) -> None:
    for token, width in (("surface_0", 5.0), ("attention", 2.0)):
        painter.setPen(QPen(theme.colour(token), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, 7.5, 7.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("attention"))
    painter.drawEllipse(at, 2.2, 2.2)
    painter.setFont(font(12, 600))
    # The face looks to the right, so there is room at the left of most marks.
    metrics = painter.fontMetrics()
    wide = metrics.horizontalAdvance(landmark) + 10
    box = QRectF(at.x() - wide - 13, at.y() - 10, wide, 20)
    painter.setBrush(theme.colour("surface_0", 0.85))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(theme.colour("attention_text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, landmark)


@cache
def _paths() -> tuple[QPainterPath, QPainterPath, QPainterPath]:
    """Return skin, bones and teeth in millimetres of the average head."""
    skin, bones, teeth = QPainterPath(), QPainterPath(), QPainterPath()
    around = np.vstack([head.SOFT["crown"][::-1], head.SOFT["profile"][1:]])
    _add(skin, around, is_closed=False)
    parts = {**head.CRANIUM, **head.MANDIBLE, **head.SPINE}
    for name in _BONES:
        _add(bones, parts[name], is_closed=name in _CLOSED)
    incisors = ((head.UPPER_INCISOR, 7.2), (head.LOWER_INCISOR, 6.0))
    for axis, width in incisors:
        _add(teeth, head.tooth(head.INCISOR, axis, width), is_closed=True)
    for places, width, outline in head.SIDE_TEETH:
        _add(teeth, head.tooth(outline, np.array(places), width), is_closed=True)
    return skin, bones, teeth


def _add(path: QPainterPath, points: head.Points, *, is_closed: bool) -> None:
    knots = [(float(x), float(y)) for x, y in points]
    segments = curve([*knots, knots[0]] if is_closed else knots)
    path.moveTo(QPointF(*segments[0][0]))
    for _, first, second, end in segments:
        path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))

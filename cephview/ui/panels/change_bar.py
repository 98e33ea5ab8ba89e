"""A figure before and after on one line: a ring, and a dot that it went to."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cephview.ui.look.theme import Theme, scaled

_WIDTH = 62
_HEIGHT = 14
_RADIUS = 3.2


class ChangeBar(QWidget):
    """Shows both on a scale from none to most; the dot's colour says whether that is better."""

    def __init__(self, theme: Theme, before: float, after: float, most: float) -> None:
        super().__init__()
        self._theme = theme
        self._ends = before / most, after / most
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(scaled(_WIDTH), scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(_WIDTH) // 2, scaled(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, middle = self._theme, self.height() / 2
        room = self.width() - 2 * _RADIUS - 2
        before, after = (QPointF(_RADIUS + 1 + room * min(1.0, x), middle) for x in self._ends)
        is_better = self._ends[1] <= self._ends[0]
        colour = theme.colour("human" if is_better else "attention")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("track"), 2))
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(before, after)
        painter.setPen(QPen(theme.colour("text_3"), 1.4))
        painter.setBrush(theme.colour("surface_2"))
        painter.drawEllipse(before, _RADIUS, _RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(after, _RADIUS, _RADIUS)
        painter.end()

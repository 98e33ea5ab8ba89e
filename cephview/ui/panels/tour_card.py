"""The card of a tour beside what it speaks of, and the ring around that."""

from collections.abc import Collection
from enum import Enum

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cephview.ui.look.theme import RADIUS_PX, Theme, scaled

_WIDTH = 312
_GAP = 14
_EDGE = 10
_DOT = 4.0


class Mark(Enum):
    """What became of a step."""

    TO_COME = "to come"
    NOW = "now"
    DONE = "done"
    SKIPPED = "skipped"


class Dots(QWidget):
    """One dot a step: filled once it was done by hand, a ring where it was passed over."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._marks: tuple[Mark, ...] = ()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self.setFixedSize(round(len(marks) * 4 * _DOT), scaled(16))
        done = sum(mark is Mark.DONE for mark in marks)
        self.setAccessibleName(f"{done} of {len(marks)} steps done")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for n, mark in enumerate(self._marks):
            token = {Mark.DONE: "human", Mark.NOW: "attention"}.get(mark, "text_3")
            painter.setPen(QPen(self._theme.colour(token), 1.4))
            is_filled = mark in (Mark.DONE, Mark.NOW)
            painter.setBrush(self._theme.colour(token) if is_filled else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(_DOT + 1 + n * 4 * _DOT, self.height() / 2), _DOT, _DOT)
        painter.end()


class Ring(QWidget):
    """An outline around what a step speaks of; the mouse goes through it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("attention"), 2))
        area = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawRoundedRect(area, RADIUS_PX, RADIUS_PX)
        painter.end()


class TourCard(QFrame):
    """Title, a few sentences, and two buttons. Never takes the keyboard by itself."""

    next_wanted = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Tour")
        # Else a click on the card would move what lies below.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.to_do = QLabel()
        self.to_do.setWordWrap(True)
        self.to_do.setProperty("role", "attention")
        self.dots = Dots(theme)
        self.leave = QPushButton()
        self.leave.setProperty("kind", "ghost")
        self.leave.clicked.connect(self.left)
        self.onward = QPushButton()
        self.onward.clicked.connect(self.next_wanted)
        for button in (self.leave, self.onward):
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        rows = self._rows = QVBoxLayout(self)
        rows.setContentsMargins(14, 12, 12, 12)
        rows.setSpacing(8)
        for label in (self.title, self.text, self.to_do):
            rows.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.dots)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.onward)
        rows.addLayout(row)
        self.hide()

    def show_words(self, title: str, text: str, to_do: str, leave: str, onward: str) -> None:
        """Show a step; an empty to_do takes no room."""
        self.title.setText(title)
        self.text.setText(text)
        self.to_do.setText(to_do)
        self.to_do.setVisible(bool(to_do))
        self.leave.setText(leave)
        self.onward.setText(onward)
        self.setAccessibleDescription(" ".join(filter(None, (text, to_do))))

    def place(
        self, beside: QRect, room: QRect, sides: str = "rlab", clear_of: Collection[QPoint] = ()
    ) -> None:
        """Stand beside a rectangle: where in a room there is place, over the fewest of some places.

        sides: their first letters (right, left, above, below), the best first.
        """
        width = min(scaled(_WIDTH), room.width() - 2 * _EDGE)
        self.setFixedWidth(width)
        height = self._rows.totalHeightForWidth(width)
        self.resize(width, height)
        self.move(_beside(beside, QSize(width, height), room, sides, clear_of).topLeft())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


def _beside(at: QRect, size: QSize, room: QRect, sides: str, clear_of: Collection[QPoint]) -> QRect:
    """Return where a card goes, whole where it can be."""
    inner = room.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
    most = inner.bottomRight() - QPoint(size.width() - 1, size.height() - 1)
    lefts = {"r": at.right() + _GAP, "l": at.left() - _GAP - size.width()}
    tops = {"b": at.bottom() + _GAP, "a": at.top() - _GAP - size.height()}
    middle = QRect(QPoint(), size)
    middle.moveCenter(at.center())
    level = min(max(middle.top(), inner.top()), max(inner.top(), most.y()))
    straight = min(max(middle.left(), inner.left()), max(inner.left(), most.x()))
    places = [
        QRect(QPoint(lefts.get(side, straight), tops.get(side, level)), size) for side in sides
    ]
    whole = [place for place in places if inner.contains(place)]
    if not whole:
        # Over a part of what it speaks of.
        return QRect(QPoint(straight, level), size)
    return min(whole, key=lambda place: sum(place.contains(one) for one in clear_of))

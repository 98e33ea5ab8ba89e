"""Every key on one sheet, over the window; any key or click closes it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cephview.ui.actions import cheat_sheet
from cephview.ui.theme import Theme

_COLUMNS = 3


class CheatSheet(QWidget):
    """Covers its parent while shown; made from the table of actions."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._covered = parent
        self._focused: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card = QFrame(self)
        card.setProperty("role", "card")
        rows = QVBoxLayout(card)
        rows.setContentsMargins(24, 20, 24, 20)
        rows.setSpacing(14)
        title = QLabel("Keys")
        title.setProperty("role", "title")
        rows.addWidget(title)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        stacks = [QVBoxLayout() for _ in range(_COLUMNS)]
        for n, (section, keys) in enumerate(cheat_sheet().items()):
            stacks[n % _COLUMNS].addWidget(_section(section, keys))
        for stack in stacks:
            stack.setSpacing(16)
            stack.addStretch(1)
            columns.addLayout(stack)
        rows.addLayout(columns)
        hint = QLabel("Any key closes this sheet.")
        hint.setProperty("role", "hint")
        rows.addWidget(hint)
        outer = QVBoxLayout(self)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
        parent.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Show the sheet, or put it away."""
        if self.isVisible():
            self._close()
            return
        self._focused = self.window().focusWidget()
        self.setGeometry(self._covered.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._covered.rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        self._close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._close()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("film", 0.62))
        painter.end()

    def _close(self) -> None:
        self.hide()
        if self._focused is not None:
            self._focused.setFocus()


def _section(name: str, keys: list[tuple[str, str]]) -> QWidget:
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    head = QLabel(name)
    head.setProperty("role", "heading")
    grid.addWidget(head, 0, 0, 1, 2)
    for n, (key, what) in enumerate(keys, start=1):
        cap = QLabel(key)
        cap.setProperty("role", "value")
        grid.addWidget(cap, n, 0)
        grid.addWidget(QLabel(what), n, 1)
    return widget

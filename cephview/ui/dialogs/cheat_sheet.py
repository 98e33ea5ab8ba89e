"""Every key on one sheet, over the window; any key or click closes it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cephview.ui.dialogs.cover import Cover
from cephview.ui.theme import Theme

_COLUMNS = 4
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta,
              Qt.Key.Key_AltGr)  # fmt: skip

Sheet = dict[str, list[tuple[str, str]]]


class CheatSheet(Cover):
    """Made anew each time, of the keys as they are then."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.rows.setContentsMargins(24, 20, 24, 20)
        self.rows.setSpacing(14)
        title = QLabel("Keys")
        title.setProperty("role", "title")
        self.rows.addWidget(title)
        self._columns: QWidget | None = None
        self._hint = QLabel()
        self._hint.setProperty("role", "hint")
        self.rows.addWidget(self._hint)

    def toggle(self, sheet: Sheet, hint: str) -> None:
        """Show these keys and a line below them, or put the sheet away."""
        if self.isVisible():
            self.put_away()
            return
        if self._columns is not None:
            self.rows.removeWidget(self._columns)
            # What is deleted later would still be drawn, below the new.
            self._columns.hide()
            self._columns.deleteLater()
        self._columns = _columns(sheet)
        self._hint.setText(hint)
        self.rows.insertWidget(1, self._columns)
        self.lay_over(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        # Or Ctrl+P would close what it is to print.
        if event.key() not in _MODIFIERS:
            self.put_away()


def _columns(sheet: Sheet) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(28)
    stacks: list[QVBoxLayout] = [QVBoxLayout() for _ in range(_COLUMNS)]
    heights = [0] * _COLUMNS
    # The longest first, or one column would tower over the others.
    for section, keys in sorted(sheet.items(), key=lambda item: -len(item[1])):
        shortest = heights.index(min(heights))
        heights[shortest] += len(keys) + 2
        stacks[shortest].addWidget(_section(section, keys))
    for stack in stacks:
        stack.setSpacing(14)
        stack.addStretch(1)
        row.addLayout(stack)
    return widget


def _section(name: str, keys: list[tuple[str, str]]) -> QWidget:
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(3)
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

"""Every key on one sheet, over the window; any other key or click closes it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cephview.ui.dialogs.cover import Cover
from cephview.ui.look.theme import Theme, scaled

_MOST_COLUMNS = 5
_EDGE, _GAP = 24, 14
# Round the card: what of the window stays in sight.
_AROUND = 12
_STEPS = {Qt.Key.Key_Down: 0.15, Qt.Key.Key_Up: -0.15,
          Qt.Key.Key_PageDown: 0.9, Qt.Key.Key_PageUp: -0.9}  # fmt: skip
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta,
              Qt.Key.Key_AltGr)  # fmt: skip

Sheet = dict[str, list[tuple[str, str]]]


class CheatSheet(Cover):
    """Made anew each time, of the keys as they are then."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.rows.setContentsMargins(_EDGE, 20, _EDGE, 20)
        self.rows.setSpacing(_GAP)
        title = QLabel("Keys")
        title.setProperty("role", "title")
        self.rows.addWidget(title)
        self._sheet: Sheet = {}
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.rows.addWidget(self.area)
        self._hint = QLabel()
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        self.rows.addWidget(self._hint)

    def toggle(self, sheet: Sheet, hint: str) -> None:
        """Show these keys and a line below them, or put the sheet away."""
        if self.isVisible():
            self.put_away()
            return
        self._sheet = sheet
        self._hint.setText(hint)
        self._arrange()
        self.lay_over(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._arrange()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        bar = self.area.verticalScrollBar()
        if event.key() in _STEPS and bar.maximum():
            bar.setValue(bar.value() + round(_STEPS[Qt.Key(event.key())] * bar.pageStep()))
        # Or Ctrl+P would close what it is to print.
        elif event.key() not in _MODIFIERS:
            self.put_away()

    def _arrange(self) -> None:
        """Take as many columns as there is room for; what is higher than the window scrolls."""
        page = self.covered.size()
        room = page.width() - 2 * (_AROUND + _EDGE)
        for count in range(_MOST_COLUMNS, 0, -1):
            columns = _columns(self._sheet, count)
            columns.ensurePolished()
            wanted = columns.sizeHint()
            if wanted.width() <= room:
                break
        # Later: a style sheet that is being set has still to come to the old one.
        if (old := self.area.takeWidget()) is not None:
            old.deleteLater()
        self.area.setWidget(columns)
        margins = self.rows.contentsMargins()
        # The title, the hint, and the gaps between them.
        rest = scaled(44) + 2 * _GAP + margins.top() + margins.bottom() + 2 * _AROUND
        height = min(wanted.height(), page.height() - rest)
        bar = self.area.verticalScrollBar().sizeHint().width() if height < wanted.height() else 0
        self.area.setFixedSize(min(wanted.width(), room) + bar, height)


def _columns(sheet: Sheet, count: int) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(28)
    stacks: list[QVBoxLayout] = [QVBoxLayout() for _ in range(count)]
    heights = [0] * count
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

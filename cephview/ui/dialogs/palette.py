"""Every action by its name: find it, do it, or give it another key."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cephview.ui.actions.action import Action
from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.synonyms import SYNONYMS
from cephview.ui.dialogs.cover import Cover
from cephview.ui.look.theme import Theme, font, scaled

_WIDTH, _ROWS, _ROW = 560, 11, 34
_ENTRY = int(Qt.ItemDataRole.UserRole) + 1
_HINT = "Enter does it  \u00b7  F2 gives it another key  \u00b7  Esc closes"
_NOTHING = "Nothing is found for \u201c{}\u201d.\n\nTry fewer letters or another word."
_ASKING = "Press the new key for {}  \u00b7  Del: no key  \u00b7  Backspace: as it was  \u00b7  Esc"
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta,
              Qt.Key.Key_AltGr)  # fmt: skip
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Tab: 1,
    Qt.Key.Key_PageDown: _ROWS - 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Backtab: -1,
    Qt.Key.Key_PageUp: 1 - _ROWS,
}


@dataclass(frozen=True)
class Row:
    """An action as the palette shows it."""

    entry: Action
    keys: str
    is_enabled: bool
    why_not: str = ""


def matching(rows: tuple[Row, ...], text: str) -> tuple[Row, ...]:
    """Return the rows that hold every word of a text, the best first.

    A title that begins with the text comes first, then one with a word that begins so, then any
    other, and last what is found by a synonym; of equals, what can be done now comes first.
    """
    words = text.casefold().split()

    def rank(row: Row) -> tuple[int, bool] | None:
        title = row.entry.title.casefold()
        told = f"{title} {row.entry.section} {row.entry.tip} {row.keys}".casefold()
        also = SYNONYMS.get(row.entry.id, "").split()
        if not all(word in told or any(a.startswith(word) for a in also) for word in words):
            return None
        if title.startswith(text.casefold().strip()):
            place = 0
        elif all(any(part.startswith(word) for part in title.split()) for word in words):
            place = 1
        else:
            place = 2 if all(word in title for word in words) else 3
            place += not all(word in told for word in words)
        return place, not row.is_enabled

    ranked = [(rank(row), row) for row in rows]
    found = [(place, row) for place, row in ranked if place is not None]
    # Sorting is stable: among equals the table's order stays.
    return tuple(row for _, row in sorted(found, key=lambda pair: pair[0]))


class Palette(Cover):
    """Keys go to the field; the list below follows it."""

    def __init__(self, book: ActionBook, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._book = book
        self._asking: Action | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search actions")
        self.field.setAccessibleName("Search actions")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_RowDelegate(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Actions")
        self.list.clicked.connect(lambda index: self._do(index.data(_ENTRY)))
        self.nothing = QLabel()
        self.nothing.setProperty("role", "hint")
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.pages.setFixedHeight(scaled(_ROW) * _ROWS)
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.nothing)
        self.hint = QLabel(_HINT)
        self.hint.setProperty("role", "hint")
        self.card.setFixedWidth(scaled(_WIDTH))
        self.rows.setContentsMargins(12, 12, 12, 10)
        self.rows.setSpacing(8)
        for widget in (self.field, self.pages, self.hint):
            self.rows.addWidget(widget)

    def toggle(self) -> None:
        """Open with nothing searched, or put it away."""
        if self.isVisible():
            self.put_away()
            return
        self._stop_asking()
        self.field.clear()
        self._search("")
        self.lay_over(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # While this is open no key means what it means elsewhere.
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._take(event) if self._asking is not None else self._press(event)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            super().mousePressEvent(event)

    def _search(self, text: str) -> None:
        self._show(text, 0)

    def _show(self, text: str, chosen: int) -> None:
        book = self._book
        rows = tuple(
            Row(
                entry,
                book.key_words(entry),
                book[entry.id].isEnabled(),
                book.why_not(entry.id),
            )
            for entry in book.table
        )
        found = matching(rows, text)
        self.nothing.setText(_NOTHING.format(text.strip()))
        self.pages.setCurrentWidget(self.list if found else self.nothing)
        self.model.clear()
        for row in found:
            item = QStandardItem(row.entry.title)
            item.setData(row, _ENTRY)
            item.setData(f"{row.entry.title}, {row.keys}", Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(row.entry.tip)
            self.model.appendRow(item)
        self._choose(chosen)

    def _choose(self, row: int) -> None:
        if self.model.rowCount():
            row = min(max(row, 0), self.model.rowCount() - 1)
            self.list.setCurrentIndex(self.model.index(row, 0))

    def _press(self, event: QKeyEvent) -> bool:
        key, row = event.key(), self.list.currentIndex().row()
        if key in _STEPS:
            self._choose(row + _STEPS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.list.currentIndex().data(_ENTRY))
        elif key == Qt.Key.Key_F2:
            self._ask(self.list.currentIndex().data(_ENTRY))
        elif key == Qt.Key.Key_Escape or self._is_own_key(event):
            self.put_away()
        else:
            return False
        return True

    def _is_own_key(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return any(pressed == key for key in self._book["palette"].shortcuts())

    def _do(self, row: Row | None) -> None:
        if row is None:
            return
        if not row.is_enabled:
            why = f": {row.why_not}" if row.why_not else ""
            self._say(f"{row.entry.name} cannot be done now{why}.", is_wrong=True)
            return
        self.put_away()
        self._book[row.entry.id].trigger()

    def _ask(self, row: Row | None) -> None:
        if row is not None:
            self._asking = row.entry
            self._say(_ASKING.format(row.entry.name))

    def _take(self, event: QKeyEvent) -> bool:
        entry, key = self._asking, event.key()
        if entry is None or key in _MODIFIERS:
            return True
        if key == Qt.Key.Key_Escape:
            self._stop_asking()
            return True
        if key == Qt.Key.Key_Delete:
            why = self._book.set_key(entry.id, "")
        elif key == Qt.Key.Key_Backspace:
            why = self._book.reset_key(entry.id)
        else:
            pressed = QKeySequence(event.keyCombination())
            why = self._book.set_key(
                entry.id, pressed.toString(QKeySequence.SequenceFormat.PortableText)
            )
        if why:
            self._say(why, is_wrong=True)
            return True
        self._asking = None
        self._show(self.field.text(), self.list.currentIndex().row())
        words = self._book.key_words(entry)
        self._say(f"{entry.name}: {words}" if words else f"{entry.name} has no key now")
        return True

    def _stop_asking(self) -> None:
        self._asking = None
        self._say(_HINT)

    def _say(self, text: str, *, is_wrong: bool = False) -> None:
        self.hint.setText(text)
        role = "error" if is_wrong else "hint"
        if self.hint.property("role") != role:
            self.hint.setProperty("role", role)
            self.hint.style().unpolish(self.hint)
            self.hint.style().polish(self.hint)


class _RowDelegate(QStyledItemDelegate):
    """Title, section and keys on one line."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(scaled(200), scaled(_ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row: Row = index.data(_ENTRY)
        theme, area = self._theme, QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(area, 6, 6)
        inside = area.adjusted(10, 0, -10, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font())
        painter.setPen(theme.colour("text_1" if row.is_enabled else "text_disabled"))
        title = row.entry.title
        painter.drawText(inside, int(middle), title)
        wide = painter.fontMetrics().horizontalAdvance(title)
        painter.setPen(theme.colour("text_3" if row.is_enabled else "text_disabled"))
        painter.drawText(inside.adjusted(wide + 10, 0, 0, 0), int(middle), row.entry.section)
        painter.setFont(font(12, 600))
        painter.setPen(theme.colour("text_2" if row.is_enabled else "text_disabled"))
        painter.drawText(inside, int(middle | Qt.AlignmentFlag.AlignRight), row.keys)
        painter.restore()

"""Keys of the window while one types: a text field keeps what it needs, and no more."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from cephview.ui.actions.book import ActionBook
from cephview.ui.dialogs.cover import Cover

_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit)
_Standard = QKeySequence.StandardKey
# On Linux Qt takes Ctrl+E, Ctrl+K and others besides, as a terminal would.
_EDITING = (_Standard.Undo, _Standard.Redo, _Standard.Cut, _Standard.Copy, _Standard.Paste,
            _Standard.SelectAll)  # fmt: skip
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_MOVING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
           Qt.Key.Key_End, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Insert)  # fmt: skip


def belongs_to_field(event: QKeyEvent) -> bool:
    """Say whether a text field needs a key: to write, to move in the text, or to edit it."""
    modifiers = event.modifiers()
    is_written = bool(event.text()) and event.text().isprintable()
    # AltGr writes, and on Windows it is Ctrl and Alt together.
    with_ctrl_alone = bool(modifiers & _CTRL) and not modifiers & _ALT
    with_alt_alone = bool(modifiers & _ALT) and not modifiers & _CTRL
    if is_written and not with_ctrl_alone and not with_alt_alone:
        return True
    if event.key() in _MOVING:
        return not modifiers & _ALT
    return any(event.matches(key) for key in _EDITING)


class FieldKeys(QObject):
    """Lets the keys of actions through every text field of a window but those of its sheets."""

    def __init__(self, window: QWidget, book: ActionBook) -> None:
        super().__init__(window)
        self._window, self._book = window, book
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if belongs_to_field(event):
                return False
            pressed = QKeySequence(event.keyCombination())
            if any(pressed in action.shortcuts() for action in self._book.all()):
                event.ignore()
                return True
        return False

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and isinstance(old, _FIELDS):
            old.removeEventFilter(self)
        if isinstance(new, _FIELDS) and new.window() is self._window and not _is_covered(new):
            new.installEventFilter(self)


def _is_covered(widget: QWidget | None) -> bool:
    while widget is not None:
        if isinstance(widget, Cover):
            return True
        widget = widget.parentWidget()
    return False

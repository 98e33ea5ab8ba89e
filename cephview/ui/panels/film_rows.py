"""The rows of the film list: how mouse and keyboard choose films in it."""

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

_EXTENDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_WALKING = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilmRows(QListView):
    """A list in which one row is current and any number are selected.

    is_extending: what happens now only makes the selection larger or smaller, and opens no film.
    menu_wanted: a menu of the selected films is wanted at a place on the screen.
    key_passed: a key that means nothing to a list, typed after a click on it, is for the film.
    """

    key_passed = Signal(object)
    removal_wanted = Signal()
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_extending = False
        self._was_clicked = False
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("Films")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._was_clicked = True
        is_other_button = event.button() != Qt.MouseButton.LeftButton
        self.is_extending = is_other_button or bool(event.modifiers() & _EXTENDING)
        super().mousePressEvent(event)
        self.is_extending = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # A drag over rows selects them all; only where it began is opened.
        self.is_extending = bool(event.buttons())
        super().mouseMoveEvent(event)
        self.is_extending = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_Delete and not modifiers:
            self.removal_wanted.emit()
        elif key in _WALKING or (key == Qt.Key.Key_A and modifiers & _EXTENDING):
            self.is_extending = bool(modifiers & _EXTENDING)
            super().keyPressEvent(event)
            self.is_extending = False
        elif self._was_clicked or key not in _CONFIRM:
            self.key_passed.emit(event)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if is_by_mouse else self.currentIndex()
        if not index.isValid():
            return
        if not self.selectionModel().isSelected(index):
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(index, flag)
        at = event.globalPos()
        if not is_by_mouse:
            at = self.viewport().mapToGlobal(self.visualRect(index).center())
        self.menu_wanted.emit(at)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._was_clicked = False
        super().focusInEvent(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        if self._was_clicked:
            key = Qt.Key.Key_Tab if is_next else Qt.Key.Key_Backtab
            none = Qt.KeyboardModifier.NoModifier
            self.key_passed.emit(QKeyEvent(QKeyEvent.Type.KeyPress, key, none))
            return True
        return super().focusNextPrevChild(is_next)

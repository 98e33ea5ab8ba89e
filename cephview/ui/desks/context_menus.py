"""The menus of the film and of a point on it."""

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu

from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.menu_filling import fill_menu
from cephview.ui.actions.menus import COMPARED_MENU, FILM_MENU, POINT_MENU
from cephview.ui.canvas.traced_view import TracedView
from cephview.ui.editing.comparing import Comparing
from cephview.ui.editor import Editor


class ContextMenus(QObject):
    """Opens the menu that a view asks for; the actions are those of the window's own menus."""

    def __init__(
        self, view: TracedView, book: ActionBook, editor: Editor, comparing: Comparing
    ) -> None:
        super().__init__(view)
        self._view, self._book = view, book
        self._editor, self._comparing = editor, comparing
        self.menu: QMenu | None = None
        view.menu_wanted.connect(self._open)

    def ask(self) -> None:
        """Open the menu of what has the keyboard: of the film, a point, or a row of a list."""
        widget = self._view.window().focusWidget()
        if widget is None or widget is self._view:
            self._view.ask_menu_by_key()
            return
        at = widget.rect().center()
        if isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid():
            at = widget.visualRect(widget.currentIndex()).center()
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Keyboard,
            at,
            widget.mapToGlobal(at),
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)

    def _open(self, landmark: str, at: QPoint) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = menu = QMenu(self._view)
        if landmark:
            # A line of its own rather than a section, which some styles show as a mere line.
            head = menu.addAction(f"{landmark}  \u00b7  {self._editor.landmarks[landmark].name}")
            head.setEnabled(False)
            menu.addSeparator()
            declared = COMPARED_MENU if self._comparing.is_on else POINT_MENU
        else:
            declared = FILM_MENU
        fill_menu(menu, declared, self._book).popup(at)

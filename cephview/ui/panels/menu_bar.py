"""The window's menus, with the name of the program before them and the search of actions after."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenuBar, QToolButton, QWidget

from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.menu_filling import fill_menu
from cephview.ui.actions.menus import MENUS, mnemonics
from cephview.ui.look.theme import Theme


class MenuBar(QMenuBar):
    """Made of the declared menus. A key that a user chose comes before the letter of a menu."""

    def __init__(self, book: ActionBook, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._book, self._theme = book, theme
        self._menus = [fill_menu(self.addMenu(menu.title), menu, book) for menu in MENUS]
        self._brand = QLabel()
        self._brand.setTextFormat(Qt.TextFormat.RichText)
        self._brand.setProperty("role", "title")
        self._brand.setStyleSheet("padding: 0 8px 0 14px;")
        self.setCornerWidget(self._brand, Qt.Corner.TopLeftCorner)
        self._search = QToolButton()
        self._search.setStyleSheet("padding: 3px 12px;")
        self._search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._search.clicked.connect(book["palette"].trigger)
        self.setCornerWidget(self._search, Qt.Corner.TopRightCorner)
        self.theme_changed()
        self._keys_changed()
        book.keys_changed.connect(self._keys_changed)

    def theme_changed(self) -> None:
        self._brand.setText(f'ceph<span style="color:{self._theme.refined_text}">view</span>')

    def _keys_changed(self, *_: object) -> None:
        action = self._book["palette"]
        self._search.setText(f"Search actions   {self._book.key_words_of('palette')}".strip())
        self._search.setAccessibleName(action.iconText())
        self._search.setToolTip(action.toolTip())
        taken = self._book.alt_letters()
        titles = mnemonics(tuple(menu.title for menu in MENUS), taken)
        for menu, title in zip(self._menus, titles, strict=True):
            menu.setTitle(title)

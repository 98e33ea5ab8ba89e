"""All that a user does about keys: find an action, see every key, print them, change one."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cephview.ui.actions.book import ActionBook
from cephview.ui.dialogs.cheat_sheet import CheatSheet
from cephview.ui.dialogs.key_print import print_keys
from cephview.ui.dialogs.palette import Palette
from cephview.ui.look.theme import Theme


class KeyDesk(QObject):
    """Lays the sheet and the palette over a page, each made when it is first wanted."""

    def __init__(
        self, theme: Theme, parent: QWidget, ask_printer: Callable[..., object] = print_keys
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ask_printer = ask_printer
        self._book: ActionBook | None = None
        self._page: QWidget | None = None
        self.sheet: CheatSheet | None = None
        self.palette: Palette | None = None

    def serve(self, book: ActionBook, page: QWidget) -> None:
        """Take the actions to show and the page to lie over."""
        self._book, self._page = book, page

    def search(self) -> None:
        """Open the palette, or put it away."""
        if self._book is None or self._page is None:
            return
        if self.sheet is not None:
            self.sheet.put_away()
        if self.palette is None:
            self.palette = Palette(self._book, self._theme, self._page)
        self.palette.toggle()

    def show_sheet(self) -> None:
        """Show every key as it is now, or put the sheet away."""
        if self._book is None or self._page is None:
            return
        if self.palette is not None:
            self.palette.put_away()
        if self.sheet is None:
            self.sheet = CheatSheet(self._theme, self._page)
        prints, searches = (self._book.key_words_of(name) for name in ("print-keys", "palette"))
        self.sheet.toggle(
            self._book.sheet(),
            f"Any other key closes this sheet. {prints or 'The palette'} prints it; "
            f"{searches or 'the palette'} finds an action, and gives it another key with F2.",
        )

    def print_sheet(self) -> None:
        """Ask for a printer, and put every key on paper."""
        if self._book is not None and self._page is not None:
            self._ask_printer(self._page.window(), self._book.sheet())

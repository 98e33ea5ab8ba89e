"""Qt's menus made of the declared ones."""

from PySide6.QtWidgets import QMenu

from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.menus import Menu, marked


def fill_menu(menu: QMenu, declared: Menu, book: ActionBook) -> QMenu:
    """Put the declared entries into a menu, and return it. Raises KeyError for an unknown id."""
    titles = marked(declared, {entry.id: entry.title for entry in book.table})
    for number, group in enumerate(declared.groups):
        if number:
            menu.addSeparator()
        for entry in group:
            if isinstance(entry, str):
                menu.addAction(book[entry])
            else:
                fill_menu(menu.addMenu(titles[entry]), entry, book)
    return menu

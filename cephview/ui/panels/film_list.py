"""The left panel: search, filters and the films of the open folder."""

from collections.abc import Callable
from math import ceil
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.menu_filling import fill_menu
from cephview.ui.actions.menus import LIST_MENU
from cephview.ui.look.icons import put_icon
from cephview.ui.look.theme import TARGET_PX, Theme, scaled
from cephview.ui.look.theme import font as theme_font
from cephview.ui.panels.film_delegate import FilmDelegate
from cephview.ui.panels.film_rows import FilmRows
from cephview.ui.panels.search_field import SearchField
from cephview.ui.rows.film_list_model import PATH_ROLE, FilmFilter, FilmListModel, Filter
from cephview.ui.rows.film_order import WORDS, Order

WIDTH = 248
_WIDEST = 480
_MARGIN = 12
_FILTER_PAD = 4
_FILTER_GAP = 4
USUAL = (Filter.ALL, Filter.TO_REVIEW, Filter.DONE)
# From here on the second row has no room for the number beside the word.
_MANY = 1000
_EMPTY = "No films here yet.\n\nOpen a folder of films, or drop a film or a folder on this window."
_NONE_MATCH = "No film matches. Clear the search, or choose All."


class FilmList(QWidget):
    """Shows a FilmListModel; moving the current row asks for that film.

    done: a film was chosen for good, or the search given up; the keys belong to the film again.
    key_passed: a key was typed in the list that is for the film.
    """

    film_wanted = Signal(object)
    selection_changed = Signal()
    key_passed = Signal(object)
    done = Signal()
    folder_dialog_wanted = Signal()
    film_dialog_wanted = Signal()

    def __init__(self, model: FilmListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("left-panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(scaled(WIDTH))
        self.setMaximumWidth(scaled(_WIDEST))
        self._model = model
        self._open: Path | None = None
        self._is_asking = True
        self._awaited = ""
        self._filter = FilmFilter(self)
        # Connected before and after the filter: Qt moves the current row on as soon as one goes.
        model.rowsAboutToBeRemoved.connect(self._before_rows_go)
        self._filter.setSourceModel(model)
        model.rowsRemoved.connect(self._after_rows_went)

        self.search = SearchField("Search films", theme)
        self.search.textChanged.connect(self._search)
        self.search.accepted.connect(self._open_first_match)
        self.search.given_up.connect(self.done)

        self.view = FilmRows()
        self.view.setModel(self._filter)
        self.view.setItemDelegate(FilmDelegate(theme, self.view))
        self.view.activated.connect(self.done)
        self.view.key_passed.connect(self.key_passed)
        self.search.list_wanted.connect(self._go_to_rows)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self.view.selectionModel().selectionChanged.connect(
            lambda *_: self.selection_changed.emit()
        )

        self._message = QLabel(_EMPTY)
        self._message.setProperty("role", "hint")
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._message)

        self.open_folder = QPushButton("Open folder")
        self.open_folder.clicked.connect(self.folder_dialog_wanted)
        self.open_film = QPushButton("Open film")
        self.open_film.clicked.connect(self.film_dialog_wanted)
        for button in (self.open_folder, self.open_film):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

        self._rows = layout = QVBoxLayout(self)
        layout.setContentsMargins(*4 * (_MARGIN,))
        layout.setSpacing(8)
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.head.hide()
        layout.addWidget(self.head)
        top = QHBoxLayout()
        top.setSpacing(_FILTER_GAP)
        top.addWidget(self.search, 1)
        self.all_films = QToolButton()
        self.all_films.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all_films.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.all_films.setStyleSheet("padding: 4px;")
        self.all_films.setMinimumWidth(TARGET_PX)
        top.addWidget(self.all_films)
        layout.addLayout(top)
        layout.addLayout(self._make_filters())
        layout.addLayout(self._make_second_row(theme))
        layout.addWidget(self._pages, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open_folder)
        buttons.addWidget(self.open_film)
        layout.addLayout(buttons)

        model.counts_changed.connect(self._refresh)
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, 200)

    def sizeHint(self) -> QSize:
        return QSize(scaled(WIDTH), 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_counts()

    def show_film(self, path: Path | None) -> None:
        """Make the open film the current row without asking for it again."""
        self._open = path
        self._change_filter(lambda: self._filter.keep(path))

    def show_awaited(self, words: str) -> None:
        """Say what is on its way where there are no films; "" invites to open some."""
        self._awaited = words
        self._refresh()

    def show_head(self, words: str, *, is_other: bool) -> None:
        """Say whose reading the states are of; "" where there is but one."""
        self.head.setProperty("role", "attention" if is_other else "hint")
        self.head.style().polish(self.head)
        self.head.setText(words)
        self.head.setVisible(bool(words))

    def step(self, by: int) -> None:
        """Go to the next (+1) or the previous (-1) film of the shown ones."""
        at = self._open_index()
        row = (at if at.isValid() else self.view.currentIndex()).row() + by
        if 0 <= row < self._filter.rowCount():
            self._make_current(self._filter.index(row, 0))

    def shown_paths(self) -> tuple[Path, ...]:
        """Return the films in sight, in the order in which they are shown."""
        rows = range(self._filter.rowCount())
        return tuple(self._filter.index(row, 0).data(PATH_ROLE) for row in rows)

    def selected_paths(self) -> tuple[Path, ...]:
        """Return the films that are selected, in the order in which they are shown.

        Usually the open one alone; none where it is not among the films in sight.
        """
        chosen = sorted(self.view.selectionModel().selectedRows(), key=QModelIndex.row)
        return tuple(index.data(PATH_ROLE) for index in chosen)

    def path_after(self, path: Path) -> Path | None:
        """Return the film that follows one in the list as it is shown."""
        at = self._filter.mapFromSource(self._model.index_of(path))
        after = self._filter.index(at.row() + 1, 0) if at.isValid() else QModelIndex()
        return after.data(PATH_ROLE) if after.isValid() else None

    def put_strip(self, strip: QWidget) -> None:
        """Show a widget above the buttons."""
        self._rows.insertWidget(self._rows.count() - 1, strip)

    def choose(self, which: Filter) -> None:
        self._buttons[which].setChecked(True)
        self._change_filter(lambda: self._filter.show_only(which))

    def use_actions(self, book: ActionBook, order: str) -> None:
        """Offer the orders in the menu, and stand in the one that the settings name."""
        menu = QMenu(self)
        # Not that of its button, which is mirrored to have its icon behind the word.
        menu.setLayoutDirection(self.layoutDirection())
        menu.addActions([book[f"order-{one}"] for one in Order])
        self.sort.setMenu(menu)
        menu = fill_menu(QMenu(self), LIST_MENU, book)
        self.view.menu_wanted.connect(menu.popup)
        self.all_films.setDefaultAction(book["open-workspace"])
        book[f"order-{order}"].setChecked(True)
        self.sort_by(Order(order))

    def sort_by(self, order: Order) -> None:
        """Bring the films into an order; the open one stays in sight."""
        self._model.arrange(order)
        self.sort.setText(WORDS[order][0])
        self.sort.setAccessibleName(f"Sorted by: {WORDS[order][0]}")
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())

    def _make_filters(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(_FILTER_GAP)
        self._group = QButtonGroup(self)
        self._buttons: dict[Filter, QPushButton] = {}
        for which in USUAL:
            row.addWidget(self._filter_button(which))
        row.addStretch(1)
        self._buttons[Filter.ALL].setChecked(True)
        return row

    def _make_second_row(self, theme: Theme) -> QHBoxLayout:
        """The order, and the filters that are there only while films ask for them."""
        row = QHBoxLayout()
        row.setSpacing(_FILTER_GAP)
        self.sort = QToolButton()
        put_icon(self.sort, "chevron-down", theme)
        self.sort.setIconSize(QSize(12, 12))
        self.sort.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.sort.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.sort.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sort.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sort.setStyleSheet(f"padding: 4px {_FILTER_PAD}px; font-size: {scaled(12)}px;")
        self.sort.setToolTip(
            "The order of the films, as of when it was chosen; choose it again to sort anew"
        )
        row.addWidget(self.sort)
        row.addStretch(1)
        for which in (Filter.WARNED, Filter.FAILED):
            row.addWidget(self._filter_button(which))
        return row

    def _filter_button(self, which: Filter) -> QPushButton:
        button = QPushButton(str(which))
        button.setCheckable(True)
        button.setProperty("kind", "ghost")
        button.setStyleSheet(f"padding: 4px {_FILTER_PAD}px; font-size: {scaled(12)}px;")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _=False: self.choose(which))
        self._group.addButton(button)
        self._buttons[which] = button
        return button

    def _search(self, text: str) -> None:
        self._change_filter(lambda: self._filter.search(text))

    def _change_filter(self, change: Callable[[], None]) -> None:
        # Where the current row goes, Qt moves on to another: that asks for no film.
        self._is_asking = False
        change()
        index = self._open_index()
        is_one_of_many = len(self.selected_paths()) > 1 and self.view.selectionModel().isSelected(
            index
        )
        self._make_current(index, keeps_selection=is_one_of_many)
        self._is_asking = True
        self.view.viewport().update()
        self._refresh()

    def _before_rows_go(self) -> None:
        self._is_asking = False

    def _after_rows_went(self) -> None:
        self._change_filter(lambda: None)

    def _make_current(self, index: QModelIndex, *, keeps_selection: bool = False) -> None:
        # The view's own way would ask which keys are held, as Ctrl is for a shortcut.
        flag = QItemSelectionModel.SelectionFlag
        how = flag.NoUpdate if keeps_selection else flag.ClearAndSelect
        self.view.selectionModel().setCurrentIndex(index, how)

    def _open_index(self) -> QModelIndex:
        if self._open is None:
            return QModelIndex()
        return self._filter.mapFromSource(self._model.index_of(self._open))

    def _go_to_rows(self) -> None:
        self.view.setFocus(Qt.FocusReason.TabFocusReason)

    def _open_first_match(self) -> None:
        if self._filter.rowCount() == 0:
            return
        if self.search.text().strip():
            self._make_current(self._filter.index(0, 0))
        self.done.emit()

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        path = current.data(PATH_ROLE) if current.isValid() else None
        if path is not None and self._is_asking and not self.view.is_extending:
            self.film_wanted.emit(path)

    def _refresh(self) -> None:
        self._show_counts()
        has_rows = self._filter.rowCount() > 0
        of_none = self._awaited or _EMPTY
        self._message.setText(_NONE_MATCH if self._model.rowCount() else of_none)
        self._pages.setCurrentWidget(self.view if has_rows else self._message)

    def _show_counts(self) -> None:
        """Write each filter with its count; without All's, or without any, where room is short."""
        for which in (Filter.WARNED, Filter.FAILED):
            button, count = self._buttons[which], self._model.count(which)
            button.setVisible(count > 0 or button.isChecked())
            button.setText(_counted(which, count if count < _MANY else 0))
            button.setToolTip(_counted(which, count))
        texts = {which: _counted(which, self._model.count(which)) for which in USUAL}
        short = {**texts, Filter.ALL: str(Filter.ALL)}
        metrics = QFontMetricsF(theme_font(12, 500))
        pad = 2 * (_FILTER_PAD + 1)
        room = self.width() - 2 * _MARGIN - _FILTER_GAP * (len(texts) - 1)
        fitting = {which: str(which) for which in USUAL}
        for said in (texts, short):
            if sum(ceil(metrics.horizontalAdvance(t)) + pad for t in said.values()) <= room:
                fitting = said
                break
        for which, text in texts.items():
            self._buttons[which].setText(fitting[which])
            self._buttons[which].setToolTip(text)


def _counted(which: Filter, count: int) -> str:
    return f"{which} {count:,}".replace(",", "\u2009") if count or which in USUAL else str(which)

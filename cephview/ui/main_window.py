"""The main window: lays the parts out, gives each what it shows, and passes files on."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from cephview import places
from cephview.core.film_warning import turn_words
from cephview.core.natural_order import natural_order
from cephview.core.scale import Provenance
from cephview.ui.actions.book import ActionBook
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.canvas.overlay import HintStrip
from cephview.ui.desks.batch_desk import BatchDesk
from cephview.ui.desks.context_menus import ContextMenus
from cephview.ui.desks.engine_display import EngineDisplay
from cephview.ui.desks.export_desk import ExportDesk
from cephview.ui.desks.field_keys import FieldKeys
from cephview.ui.desks.film_desk import FilmDesk
from cephview.ui.desks.habits import habits_of, restore_habits
from cephview.ui.desks.key_desk import KeyDesk
from cephview.ui.desks.learning_desk import LearningDesk
from cephview.ui.desks.measuring import Measuring
from cephview.ui.desks.passing_notices import PassingNotices
from cephview.ui.desks.readers_desk import ReadersDesk
from cephview.ui.desks.safekeeping import Safekeeping
from cephview.ui.desks.situation import situation_of
from cephview.ui.desks.tour import Tour
from cephview.ui.desks.window_parts import parts_of
from cephview.ui.dialogs.backups import ask_backup
from cephview.ui.dialogs.files import ask_films, ask_folder, ask_target, local_paths
from cephview.ui.dialogs.landmark_sheet import LandmarkDesk
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.look.theming import Theming
from cephview.ui.notice import Kind, Notice
from cephview.ui.panels.film_list import FilmList
from cephview.ui.panels.menu_bar import MenuBar
from cephview.ui.panels.model_panel import ModelPanel
from cephview.ui.panels.notice_bar import NoticeBar
from cephview.ui.panels.panes import Panes
from cephview.ui.panels.points import PointsPanel
from cephview.ui.panels.status_line import StatusLine
from cephview.ui.panels.top_bar import TopBar, action_button
from cephview.ui.rows.standing import progress
from cephview.ui.services import Services
from cephview.ui.session import Session

SIZE = QSize(1440, 900)
_LEAST_SIZE = QSize(1000, 640)
# What a desktop draws around a window, a title above all.
_FRAME = QSize(8, 40)
RIGHT_WIDTH = 336
TASK_HEIGHT = 52
_TITLE = "cephview"
_POINT_MENU = ("confirm", "unsure", "not-visible", "revert", "lock", "zoom-to")


class MainWindow(QMainWindow):
    """A thin window over a session."""

    painted = Signal()
    closed = Signal()

    def __init__(self, services: Services, theme: Theme) -> None:
        super().__init__()
        self._services = services
        self._theme = theme
        self._is_painted = False
        self._may_lose = False
        self.hints_used: set[str] = set()
        self._last_folder = services.settings.last_folder
        self.setWindowTitle(_TITLE)
        self.setAcceptDrops(True)
        room = self.screen().availableGeometry().size() - _FRAME
        self.setMinimumSize(_LEAST_SIZE.boundedTo(room))
        self.resize(SIZE.boundedTo(room))

        self.session = Session(services, self._ask_path, self)
        editor = self.session.editor
        self.view = FilmView(editor, theme)
        self.measuring = Measuring(self.view, editor, self.session.scaling, self)
        self.films = FilmList(self.session.films, theme)
        self.batch = BatchDesk(self.session, self.films, theme, self)
        self.points = PointsPanel(editor, theme)
        self.model = ModelPanel(self.session.models, self.session.finetuning, theme)
        self.notices = NoticeBar(theme)
        self.status = StatusLine()
        self.safekeeping = Safekeeping(self.session, partial(ask_backup, self), self)
        self.keys = KeyDesk(theme, self)
        self.theming = Theming(self, services.settings.theme)
        self.landmarks = LandmarkDesk(self.session.landmarks, theme, self)
        self.readers = ReadersDesk(self)
        self.learning = LearningDesk(self, services.open_film)
        self.exports = ExportDesk(self, services.what_is_exported)
        self.film_desk = FilmDesk(self)
        self.actions_book = ActionBook(parts_of(self), theme, self, services.settings.keys)
        book = self.actions_book
        self.addActions(book.all())
        self.bar = TopBar(self.actions_book, theme, self)
        self.menu_bar = MenuBar(self.actions_book, theme, self)
        self.setMenuBar(self.menu_bar)
        self._display = EngineDisplay(services.engine, self.session, self.bar, self.model, self)
        self.tabs = self._make_tabs()
        self._lay_out()
        self.keys.serve(self.actions_book, self.page)
        self.readers.panel.serve(self.actions_book)
        self.readers.show_reader()
        PassingNotices(self.session, self.notices, self)
        self.context_menus = ContextMenus(self.view, book, editor, self.session.comparing)
        self.field_keys = FieldKeys(self, book)
        self._connect()
        self.tour = Tour(self, theme, is_over=services.settings.tour_over)
        checked = "select", "toggle-left", "toggle-right", "data-first"
        passes = "two-passes" if self.session.detecting.passes == 2 else "one-pass"
        for name in (*checked, passes, f"theme-{self.theming.choice}"):
            self.actions_book[name].setChecked(True)
        self._restore_geometry()
        restore_habits(self, services.settings)
        self.refresh()
        self.view.setFocus()

    # What actions call

    def choose_film(self) -> None:
        """Ask for a film and open it."""
        self.open_paths(ask_films(self, self._last_folder, self._theme))

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        self.open_paths(ask_folder(self, self._last_folder, self._theme))

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open folders, discs and films, all of them; the first film is shown."""
        # A desktop hands files over in any order.
        paths = tuple(sorted((path.absolute() for path in paths), key=natural_order))
        if paths:
            first = paths[0]
            if not places.is_demo_film(first):
                self._last_folder = str(first if first.is_dir() else first.parent)
            self.session.open_paths(paths)

    def next_film(self) -> None:
        self.films.step(1)

    def previous_film(self) -> None:
        self.films.step(-1)

    def search_films(self) -> None:
        self.show_left(True)
        self.films.search.setFocus()
        self.films.search.selectAll()

    def use_select(self) -> None:
        self.view.set_tool("select")

    def use_ruler(self) -> None:
        self.view.set_tool("ruler")
        self.view.setFocus()

    def use_place(self) -> None:
        self.view.set_tool("place")

    def zoom_to_point(self) -> None:
        self.view.zoom_to(self.session.editor.selection)

    def show_left(self, visible: bool) -> None:
        self.films.setVisible(visible)
        self.actions_book["toggle-left"].setChecked(visible)

    def show_right(self, visible: bool) -> None:
        self.tabs.setVisible(visible)
        self.actions_book["toggle-right"].setChecked(visible)

    def set_full_screen(self, full: bool) -> None:
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def state_text(self) -> str:
        """Return which panels are open and how wide, as text for the settings."""
        open_panels = (("left", self.films), ("right", self.tabs))
        shown = (name for name, panel in open_panels if not panel.isHidden())
        return " ".join(filter(None, ("panels", *shown, self.panes.width_text())))

    def geometry_text(self) -> str:
        """Return size and place of the window as text for the settings."""
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    def habits(self) -> dict[str, Any]:
        """Return the settings that a user changed by working, by their names."""
        return habits_of(self)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def last_folder(self) -> str:
        return self._last_folder

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = local_paths(event)
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_lose and not self.learning.may_close():
            event.ignore()
            return
        if not self.session.close() and not self._may_lose:
            event.ignore()
            self.notices.post(Notice(
                "Your last edits could not be saved, so the window stays open. Make room or give "
                "access, then close it again.",
                Kind.DANGER, "save", "Close and lose them", self._close_at_any_price,
            ))  # fmt: skip
            return
        self.closed.emit()
        super().closeEvent(event)

    # Within

    def _close_at_any_price(self) -> None:
        self._may_lose = True
        self.close()

    def _ask_path(self, title: str, proposed: str) -> Path | None:
        return ask_target(self, title, self._last_folder, proposed, self._theme)

    def _make_tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.addTab(self.points, "Points")
        tabs.addTab(self.model, "Model")
        tabs.setFixedWidth(scaled(RIGHT_WIDTH))
        tabs.setProperty("surface", "1")
        tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tabs.setCornerWidget(action_button(self.actions_book["landmarks"]))
        return tabs

    def _lay_out(self) -> None:
        self.films.setProperty("surface", "1")
        self.page = QWidget()
        rows = QVBoxLayout(self.page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        self.panes = Panes(self.films, self.view, self.tabs)
        rows.addWidget(self.panes, 1)
        rows.addWidget(self.status)
        self.setCentralWidget(self.page)
        self.notices.setParent(self.page)
        self.notices.float_over(self.view, *self.view.findChildren(HintStrip))

    def _restore_geometry(self) -> None:
        saved = self._services.settings.window_geometry
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode("ascii", "ignore")))
        state = self._services.settings.window_state.split()
        if "panels" in state:
            self.show_left("left" in state)
            self.show_right("right" in state)
        self.panes.restore(state)

    def _connect(self) -> None:
        session, editor, view = self.session, self.session.editor, self.view
        session.noticed.connect(self.notices.post)
        session.settled.connect(self.notices.withdraw)
        session.film_shown.connect(self._film_shown)
        session.stayed.connect(self._show_title)
        session.loading.connect(
            lambda path: self.setWindowTitle(f"Opening {session.films.label_of(path)} …")
        )
        for signal in (editor.changed, editor.film_changed, editor.selection_changed,
                       editor.steps_changed, editor.saved, editor.save_failed,
                       editor.review.changed, session.models.changed):  # fmt: skip
            signal.connect(self.refresh)
        editor.scale_changed.connect(self._scale_changed)
        editor.changed.connect(self.model.refresh_soon)
        view.cursor_moved.connect(lambda at: self.status.show_cursor(at, editor.pixel_size))
        view.zoom_changed.connect(self.status.show_zoom)
        view.tool_changed.connect(self._tool_changed)
        view.film_done.connect(self.next_film)
        view.hint_used.connect(lambda hint: self.hints_used.add(hint))
        view.layer_toggled.connect(
            lambda layer, on: self.actions_book[f"layer-{layer}"].setChecked(on)
        )
        for working in (session.folder, session.exporting, session.opening):
            working.began.connect(self.status.work.show_job)
        for empty in (self.films, view):
            session.awaited.changed.connect(empty.show_awaited)
        self.status.accept_scale_wanted.connect(session.scaling.accept)
        self.status.file_scale_wanted.connect(session.scaling.use_file)
        self.status.ruler_wanted.connect(self.actions_book["ruler"].trigger)
        self.films.film_wanted.connect(session.open_film)
        self.films.done.connect(view.setFocus)
        self.films.key_passed.connect(view.take_key)
        self.films.view.removal_wanted.connect(self.film_desk.remove)
        self.films.folder_dialog_wanted.connect(self.choose_folder)
        self.films.film_dialog_wanted.connect(self.choose_film)
        self.points.point_chosen.connect(self._point_chosen)
        self.points.closer_look_wanted.connect(view.zoom_to)
        self.points.place_wanted.connect(self.actions_book["place"].trigger)
        self.points.set_menu([self.actions_book[name] for name in _POINT_MENU])
        session.detecting.started.connect(lambda _: self.points.show_detecting(True))
        session.detecting.ended.connect(lambda _: self.points.show_detecting(False))
        self.bar.model_wanted.connect(self.learning.show)
        session.films.counts_changed.connect(self.refresh)
        for told in (session.readings.changed, session.readings.data_changed,
                     session.finetuning.changed, session.landmarks.changed,
                     session.folder.recognising.ended, self.tabs.currentChanged):  # fmt: skip
            told.connect(self.notices.review)
        for signal in (session.detecting.started, session.detecting.ended, self.batch.changed,
                       session.opening.began, session.opening.opened):  # fmt: skip
            signal.connect(self.refresh)

    def _film_shown(self, path: Path | None) -> None:
        self.films.show_film(path)
        self._show_title()
        if not self.films.view.hasFocus():
            self.view.setFocus()

    def _show_title(self) -> None:
        path = self.session.path
        name = "" if path is None else f"{self.session.films.label_of(path)} — "
        self.setWindowTitle(f"{name}{_TITLE}")

    def _point_chosen(self, landmark: str) -> None:
        self.view.ensure_visible(landmark)
        self.view.setFocus()

    def _tool_changed(self, tool: str) -> None:
        self.actions_book[tool].setChecked(True)
        self.points.show_guide(tool == "place")
        # What a tool asks for stands at the top of the film.
        self.notices.leave_free(0 if tool == "select" else scaled(TASK_HEIGHT))

    def _scale_changed(self, *_: object) -> None:
        self.points.refresh()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show what the session is at."""
        session, editor = self.session, self.session.editor
        tracing = editor.tracing
        self.notices.review()
        situation = situation_of(session)
        has_film = situation.has_film
        self.actions_book.refresh(situation)
        self.bar.export.setEnabled(situation.has_traced_films)
        own = situation.has_own_scale
        film = editor.film
        of_file = film is not None and film.pixel_size.provenance is not Provenance.UNKNOWN
        size = editor.pixel_size if has_film else None
        self.status.show_scale(size, is_own=own, has_file_scale=of_file)
        self.status.show_turn(turn_words(tracing.turn) if tracing is not None else "")
        counts = editor.review.moved_counts
        done = (0, 0) if tracing is None else progress(tracing, moved_counts=counts)
        self.status.show_progress(*done)
        self.status.show_saved(
            session.is_saved if has_film else None,
            is_demo=session.path is not None and places.is_demo_film(session.path),
        )
        if not has_film:
            self.status.zoom.clear()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_book["full-screen"].setChecked(self.isFullScreen())

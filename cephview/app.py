"""The composition root: the only place where the window's parts are wired together."""

import gc
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from cephview import __version__, database_address, logs, places, scratch
from cephview.core.detection import Detection
from cephview.core.landmarks import LandmarkSet
from cephview.engine.client import EngineClient
from cephview.formats import (
    FormatError,
    find_films,
    is_place,
    looks_like_film,
)
from cephview.formats.opening import FilmOpener
from cephview.settings import Settings, load_settings, save_settings
from cephview.ui.awaited import LOOKING, OPENING
from cephview.ui.desks.working_time import WorkingTime
from cephview.ui.look.theme import DARK, Theme, apply_theme
from cephview.ui.look.theming import theme_of
from cephview.ui.main_window import SIZE, MainWindow
from cephview.ui.notice import Kind, Notice
from cephview.ui.panels.thumbnails import Thumbnails
from cephview.ui.services import Services
from cephview.ui.work import background, timing

_log = logging.getLogger(__name__)
_LANDMARK_SET = "isbi19"
_DEMO_TIMEOUT_MS = 180_000
_AWAKE_MS = 400
_LOOK_MS = 1000
_START_TAKES_MS = 3000
_FILM_FIRST_MS = 1500
_PASSWORD = (
    "The password of the workspace stands in your settings; keep it in ~/.pgpass, where "
    "PostgreSQL's own programs look for it, and take it out of the settings."
)
_BESIDE_FILMS = "beside films"


def run_window(
    paths: tuple[Path, ...],
    *,
    workspace: str | None,
    model: str | None,
    device: str,
    notice: str = "",
) -> int:
    """Open the window on these films or folders and return its exit code.

    workspace is a folder or a database URL, None for the user's own; model a name or a folder.
    notice is what to say beside any film but the demo's.
    """
    log_file = _start_log()
    app = _application()
    settings = load_settings()
    theme = theme_of(settings.theme)
    apply_theme(app, theme)
    engine = EngineClient(device=settings.device if device == "auto" else device)
    place = database_address.taken(workspace or settings.workspace)
    if workspace is None and database_address.has_password(place):
        notice = f"{_PASSWORD} {notice}".strip()
    services = make_services(settings, place, model or "", engine)
    window = make_window(services, theme)
    _catch_exceptions(window, log_file)
    window.painted.connect(lambda: QTimer.singleShot(0, lambda: _begin(window, engine, paths)))
    # Of a film that was asked for, one learns first whether it is the demo's.
    window.session.film_shown.connect(
        lambda _: window.tour.offer(), Qt.ConnectionType.SingleShotConnection
    )
    if not paths and not window.last_folder:
        window.painted.connect(window.tour.offer)
    if notice:
        window.session.film_shown.connect(partial(_say_beside_films, window, notice))
    window.session.awaited.announce(_to_come(window, paths))
    window.show()
    memory = Memory(window, settings)
    _close_on_interrupt(window)
    code = app.exec()
    memory.close()
    engine.close()
    window.session.keeping.close()
    if background.end_of_program():
        logging.shutdown()
        os._exit(code)
    return code


def _say_beside_films(window: MainWindow, sentence: str, path: Path) -> None:
    window.notices.withdraw(_BESIDE_FILMS)
    if not places.is_demo_film(path):
        window.notices.post(Notice(sentence, Kind.ATTENTION, _BESIDE_FILMS))


def draw_demo(out_dir: Path) -> int:
    """Draw the window on the demo film to files, off the screen; return the exit code.

    Writes overlay.png and points.csv, in a workspace that is thrown away.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = _application()
    apply_theme(app, DARK)
    film = places.demo_film()
    failures: list[str] = []
    with scratch.folder() as workspace:
        engine = EngineClient(device="auto")
        window = make_window(make_services(Settings(), str(workspace), "", engine), DARK)
        session = window.session

        def fail(sentence: str) -> None:
            failures.append(sentence)
            # Later, for this may be said before the event loop runs, which exit() would not stop.
            QTimer.singleShot(0, lambda: app.exit(1))

        # That a film is unlike what the model knows is told on it, and nothing has failed.
        session.noticed.connect(
            lambda notice: (
                fail(notice.text)
                if notice.kind is Kind.DANGER and notice.topic != "likeness"
                else None
            )
        )
        session.detecting.landed.connect(
            lambda detection: QTimer.singleShot(0, lambda: _write_demo(window, detection, out_dir))
        )
        limit = "The model gave no answer in three minutes; see cephview self-test."
        too_late = QTimer(singleShot=True, interval=_DEMO_TIMEOUT_MS)
        too_late.timeout.connect(lambda: fail(limit))
        too_late.start()
        # The picture is of this size on any screen.
        window.resize(SIZE)
        window.show()
        _begin(window, engine, (film,))
        if session.models.active is None:
            QTimer.singleShot(
                0, lambda: fail("No model is installed, so there is nothing to draw.")
            )
        code = app.exec()
        # A process that goes on after this must not be told to exit when the time is up.
        too_late.stop()
        window.close()
        engine.close()
        session.keeping.close()
    if code:
        print(f"cephview: {failures[0] if failures else 'the demo failed'}", file=sys.stderr)
    return code


def _write_demo(window: MainWindow, detection: Detection, out_dir: Path) -> None:
    """Write both files of the demo, then end the event loop."""
    session = window.session
    session.editor.select(window.points.model.landmark_at(0))

    def write() -> None:
        from cephview.formats.points_csv import write_points_csv

        picture, table = out_dir / "overlay.png", out_dir / "points.csv"
        try:
            out_dir.mkdir(parents=True, exist_ok=True)
            row = places.demo_film().name, session.editor.pixel_size, detection
            write_points_csv(table, [row])
            if not window.grab().save(str(picture)):
                raise OSError(f"{picture} could not be written")
        except (OSError, FormatError) as error:
            print(f"cephview: {error}", file=sys.stderr)
            QApplication.exit(1)
            return
        print(f"Wrote {picture} and {table}.")
        QApplication.exit(0)

    # A timer of zero comes after what was posted: the layouts have made room for new texts.
    QTimer.singleShot(0, window, write)


def _to_come(window: MainWindow, paths: tuple[Path, ...]) -> str:
    """Return what the first picture of the window says of what it was started with."""
    if len(paths) == 1 and not is_place(paths[0]):
        return OPENING
    return LOOKING if paths or window.last_folder else ""


def _begin(window: MainWindow, engine: EngineClient, paths: tuple[Path, ...]) -> None:
    timing.mark("window usable")
    QTimer.singleShot(_START_TAKES_MS, _collect_garbage)
    session, last = window.session, window.last_folder
    if not paths and last and Path(last).is_dir():
        paths = (Path(last),)
    # The film is read on its thread while the workspace opens here, and comes before the engine,
    # whose start takes a processor for seconds. A film that is slow to come holds up nothing.
    window.open_paths(paths)
    session.awaited.announce("")
    session.start()
    window.safekeeping.start()
    session.film_shown.connect(
        lambda _: QTimer.singleShot(0, engine.start), Qt.ConnectionType.SingleShotConnection
    )
    QTimer.singleShot(_FILM_FIRST_MS if paths else 0, engine.start)


def _collect_garbage() -> None:
    # What the start made stays until the end.
    gc.freeze()
    gc.enable()


def _close_on_interrupt(window: MainWindow) -> None:
    """Let Ctrl+C in the terminal close the window as its own button does."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Qt's loop sleeps in C; Python sees a signal only when it is called now and then.
    awake = QTimer(window)
    awake.timeout.connect(lambda: None)
    awake.start(_AWAKE_MS)


def _application() -> QApplication:
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("cephview")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("cephview")
    icon = places.resources_dir() / "icons" / "cephview.svg"
    if icon.is_file():
        app.setWindowIcon(QIcon(str(icon)))
    return app


def make_window(services: Services, theme: Theme) -> MainWindow:
    """Build the window of these services, with its thumbnails."""
    window = MainWindow(services, theme)
    thumbnails = Thumbnails(window, services.thumbnail)
    films = window.session.films
    films.thumbnail_wanted.connect(thumbnails.want)
    thumbnails.made.connect(films.set_thumbnail)
    thumbnails.dropped.connect(films.forget_request)
    # A film that is waited for comes before small pictures and before what is known of others.
    loading = window.session.film_loading
    for waiting in (thumbnails, window.session.folder.recognising):
        loading.loading.connect(waiting.hold)
        loading.loaded.connect(waiting.go_on)
        loading.failed.connect(waiting.go_on)
    window.closed.connect(thumbnails.close)
    window.closed.connect(window.view.end_work)
    window.closed.connect(WorkingTime(window.session, window.view, window).keep)
    window.closed.connect(window.safekeeping.close)
    return window


def make_services(settings: Settings, workspace: str, model: str, engine: Any) -> Services:
    """Bind the rooms below to what a window asks for."""
    base = places.load_landmark_set(_LANDMARK_SET)

    def what_is_exported(
        films: Any, landmarks: LandmarkSet, with_unchecked: bool
    ) -> tuple[str, bool]:
        from cephview.formats.export import exported_film, what_is_written
        from cephview.formats.export_words import plan_sentence

        exported = [exported_film(*film) for film in films]
        written = what_is_written(exported, landmarks, include_unconfirmed=with_unchecked)
        return plan_sentence(written), bool(written.films)

    def write_export(
        name: str, films: Any, landmarks: LandmarkSet, with_unchecked: bool, path: Path,
        names: str,
    ) -> str:  # fmt: skip
        from cephview.formats.export import EXPORTERS, Names, exported_film
        from cephview.formats.export_words import export_sentence

        written = EXPORTERS[name].write(
            path,
            [exported_film(*film) for film in films],
            landmarks,
            include_unconfirmed=with_unchecked,
            names=Names(names),
        )
        return export_sentence(path.name, written)

    # The open film waits for nothing that is read behind it, nor has that given up.
    shown, behind = FilmOpener(), FilmOpener()

    def end_reading() -> None:
        shown.close()
        behind.close()

    return Services(
        settings=settings,
        workspace=workspace,
        model=model,
        engine=engine,
        landmarks=base,
        catalogue=places.load_catalogue(base),
        open_film=behind.open_film,
        show_film=shown.open_film,
        give_up_film=shown.give_up,
        end_reading=end_reading,
        film_errors=(FormatError,),
        thumbnail=behind.thumbnail,
        looks_like_film=looks_like_film,
        find_films=find_films,
        is_place=is_place,
        write_export=write_export,
        what_is_exported=what_is_exported,
    )


class Memory(QObject):
    """Writes what a reader is used to soon after it changed, so that no crash forgets it."""

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        """settings are those on disk."""
        super().__init__(window)
        self._window = window
        self._kept = self._tried = self._seen = settings
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Write what differs from what is on disk, once it has come to rest and unless refused."""
        now = self._now()
        if now == self._seen and now not in (self._kept, self._tried):
            self._write(now)
        self._seen = now

    def close(self) -> None:
        """Write what was not written yet."""
        self._timer.stop()
        now = self._now()
        if now != self._kept:
            self._write(now)

    def _now(self) -> Settings:
        window = self._window
        return replace(
            self._kept,
            window_geometry=window.geometry_text(),
            window_state=window.state_text(),
            last_folder=window.last_folder,
            **window.habits(),
        )

    def _write(self, now: Settings) -> None:
        self._tried = now
        try:
            save_settings(now)
        except OSError as error:
            _log.warning("the settings could not be saved: %s", error)
        else:
            self._kept = now


def _start_log() -> Path | None:
    try:
        handler = logs.log_file("cephview.log")
    except OSError:
        return None
    logging.getLogger().addHandler(handler)
    logging.getLogger("cephview").setLevel(logging.INFO)
    return places.log_dir() / "cephview.log"


def _catch_exceptions(window: MainWindow, log_file: Path | None) -> None:
    """Log what nobody expected and say so; every commit is on disk already."""
    where = "the terminal" if log_file is None else str(log_file)

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _log.error("unexpected", exc_info=(kind, error, trace))
        if log_file is None:
            sys.__excepthook__(kind, error, trace)
        if threading.current_thread() is threading.main_thread():
            window.notices.post(Notice(
                f"Something went wrong that should not have ({kind.__name__}); your work is kept. "
                f"The details are in {where}.",
                Kind.DANGER, "unexpected",
            ))  # fmt: skip

    sys.excepthook = told

"""The composition root: the only place where the window's parts are wired together."""

import logging
import sys
import threading
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from cephview import __version__, places
from cephview.engine.client import EngineClient
from cephview.formats import FILM_SUFFIXES, FormatError, looks_like_film, open_film, thumbnail
from cephview.settings import Settings, load_settings, save_settings
from cephview.store import StoreError, Workspace
from cephview.ui import timing
from cephview.ui.main_window import MainWindow
from cephview.ui.panels.notice_bar import Kind, Notice
from cephview.ui.panels.thumbnails import Thumbnails
from cephview.ui.session import Services
from cephview.ui.theme import DARK, LIGHT, apply_theme

_log = logging.getLogger(__name__)
_LANDMARK_SET = "isbi19"
_DEMO_TIMEOUT_MS = 180_000


def run_window(
    paths: tuple[Path, ...],
    *,
    workspace: str | None,
    model: str | None,
    device: str,
) -> int:
    """Open the window on these films or folders and return its exit code.

    workspace is a folder or a database URL, None for the user's own; model a name or a folder.
    """
    log_file = _start_log()
    app = _application()
    settings = load_settings()
    theme = LIGHT if settings.theme == "light" else DARK
    apply_theme(app, theme)
    engine = EngineClient(device=settings.device if device == "auto" else device)
    services = _services(settings, workspace, model or "", engine)
    window = _window(services, theme)
    _catch_exceptions(window, log_file)
    window.painted.connect(lambda: QTimer.singleShot(0, lambda: _begin(window, engine, paths)))
    window.show()
    code = app.exec()
    _remember(window, settings)
    engine.close()
    if services.workspace is not None:
        services.workspace.close()
    return code


def _begin(window: MainWindow, engine: EngineClient, paths: tuple[Path, ...]) -> None:
    timing.mark("window usable")
    engine.start()
    window.session.start()
    last = window.last_folder
    if paths:
        window.open_paths(paths)
    elif last and Path(last).is_dir():
        window.open_paths((Path(last),))


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


def _window(services: Services, theme: Any) -> MainWindow:
    window = MainWindow(services, theme)
    thumbnails = Thumbnails(window, services.thumbnail)
    films = window.session.films
    films.thumbnail_wanted.connect(thumbnails.want)
    thumbnails.made.connect(films.set_thumbnail)
    thumbnails.dropped.connect(films.forget_request)
    window.destroyed.connect(lambda: None)
    QApplication.instance().aboutToQuit.connect(thumbnails.close)
    return window


def _services(settings: Settings, place: str | None, model: str, engine: Any) -> Services:
    landmarks = places.load_landmark_set(_LANDMARK_SET)
    workspace, why_not = _open_workspace(place or settings.workspace, settings.author)

    def write_export(name: str, films: Any, path: Path) -> str:
        from cephview.formats.export import EXPORTERS, ExportedFilm

        exported = [
            ExportedFilm(
                str(record.path), record.sha256, record.width, record.height, record.pixel_size,
                tracing,
            )
            for record, tracing in films
        ]  # fmt: skip
        EXPORTERS[name].write(path, exported, landmarks, include_unconfirmed=True)
        truths = sum(p.truth is not None for film in exported for p in film.tracing)
        return (
            f"Wrote {path.name}: {len(exported)} films, {truths} points a person stands for; "
            "other points are marked as the model's."
        )

    return Services(
        settings=settings,
        workspace=workspace,
        workspace_error=why_not,
        engine=engine,
        landmarks=landmarks,
        open_film=open_film,
        thumbnail=thumbnail,
        looks_like_film=looks_like_film,
        film_suffixes=FILM_SUFFIXES,
        write_export=write_export,
        errors=(FormatError, StoreError),
        model=model,
    )


def _open_workspace(place: str, author: str) -> tuple[Workspace | None, str]:
    try:
        if "://" in place:
            folder = places.user_dir() / "workspace"
            return Workspace.open(folder, url=place, author=author), ""
        return Workspace.open(Path(place), author=author), ""
    except (StoreError, OSError) as error:
        return None, f"{error} Nothing is saved in this session."


def _remember(window: MainWindow, settings: Settings) -> None:
    now = replace(
        settings,
        window_geometry=window.geometry_text(),
        last_folder=window.last_folder,
        passes=window.session.detecting.passes,
    )
    try:
        save_settings(now)
    except OSError as error:
        _log.warning("the settings could not be saved: %s", error)


def _start_log() -> Path | None:
    try:
        path = places.log_dir() / "cephview.log"
        handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("cephview").setLevel(logging.INFO)
    return path


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

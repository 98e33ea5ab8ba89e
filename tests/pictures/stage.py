"""The program's window off the screen, on made films, with an engine that answers when told.

What it shows is the same on every run and machine: films, points, backups and times are made here.
"""

import contextlib
import csv
import functools
import gc
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "stand_ins"))

from fake_engine import FakeEngine
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from cephview import app, places
from cephview.core.detection import DetectedPoint, Detection, Likeness
from cephview.core.uncertainty import Covariance
from cephview.phantom import make_phantom
from cephview.settings import Settings
from cephview.ui.desks.working_time import WorkingTime
from cephview.ui.look import theme as look
from cephview.ui.look.theme import DARK, Theme

SIZE = 1440, 900
MAIN = "2024-0311.dcm"
# Name and how far it is: points that a person has confirmed, of all; None for a film without any.
OTHERS = (
    ("2024-0312.png", 4), ("2024-0318.png", 19), ("2024-0322.png", 19), ("2024-0325.png", 0),
    ("2024-0329.png", 7), ("2024-0402.png", 2), ("2024-0409.png", None),
)  # fmt: skip
_SMALL_PX = 388, 480
_SEED = 30
_WAIT_S = 20.0
NO_BUTTON = Qt.MouseButton.NoButton
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier

# How far, in sigmas along x and y, the model of these pictures is off, and its sigma in mm.
_DOUBT_MM = {"Po": 1.5, "Go": 1.3, "Or": 1.0, "Pog'": 1.2, "Ar": 0.7}
_USUAL_MM = 0.45


@dataclass
class Stage:
    """A window with hands. Every act is an event as a user's."""

    window: Any
    engine: FakeEngine
    films: Path
    points: dict[str, dict[str, tuple[float, float]]]
    likeness: Likeness | None = None

    @property
    def view(self) -> Any:
        return self.window.view

    @property
    def editor(self) -> Any:
        return self.window.session.editor

    @property
    def page(self) -> QWidget:
        return self.window.centralWidget()

    def open(self, path: Path) -> None:
        """Open a film or a folder, and wait until everything of it is shown."""
        self.window.open_paths((path,))
        self.wait(lambda: self.editor.film is not None)
        self.settle()

    def answer(self) -> None:
        """Let the engine answer for the open film, with doubts that differ."""
        path = self.window.session.path
        found = detection(self.points[path.name], 0.1 * 1935 / self.editor.film.width)
        asked = self.engine.asked_for(path)
        found = replace(found, likeness=self.likeness, turn=asked.turn)
        self.engine.detected.emit(asked.id, found)
        self.settle()

    def detected(self, name: str = MAIN) -> None:
        """Open a film of the folder with the model's points on it."""
        self.open(self.films)
        if self.window.session.path.name != name:
            self.open(self.films / name)
        if not any(point.best for point in self.editor.tracing):
            self.answer()

    def wait(self, until: Callable[[], object], seconds: float = _WAIT_S) -> None:
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise SystemExit("what a picture waits for never came")
            QApplication.processEvents()
            time.sleep(0.005)

    def settle(self) -> None:
        """Let everything that is under way arrive: small pictures, digests, layouts."""
        session = self.window.session
        self.wait(lambda: not session.folder.has_open_questions())
        small = session.films._thumbnails
        self.wait(lambda: all(picture is not None for picture in small.values()))
        for _ in range(6):
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.01)

    def place(self, landmark: str) -> QPointF:
        """Return where a point is on the view."""
        return QPointF(*self.view.viewport.to_screen(self.editor.tracing[landmark].best.xy))

    def mouse(self, kind: QEvent.Type, at: QPointF, button=NO_BUTTON, held=NO_BUTTON) -> None:
        event = QMouseEvent(kind, at, self.view.mapToGlobal(at), button, held, PLAIN)
        QApplication.sendEvent(self.view, event)

    def drag(self, start: QPointF, end: QPointF, *, let_go: bool = True) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
        for n in range(1, 6):
            self.mouse(QEvent.Type.MouseMove, start + (end - start) * (n / 5), NO_BUTTON, LEFT)
        if let_go:
            self.let_go(end)
        self.settle()

    def let_go(self, at: QPointF) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, at, LEFT, NO_BUTTON)

    def key(self, key: Qt.Key, modifiers=PLAIN, text: str = "") -> None:
        """Press a key where the keyboard is."""
        target = self.window.focusWidget() or self.view
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(target, QKeyEvent(kind, key, modifiers, text))
        QApplication.processEvents()

    def act(self, name: str) -> None:
        self.window.actions_book[name].trigger()
        self.settle()

    def grab(self, widget: QWidget | None = None, area: QRect | None = None) -> Image.Image:
        """Return a picture of the window, of one widget of it, or of a part of that."""
        QToolTip.hideText()
        self.settle()
        widget = widget or self.window
        return picture(widget.grab(area if area is not None else QRect(QPoint(), widget.size())))


def picture(pixmap: Any) -> Image.Image:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = bytes(image.constBits())
    size = image.width(), image.height()
    return Image.frombytes("RGB", size, rows, "raw", "RGB", image.bytesPerLine())


def detection(points: dict[str, tuple[float, float]], mm_per_px: float) -> Detection:
    """Return what a fair model would say of a film with these points, a little off each."""
    found = []
    for n, (name, (x, y)) in enumerate(points.items()):
        sigma = _DOUBT_MM.get(name, _USUAL_MM + 0.02 * (n % 5)) / mm_per_px
        angle = 2.4 * n
        dx, dy = 0.5 * sigma * math.cos(angle), 0.5 * sigma * math.sin(angle)
        refined = x + dx, y + dy
        coarse = x + 2.4 * sigma * math.cos(angle + 0.6), y + 2.4 * sigma * math.sin(angle + 0.6)
        spread = Covariance(
            sigma**2 * 1.3, 0.4 * sigma**2 * math.sin(angle), sigma**2 * (0.6 + 0.2 * (n % 3))
        )
        found.append(DetectedPoint(name, coarse, 2 * sigma, refined, sigma, spread))
    return Detection(tuple(found), "d" * 64, "isbi19-base", 1, "cpu", 0.6)


def write_films(folder: Path) -> None:
    """Write the demo film and small phantoms, and beside them points.json, where points are."""
    films = folder / "films"
    films.mkdir(parents=True)
    demo = places.demo_film()
    # The demo film itself is no data: another byte of what DICOM ignores makes it a film like any.
    content = demo.read_bytes()
    (films / MAIN).write_bytes(b"\1" + content[1:])
    with demo.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        rows = tuple(csv.DictReader(file))
    points = {MAIN: {row["landmark"]: (float(row["x_px"]), float(row["y_px"])) for row in rows}}
    for n, (name, _) in enumerate(OTHERS):
        phantom = make_phantom(_SEED + n, size_px=_SMALL_PX, bits=8)
        Image.fromarray(phantom.pixels).save(films / name)
        points[name] = dict(phantom.points)
    (folder / "points.json").write_text(json.dumps(points), encoding="utf-8")
    with stage(folder, workspace="worked") as it:
        for name, confirmed in OTHERS:
            if confirmed is None:
                continue
            it.detected(name)
            for landmark in list(points[name])[:confirmed]:
                it.editor.confirm(landmark)
            it.settle()


@contextlib.contextmanager
def stage(
    folder: Path,
    theme: Theme = DARK,
    size: Sequence[int] = SIZE,
    *,
    workspace: str = "",
    text_scale: float = 1.0,
    **settings: Any,
) -> Iterator[Stage]:
    """Open a window on the films that write_films() left in a folder.

    Its workspace is a copy of what was worked there, or, by its name, one that stays.
    """
    points = json.loads((folder / "points.json").read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory(prefix="cephview-pictures-", ignore_cleanup_errors=True) as own,
        mock.patch.object(look, "font_scale", lambda: text_scale),
        # The list says how long a film took: no work takes time here, however slow the machine.
        mock.patch.object(app, "WorkingTime", functools.partial(WorkingTime, clock=lambda: 0.0)),
        mock.patch.object(places, "user_dir", lambda: Path(own)),
        mock.patch.dict(os.environ, {"TZ": "UTC"}),
    ):
        time.tzset()
        where = folder / workspace if workspace else Path(own, "workspace")
        if not workspace and (folder / "worked").is_dir():
            shutil.copytree(folder / "worked", where)
        application = app._application()
        look.apply_theme(application, theme)
        engine = FakeEngine()
        values = Settings(author="Dr A", **settings)
        window = app.make_window(app.make_services(values, str(where), "", engine), theme)
        window.resize(*size)
        window.show()
        engine.start()
        window.session.start()
        made = Stage(window, engine, folder / "films", points)
        try:
            made.settle()
            yield made
        finally:
            window._may_lose = True
            window.close()
            window.session.keeping.close()
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()

"""A whole window on films made here, with an engine that answers when a test says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from cephview import app, places
from cephview.core import unfinished
from cephview.core.detection import DetectedPoint, Detection, Likeness
from cephview.settings import Settings
from cephview.ui.look.theme import DARK, Theme, apply_theme, style_sheet
from cephview.ui.main_window import MainWindow

MODEL = """name = "{name}"
landmark_set = "isbi19"
landmarks = {landmarks}
input_size = [768, 960]
sha256 = "{sha}"
parent = "{parent}"
created = "2026-01-02T03:04:05"
terms = "Research use; the films are for non-commercial use only."
trained_on = "Phantoms"
[metrics]
"validation.films" = 30.0
"validation.refined.mre_mm" = 1.06
"validation.coarse.mre_mm" = 1.41
"validation.refined.sdr_2mm" = 87.4
"""


@dataclass
class Desk:
    """A window with what a test needs at hand."""

    window: MainWindow
    engine: FakeEngine
    films: Path
    qtbot: Any

    @property
    def editor(self) -> Any:
        return self.window.session.editor

    @property
    def list_model(self) -> Any:
        return self.window.session.films

    def open(self, path: Path) -> None:
        """Open a film or a folder and wait until a film is shown."""
        with self.qtbot.waitSignal(self.editor.film_changed):
            self.window.open_paths((path,))

    def answer(self, **changes: Any) -> None:
        """Answer the last detection that was asked for the open film."""
        found = detection(self.editor.landmarks, **changes)
        asked = self.engine.asked_for(self.window.session.path)
        self.engine.detected.emit(asked.id, replace(found, turn=asked.turn))

    def export(self, action: str) -> None:
        """Ask for an export, and accept what is offered."""
        self.window.actions_book[action].trigger()
        sheet = self.window.exports.sheet
        if sheet is not None and sheet.isVisible():
            sheet.go.click()

    def process(self) -> None:
        QApplication.processEvents()


def detection(
    landmarks: Any, *, note: str = "", shift: float = 0.0, likeness: Likeness | None = None
) -> Detection:
    """Return points on a grid, the later the less certain."""
    points = []
    for n, landmark in enumerate(landmarks):
        x, y = 60.0 + 45 * (n % 5) + shift, 80.0 + 70 * (n // 5)
        points.append(DetectedPoint(landmark.id, (x + 3, y), 2.0 + n, (x, y), 1.0 + n))
    return Detection(tuple(points), "m" * 64, "test-base", 1, "cpu", 0.6, note, likeness=likeness)


def write_film(path: Path, seed: int) -> Path:
    """Write a small grey film, different for each seed."""
    rows, columns = np.mgrid[0:400, 0:320]
    pixels = (rows * 0.4 + columns * 0.2 + seed) % 256
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def write_model(folder: Path, *, sha: str, parent: str = "") -> Path:
    """Write a model folder that can be chosen, though not run; as an engine leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / unfinished.FILE).unlink(missing_ok=True)
    ids = list(places.load_landmark_set("isbi19").ids)
    text = MODEL.format(name=folder.name, landmarks=ids, sha=sha, parent=parent)
    (folder / "model.toml").write_text(text, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def model_dirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return (shipped, user) folders of models, with one shipped model."""
    shipped, user = tmp_path / "shipped", tmp_path / "user"
    user.mkdir()
    monkeypatch.setattr(places, "models_dir", lambda: shipped)
    monkeypatch.setattr(places, "user_dir", lambda: user)
    write_model(shipped / "test-base", sha="a" * 64)
    return shipped, user / "models"


@pytest.fixture
def make_model() -> Callable[..., Path]:
    """Return a function that writes a model folder."""
    return write_model


@pytest.fixture
def make_film() -> Callable[[Path, int], Path]:
    """Return a function that writes a film."""
    return write_film


@pytest.fixture
def make_engine() -> Callable[[], FakeEngine]:
    """Return what makes an engine that answers when a test says so."""
    return FakeEngine


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Return a folder of three films and a file that is none."""
    folder = tmp_path / "films"
    folder.mkdir()
    for n in (2, 10, 1):
        write_film(folder / f"film-{n}.png", n)
    (folder / "notes.txt").write_text("not a film")
    return folder


@pytest.fixture
def make_desk(
    qtbot: Any, tmp_path: Path, films: Path, model_dirs: tuple[Path, Path], qapp: QApplication
) -> Iterator[Callable[..., Desk]]:
    """Return a function that opens a window on a workspace.

    Unless it reads ahead, the engine is asked for nothing but what a test does.
    """
    # Whatever tests came before in this process left behind.
    if qapp.styleSheet() != style_sheet(DARK):
        apply_theme(qapp, DARK)
    open_desks: list[Desk] = []

    def make(
        workspace: str = "",
        *,
        size: tuple[int, int] = (1440, 900),
        theme: Theme = DARK,
        reads_ahead: bool = False,
        **settings: Any,
    ) -> Desk:
        engine = FakeEngine()
        values = Settings(author="reader", **settings)
        services = app.make_services(values, workspace or str(tmp_path / "ws"), "", engine)
        window = app.make_window(services, theme)
        if not reads_ahead:
            window.session.behind.read_ahead.next_of = lambda _: None
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        engine.start()
        window.session.start()
        desk = Desk(window, engine, films, qtbot)
        open_desks.append(desk)
        return desk

    yield make
    for desk in open_desks:
        if not isValid(desk.window):
            continue
        desk.window._may_lose = True
        desk.window.close()
        desk.window.session.keeping.close()
        # At once: each style sheet that is set later would go through what is left.
        desk.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()

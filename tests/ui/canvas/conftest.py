"""A film of simple shapes, a detection on it, and the canvas showing both."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.film import Film, Levels
from cephview.core.history import History
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.places import load_landmark_set
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.editor import Editor
from cephview.ui.look.theme import DARK

SCALE = PixelSize(0.1, 0.1, Provenance.CALIBRATED)


@pytest.fixture(scope="session")
def landmarks():
    return load_landmark_set("isbi19")


@pytest.fixture
def film():
    """400 x 600, 16 bit: a gradient with a bright disc."""
    rows, columns = np.mgrid[0:600, 0:400]
    pixels = (columns * 40 + rows * 20).astype(np.uint16)
    pixels[(columns - 200) ** 2 + (rows - 300) ** 2 < 80**2] = 30_000
    return Film(pixels, "f" * 64, "shapes.png", SCALE, Levels(0, 30_000))


@pytest.fixture
def detection(landmarks):
    """One point a landmark on a grid, the later ones the more uncertain; coarse 6 px off."""
    points = []
    for index, landmark in enumerate(landmarks.ids):
        x, y = 60.0 + 70 * (index % 5), 80.0 + 110 * (index // 5)
        points.append(DetectedPoint(landmark, (x + 6, y), 8.0, (x, y), 2.0 + index * 0.5))
    return Detection(tuple(points), "m" * 64, "model", 1, "cpu", 0.1)


class Notebook:
    """A journal in memory."""

    def __init__(self):
        self.lines = []

    def append_commit(self, sha256, tracing):
        self.lines.append("commit")
        return len(self.lines)

    def append_undo(self, sha256):
        self.lines.append("undo")
        return len(self.lines)

    def append_redo(self, sha256):
        self.lines.append("redo")
        return len(self.lines)


@pytest.fixture
def journal():
    return Notebook()


@pytest.fixture
def editor(qapp, landmarks, film, detection, journal):
    made = Editor(landmarks, "Dr A")
    made.open(film, History(Tracing.empty(landmarks.id, landmarks.ids)), journal, SCALE)
    made.apply_detection(detection)
    journal.lines.clear()
    return made


@pytest.fixture
def view(qtbot, editor):
    made = FilmView(editor, DARK)
    made.resize(500, 640)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


@pytest.fixture
def on_screen(view, editor):
    """Return a function: where a landmark, or a film place, is on the widget."""

    def find(what):
        xy = editor.tracing[what].best.xy if isinstance(what, str) else what
        return QPoint(*(round(c) for c in view.viewport.to_screen(xy)))

    return find

"""The whole job on a real engine: open, detect, drag, undo, export, fine-tune, restart."""

import csv
import json

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.app import make_services, make_window
from cephview.core.model_info import ModelInfo
from cephview.core.tracing import State
from cephview.engine.client import EngineClient
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model
from cephview.phantom import LANDMARKS
from cephview.phantom.dataset import write_dataset
from cephview.settings import Settings
from cephview.ui.learning.finetuning import Stage
from cephview.ui.look.theme import DARK

ENGINE_MS = 60_000
# The hand places these elsewhere than the model, all others where it has them.
ELSEWHERE = ("Me", "Go", "Pog'", "A", "Or")


@pytest.fixture
def films(tmp_path):
    write_dataset(tmp_path / "data", 5, 40, (388, 480))
    return tmp_path / "data" / "images"


@pytest.fixture
def model(tmp_path):
    """A network that knows nothing: wherever it puts a point, a hand has to move it."""
    torch.manual_seed(0)
    network = DualEncoder(PRESETS["tiny"].network, len(LANDMARKS))
    info = ModelInfo("tiny", "isbi19", tuple(LANDMARKS), PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "tiny", network, info)
    return tmp_path / "tiny"


@pytest.fixture
def start(qtbot, tmp_path, model):
    """Return a function that starts the program on the one workspace, and one that ends it."""
    running = []

    def begin(model_name=str(model)):
        engine = EngineClient(device="cpu")
        workspace = str(tmp_path / "workspace")
        window = make_window(
            make_services(Settings(author="Dr A"), workspace, model_name, engine), DARK
        )
        window.resize(1280, 720)
        window.show()
        engine.start()
        window.session.start()
        running.append((window, engine))
        return window

    def end():
        while running:
            window, engine = running.pop()
            window.close()
            engine.close()
            window.session.keeping.close()

    yield begin, end
    end()


def is_detected(session, path):
    tracing = session.editor.tracing
    return session.path == path and tracing and all(p.refined for p in tracing)


def on_screen(view, xy):
    x, y = view.viewport.to_screen(xy)
    return QPoint(round(x), round(y))


def drag(view, start, end):
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * step / 5)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.timeout(300)
def test_from_opening_a_folder_to_a_model_that_learnt_the_hand(
    qtbot, start, films, tmp_path, monkeypatch
):
    begin, end = start
    window = begin()
    session, view = window.session, window.view
    paths = sorted(films.iterdir())
    session.open_path(films)
    qtbot.waitUntil(lambda: is_detected(session, paths[0]), timeout=ENGINE_MS)

    # A drag with the mouse, Escape, undo and redo by their keys.
    editor = session.editor
    editor.select("Me")
    view.setFocus()
    before = editor.tracing["Me"].best.xy
    grip = on_screen(view, before)
    drag(view, grip, grip + QPoint(30, 20))
    assert editor.tracing["Me"].state is State.MOVED
    moved = editor.tracing["Me"].best.xy
    assert moved != before
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.tracing["Me"].best.xy == before
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_Z, shift)
    assert editor.tracing["Me"].best.xy == moved

    # Five films corrected by one hand, and everything confirmed.
    for path in paths:
        session.open_path(path)
        qtbot.waitUntil(lambda path=path: is_detected(session, path), timeout=ENGINE_MS)
        for landmark in ELSEWHERE:
            x, y = editor.tracing[landmark].refined.xy
            editor.move(landmark, (x + 8, y - 4))
        editor.confirm_all()
        assert all(point.state is State.CONFIRMED for point in editor.tracing)

    # Export holds what the hand said.
    qtbot.waitUntil(lambda: not session.folder.has_open_questions(), timeout=20_000)
    table, keypoints = tmp_path / "points.csv", tmp_path / "keypoints.json"
    for name, target in (("csv", table), ("coco", keypoints)):
        monkeypatch.setattr(session.exporting, "_ask_path", lambda *_, target=target: target)
        with qtbot.waitSignal(session.exporting.done, timeout=20_000):
            window.actions_book[f"export-{name}"].trigger()
            window.exports.sheet.go.click()
    with table.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 5 * len(LANDMARKS)
    annotations = json.loads(keypoints.read_text())["annotations"]
    assert [a["num_keypoints"] for a in annotations] == [len(LANDMARKS)] * 5

    # Fine-tune with the button, adopt with the button, and the new model is at work.
    window.tabs.setCurrentWidget(window.model)
    window.model.refresh_learning()
    learning = window.model.learning
    assert learning.start.isEnabled()
    QTest.mouseClick(learning.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: session.finetuning.learning.stage is Stage.JUDGED, timeout=2 * ENGINE_MS
    )
    result = session.finetuning.learning.result
    assert result.is_better and result.after.mre < 0.7 * result.before.mre
    first = session.models.active.info.name
    QTest.mouseClick(learning.adopt, Qt.MouseButton.LeftButton)
    assert session.models.active.info.name != first
    old = editor.tracing["Me"].refined
    session.detecting.detect()
    qtbot.waitUntil(lambda: editor.tracing["Me"].refined.model != old.model, timeout=ENGINE_MS)
    assert editor.tracing["Me"].refined.x_px > old.x_px + 5
    assert editor.tracing["Me"].human.xy == pytest.approx((old.x_px + 8, old.y_px - 4))

    # Ended and started again: the same tracing, the same undo, the adopted model.
    tracing, adopted = editor.tracing, session.models.active.info.sha256
    end()
    window = begin(model_name="")
    session, editor = window.session, window.session.editor
    assert session.models.active.info.sha256 == adopted
    session.open_path(paths[-1])
    qtbot.waitUntil(lambda: session.path == paths[-1] and editor.tracing is not None)
    assert editor.tracing == tracing and editor.can_undo
    editor.undo()
    assert editor.tracing["Me"].refined == old

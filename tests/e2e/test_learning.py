"""Learning from the window with a real engine, ended once in the middle: nothing is lost by it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from cephview import places
from cephview.core.judged import FILE as JUDGED
from cephview.core.model_info import ModelInfo
from cephview.core.tracing import Tracing
from cephview.core.unfinished import FILE
from cephview.formats import open_film
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model
from cephview.phantom import LANDMARKS, make_phantom
from cephview.store import Workspace
from cephview.ui.learning.finetuning import Stage
from cephview.ui.learning.installed_models import NOTE
from cephview.ui.look.theme import DARK, apply_theme

sys.path.append(str(Path(__file__).parent))

from learning_hand import BY, ELSEWHERE, Program

BY_HAND = 6
# With so many patients the encoders learn by steps, which a killed run goes on with.
FOR_STEPS = 32
LATE_ENOUGH = 25

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed like this there")


@pytest.fixture
def home(tmp_path, monkeypatch, qapp):
    """A user of its own, whose workspace uses a network that knows nothing."""
    apply_theme(qapp, DARK)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    # One thread for each process: waiting threads would take the processor from one another.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torch.manual_seed(1)
    network = DualEncoder(PRESETS["tiny"].network, len(LANDMARKS))
    info = ModelInfo("tiny", "isbi19", tuple(LANDMARKS), PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "tiny", network, info)
    with_model = Workspace.open(tmp_path / "workspace", author="Dr A")
    with_model.set_active_model(str(tmp_path / "tiny"))
    with_model.close()
    return tmp_path


def write_films(folder: Path, count: int) -> list[Path]:
    """Write films of as many heads; their bytes hold nothing that a compressor decides."""
    folder.mkdir()
    paths = [folder / f"{n:03d}.bmp" for n in range(count)]
    for n, path in enumerate(paths):
        Image.fromarray(make_phantom(100 + n, size_px=(320, 400), bits=8).pixels).save(path)
    return paths


def corrected_before(home: Path, paths: list[Path]) -> None:
    """Leave films in the workspace as the same hand corrected them another day."""
    detector = Detector.load(home / "tiny", "cpu")
    landmarks, at = places.load_landmark_set("isbi19"), "2026-01-01T08:00:00+00:00"
    workspace = Workspace.open(home / "workspace", author="Dr A")
    for path in paths:
        film = open_film(path)
        workspace.remember_film(film, path)
        tracing = Tracing.of(landmarks).detected(detector.detect(film), at=at)
        for name in ELSEWHERE:
            x, y = tracing[name].best.xy
            tracing = tracing.moved(name, (x + BY[0], y + BY[1]), by="Dr A", at=at)
        workspace.append_commit(film.sha256, tracing.confirm_all(by="Dr A", at=at))
    workspace.close()


@pytest.fixture
def start(home):
    """Return a function that starts the program on the one workspace."""
    running = []

    def begin() -> Program:
        running.append(Program(home / "workspace"))
        return running[-1]

    yield begin
    for program in running:
        program.close()


def use_and_detect(program: Program, home: Path, path: Path) -> None:
    """Use the judged model by its button; the next film is detected with it."""
    program.wait(lambda: program.learning.stage is Stage.JUDGED)
    result = program.learning.result
    assert result.is_better and result.kept.network == result.kept.before, result.sentence
    assert result.after.mre < 0.7 * result.before.mre
    folder = Path(result.model_dir)
    program.click(program.window.bar.pill)
    program.click(program.card.adopt)
    active = program.session.models.active
    assert active.folder == folder
    assert {one.name for one in folder.iterdir()} == {"model.toml", "model.safetensors", JUDGED}
    before = Detector.load(home / "tiny", "cpu").detect(open_film(path))
    old = next(point.refined_px for point in before.points if point.landmark == "Me")
    program.open(path)
    found = program.editor.tracing["Me"].refined
    assert found.model == active.info.sha256
    assert (found.x_px - old[0], found.y_px - old[1]) == pytest.approx(BY, abs=1.5)


@pytest.mark.timeout(600)
def test_an_engine_killed_while_it_learns_loses_nothing(home, start, qtbot):
    paths = write_films(home / "films", BY_HAND + 1)
    program = start()
    for path in paths[:BY_HAND]:
        program.correct(path)
    killed = []

    def kill_once(_request, _progress):
        if not killed:
            killed.append(program.engine._trainer.process_id)
            os.kill(killed[0], signal.SIGKILL)

    program.engine.trained.connect(kill_once)
    program.press_learn()
    program.wait(lambda: program.learning.stage is Stage.INTERRUPTED)
    notice = program.window.notices.current
    assert f"Learning from {BY_HAND} films was interrupted" in notice.text
    program.click(program.window.notices.action)
    use_and_detect(program, home, paths[BY_HAND])


@pytest.mark.timeout(600)
def test_a_window_killed_while_the_model_learns_is_gone_on_with_by_the_next(home, start, qtbot):
    paths = write_films(home / "films", FOR_STEPS + 1)
    corrected_before(home, paths[BY_HAND:FOR_STEPS])
    hand = Path(__file__).with_name("learning_hand.py")
    command = [sys.executable, str(hand), str(home / "workspace"), str(home / "films")]
    with subprocess.Popen([*command, str(BY_HAND)], stdout=subprocess.PIPE, text=True) as window:
        for line in window.stdout:
            if int(line) >= LATE_ENOUGH:
                break
        window.kill()
    assert window.returncode == -signal.SIGKILL
    (folder,) = (places.user_dir() / "models").iterdir()
    assert (folder / FILE).exists() and (folder / NOTE).exists()

    program = start()
    notice = program.window.notices._notices[0]
    assert notice.text.startswith(f"Learning from {FOR_STEPS} films was interrupted")
    steps = []
    program.engine.trained.connect(lambda _, told: steps.append(told.step) if told.loss else None)
    program.click(program.window.bar.pill)
    program.click(program.card.go_on)
    program.wait(lambda: steps)
    assert steps[0] > LATE_ENOUGH - 10, "it goes on from what was kept last"
    use_and_detect(program, home, paths[FOR_STEPS])

"""The window as a user starts it: a process of its own, a real engine process, files on disk."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from PySide6.QtCore import QEventLoop, QTimer

from cephview import app, places
from cephview.formats.export_words import export_sentence
from cephview.formats.exported import Written
from cephview.settings import Settings, load_settings

SCRIPT = """
import sys
import time
from pathlib import Path
from PySide6.QtCore import QTimer
import cephview.ui.main_window as main_window
from cephview.app import run_window

def look(window):
    film = window.session.editor.film
    if film is None:
        QTimer.singleShot(50, lambda: look(window))
        return
    print("torch" in sys.modules, film.name, flush=True)
    window.close()

shown = main_window.MainWindow.showEvent
def show(window, event):
    shown(window, event)
    look(window)
main_window.MainWindow.showEvent = show
sys.exit(run_window((Path(sys.argv[1]),), workspace=sys.argv[2], model=None, device="cpu"))
"""


def environment(home: Path) -> dict[str, str]:
    names = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    own = {name: str(home / name.lower()) for name in names}
    return os.environ | own | {"QT_QPA_PLATFORM": "offscreen", "CEPHVIEW_TIMING": "1"}


@pytest.mark.timeout(240)
def test_a_start_shows_the_film_without_torch_and_remembers_where_it_was(tmp_path):
    film = tmp_path / "films" / "film.dcm"
    film.parent.mkdir()
    shutil.copy(places.demo_film(), film)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(film), str(tmp_path / "ws")],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", film.name]
    assert "timing: window usable" in done.stderr
    assert (tmp_path / "ws").is_dir()
    settings = load_settings(tmp_path / "xdg_config_home" / "cephview" / "settings.toml")
    assert settings.last_folder == str(film.parent)
    assert settings.window_geometry


@pytest.mark.timeout(240)
def test_the_demo_is_drawn_where_there_is_no_display(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c",
         "import sys; from pathlib import Path; from cephview.app import draw_demo; "
         "sys.exit(draw_demo(Path(sys.argv[1])))", str(tmp_path / "demo")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "overlay.png").stat().st_size > 10_000
    table = (tmp_path / "demo" / "points.csv").read_text(encoding="utf-8")
    assert table.count("refined") == table.count("coarse") == 19


def test_the_demo_without_a_model_ends_with_a_sentence(tmp_path, monkeypatch, capsys, qapp):
    monkeypatch.setattr(places, "models_dir", lambda: tmp_path / "none")
    monkeypatch.setattr(places, "user_dir", lambda: tmp_path)
    monkeypatch.setattr(app, "EngineClient", FakeEngine)
    assert app.draw_demo(tmp_path / "demo") == 1
    assert "No model is installed" in capsys.readouterr().err
    assert not (tmp_path / "demo" / "points.csv").exists()


def test_nothing_of_a_drawn_demo_ends_a_later_event_loop(tmp_path, monkeypatch, qapp, qtbot):
    monkeypatch.setattr(places, "models_dir", lambda: tmp_path / "none")
    monkeypatch.setattr(places, "user_dir", lambda: tmp_path)
    monkeypatch.setattr(app, "EngineClient", FakeEngine)
    monkeypatch.setattr(app, "_DEMO_TIMEOUT_MS", 2000)
    begun = time.monotonic()
    assert app.draw_demo(tmp_path / "demo") == 1
    qtbot.wait(max(0, 2200 - round(1000 * (time.monotonic() - begun))))
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0


def test_what_nobody_expected_is_logged_and_said(tmp_path, monkeypatch, qtbot):
    services = app.make_services(Settings(author="r"), str(tmp_path / "ws"), "", FakeEngine())
    window = app.make_window(services, app.DARK)
    qtbot.addWidget(window)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    app._catch_exceptions(window, tmp_path / "cephview.log")
    sys.excepthook(ValueError, ValueError("odd"), None)
    notice = window.notices.current
    assert "cephview.log" in notice.text and "ValueError" in notice.text


def test_settings_survive_a_file_that_cannot_be_written(tmp_path, monkeypatch, qtbot, caplog):
    services = app.make_services(Settings(author="r"), str(tmp_path / "ws"), "", FakeEngine())
    window = app.make_window(services, app.DARK)
    qtbot.addWidget(window)

    def refuse(_settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(app, "save_settings", refuse)
    memory = app.Memory(window, Settings(author="r"))
    window.session.detecting.passes = 2
    for _ in range(3):
        memory.look()
    memory.close()
    assert "could not be saved" in caplog.text


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            Written(films=1, truths=1, hidden=0, unchecked=0, left_out=1),
            "Wrote a.csv: 1 film, 1 point that a person placed or confirmed. "
            "1 unchecked point left out; “Include points nobody checked” adds them.",
        ),
        (
            Written(films=3, truths=56, hidden=1, unchecked=17, left_out=0),
            "Wrote a.csv: 3 films, 56 points that a person placed or confirmed, "
            "1 marked as not visible, 17 unchecked points marked as the model's.",
        ),
        (
            Written(films=0, truths=0, hidden=0, unchecked=0, left_out=38),
            "Wrote a.csv without any point: no person placed or confirmed one yet. "
            "38 unchecked points left out; “Include points nobody checked” adds them.",
        ),
    ],
)
def test_export_tells_what_it_holds_and_what_it_left_out(written, sentence):
    assert export_sentence("a.csv", written) == sentence

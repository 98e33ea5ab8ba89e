"""A real window on a real server: cut off, killed, and started again."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cephview.core.tracing import State
from cephview.store import Workspace

# Moves points in a window and says so, until it is killed.
HAND = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
sys.path.append(sys.argv[3])
from fake_engine import FakeEngine
from cephview import app
from cephview.settings import Settings
from cephview.ui.look.theme import DARK

qt = QApplication(sys.argv[:1])
services = app.make_services(Settings(author="Ann"), sys.argv[1], "", FakeEngine())
window = app.make_window(services, DARK)
editor = window.session.editor
window.session.noticed.connect(lambda notice: print("said:", notice.text, flush=True))

def word():
    line = sys.stdin.readline().split()
    if line and line[0] == "move":
        editor.move(line[1], (float(line[2]), 7.0))
        print("unsaved" if editor.has_unsaved else "saved", flush=True)
    QTimer.singleShot(0, word)

def shown(_):
    print("shown", flush=True)
    QTimer.singleShot(0, word)

window.session.film_shown.connect(shown)
window.show()
window.session.start()
window.open_paths((Path(sys.argv[2]),))
qt.exec()
"""


class Window:
    def __init__(self, url: str, films: Path, home: Path, stand_ins: Path) -> None:
        environment = {**os.environ, "XDG_DATA_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-c", HAND, url, str(films), str(stand_ins)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=environment, **pipes)
        self.said: list[str] = []

    def wait_for(self, *words: str) -> str:
        for line in self.process.stdout:
            self.said.append(line.strip())
            if self.said[-1] in words:
                return self.said[-1]
        raise AssertionError(self.said)

    def move(self, landmark: str, x: float) -> str:
        self.process.stdin.write(f"move {landmark} {x}\n")
        self.process.stdin.flush()
        return self.wait_for("saved", "unsaved")

    def kill(self) -> None:
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()


@pytest.mark.timeout(300)
def test_what_was_done_while_cut_off_outlives_the_window(wire, url, tmp_path, repository):
    films = tmp_path / "films"
    films.mkdir()
    Image.fromarray(np.arange(12000, dtype=np.uint8).reshape(120, 100)).save(films / "one.png")
    make = (films, tmp_path / "home", repository / "tests" / "stand_ins")
    one = Window(wire.url, *make)
    one.wait_for("shown")
    assert one.move("S", 5.0) == "saved"
    wire.cut()
    assert one.move("N", 6.0) == "unsaved"
    assert one.move("A", 8.0) == "unsaved"
    one.kill()
    assert any("kept on this computer (2 not sent yet)" in text for text in one.said)
    with Workspace.open(tmp_path, url=url, author="Bo") as bo:
        (film,) = bo.films()
        assert film.revision == 1
        bo.append_commit(film.sha256, bo.tracing(film.sha256).moved("A", (1, 1), by="Bo", at="1"))
        wire.mend()
        two = Window(wire.url, *make)
        two.wait_for("shown")
        two.kill()
        assert any("2 steps that an earlier window could not send" in text for text in two.said)
        assert any("A is as left there; you had it otherwise" in text for text in two.said)
        present = bo.tracing(film.sha256)
    assert present["S"].human.xy == (5.0, 7.0)
    assert present["N"].human.xy == (6.0, 7.0)
    assert present["A"].human.xy == (1.0, 1.0) and present["A"].state is State.MOVED
    assert not list((tmp_path / "home").glob("cephview/unsent/*"))

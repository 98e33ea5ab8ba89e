"""A session that was ended from outside is told at the next opening, once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cephview.store import Workspace

AT = "2026-01-02T03:04:05.678+00:00"
CHILD = """
import os, sys
from pathlib import Path
import numpy as np
from cephview.core.film import Film
from cephview.core.tracing import Tracing
from cephview.store import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
film = Film(np.zeros((2, 2), np.uint8), "5" * 64, "film.png")
workspace.remember_film(film, Path("film.png"))
for x in range(3):
    tracing = Tracing.empty("isbi19", ("S", "N")).moved("S", (x, 0), by="Ann", at="2026")
    workspace.append_commit(film.sha256, tracing)
print("ready", flush=True)
sys.stdin.read()
os._exit(9)
"""


@pytest.fixture
def child(folder):
    started = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout.readline() == b"ready\n"
    yield started
    started.communicate()


def test_a_session_that_was_killed_is_told_once(folder, child):
    child.kill()
    child.wait()
    with Workspace.open(folder) as workspace:
        assert "all its 3 steps are here, the last on film.png" in workspace.news
    with Workspace.open(folder) as workspace:
        assert workspace.news == ""


@pytest.mark.skipif(os.name == "nt", reason="locks cannot be asked for there")
def test_a_session_in_another_window_is_not_taken_for_dead(folder, child):
    with Workspace.open(folder) as workspace:
        assert workspace.news == ""
    child.kill()
    child.wait()
    with Workspace.open(folder) as workspace:
        assert "3 steps" in workspace.news


def test_a_second_window_of_this_process_is_not_taken_for_dead(folder, film, empty):
    with Workspace.open(folder) as one:
        one.remember_film(film, Path("a.png"))
        with Workspace.open(folder) as two:
            assert two.news == ""
    with Workspace.open(folder) as workspace:
        assert workspace.news == ""


def test_reading_alone_is_no_session(folder, film, empty):
    with Workspace.open(folder) as workspace:
        workspace.films()
        assert workspace.tracing(film.sha256) is None
    with Workspace.open(folder) as workspace, workspace._reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 0

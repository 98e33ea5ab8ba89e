"""What a crash, a full disk, a lock or a vanished file may cost: nothing that was acknowledged."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cephview.core.history import History
from cephview.store import StoreError, Workspace, errors, sqlite

AT = "2026-01-02T03:04:05.678+00:00"

CHILD = """
import sys
from pathlib import Path
import numpy as np
from cephview.core.film import Film
from cephview.core.tracing import Tracing
from cephview.store import Workspace

workspace = Workspace.open(Path(sys.argv[1]))
film = Film(np.zeros((2, 2), np.uint8), "5" * 64, "film.png")
workspace.remember_film(film, Path("film.png"))
tracing = Tracing.empty("isbi19", ("S", "N"))
workspace.history(film.sha256, tracing)
step = 0
while True:
    step += 1
    tracing = tracing.moved("S", (step, -step), by="Ann", at="2026")
    print(workspace.append_commit(film.sha256, tracing), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9 there")
@pytest.mark.parametrize("commits", [1, 40])
def test_a_killed_process_loses_nothing_it_acknowledged(folder, commits):
    from cephview.core.tracing import Tracing

    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(commits)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()
    with Workspace.open(folder) as workspace:
        history = workspace.history("5" * 64, Tracing.empty("isbi19", ("S", "N")))
        last = workspace.film("5" * 64).revision
        # One more may have reached the disk before it could be said.
        assert acknowledged[-1] <= last <= acknowledged[-1] + 1
        assert len(history.past) == last
        assert history.present["S"].human.xy == (last, -last)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs more rights")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size):
                    pass
    return filler


def test_a_full_disk_is_told_and_the_same_commit_works_when_there_is_room(small_disk, film, empty):
    with Workspace.open(small_disk / "w") as workspace:
        workspace.remember_film(film, Path("a.png"))
        history = History(empty)
        filler, step = None, 0
        with pytest.raises(StoreError, match=r"is full|has room") as told:
            while step < 2000:
                step += 1
                tracing = history.present.moved("S", (step, step), by="Ann" * 300, at=AT)
                workspace.append_commit(film.sha256, tracing)
                history = history.commit(tracing)
                if step == 5:
                    filler = fill(small_disk)
        assert "workspace.sqlite" in str(told.value)
        assert filler is not None
        assert workspace.tracing(film.sha256) == history.present
        with pytest.raises(StoreError):
            workspace.append_commit(film.sha256, tracing)
        filler.unlink()
        assert workspace.append_commit(film.sha256, tracing) == step
        history = history.commit(tracing)
        assert workspace.append_undo(film.sha256) == step + 1
    with Workspace.open(small_disk / "w") as workspace:
        assert workspace.history(film.sha256, empty) == history.undo()


def test_a_backup_on_a_full_disk_leaves_nothing_and_work_goes_on(small_disk, film, empty):
    with Workspace.open(small_disk / "w") as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, empty.moved("S", (1, 1), by="Ann", at=AT))
    # Room for the log of an open file, not for a copy of it besides.
    (small_disk / "w" / "hold").write_bytes(b"\0" * 98304)
    fill(small_disk)
    (small_disk / "w" / "hold").unlink()
    with Workspace.open(small_disk / "w") as workspace:
        assert workspace.append_undo(film.sha256) == 2
        with pytest.raises(StoreError, match=r"is full|has room"):
            workspace.back_up()
        assert workspace.append_redo(film.sha256) == 3
    left = {path.name for path in (small_disk / "w" / "backups").iterdir()}
    assert left == {"workspace.sqlite.steps"}


def test_a_workspace_on_a_disk_without_any_room_can_be_read(small_disk, film, empty):
    moved = empty.moved("S", (1, 1), by="Ann", at=AT)
    with Workspace.open(small_disk / "w") as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, moved)
    filler = fill(small_disk)
    with Workspace.open(small_disk / "w") as workspace:
        assert workspace.tracing(film.sha256) == moved
        with pytest.raises(StoreError):
            workspace.append_undo(film.sha256)
        assert workspace.tracing(film.sha256) == moved
    filler.unlink()
    with Workspace.open(small_disk / "w") as workspace:
        assert not workspace.is_read_only
        assert workspace.append_undo(film.sha256) == 2


def test_a_new_workspace_on_a_full_disk_is_one_sentence(small_disk):
    fill(small_disk)
    with pytest.raises(StoreError) as told:
        Workspace.open(small_disk / "w")
    assert str(small_disk) in str(told.value)


def test_a_lock_of_another_program_is_told_and_the_commit_can_be_repeated(
    folder, film, empty, monkeypatch
):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        other = sqlite3.connect(folder / "workspace.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="busy in another window"):
            workspace.append_commit(film.sha256, moved)
        assert workspace.tracing(film.sha256) is None
        other.execute("ROLLBACK")
        other.close()
        assert workspace.append_commit(film.sha256, moved) == 1


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be moved there")
def test_a_file_moved_away_while_open_is_told_not_written_into_nowhere(folder, film, empty):
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        (folder / "workspace.sqlite").rename(folder / "elsewhere")
        moved = empty.moved("S", (1, 2), by="Ann", at=AT)
        with pytest.raises(StoreError, match="moved, deleted or replaced"):
            workspace.append_commit(film.sha256, moved)
        shutil.copyfile(folder / "elsewhere", folder / "workspace.sqlite")
        with pytest.raises(StoreError, match="moved, deleted or replaced"):
            workspace.append_commit(film.sha256, moved)
        (folder / "elsewhere").rename(folder / "workspace.sqlite")
        assert workspace.append_commit(film.sha256, moved) == 1


def test_a_commit_waits_for_the_disk(folder):
    with Workspace.open(folder) as workspace, workspace._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SQLITE_FULL", "make room"),
        ("SQLITE_IOERR_WRITE", "connected"),
        ("SQLITE_READONLY_DBMOVED", "cannot be written"),
        ("SQLITE_CORRUPT_INDEX", "damaged"),
        ("SQLITE_CANTOPEN", "cannot be opened"),
        ("SQLITE_SCHEMA", "could not be used (odd)"),
    ],
)
def test_every_error_of_the_database_is_one_sentence(code, words):
    error = sqlite3.OperationalError("odd")
    error.sqlite_errorname = code
    told = str(errors.store_error(error, "/w/workspace.sqlite"))
    assert words in told and "/w/workspace.sqlite" in told
    assert told.endswith(".") and "\n" not in told


def test_a_killed_session_on_a_full_disk_can_be_read_and_is_told(small_disk, film, empty):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(small_disk / "w")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "1\n"
    child.kill()
    child.communicate()
    filler = fill(small_disk)
    told = []
    for _ in range(2):
        with Workspace.open(small_disk / "w") as workspace:
            assert workspace.film("5" * 64).revision >= 1
            told.append(workspace.news)
    filler.unlink()
    with Workspace.open(small_disk / "w") as workspace:
        told.append(workspace.news)
        assert not workspace.is_read_only
    # On a full disk it may not be noted that it was told.
    assert any("before it could close" in news for news in told)

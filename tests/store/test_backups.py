"""Backups: made online, skipped where nothing is new, ten kept, and put back."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cephview.core.history import History
from cephview.store import StoreError, Workspace, backups

AT = "2026-01-02T03:04:05.678+00:00"


class Clock(datetime):
    """A clock that goes on by an hour each time it is looked at."""

    hours = 0

    @classmethod
    def now(cls, tz=None):
        cls.hours += 1
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=cls.hours)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(Clock, "hours", 0)
    monkeypatch.setattr(backups, "datetime", Clock)


@pytest.fixture
def path(folder) -> Path:
    return folder / "workspace.sqlite"


def trace(workspace, film, empty, steps):
    workspace.remember_film(film, Path("a.png"))
    for x in steps:
        workspace.append_commit(film.sha256, empty.moved("S", (x, 0), by="Ann", at=AT))


def test_a_backup_of_an_open_workspace_holds_what_is_in_its_log(workspace, film, empty, tmp_path):
    trace(workspace, film, empty, range(1, 4))
    kept = workspace.back_up()
    with Workspace.open(tmp_path / "copy", url=f"sqlite:///{kept}") as backup:
        assert backup.history(film.sha256, empty) == workspace.history(film.sha256, empty)


def test_no_backup_is_made_where_the_newest_holds_everything(workspace, film, empty, clock):
    trace(workspace, film, empty, [1])
    assert workspace.back_up() is not None
    assert workspace.back_up() is None
    workspace.append_undo(film.sha256)
    assert workspace.back_up() is not None


def test_the_last_ten_are_kept(workspace, film, empty, path, clock):
    (path.parent / "backups").mkdir()
    old = path.parent / "backups" / "workspace-2025-12-31.sqlite"
    for step in range(1, 14):
        trace(workspace, film, empty, [step])
        workspace.back_up()
        if step == 1:
            # As an older version of the program named it.
            backups.backups(path)[0].rename(old)
        assert (old in backups.backups(path)) == (step < 11)
    kept = backups.described(path)
    assert [backup.steps for backup in kept] == list(range(13, 3, -1))
    assert all(backup.films == 1 and backup.last_step_at for backup in kept)


def test_the_newest_is_kept_though_the_clock_was_put_back(
    workspace, film, empty, path, clock, monkeypatch
):
    for x in range(10):
        trace(workspace, film, empty, [x])
        workspace.back_up()
    monkeypatch.setattr(Clock, "hours", -1000)
    for x in (20, 21):
        trace(workspace, film, empty, [x])
        made = workspace.back_up()
        assert backups.backups(path)[-1] == made
        assert made.exists()
    assert len(backups.backups(path)) == 10


def test_a_damaged_file_pushes_no_good_backup_out(folder, path, film, empty, clock):
    with Workspace.open(folder) as workspace:
        trace(workspace, film, empty, range(40))
        kept = workspace.back_up()
    data = bytearray(path.read_bytes())
    data[-4096:] = b"\xa5" * 4096
    path.write_bytes(data)
    with pytest.raises(StoreError):
        backups.back_up(path)
    assert backups.backups(path) == [kept]


def test_restoring_brings_a_backup_back_and_keeps_what_was_there(folder, path, film, empty, clock):
    with Workspace.open(folder) as workspace:
        trace(workspace, film, empty, [1, 2])
        kept = workspace.back_up()
        trace(workspace, film, empty, [3])
    told = backups.restore(path, kept)
    (before, *_) = backups.described(path)
    assert kept.name in told and before.path.name in told
    with Workspace.open(folder) as workspace:
        assert len(workspace.history(film.sha256, empty).past) == 2
    backups.restore(path, before.path)
    with Workspace.open(folder) as workspace:
        assert workspace.tracing(film.sha256)["S"].human.xy == (3, 0)
    assert not list(folder.glob("*.restoring"))


def test_the_oldest_of_ten_can_be_restored_though_what_is_there_is_backed_up_first(
    folder, path, film, empty, clock
):
    with Workspace.open(folder) as workspace:
        for step in range(10):
            trace(workspace, film, empty, [step + 1])
            workspace.back_up()
        trace(workspace, film, empty, [99])
    backups.restore(path, backups.backups(path)[0])
    with Workspace.open(folder) as workspace:
        assert workspace.tracing(film.sha256)["S"].human.xy == (1, 0)
    assert len(backups.backups(path)) == 10


def test_restoring_over_a_damaged_file_sets_it_aside_unchanged(folder, path, film, empty, clock):
    with Workspace.open(folder) as workspace:
        trace(workspace, film, empty, [1])
        kept = workspace.back_up()
    path.write_bytes(b"\0" * 8192)
    backups.restore(path, kept)
    (aside,) = (folder / "damaged").glob("*.sqlite")
    assert aside.read_bytes() == b"\0" * 8192
    with Workspace.open(folder) as workspace:
        assert workspace.tracing(film.sha256)["S"].human.xy == (1, 0)


def test_what_is_no_workspace_is_not_restored(folder, path, film, empty, tmp_path):
    with Workspace.open(folder) as workspace:
        trace(workspace, film, empty, [1])
    before = path.read_bytes()
    (tmp_path / "other").write_bytes(b"no database at all")
    with pytest.raises(StoreError):
        backups.restore(path, tmp_path / "other")
    assert path.read_bytes() == before


OTHER = """
import sys
from pathlib import Path
from cephview.store import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
workspace.films()
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced there")
def test_a_workspace_open_in_another_window_is_not_replaced(folder, path, film, empty):
    with Workspace.open(folder) as workspace:
        trace(workspace, film, empty, [1])
        kept = workspace.back_up()
        trace(workspace, film, empty, [2])
    before = path.read_bytes()
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"open\n"
    with pytest.raises(StoreError, match="open in another window"):
        backups.restore(path, kept)
    other.communicate()
    assert path.read_bytes() == before
    with Workspace.open(folder) as workspace:
        assert workspace.history(film.sha256, empty) == History(empty).commit(
            empty.moved("S", (1, 0), by="Ann", at=AT)
        ).commit(empty.moved("S", (2, 0), by="Ann", at=AT))

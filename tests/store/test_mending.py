"""A recovery that is ended at any moment loses nothing; what was whole by then is put in place."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.store import (
    StoreError,
    Workspace,
    backups,
    checking,
    mend,
    mending,
    opening,
    recovered,
    sqlite,
)
from cephview.store.mending import NotMendedError

AT = "2026-01-02T03:04:05.678+00:00"
STEPS = 40


@pytest.fixture
def damaged(folder, make_film, empty, detection):
    """Return a database file that counts as damaged, with its last steps in the log beside it."""
    film = make_film()
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path(film.name))
        tracing = empty.detected(detection, at=AT)
        workspace.append_commit(film.sha256, tracing)
        for step in range(STEPS - 1):
            tracing = tracing.moved("N", (step, 5), by="Ann", at=AT)
            workspace.append_commit(film.sha256, tracing)
        path = folder / "workspace.sqlite"
        log = path.with_name(path.name + "-wal")
        kept = path.read_bytes(), log.read_bytes()
    assert len(kept[1]) > 100_000
    path.write_bytes(kept[0])
    log.write_bytes(kept[1])
    checking.mark(path)
    return path


def steps(folder) -> int:
    """Open the workspace, which says that it was recovered whole, and count its steps."""
    with Workspace.open(folder) as workspace:
        assert f"was damaged: 1 film with {STEPS} steps were recovered; no loss" in workspace.notice
        (record,) = workspace.films()
        return record.revision


def left(path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


class Ended(BaseException):
    """The process was ended here."""


def ended_at(monkeypatch, path, call: int, owner, name: str) -> None:
    """Mend, and end at a call of a function, before it does anything."""
    real, calls = getattr(owner, name), []

    def counted(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise Ended
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counted)
        with pytest.raises(Ended):
            mend(path.parent, None, mending.tell_nobody)


def test_it_tells_how_far_it_is(damaged):
    shares = []
    assert "was damaged" in mend(damaged.parent, None, shares.append)
    assert shares == sorted(shares) and shares and shares[0] >= 0 and shares[-1] <= 1


def test_a_large_file_is_mended_only_when_it_may_take_long(damaged, monkeypatch):
    before = damaged.read_bytes()
    monkeypatch.setattr(mending, "AT_ONCE_BYTES", 100)
    with pytest.raises(NotMendedError, match="is damaged: what can be read"):
        Workspace.open(damaged.parent, may_take_long=False)
    assert damaged.read_bytes() == before
    mend(damaged.parent, None, mending.tell_nobody)
    with Workspace.open(damaged.parent, may_take_long=False) as workspace:
        assert workspace.notice == ""


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (sqlite, "leave_log", 1),
        (sqlite, "sync", 1),
        (backups, "set_aside", 1),
        # Of the new file, of the log, of the damaged file, of the step log, and of the new file
        # into its place.
        *((Path, "replace", n) for n in range(1, 6)),
    ],
)
def test_ended_anywhere_it_is_done_by_the_next_opening(damaged, monkeypatch, owner, name, call):
    ended_at(monkeypatch, damaged, call, owner, name)
    assert steps(damaged.parent) == STEPS
    assert left(damaged) == ["backups", "damaged", "workspace.sqlite"]
    assert sorted(one.suffix for one in (damaged.parent / "damaged").iterdir()) == [
        ".sqlite", ".sqlite-wal", ".steps",
    ]  # fmt: skip


def test_a_damaged_file_that_was_written_since_is_not_given_up(damaged, monkeypatch):
    ended_at(monkeypatch, damaged, 1, backups, "set_aside")
    assert "workspace.sqlite.recovered" in left(damaged)
    content = damaged.read_bytes()
    damaged.write_bytes(content + bytes(4096))
    assert recovered.finished(damaged) == ""
    assert "workspace.sqlite.recovered" not in left(damaged)
    assert damaged.read_bytes() == content + bytes(4096)


def test_two_do_not_mend_one_file(damaged):
    with mending.alone(damaged), pytest.raises(StoreError, match="just being recovered"):
        mend(damaged.parent, None, mending.tell_nobody)
    assert "was damaged" in mend(damaged.parent, None, mending.tell_nobody)


def test_another_process_does_not_mend_it_either(damaged):
    code = (
        "import sys, pathlib; from cephview.store import mend;"
        "mend(pathlib.Path(sys.argv[1]), None, lambda share: None)"
    )
    with mending.alone(damaged):
        command = [sys.executable, "-c", code, str(damaged.parent)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "just being recovered" in done.stderr


def test_who_mends_a_large_file_of_an_older_version_is_alone_with_it(folder, monkeypatch):
    """What was opened in vain lets go of the file: no check of it goes on."""
    with Workspace.open(folder):
        pass
    path = folder / "workspace.sqlite"
    as_version(path, 7)
    monkeypatch.setattr(mending, "AT_ONCE_BYTES", 100)
    monkeypatch.setattr(checking, "CHECKED_AT_ONCE_BYTES", 100)
    begun = []
    monkeypatch.setattr(opening, "Check", begun.append)
    with pytest.raises(NotMendedError, match="is of an older version"):
        Workspace.open(folder, may_take_long=False)
    assert begun == []
    command = [sys.executable, "-m", "cephview", "mend", "--workspace", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.read() == b'{"said": ""}\n'
    assert process.returncode == 0
    with Workspace.open(folder, may_take_long=False) as workspace:
        assert workspace.films() == ()


def test_who_mends_ends_with_the_window_it_does_that_for(damaged):
    command = [sys.executable, "-m", "cephview", "mend", "--workspace", str(damaged.parent)]
    # Its input ends at once, long before it has loaded what it needs.
    assert subprocess.run(command, input=b"").returncode == 1
    assert steps(damaged.parent) == STEPS


def test_the_check_of_a_large_file_keeps_nobody_from_the_log(folder, monkeypatch):
    """A file that keeps no log yet is given one before anything else has it open."""
    with Workspace.open(folder):
        pass
    path = folder / "workspace.sqlite"
    sqlite.leave_log(path)
    monkeypatch.setattr(checking, "CHECKED_AT_ONCE_BYTES", 100)
    modes = []

    class Reading:
        def __init__(self, path):
            with closing(sqlite3.connect(path)) as connection:
                modes.append(connection.execute("PRAGMA journal_mode").fetchone()[0])

        def wait(self):
            pass

    monkeypatch.setattr(opening, "Check", Reading)
    with Workspace.open(folder) as workspace:
        assert modes == ["wal"]
        assert workspace.films() == ()

"""Readings beside the first: apart from it, and as safe as it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cephview.core.history import History
from cephview.core.reading import FIRST, Start
from cephview.store import StoreError, Workspace, audit, sqlite, step_log

AT = "2026-01-02T03:04:05.678+00:00"

VERSION_3 = """
CREATE TABLE meta (key VARCHAR(40) NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE films (sha256 VARCHAR(64) NOT NULL PRIMARY KEY, path BLOB NOT NULL, name TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, patient TEXT NOT NULL, file_x_mm FLOAT,
    file_y_mm FLOAT, file_provenance VARCHAR(40) NOT NULL, added_at VARCHAR(40) NOT NULL);
CREATE TABLE scales (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, film VARCHAR(64) NOT NULL
    REFERENCES films (sha256), x_mm FLOAT, y_mm FLOAT, provenance VARCHAR(40) NOT NULL,
    author TEXT NOT NULL, at VARCHAR(40) NOT NULL);
CREATE TABLE revisions (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, film VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL, kind VARCHAR(10) NOT NULL, author TEXT NOT NULL,
    at VARCHAR(40) NOT NULL, change TEXT NOT NULL,
    CONSTRAINT one_revision_a_number UNIQUE (film, number),
    FOREIGN KEY(film) REFERENCES films (sha256));
CREATE TABLE tracings (film VARCHAR(64) NOT NULL PRIMARY KEY REFERENCES films (sha256),
    number INTEGER NOT NULL, present TEXT NOT NULL, placed INTEGER NOT NULL, moved INTEGER NOT NULL,
    confirmed INTEGER NOT NULL, total INTEGER NOT NULL, updated_at VARCHAR(40) NOT NULL,
    turn TEXT DEFAULT '' NOT NULL, likeness TEXT DEFAULT '' NOT NULL);
CREATE TABLE active_models (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL,
    at VARCHAR(40) NOT NULL);
CREATE TABLE sessions (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, author TEXT NOT NULL,
    opened_at VARCHAR(40) NOT NULL, closed_at VARCHAR(40) NOT NULL);
CREATE TABLE work (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, film VARCHAR(64) NOT NULL
    REFERENCES films (sha256), author TEXT NOT NULL, at VARCHAR(40) NOT NULL,
    seconds FLOAT NOT NULL);
INSERT INTO meta VALUES ('schema', '3');
"""


@pytest.fixture
def twice(workspace, film, empty, detection):
    """A film that the first reader and Ben have traced; returns (workspace, Ben's reading)."""
    workspace.remember_film(film, Path("/films/a.png"))
    found = empty.detected(detection, at=AT)
    workspace.append_commit(film.sha256, found)
    workspace.append_commit(film.sha256, found.moved("S", (1, 1), by="Ann", at=AT))
    ben = workspace.begin_reading("Ben", Start.MODEL)
    workspace.append_commit(film.sha256, found, ben.number)
    workspace.append_commit(film.sha256, found.moved("S", (2, 2), by="Ben", at=AT), ben.number)
    return workspace, ben


def test_a_reader_has_one_reading(workspace, folder):
    assert workspace.readings() == (FIRST,)
    ben = workspace.begin_reading(" Ben ", Start.NOTHING)
    assert (ben.number, ben.reader, ben.start) == (1, "Ben", Start.NOTHING)
    assert workspace.begin_reading("Ben", Start.MODEL) == ben
    decisions = workspace.begin_reading("", Start.DECISIONS)
    assert decisions.is_decisions and workspace.begin_reading("", Start.DECISIONS) == decisions
    with Workspace.open(folder) as other:
        assert other.readings() == (FIRST, ben, decisions)
    for reader, start in (("", Start.MODEL), ("Eva", Start.DECISIONS)):
        with pytest.raises(ValueError, match="decisions have none"):
            workspace.begin_reading(reader, start)


def test_neither_reading_changes_the_other(twice, film, empty):
    workspace, ben = twice
    assert workspace.tracing(film.sha256)["S"].human.xy == (1, 1)
    assert workspace.tracing(film.sha256, ben.number)["S"].human.xy == (2, 2)
    before = workspace.history(film.sha256, empty)
    for _ in range(2):
        workspace.append_undo(film.sha256, ben.number)
    assert workspace.history(film.sha256, empty) == before
    assert workspace.film(film.sha256).moved == 1
    assert workspace.film(film.sha256, ben.number).placed == 0
    assert workspace.film(film.sha256, ben.number).revision == 4
    assert workspace.films()[0].revision == 2


def test_a_reading_that_nobody_began_takes_no_step(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    with pytest.raises(StoreError, match="no such reading"):
        workspace.append_commit(film.sha256, empty.moved("S", (1, 1), by="Ann", at=AT), 7)


def test_two_windows_conflict_within_a_reading_and_not_across(twice, film, empty, folder):
    workspace, ben = twice
    with Workspace.open(folder) as other:
        for reading in (0, ben.number):
            other.history(film.sha256, empty, reading)
        mine = workspace.tracing(film.sha256).confirm("N", by="Ann", at=AT)
        assert workspace.append_commit(film.sha256, mine) == 3
        theirs = other.tracing(film.sha256, ben.number).confirm("A", by="Ben", at=AT)
        assert other.append_commit(film.sha256, theirs, ben.number) == 3
        with pytest.raises(StoreError, match="another window") as told:
            workspace.append_undo(film.sha256, ben.number)
        assert told.value.is_conflict


def test_what_is_exported_and_learnt_from_is_of_one_reading(twice, film, empty):
    workspace, ben = twice
    decisions = workspace.begin_reading("", Start.DECISIONS)

    def learnt(reading):
        return [corrected.points for corrected in workspace.corrected_films(reading)]

    assert learnt(0) == [{"S": (1, 1)}] and learnt(ben.number) == [{"S": (2, 2)}]
    assert learnt(decisions.number) == [{"S": (1, 1)}]
    decided = empty.moved("S", (3, 3), by="Eva", at=AT).confirm("S", by="Eva", at=AT)
    workspace.append_commit(film.sha256, decided, decisions.number)
    assert learnt(decisions.number) == [{"S": (3, 3)}]
    assert learnt(0) == [{"S": (1, 1)}]
    ((_, tracing),) = workspace.traced_films(decisions.number)
    assert tracing["N"].refined is not None


def test_the_audit_tells_whose_reading_it_was(twice, film):
    workspace, ben = twice
    workspace.append_undo(film.sha256, ben.number, by="Ben")
    workspace.append_work(film.sha256, 12.0, ben.number, at=AT, by="Ben")
    moved = [e for e in audit.entries(workspace) if e.landmark == "S" and e.after == "moved"]
    assert [(e.reading, e.author, e.after_px) for e in moved] == [
        ("first reading", "Ann", (1, 1)),
        ("Ben", "Ben", (2, 2)),
    ]
    spent = {(t.reading, t.author): t for t in audit.times(workspace)}
    assert spent["Ben", "Ben"].seconds == 12 and spent["Ben", "Ben"].steps == 2
    assert not spent["first reading", "Ann"].is_measured


def test_backups_hold_every_reading(twice, film, tmp_path):
    workspace, ben = twice
    workspace.back_up()
    assert workspace.back_up() is None
    workspace.begin_reading("Eva", Start.NOTHING)
    kept = workspace.back_up()
    with Workspace.open(tmp_path / "copy", url=f"sqlite:///{kept}") as backup:
        assert [reading.reader for reading in backup.readings()] == ["", "Ben", "Eva"]
        assert backup.tracing(film.sha256, ben.number)["S"].human.xy == (2, 2)


@pytest.fixture
def old(folder, film, empty, detection):
    """A workspace folder of the version before readings; returns the history of its film."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "workspace.sqlite")) as connection, connection:
        connection.executescript(VERSION_3)
    with Workspace.open(folder.with_name("new")) as new:
        new.remember_film(film, Path("/films/a.png"))
        tracing = empty.detected(detection, at=AT)
        for x in range(3):
            tracing = tracing.moved("S", (x, 1), by="Ann", at=AT)
            new.append_commit(film.sha256, tracing)
        new.append_undo(film.sha256)
        new.append_work(film.sha256, 3.0, at=AT)
        expected = new.history(film.sha256, empty)
    with closing(sqlite3.connect(folder / "workspace.sqlite")) as connection, connection:
        connection.execute("ATTACH ? AS new", (str(folder.with_name("new") / "workspace.sqlite"),))
        for table in ("films", "revisions", "tracings", "sessions", "work"):
            names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            columns = ", ".join(names)
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"
            )
    return expected


def test_a_workspace_from_before_readings_opens_and_goes_on(old, folder, film, empty):
    with Workspace.open(folder) as workspace:
        assert workspace.readings() == (FIRST,)
        assert workspace.history(film.sha256, empty) == old
        assert workspace.append_redo(film.sha256) == 5
        ben = workspace.begin_reading("Ben", Start.NOTHING)
        blind = empty.moved("S", (8, 8), by="Ben", at=AT)
        assert workspace.append_commit(film.sha256, blind, ben.number) == 1
        workspace.append_work(film.sha256, 1.0, ben.number, at=AT, by="Ben")
    assert sqlite.found_version(folder / "workspace.sqlite") >= 4
    assert sqlite.found_version(folder / "backups" / "workspace-version-3.sqlite") == 3
    with Workspace.open(folder) as workspace:
        assert workspace.history(film.sha256, empty) == old.redo()
        assert workspace.history(film.sha256, empty, 1) == History(empty).commit(blind)
        assert [time.reading for time in audit.times(workspace)].count("Ben") == 1


def spoil_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 400)


def test_a_damaged_file_gives_every_reading_back(twice, film, empty, folder):
    workspace, ben = twice
    kept = {n: workspace.history(film.sha256, empty, n) for n in (0, ben.number)}
    workspace.append_work(film.sha256, 5.0, ben.number, at=AT)
    workspace.close()
    spoil_header(folder / "workspace.sqlite")
    with Workspace.open(folder) as recovered:
        assert "1 film with 4 steps were recovered; no loss was found" in recovered.notice
        assert recovered.readings() == (FIRST, ben)
        assert {n: recovered.history(film.sha256, empty, n) for n in kept} == kept
        assert [t.reading for t in audit.times(recovered) if t.is_measured] == ["Ben"]


def test_the_loss_of_a_reading_is_named_as_its_own(twice, film, folder):
    workspace, ben = twice
    workspace.close()
    path = folder / "workspace.sqlite"
    step_log.drop(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM revisions WHERE reading = 1 AND number = 1")
        connection.execute("DELETE FROM readings")
    spoil_header(path)
    with Workspace.open(folder) as recovered:
        told = recovered.notice
        assert f"{film.name} (reading 1) has all its points, but steps 1 to 2 can no longer" in told
        assert "the reader of reading 1 can no longer be told" in told
        assert recovered.readings()[1].reader == "reading 1"
        assert recovered.tracing(film.sha256, ben.number)["S"].human.xy == (2, 2)
        assert recovered.tracing(film.sha256)["S"].human.xy == (1, 1)


def test_a_file_from_before_readings_that_is_damaged_is_recovered(old, folder, film, empty):
    spoil_header(folder / "workspace.sqlite")
    with Workspace.open(folder) as workspace:
        assert "no loss was found" in workspace.notice
        assert workspace.history(film.sha256, empty) == old

"""A workspace from elsewhere may hold what acts on its rows: none of it is ever run."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cephview.store import StoreError, Workspace, sqlite

AT = "2026-01-02T03:04:05.678+00:00"


@pytest.fixture
def path(folder) -> Path:
    return folder / "workspace.sqlite"


@pytest.fixture
def kept(folder, path, make_film, empty):
    """A workspace of three films, handed over without its backups; returns the tracings."""
    found = {}
    with Workspace.open(folder) as workspace:
        for n in range(3):
            film = make_film(f"{n}.png")
            workspace.remember_film(film, Path(film.name))
            found[film.sha256] = empty.moved("S", (n, 1), by="Ann", at=AT)
            workspace.append_commit(film.sha256, found[film.sha256])
    shutil.rmtree(folder / "backups")
    return found


def changed(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.executescript(statements)


FOREIGN = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON revisions BEGIN DELETE FROM tracings; END",
    "a trigger before": "CREATE TRIGGER t BEFORE UPDATE ON films BEGIN SELECT RAISE(IGNORE); END",
    "a view": "CREATE VIEW v AS SELECT * FROM films",
    "a trigger on a view": "CREATE VIEW v AS SELECT 1 AS x; "
    "CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN DELETE FROM films; END",
    "a table": "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('x')",
    "a table that refers to films": "CREATE TABLE n (film TEXT REFERENCES films (sha256) "
    "ON DELETE CASCADE)",
    "a copy of a table": "CREATE TABLE old AS SELECT * FROM revisions",
    "a partial index": "CREATE UNIQUE INDEX one ON revisions (film) WHERE number > 1",
    "an index of an expression": "CREATE INDEX ix ON films (lower(name))",
    "a generated column": "ALTER TABLE tracings ADD COLUMN x TEXT AS (present || 'x')",
    "a column": "ALTER TABLE films ADD COLUMN x TEXT DEFAULT 'y'",
    "a virtual table": "CREATE VIRTUAL TABLE found USING fts5(text)",
    "a lying index of our own name": "DROP INDEX ix_scales_film; "
    "CREATE INDEX ix_scales_film ON scales (film) WHERE x_mm > 5",
    "a table with a check": "CREATE TABLE w AS SELECT * FROM work; DROP TABLE work; "
    "CREATE TABLE work (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, film VARCHAR(64) NOT NULL, "
    "author TEXT NOT NULL, at VARCHAR(40) NOT NULL, seconds FLOAT NOT NULL CHECK (seconds < 0), "
    "reading INTEGER DEFAULT '0' NOT NULL, checksum VARCHAR(16) DEFAULT '' NOT NULL); "
    "DROP TABLE w",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_workspace_has_is_left_out_with_a_sentence_before_any_write(
    folder, path, kept, name, empty
):
    try:
        changed(path, FOREIGN[name])
    except sqlite3.OperationalError as error:
        pytest.skip(f"this SQLite cannot: {error}")
    before = path.read_bytes()
    with Workspace.open(folder) as workspace:
        assert "which no workspace of this program has" in workspace.notice
        assert "no loss was found" in workspace.notice
        for sha256, tracing in kept.items():
            assert workspace.history(sha256, empty).present == tracing
            moved = tracing.moved("N", (2, 2), by="Ann", at=AT)
            workspace.append_commit(sha256, moved)
        assert len(workspace.traced_films()) == len(kept)
    (aside,) = (folder / "damaged").glob("*.sqlite")
    assert aside.read_bytes() == before
    assert sqlite.found_version(path)
    with Workspace.open(folder) as workspace:
        assert workspace.notice == ""


@pytest.mark.parametrize("name", ["a trigger", "a view", "a column"])
def test_where_nothing_may_be_written_it_is_refused(folder, path, kept, name, monkeypatch):
    changed(path, FOREIGN[name])
    monkeypatch.setattr(sqlite, "unwritable_reason", lambda path: f"{path} may only be read")
    with pytest.raises(StoreError, match="which no workspace of this program has"):
        Workspace.open(folder)


def test_a_view_in_the_place_of_a_table_is_refused_or_left_out(folder, path, kept):
    changed(path, "ALTER TABLE films RENAME TO f; CREATE VIEW films AS SELECT * FROM f")
    with Workspace.open(folder) as workspace:
        assert "the view films on films" in workspace.notice
        assert {record.sha256 for record in workspace.films()} == set(kept)


@pytest.mark.parametrize("version", ["1", "3", "8", "9"])
def test_a_version_that_does_not_fit_its_tables_is_a_plain_sentence(
    folder, path, kept, version, empty
):
    changed(path, f"UPDATE meta SET value = '{version}' WHERE key = 'schema'")
    with Workspace.open(folder) as workspace:
        assert f"says that it is of version {version}, but has the tables of version 10" in (
            workspace.notice
        )
        assert "no loss was found" in workspace.notice
        assert {s: workspace.tracing(s) for s in kept} == kept


@pytest.mark.parametrize("value", ["0", "-1", "1e3", "ten", "", "١", "9" * 400])
def test_a_version_that_is_none_is_damage(folder, path, kept, value):
    changed(path, f"UPDATE meta SET value = '{value}' WHERE key = 'schema'")
    with Workspace.open(folder) as workspace:
        assert "was damaged" in workspace.notice
        assert {s: workspace.tracing(s) for s in kept} == kept


def test_statistics_of_tables_are_no_strangers(folder, path, kept):
    changed(path, "ANALYZE")
    with Workspace.open(folder) as workspace:
        assert workspace.notice == ""
        assert len(workspace.films()) == len(kept)


def test_an_empty_workspace_with_a_view_is_one_without_it(folder, path):
    with Workspace.open(folder):
        pass
    changed(path, FOREIGN["a view"])
    with Workspace.open(folder) as workspace:
        assert "had the view v on v" in workspace.notice
        assert workspace.films() == ()


@pytest.mark.parametrize("noise", [b"\x98\x99", b"\0\0", b"XY"])
@pytest.mark.parametrize(
    "word", [b"CREATE TABLE tracings", b"tablemeta", b"indexsqlite_autoindex_films"]
)
def test_noise_in_the_schema_is_recovered_from(folder, path, kept, noise, word):
    """SQLite quotes it in the text of its error, which then is no text."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    at = content.index(word)
    path.write_bytes(content[:at] + noise + content[at + len(noise) :])
    with Workspace.open(folder) as workspace:
        assert "no loss was found" in workspace.notice
        assert {s: workspace.tracing(s) for s in kept} == kept


def test_a_backup_that_would_act_is_neither_asked_nor_offered(folder, path, kept):
    with Workspace.open(folder) as workspace:
        backup = workspace.back_up()
        changed(
            backup,
            "DROP TABLE films; CREATE VIEW films AS WITH RECURSIVE n(x) AS "
            "(SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS sha256, x AS checksum FROM n",
        )
        assert workspace.backups() == ()
        with pytest.raises(StoreError, match="which no workspace of this program has"):
            workspace.restore(backup)
    with Workspace.open(folder) as workspace:
        another = workspace.back_up()
        assert another is not None and another != backup
        assert [one.path for one in workspace.backups()] == [another]

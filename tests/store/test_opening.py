import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from cephview.store import StoreError, Workspace, opening, queries, schema, sqlite

AT = "2026-01-02T03:04:05.678+00:00"
NOW = schema.SCHEMA_VERSION


@pytest.fixture
def used(folder, film, empty):
    """A workspace folder with one film and one commit."""
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    return folder


def test_closing_leaves_one_file_and_the_log_of_its_steps(used):
    assert sorted(path.name for path in used.iterdir()) == ["backups", "workspace.sqlite"]
    assert [path.name for path in (used / "backups").iterdir()] == ["workspace.sqlite.steps"]


def test_a_file_is_not_a_folder(tmp_path):
    path = tmp_path / "film.png"
    path.write_bytes(b"x")
    for folder in (path, path / "below"):
        with pytest.raises(StoreError, match="is not a folder"):
            Workspace.open(folder)


@pytest.mark.parametrize(
    "content", [b"not a database at all, only some text that is long enough", b"\0" * 5000]
)
def test_a_file_that_is_no_database_is_refused_untouched(folder, content):
    folder.mkdir()
    (folder / "workspace.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"workspace\.sqlite is damaged"):
        Workspace.open(folder)
    assert (folder / "workspace.sqlite").read_bytes() == content


def test_a_database_of_another_program_is_refused_untouched(folder):
    folder.mkdir()
    path = folder / "workspace.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a workspace"):
        Workspace.open(folder)
    assert path.read_bytes() == before


def test_a_newer_version_is_refused_untouched(used, monkeypatch):
    path = used / "workspace.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99'")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Workspace.open(used)
    assert path.read_bytes() == before
    assert not list((used / "backups").glob("*.sqlite"))


def test_a_revision_that_cannot_be_read_is_told(used, film, empty):
    with Workspace.open(used) as workspace:
        with closing(sqlite3.connect(used / "workspace.sqlite")) as connection, connection:
            connection.execute("UPDATE revisions SET change = '{\"points\": [1]}'")
            connection.execute("UPDATE tracings SET present = 'null'")
        with pytest.raises(StoreError, match="damaged"):
            workspace.history(film.sha256, empty)
        with pytest.raises(StoreError, match="damaged"):
            workspace.tracing(film.sha256)


def add_a_column(connection):
    connection.exec_driver_sql("ALTER TABLE films ADD COLUMN note TEXT NOT NULL DEFAULT 'new'")


def break_down(connection):
    connection.exec_driver_sql("DROP TABLE scales")
    raise sqlite3.OperationalError("broken down")


@pytest.fixture
def next_version(monkeypatch):
    def set_steps(step):
        monkeypatch.setattr(schema, "SCHEMA_VERSION", NOW + 1)
        monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))

    return set_steps


def test_an_older_version_is_migrated_and_kept(used, film, next_version):
    next_version(add_a_column)
    with Workspace.open(used) as workspace:
        assert workspace.tracing(film.sha256)["S"].human.xy == (1, 2)
        with workspace._reading() as connection:
            assert connection.exec_driver_sql("SELECT note FROM films").scalar() == "new"
    assert sqlite.found_version(used / "workspace.sqlite") == NOW + 1
    assert sqlite.found_version(used / "backups" / f"workspace-version-{NOW}.sqlite") == NOW
    with Workspace.open(used) as workspace:
        assert workspace.films()[0].name == film.name
    assert sorted(path.name for path in used.iterdir()) == ["backups", "workspace.sqlite"]


def test_a_migration_that_fails_leaves_the_old_file(used, film, next_version, monkeypatch):
    next_version(break_down)
    with pytest.raises(StoreError, match="broken down"):
        Workspace.open(used)
    monkeypatch.undo()
    assert sqlite.found_version(used / "workspace.sqlite") == NOW
    with Workspace.open(used) as workspace:
        assert workspace.tracing(film.sha256)["S"].human.xy == (1, 2)
    assert not list(used.glob("*migrating*"))


def test_a_workspace_open_elsewhere_is_not_migrated(used, film, next_version, empty):
    with Workspace.open(used) as older:
        next_version(add_a_column)
        with pytest.raises(StoreError, match="open in another window"):
            Workspace.open(used)
        moved = empty.moved("S", (5, 5), by="Ann", at=AT)
        assert older.append_commit(film.sha256, moved) == 2
    with Workspace.open(used) as newer:
        assert newer.tracing(film.sha256) == moved


def expect_read_only(folder, film, other_film, empty, present):
    with Workspace.open(folder) as workspace:
        assert workspace.is_read_only
        assert str(folder) in workspace.read_only_reason
        assert workspace.tracing(film.sha256) == present
        assert workspace.history(film.sha256, empty).present == present
        assert workspace.remember_film(film, Path("/else/b.png")).path == Path("/else/b.png")
        assert workspace.history(other_film.sha256, empty).present == empty
        for write in (
            lambda: workspace.append_commit(film.sha256, empty),
            lambda: workspace.append_commit(other_film.sha256, present),
            lambda: workspace.append_undo(film.sha256),
            lambda: workspace.remember_film(other_film, Path("b.png")),
            lambda: workspace.set_active_model("x"),
        ):
            with pytest.raises(StoreError, match="Nothing can be saved"):
                write()


@pytest.fixture
def unwritable(monkeypatch):
    """Every file and folder as a user without rights sees it; SQLite is held to it too."""

    def access(path, mode):
        return not mode & os.W_OK

    monkeypatch.setattr(sqlite.os, "access", access)


def test_a_read_only_workspace_can_be_read(used, film, make_film, empty, unwritable):
    before = (used / "workspace.sqlite").read_bytes()
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    expect_read_only(used, film, make_film("two.png"), empty, moved)
    assert (used / "workspace.sqlite").read_bytes() == before


def test_a_read_only_folder_without_a_workspace_is_an_empty_one(tmp_path, film, unwritable):
    with Workspace.open(tmp_path) as workspace:
        assert workspace.is_read_only
        assert workspace.films() == ()
        with pytest.raises(StoreError, match="Nothing can be saved"):
            workspace.remember_film(film, Path("a.png"))
    assert list(tmp_path.iterdir()) == []


def test_an_older_version_that_may_only_be_read_is_told(used, next_version, unwritable):
    next_version(add_a_column)
    with pytest.raises(StoreError, match="older version"):
        Workspace.open(used)


@pytest.mark.parametrize("is_foreseen", [True, False])
@pytest.mark.parametrize("leftover", ["nothing", "log", "log and index"])
def test_a_read_only_disk(
    used, film, make_film, empty, leftover, is_foreseen, tmp_path, monkeypatch
):
    if not is_foreseen:
        # As on a network share, whose rights show only when one writes.
        monkeypatch.setattr(sqlite, "unwritable_reason", lambda path: "")
    disk = tmp_path / "disk"
    disk.mkdir()
    with Workspace.open(used) as workspace:
        workspace.append_commit(
            film.sha256, moved := workspace.tracing(film.sha256).moved("N", (3, 4), by="Ann", at=AT)
        )
        if leftover != "nothing":
            # As a crash would leave it: the last commit is in the log alone.
            shutil.copytree(used, tmp_path / "crashed")
    source = used if leftover == "nothing" else tmp_path / "crashed"
    if leftover == "log":
        (source / "workspace.sqlite-shm").unlink()
    mount = ["mount", "--bind", str(source), str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting needs more rights")
    try:
        read_only = ["mount", "-o", "remount,ro,bind", str(disk)]
        if subprocess.run(read_only, capture_output=True).returncode != 0:
            pytest.skip("mounting needs more rights")
        expect_read_only(disk, film, make_film("two.png"), empty, moved)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_read_only_folder(used, film, make_film, empty):
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    used.chmod(0o555)
    try:
        if os.access(used, os.W_OK):
            pytest.skip("this user writes where nobody may")
        expect_read_only(used, film, make_film("two.png"), empty, moved)
    finally:
        used.chmod(0o755)


@pytest.mark.parametrize("name", ["Röntgen 100% ?a=b#c", os.fsdecode(b"odd\xff"), "'quoted';"])
@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_folder_of_any_name(tmp_path, name, film, empty, next_version):
    folder = tmp_path / name
    for step in range(1, 3):
        with Workspace.open(folder) as workspace:
            workspace.remember_film(film, folder / "a.png")
            moved = empty.moved("S", (step, 2), by="Ann", at=AT)
            assert workspace.append_commit(film.sha256, moved) == step
            assert workspace.notice == ""
            assert workspace.film(film.sha256).path == folder / "a.png"
    next_version(add_a_column)
    with Workspace.open(folder) as workspace:
        assert workspace.tracing(film.sha256) == moved
    assert sorted(path.name for path in folder.iterdir()) == ["backups", "workspace.sqlite"]


def test_another_database_by_url(folder, tmp_path, film):
    with Workspace.open(folder, url=f"sqlite:///{tmp_path}/team.db") as workspace:
        workspace.remember_film(film, Path("a.png"))
    assert (tmp_path / "team.db").is_file()
    assert not (folder / "workspace.sqlite").exists()


@pytest.mark.parametrize(
    ("url", "words"), [("nonsense", "not the address"), ("firebird://host/db", "firebird")]
)
def test_an_address_that_leads_nowhere_is_one_sentence(folder, url, words):
    with pytest.raises(StoreError, match=words):
        Workspace.open(folder, url=url)


def test_a_password_is_never_told(folder):
    with pytest.raises(StoreError) as told:
        Workspace.open(folder, url="postgresql+psycopg2://ann:secret@localhost:1/db")
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_the_same_statements_are_valid_for_postgresql():
    dialect = postgresql.dialect()
    for table in schema.metadata.sorted_tables:
        assert f"CREATE TABLE {table.name}" in str(CreateTable(table).compile(dialect=dialect))
    assert "FOR NO KEY UPDATE" in str(queries._LOCK.compile(dialect=dialect))
    assert opening.DATABASE == "workspace.sqlite"

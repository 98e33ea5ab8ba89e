"""What is shown or exported proves to be the film's own, whatever index or byte is wrong."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.core.scale import PixelSize, Provenance
from cephview.store import StoreError, Workspace, checking, layout, step_log
from cephview.store.schema import SCHEMA_VERSION

AT = "2026-01-02T03:04:05.678+00:00"
PAGE = 4096


@pytest.fixture
def path(folder) -> Path:
    return folder / "workspace.sqlite"


@pytest.fixture
def films(make_film):
    return sorted((make_film(f"film-{n}.png") for n in range(6)), key=lambda film: film.sha256)


@pytest.fixture
def kept(folder, films, empty):
    """A workspace of six films with three steps each; returns the tracings."""
    found = {}
    with Workspace.open(folder) as workspace:
        for n, film in enumerate(films, 1):
            workspace.remember_film(film, Path(film.name))
            tracing = empty
            for step in range(3):
                tracing = tracing.moved("S", (100 * n, step), by="Ann", at=AT)
                workspace.append_commit(film.sha256, tracing)
            found[film.sha256] = tracing
    return found


def swap_in_index(path: Path, first: str, second: str) -> None:
    """Let the index of tracings lead a search for one film to the row of another, and back."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_tracings_1'"
        (page,) = connection.execute(query).fetchone()
        ids = dict(connection.execute("SELECT film, rowid FROM tracings"))
    content = bytearray(path.read_bytes())
    start, end = (page - 1) * PAGE, page * PAGE
    for film, other in ((first, second), (second, first)):
        # Of a cell, in this order: the film, the reading, which takes no byte, and the row id.
        at = content.index(film.encode(), start, end) + len(film)
        if content[at - len(film) - 1] == 9:
            # A row id of 1 takes no byte either: its kind says it.
            content[at - len(film) - 1] = 8
        assert content[at] == ids[film], "the row id is expected behind the film"
        content[at] = ids[other]
    path.write_bytes(content)


def test_an_index_that_leads_to_another_film_is_found_at_opening(folder, path, films, kept):
    swap_in_index(path, films[2].sha256, films[4].sha256)
    with Workspace.open(folder) as workspace:
        assert "was damaged" in workspace.notice and "no loss was found" in workspace.notice
        assert {one.sha256: tracing for one, tracing in workspace.traced_films()} == kept


def test_no_row_of_another_film_is_shown_or_written_before_a_large_file_is_checked(
    folder, path, films, kept, empty, monkeypatch
):
    swap_in_index(path, films[2].sha256, films[4].sha256)
    step_log.drop(path)
    monkeypatch.setattr(checking, "CHECKED_AT_ONCE_BYTES", 0)
    monkeypatch.setattr(checking.Check, "wait", lambda check: None)
    before = path.read_bytes()
    with Workspace.open(folder) as workspace:
        for read in (workspace.tracing, workspace.film):
            with pytest.raises(StoreError, match="damaged"):
                read(films[2].sha256)
        with pytest.raises(StoreError, match="damaged"):
            workspace.history(films[2].sha256, empty)
        moved = kept[films[2].sha256].moved("N", (1, 1), by="Ann", at=AT)
        with pytest.raises(StoreError, match="damaged"):
            workspace.append_commit(films[2].sha256, moved)
        # A scan needs no index, and tells each film its own.
        assert {one.sha256: tracing for one, tracing in workspace.traced_films()} == kept
    assert path.read_bytes() == before
    with Workspace.open(folder) as workspace:
        assert "no loss was found" in workspace.notice


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tracings SET present = replace(present, '300', '308')",
        "UPDATE revisions SET change = replace(change, '300', '308')",
        "UPDATE films SET file_x_mm = 0.3",
        "UPDATE films SET name = 'film-9.png' WHERE rowid = 2",
        "UPDATE scales SET x_mm = 0.5",
        "UPDATE revisions SET kind = 'undo' WHERE number = 2",
        "UPDATE tracings SET film = (SELECT sha256 FROM films ORDER BY 1 DESC LIMIT 1), "
        "reading = 7 WHERE film = (SELECT min(sha256) FROM films)",
    ],
)
def test_a_value_that_was_changed_in_the_file_is_never_believed(
    folder, path, films, kept, change, empty
):
    with Workspace.open(folder) as workspace:
        size = PixelSize(0.25, 0.25, Provenance.RULER)
        workspace.set_pixel_size(films[0].sha256, size, by="Ann", at=AT)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(change)
    with Workspace.open(folder) as workspace:
        assert "was damaged" in workspace.notice and "no loss was found" in workspace.notice
        assert {w.sha256: t.scaled(None) for w, t in workspace.traced_films()} == kept
        assert workspace.film(films[0].sha256).pixel_size == size
        assert {one.name for one in workspace.films()} == {film.name for film in films}


def test_a_tracing_that_is_not_what_its_steps_lead_to_is_told_in_an_older_file(
    folder, path, films, kept, empty
):
    as_version(path, 9)
    with closing(sqlite3.connect(path)) as connection, connection:
        # As an index that lied once left it: the points of one film on another.
        connection.execute(
            "UPDATE tracings SET present = (SELECT present FROM tracings WHERE film = ?) "
            "WHERE film = ?",
            (films[4].sha256, films[2].sha256),
        )
    with Workspace.open(folder) as workspace:
        assert f"{films[2].name} was kept with other points than those of its last step" in (
            workspace.notice
        )
        assert {one.sha256: tracing for one, tracing in workspace.traced_films()} == kept


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_every_version_so_far_opens_with_all_its_work(folder, path, films, kept, empty, version):
    as_version(path, version)
    with closing(sqlite3.connect(path)) as connection:
        assert layout.strangers(connection) == [] and layout.misfit(connection, version) == ""
    with Workspace.open(folder) as workspace:
        assert workspace.notice == ""
        assert {one.sha256: tracing for one, tracing in workspace.traced_films()} == kept
        assert workspace.append_undo(films[0].sha256) == 4
        assert workspace.history(films[0].sha256, empty).redo().present == kept[films[0].sha256]

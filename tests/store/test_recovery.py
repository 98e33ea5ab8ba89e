"""A damaged workspace: never written, recovered into a new file, the loss named film by film."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cephview.core.scale import PixelSize, Provenance
from cephview.store import StoreError, Workspace, checking, salvage, step_log
from cephview.store.pages import rows_of

AT = "2026-01-02T03:04:05.678+00:00"
PAGE = 4096


@pytest.fixture
def path(folder) -> Path:
    return folder / "workspace.sqlite"


@pytest.fixture
def films(make_film):
    return [make_film(f"film-{n}.png") for n in range(6)]


@pytest.fixture
def filled(folder, films, empty, detection):
    """A workspace of six films with forty steps each; returns the histories."""
    kept = {}
    with Workspace.open(folder) as workspace:
        for film in films:
            workspace.remember_film(film, Path(film.name))
            tracing = empty.detected(detection, at=AT)
            workspace.append_commit(film.sha256, tracing)
            for step in range(36):
                tracing = tracing.moved("N", (step, 5), by="Ann" * 30, at=AT)
                workspace.append_commit(film.sha256, tracing)
            workspace.append_undo(film.sha256)
            workspace.append_undo(film.sha256)
            workspace.append_redo(film.sha256)
        workspace.set_pixel_size(
            films[0].sha256, PixelSize(0.5, 0.5, Provenance.RULER), by="Ann", at=AT
        )
        workspace.set_active_model("/models/mine")
        for film in films:
            kept[film.sha256] = workspace.history(film.sha256, empty)
    return kept


def histories(folder, films, empty):
    with Workspace.open(folder) as workspace:
        assert workspace.notice == ""
        return {film.sha256: workspace.history(film.sha256, empty) for film in films}


def pages_of(path: Path, table: str) -> list[int]:
    """Return the leaf pages of a table, by asking which page each row can be found on."""
    found = []
    content = path.read_bytes()
    for number in range(1, len(content) // PAGE + 1):
        page = content[(number - 1) * PAGE : number * PAGE]
        if page[100 if number == 1 else 0] == 13 and table.encode() in page:
            found.append(number)
    return found


def spoil(path: Path, page: int, filling: bytes = b"\xa5") -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(filling * PAGE)


def test_every_row_of_a_whole_file_is_read_from_its_pages(path, filled):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for table in ("films", "revisions", "tracings", "scales", "active_models", "sessions"):
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            assert rows
            stored = {row.values for row in rows_of(path)}
            for values in rows:
                # A column that stands for the row id is stored as nothing.
                assert stored & {values, (None, *values[1:])}


def test_rows_in_the_log_of_a_killed_process_are_read_too(folder, film, empty):
    code = (
        "import os, sys; from pathlib import Path; from cephview.store import Workspace;"
        "import numpy as np; from cephview.core.film import Film;"
        "from cephview.core.tracing import Tracing;"
        "w = Workspace.open(Path(sys.argv[1]));"
        "f = Film(np.zeros((2, 2), np.uint8), '5' * 64, 'a.png');"
        "w.remember_film(f, Path('a.png'));"
        "t = Tracing.empty('isbi19', ('S',)).moved('S', (7, 8), by='Ann', at='2026');"
        "w.append_commit(f.sha256, t); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == 9
    assert (folder / "workspace.sqlite-wal").stat().st_size
    found = salvage.salvaged(folder / "workspace.sqlite")
    assert list(found.revisions) == [("5" * 64, 0, 1)] and list(found.films) == ["5" * 64]


def test_a_torn_last_page_is_recovered_from_and_every_loss_is_named(
    folder, path, films, filled, empty
):
    content = path.read_bytes()
    torn = content[: -PAGE // 2]
    path.write_bytes(torn)
    with Workspace.open(folder) as workspace:
        told = workspace.notice
        assert "was damaged" in told
        for film in films:
            history = workspace.history(film.sha256, empty)
            if film.name not in told:
                assert history == filled[film.sha256]
            assert workspace.film(film.sha256) is not None
    (aside,) = (folder / "damaged").glob("*.sqlite")
    assert aside.read_bytes() == torn
    assert histories(folder, films, empty)


@pytest.mark.parametrize("filling", [b"\0", b"\xa5", b"\x0d"])
@pytest.mark.parametrize("seed", range(4))
def test_any_spoilt_page_costs_no_point_whose_row_is_left(
    folder, path, films, filled, empty, filling, seed
):
    page = random.Random(seed).randrange(1, path.stat().st_size // PAGE + 1)
    spoil(path, page, filling)
    with Workspace.open(folder) as workspace:
        told = workspace.notice
        for film in films:
            history = workspace.history(film.sha256, empty)
            if film.name not in told:
                assert history.present == filled[film.sha256].present


def test_steps_that_are_lost_are_taken_from_a_backup(folder, path, films, filled, empty):
    with Workspace.open(folder) as workspace:
        workspace.back_up()
        tracing = empty.moved("S", (9, 9), by="Ann", at=AT)
        workspace.history(films[1].sha256, empty)
        newest = workspace.tracing(films[1].sha256).moved("S", (9, 9), by="Ann", at=AT)
        workspace.append_commit(films[1].sha256, newest)
        filled[films[1].sha256] = filled[films[1].sha256].commit(newest)
        assert tracing != newest
    for page in pages_of(path, "commit")[:3]:
        spoil(path, page)
    with Workspace.open(folder) as workspace:
        told = workspace.notice
        assert "from a backup" in told and "no loss was found" in told
    assert histories(folder, films, empty) == filled


def test_a_lost_step_is_bridged_by_the_present_tracing(folder, path, films, filled, empty):
    sha256 = films[2].sha256
    step_log.drop(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM revisions WHERE film = ? AND number = 36", (sha256,))
    spoil_header(path)
    with Workspace.open(folder) as workspace:
        assert (
            "film-2.png has all its points, but steps 36, 39 to 40 can no longer be undone"
            in workspace.notice
        )
        assert workspace.history(sha256, empty).present == filled[sha256].present


def test_an_undo_across_a_lost_step_is_not_guessed(folder, path, films, filled, empty):
    sha256 = films[2].sha256
    step_log.drop(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM revisions WHERE film = ? AND number = 37", (sha256,))
        connection.execute("DELETE FROM tracings WHERE film = ?", (sha256,))
    spoil_header(path)
    with Workspace.open(folder) as workspace:
        assert "film-2.png lost steps 37 to 40" in workspace.notice
        assert workspace.tracing(sha256)["N"].human.xy == (34, 5)


def spoil_header(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 400)


@pytest.mark.parametrize("loss", ["truncated", "missing", "no header"])
def test_a_lost_database_comes_back_from_its_backups(folder, path, films, filled, empty, loss):
    with Workspace.open(folder) as workspace:
        workspace.back_up()
    if loss == "missing":
        path.unlink()
    elif loss == "truncated":
        path.write_bytes(b"")
    else:
        spoil(path, 1)
    with Workspace.open(folder) as workspace:
        assert ("was missing" if loss == "missing" else "was damaged") in workspace.notice
        assert workspace.active_model() == "/models/mine"
        assert workspace.film(films[0].sha256).pixel_size.provenance is Provenance.RULER
    assert histories(folder, films, empty) == filled


def test_where_nothing_can_be_read_nothing_is_touched(folder, path, film):
    folder.mkdir()
    path.write_bytes(b"\0" * 5000)
    with pytest.raises(StoreError, match="damaged"):
        Workspace.open(folder)
    assert path.read_bytes() == b"\0" * 5000
    assert [p.name for p in folder.iterdir()] == ["workspace.sqlite"]


def test_a_large_file_is_checked_before_its_first_write(
    folder, path, films, filled, empty, monkeypatch
):
    monkeypatch.setattr(checking, "CHECKED_AT_ONCE_BYTES", 0)
    with Workspace.open(folder) as workspace:
        assert workspace.append_undo(films[0].sha256) == 41
    step_log.drop(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoil(path, pages_of(path, "commit")[-1])
    before = path.read_bytes()
    with Workspace.open(folder) as workspace:
        assert workspace.notice == ""
        assert len(workspace.films()) == 6
        with pytest.raises(StoreError, match="damaged"):
            workspace.set_active_model("/models/b")
    assert path.read_bytes() == before
    with Workspace.open(folder) as workspace:
        assert "was damaged" in workspace.notice
    assert not checking.flag(path).exists()


def test_what_no_check_of_pages_sees_is_recovered_by_the_checksum_of_its_row(
    folder, path, films, filled, empty
):
    sha256 = films[3].sha256
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE revisions SET change = '[5]' WHERE film = ? AND number = 5",
            (sha256,),
        )
    step_log.drop(path)
    with Workspace.open(folder) as workspace:
        assert (
            "film-3.png has all its points, but step 5 can no longer be undone" in workspace.notice
        )
        assert workspace.history(sha256, empty).present == filled[sha256].present
    assert histories(folder, films, empty).keys() == filled.keys()


@pytest.mark.parametrize("noise", ["'{\"landmark_set\": nonsense'", "CAST(x'7bff' AS TEXT)"])
def test_noise_within_a_row_is_found_at_opening(folder, path, films, filled, empty, noise):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            f"UPDATE tracings SET present = {noise} WHERE film = ?", (films[0].sha256,)
        )
    with Workspace.open(folder) as workspace:
        assert "was damaged" in workspace.notice
        assert "no loss was found" in workspace.notice
    assert histories(folder, films, empty) == filled


def test_noise_that_comes_while_a_window_is_open_is_recovered_at_the_next(
    folder, path, films, filled, empty
):
    with Workspace.open(folder) as workspace:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE tracings SET present = CAST(x'7bff' AS TEXT)")
        with pytest.raises(StoreError, match="damaged"):
            workspace.tracing(films[0].sha256)
    with Workspace.open(folder) as workspace:
        assert "no loss was found" in workspace.notice

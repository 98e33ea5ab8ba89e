"""What was acknowledged is known outside of the database: what it lacks is said, and given back."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cephview.core.tracing import Tracing
from cephview.store import StoreError, Workspace, sqlite, step_log

AT = "2026-01-02T03:04:05.678+00:00"
EMPTY = Tracing.empty("isbi19", ("S", "N"))
STEPS = 30
CHILD = """
import os, sys
from pathlib import Path
import numpy as np
from cephview.core.film import Film
from cephview.core.tracing import Tracing
from cephview.store import Workspace

workspace = Workspace.open(Path(sys.argv[1]))
tracing = Tracing.empty("isbi19", ("S", "N"))
for name in "56":
    film = Film(np.zeros((2, 2), np.uint8), name * 64, f"film-{name}.png")
    workspace.remember_film(film, Path(film.name))
for step in range(1, int(sys.argv[2]) + 1):
    for name in "56":
        moved = tracing.moved("S", (step, int(name)), by="Ann", at="2026-01-02T03:04:05.678+00:00")
        workspace.append_commit(name * 64, moved)
    if step == 5:
        workspace.back_up()
os._exit(9)
"""


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory) -> Path:
    """A workspace whose window was killed after thirty steps on each of two films."""
    folder = tmp_path_factory.mktemp("killed") / "workspace"
    done = subprocess.run([sys.executable, "-c", CHILD, str(folder), str(STEPS)], check=False)
    assert done.returncode == 9
    return folder


@pytest.fixture
def killed(killed_once, folder) -> Path:
    """Return the database file of a copy of it."""
    shutil.copytree(killed_once, folder)
    return folder / "workspace.sqlite"


def wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def opened(path: Path) -> tuple[str, dict[str, int]]:
    """Open a workspace; return what it says, and the number of the last step of each film."""
    with Workspace.open(path.parent) as workspace:
        for name in "56":
            present = workspace.history(name * 64, EMPTY).present
            record = workspace.film(name * 64)
            if record is None or not record.revision:
                assert present == EMPTY
            else:
                assert present["S"].human.xy == (record.revision, int(name))
        said = f"{workspace.notice} {workspace.news}"
        return said, {record.name: record.revision for record in workspace.films()}


ALL = {"film-5.png": STEPS, "film-6.png": STEPS}


def test_a_killed_window_lost_nothing_and_its_log_proves_it(killed):
    said, there = opened(killed)
    assert f"all its {2 * STEPS} steps are here" in said and there == ALL


HARMS = {
    "a bit of the log": lambda path: flip(wal(path), 50_000),
    "the header of the log": lambda path: flip(wal(path), 20),
    "the log cut": lambda path: wal(path).write_bytes(wal(path).read_bytes()[:60_000]),
    "the log gone": lambda path: wal(path).unlink(),
    "the first page torn": lambda path: path.write_bytes(bytes(4096) + path.read_bytes()[4096:]),
    "the file emptied": lambda path: path.write_bytes(b""),
    "the file gone": lambda path: path.unlink(),
    "an older file and no log": lambda path: (
        shutil.copyfile(next((path.parent / "backups").glob("*.sqlite")), path),
        wal(path).unlink(),
    ),
    "an older file beside the log": lambda path: shutil.copyfile(
        next((path.parent / "backups").glob("*.sqlite")), path
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_the_database_lacks_is_given_back_from_the_step_log(killed, harm):
    HARMS[harm](killed)
    said, there = opened(killed)
    assert there == ALL, said
    assert "no loss was found" in said or f"all its {2 * STEPS} steps are here" in said
    said, there = opened(killed)
    assert (said.strip(), there) == ("", ALL)


@pytest.mark.parametrize("harm", ["a bit of the log", "the header of the log"])
def test_without_a_step_log_steps_after_a_damaged_place_are_read_from_the_log(killed, harm):
    step_log.drop(killed)
    HARMS[harm](killed)
    said, there = opened(killed)
    assert "had a damaged log" in said and "cannot be known" in said
    # What stood in the damaged page itself may be gone, and was the newest of nothing.
    assert sum(there.values()) >= 2 * STEPS - 2


@pytest.mark.parametrize("harm", ["the log cut", "the log gone", "an older file and no log"])
def test_where_nothing_tells_how_much_there_was_that_is_said(killed, harm):
    step_log.drop(killed)
    HARMS[harm](killed)
    said, there = opened(killed)
    assert sum(there.values()) < 2 * STEPS
    assert "cannot be known" in said and "step log" in said
    said, _ = opened(killed)
    assert said.strip() == "", "it is said once"


@pytest.mark.parametrize("harm", ["the file emptied", "the file gone"])
def test_what_came_after_a_backup_cannot_be_known_without_a_step_log(killed, harm):
    wal(killed).unlink()
    step_log.drop(killed)
    HARMS[harm](killed)
    said, there = opened(killed)
    assert "no loss was found" not in said
    assert "when its newest backup was made, cannot be known" in said and "what was done after" in (
        said
    )
    assert there == {"film-5.png": 5, "film-6.png": 5}


def test_a_loss_that_nothing_holds_any_more_is_named_film_by_film(killed):
    """The head of the step log knows how far each film was, also of steps that it left out."""
    with Workspace.open(killed.parent) as workspace:
        workspace.back_up()
    (older, _) = sorted((killed.parent / "backups").glob("*.sqlite"))
    shutil.copyfile(older, killed)
    for backup in (killed.parent / "backups").glob("*.sqlite"):
        backup.unlink()
    said, there = opened(killed)
    assert "film-5.png lost steps 6 to 30; film-6.png lost steps 6 to 30." in said
    assert there == {"film-5.png": 5, "film-6.png": 5}
    assert opened(killed)[0].strip() == ""


@pytest.mark.parametrize("kind", ["cut", "a bit", "gone", "noise", "empty", "of another"])
def test_a_step_log_that_is_itself_damaged_cries_no_loss(killed, kind, tmp_path):
    log = step_log.place_of(killed)
    if kind == "gone":
        log.unlink()
    elif kind == "a bit":
        flip(log, log.stat().st_size // 2)
    elif kind == "of another":
        with Workspace.open(tmp_path / "other") as other:
            other.set_active_model("/models/a")
        shutil.copyfile(step_log.place_of(tmp_path / "other" / "workspace.sqlite"), log)
    else:
        content = log.read_bytes()
        log.write_bytes({"cut": content[:700], "noise": b"\xa5" * 5000, "empty": b""}[kind])
    said, there = opened(killed)
    assert there == ALL
    assert "lost" not in said and "damaged:" not in said and "lacked" not in said
    assert f"{2 * STEPS} steps" in said
    assert ("cannot be known" in said) == (kind in ("gone", "noise", "empty", "of another"))


def test_a_copy_of_the_file_alone_is_a_whole_workspace(killed, tmp_path):
    opened(killed)
    (tmp_path / "copy").mkdir()
    shutil.copyfile(killed, tmp_path / "copy" / "workspace.sqlite")
    said, there = opened(tmp_path / "copy" / "workspace.sqlite")
    assert (said.strip(), there) == ("", ALL)


def test_a_file_that_was_worked_on_elsewhere_is_newer_than_its_step_log(killed, tmp_path):
    opened(killed)
    away = tmp_path / "away"
    away.mkdir()
    shutil.copyfile(killed, away / "workspace.sqlite")
    with Workspace.open(away) as workspace:
        moved = EMPTY.moved("S", (STEPS + 1, 5), by="Ann", at=AT)
        workspace.append_commit("5" * 64, moved)
    shutil.copyfile(away / "workspace.sqlite", killed)
    said, there = opened(killed)
    assert (said.strip(), there) == ("", {**ALL, "film-5.png": STEPS + 1})


def test_steps_that_went_another_way_elsewhere_are_told_and_kept(killed, tmp_path):
    opened(killed)
    away = tmp_path / "away"
    away.mkdir()
    shutil.copyfile(killed, away / "workspace.sqlite")
    for folder, x in ((away, 7), (killed.parent, 8)):
        with Workspace.open(folder) as workspace:
            moved = EMPTY.moved("S", (x, 5), by="Ann", at=AT)
            workspace.append_commit("5" * 64, moved)
    shutil.copyfile(away / "workspace.sqlite", killed)
    with Workspace.open(killed.parent) as workspace:
        assert "went another way" in workspace.notice and "1 step of film-5.png" in workspace.notice
        assert workspace.tracing("5" * 64)["S"].human.xy == (7, 5)
    (aside,) = (killed.parent / "damaged").iterdir()
    assert aside.suffix == ".steps"
    with Workspace.open(killed.parent) as workspace:
        assert workspace.notice == ""


def test_a_line_that_was_cut_by_the_end_of_its_writer_was_never_acknowledged(killed):
    log = step_log.place_of(killed)
    log.write_bytes(log.read_bytes() + b'0123456789abcdef [["revisions",')
    said, there = opened(killed)
    assert f"all its {2 * STEPS} steps are here" in said and there == ALL
    with Workspace.open(killed.parent) as workspace:
        workspace.set_active_model("/models/a")
    assert not step_log.read(killed).is_damaged


def test_two_windows_write_one_step_log(folder, film, make_film):
    with Workspace.open(folder) as one, Workspace.open(folder) as two:
        for window, other in ((one, film), (two, make_film("two.png"))):
            window.remember_film(other, Path(other.name))
        for step in range(1, 4):
            for window, other in ((one, film), (two, make_film("two.png"))):
                moved = EMPTY.moved("S", (step, 0), by="Ann", at=AT)
                window.append_commit(other.sha256, moved)
        two.back_up()
        one.append_undo(film.sha256)
    log = step_log.read(folder / "workspace.sqlite")
    assert log.head.of_film == {(film.sha256, 0): 3, (make_film("two.png").sha256, 0): 3}
    assert [written.table for written in log.written] == ["revisions"]


def test_a_step_log_that_cannot_be_written_stops_no_work(folder, film):
    with Workspace.open(folder) as workspace:
        (folder / "backups").write_text("in the way")
        workspace.remember_film(film, Path(film.name))
        assert workspace.append_commit(film.sha256, EMPTY.moved("S", (1, 0), by="A", at=AT)) == 1
        (folder / "backups").unlink()
        assert workspace.append_commit(film.sha256, EMPTY.moved("S", (2, 0), by="A", at=AT)) == 2
    log = step_log.read(folder / "workspace.sqlite")
    # What could not be written then is written with the next.
    assert [written.table for written in log.written] == ["films", "revisions", "revisions"]


def test_a_restored_backup_is_not_taken_for_a_loss(killed):
    with Workspace.open(killed.parent) as workspace:
        (first,) = workspace.backups()
        workspace.restore(first.path)
    said, there = opened(killed)
    assert (said.strip(), there) == ("", {"film-5.png": 5, "film-6.png": 5})


def test_what_is_said_of_a_film_is_given_back_too(folder, film):
    from cephview.store.leaving_out import set_skipped

    path = folder / "workspace.sqlite"
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path(film.name))
        workspace.append_commit(film.sha256, EMPTY.moved("S", (1, 0), by="Ann", at=AT))
        workspace.back_up()
        set_skipped(workspace, [film.sha256], is_skipped=True)
    shutil.copyfile(next((folder / "backups").glob("*.sqlite")), path)
    with Workspace.open(folder) as workspace:
        assert "lacked 1 change that its step log has" in workspace.notice
        assert workspace.film(film.sha256).is_skipped


def test_a_lack_on_a_disk_that_may_only_be_read_is_refused_with_a_sentence(killed, monkeypatch):
    wal(killed).unlink()
    monkeypatch.setattr(sqlite, "unwritable_reason", lambda path: f"{path} may only be read")
    with pytest.raises(StoreError, match=r"lacked \d+ steps that had been saved, and .* only"):
        Workspace.open(killed.parent)

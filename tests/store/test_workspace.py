import dataclasses
import os
import sqlite3
from pathlib import Path

import pytest

from cephview.core.history import History
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.store import StoreError, Workspace, journal

AT = "2026-01-02T03:04:05.678+00:00"


def test_a_new_workspace_is_empty(workspace, folder):
    assert workspace.folder == folder
    assert (workspace.is_read_only, workspace.read_only_reason, workspace.notice) == (False, "", "")
    assert workspace.films() == ()
    assert workspace.film("0" * 64) is None
    assert workspace.active_model() == ""
    assert workspace.corrected_films() == ()
    assert (folder / "workspace.sqlite").is_file()


def test_a_film_is_known_by_its_bytes_wherever_it_moves(workspace, film, tmp_path):
    record = workspace.remember_film(film, tmp_path / "a.png")
    assert record == workspace.film(film.sha256)
    assert (record.name, record.width, record.height, record.patient) == ("one.png", 4, 6, "P1")
    assert record.pixel_size == film.pixel_size
    assert (record.placed, record.confirmed, record.total, record.revision) == (0, 0, 0, 0)
    moved = workspace.remember_film(film, tmp_path / "b.png")
    assert moved.path == tmp_path / "b.png"
    assert len(workspace.films()) == 1


def test_remembering_an_unchanged_film_writes_nothing(workspace, film, tmp_path):
    first = workspace.remember_film(film, tmp_path / "a.png")
    with sqlite3.connect(workspace.folder / "workspace.sqlite") as other:
        other.execute("BEGIN IMMEDIATE")
        assert workspace.remember_film(film, tmp_path / "a.png") == first
        other.rollback()
    other.close()


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_path_that_is_not_utf8_comes_back_whole(workspace, make_film):
    film = make_film("odd\udcff\0.png", patient="P\0")
    path = Path(os.fsdecode(b"/films/odd\xff.png"))
    record = workspace.remember_film(film, path)
    assert record.path == path
    assert (record.name, record.patient) == ("odd?.png", "P")


def test_a_film_never_traced_has_the_empty_history(workspace, film, empty, tmp_path):
    workspace.remember_film(film, tmp_path / "a.png")
    assert workspace.history(film.sha256, empty) == History(empty)
    assert workspace.tracing(film.sha256) is None
    assert workspace.append_undo(film.sha256) == 0
    assert workspace.append_redo(film.sha256) == 0
    assert workspace.append_commit(film.sha256, empty) == 0


def test_history_and_present_survive_a_restart(folder, film, empty, detection, tmp_path):
    expected = History(empty)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, tmp_path / "a.png")
        steps = [empty.detected(detection, at=AT)]
        steps.append(steps[-1].moved("S", (1.1, 0.1 + 0.2), by="Ann", at=AT))
        steps.append(steps[-1].confirm_all(by="Ann", at=AT))
        steps.append(steps[-1].marked_not_visible("N", by="Ann", at=AT))
        steps.append(steps[-1].reverted("S"))
        for number, step in enumerate(steps, 1):
            assert workspace.append_commit(film.sha256, step) == number
            expected = expected.commit(step)
        assert workspace.append_undo(film.sha256) == 6
        assert workspace.append_undo(film.sha256) == 7
        assert workspace.append_redo(film.sha256) == 8
        expected = expected.undo().undo().redo()
    with Workspace.open(folder) as workspace:
        assert workspace.history(film.sha256, empty) == expected
        assert workspace.tracing(film.sha256) == expected.present
        assert workspace.append_redo(film.sha256) == 9
        assert workspace.tracing(film.sha256) == expected.redo().present


def test_a_revision_says_who_when_and_only_what_changed(workspace, film, empty, detection):
    workspace.remember_film(film, Path("a.png"))
    found = empty.detected(detection, at=AT)
    workspace.append_commit(film.sha256, found)
    workspace.append_commit(film.sha256, found.moved("S", (1, 2), by="Ann", at="2026-02-01"))
    workspace.append_undo(film.sha256)
    connection = sqlite3.connect(workspace.folder / "workspace.sqlite")
    rows = connection.execute("SELECT number, kind, author, at, change FROM revisions").fetchall()
    connection.close()
    assert [row[:3] for row in rows] == [
        (1, "commit", "base"),
        (2, "commit", "Ann"),
        (3, "undo", ""),
    ]
    assert all(row[3].endswith("+00:00") for row in rows)
    assert '"S"' in rows[1][4] and '"N"' not in rows[1][4]
    assert rows[2][4] == ""


def test_steps_that_no_point_is_signed_for_are_signed_by_the_author(folder, film, empty):
    with Workspace.open(folder, author="Ben") as workspace:
        workspace.remember_film(film, Path("a.png"))
        moved = empty.moved("S", (1, 2), by="Ann", at=AT)
        workspace.append_commit(film.sha256, moved)
        workspace.append_commit(film.sha256, moved.reverted("S"))
        workspace.append_undo(film.sha256)
        connection = sqlite3.connect(folder / "workspace.sqlite")
        authors = connection.execute("SELECT author FROM revisions ORDER BY id").fetchall()
        connection.close()
    assert authors == [("Ann",), ("Ben",), ("Ben",)]


def test_the_counts_of_a_record(workspace, film, empty, detection):
    workspace.remember_film(film, Path("a.png"))
    tracing = empty.detected(detection, at=AT).moved("S", (1, 2), by="Ann", at=AT)
    tracing = tracing.confirm("N", by="Ann", at=AT).marked_not_visible("A", by="Ann", at=AT)
    workspace.append_commit(film.sha256, tracing)
    record = workspace.film(film.sha256)
    assert (record.placed, record.moved, record.confirmed, record.total) == (3, 1, 1, 3)
    assert record.revision == 1


def test_an_equal_tracing_is_no_step_and_keeps_the_redo(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    workspace.append_undo(film.sha256)
    assert workspace.append_commit(film.sha256, empty) == 2
    assert workspace.history(film.sha256, empty).can_redo


def test_a_grown_landmark_set_keeps_every_point(folder, film, empty):
    grown = Tracing.empty("isbi19", ("N", "Go", "S", "A", "Pog'"))
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, moved)
        history = workspace.history(film.sha256, grown)
        assert history == History(grown.moved("S", (1, 2), by="Ann", at=AT), (grown,))
        assert workspace.append_commit(film.sha256, history.present) == 1
        workspace.append_commit(film.sha256, history.present.moved("Go", (3, 4), by="Ann", at=AT))
    with Workspace.open(folder) as workspace:
        again = workspace.history(film.sha256, grown)
        assert again.present["Go"].human.xy == (3, 4)
        assert again.present["S"].human.xy == (1, 2)
        assert again.undo() == dataclasses.replace(history, future=(again.present,))


def test_a_landmark_the_set_has_lost_is_kept_where_it_was_placed(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    shrunk = Tracing.empty("isbi19", ("N", "A"))
    present = workspace.history(film.sha256, shrunk).present
    assert [point.landmark for point in present] == ["N", "A", "S"]


def test_what_would_lose_work_is_refused(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    with pytest.raises(ValueError, match="lost S"):
        workspace.append_commit(film.sha256, Tracing.empty("isbi19", ("N", "A")))
    other = Tracing.empty("aariz29", ("S", "N"))
    with pytest.raises(ValueError, match="aariz29"):
        workspace.append_commit(film.sha256, other)
    with pytest.raises(StoreError, match="isbi19"):
        workspace.history(film.sha256, other)
    with pytest.raises(ValueError, match="empty"):
        workspace.history(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    assert workspace.tracing(film.sha256)["S"].state is State.MOVED


def test_a_film_of_another_window_is_never_overwritten(folder, film, empty):
    with Workspace.open(folder) as mine, Workspace.open(folder) as theirs:
        mine.remember_film(film, Path("a.png"))
        mine.history(film.sha256, empty)
        theirs.history(film.sha256, empty)
        theirs_moved = empty.moved("S", (9, 9), by="Ben", at=AT)
        theirs.append_commit(film.sha256, theirs_moved)
        for _ in range(2):
            with pytest.raises(StoreError, match=r"one\.png was changed in another") as told:
                mine.append_commit(film.sha256, empty.moved("N", (1, 1), by="Ann", at=AT))
            assert told.value.is_conflict
        assert mine.tracing(film.sha256) == theirs_moved
        history = mine.history(film.sha256, empty)
        assert history.present == theirs_moved
        assert mine.append_commit(film.sha256, theirs_moved.confirm("S", by="Ann", at=AT)) == 2
        with pytest.raises(StoreError, match="another window"):
            theirs.append_undo(film.sha256)


def test_an_unknown_film_has_no_history_and_cannot_be_traced(workspace, empty):
    assert workspace.history("0" * 64, empty) == History(empty)
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    for call in (
        lambda: workspace.append_commit("0" * 64, moved),
        lambda: workspace.set_pixel_size("0" * 64, PixelSize(), by="Ann", at=AT),
    ):
        with pytest.raises(StoreError, match="does not know this film") as told:
            call()
        assert not told.value.is_conflict


def test_the_undo_history_is_bounded(workspace, film, empty, monkeypatch):
    monkeypatch.setattr(journal, "UNDO_STEPS", 3)
    workspace.remember_film(film, Path("a.png"))
    steps = [empty.moved("S", (n, n), by="Ann", at=AT) for n in range(5)]
    for step in steps:
        workspace.append_commit(film.sha256, step)
    assert workspace.history(film.sha256, empty) == History(steps[4], tuple(steps[1:4]))


def test_a_pixel_size_of_the_user_overrides_the_file_s(folder, film, tmp_path):
    ruler = PixelSize(0.125, 0.25, Provenance.RULER)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, tmp_path / "a.png")
        workspace.set_pixel_size(film.sha256, PixelSize(1, 1, Provenance.DECLARED), by="A", at=AT)
        workspace.set_pixel_size(film.sha256, ruler, by="Ann", at=AT)
        assert workspace.remember_film(film, tmp_path / "b.png").pixel_size == ruler
    with Workspace.open(folder) as workspace:
        assert workspace.film(film.sha256).pixel_size == ruler
        workspace.set_pixel_size(film.sha256, None, by="Ann", at=AT)
        assert workspace.film(film.sha256).pixel_size == film.pixel_size
        workspace.set_pixel_size(film.sha256, PixelSize(), by="Ann", at=AT)
        assert workspace.film(film.sha256).pixel_size == PixelSize()


def test_active_models_are_a_log(folder):
    with Workspace.open(folder) as workspace:
        for model in ("/models/a", "/models/b"):
            workspace.set_active_model(model)
            assert workspace.active_model() == model
    with Workspace.open(folder) as workspace:
        assert workspace.active_model() == "/models/b"
        workspace.set_active_model("")
        assert workspace.active_model() == ""


def test_only_what_a_human_stands_for_is_learnt(workspace, make_film, empty, detection):
    found = empty.detected(detection, at=AT)
    corrected = found.moved("S", (1, 2), by="Ann", at=AT).confirm("N", by="Ann", at=AT)
    blank = make_film("blank.png")
    unseen = make_film("unseen.png")
    model = make_film("model.png")
    human = make_film("human.png", size=PixelSize(0.1, 0.1, Provenance.UNVERIFIED), patient="P9")
    for film in (blank, unseen, model, human):
        workspace.remember_film(film, Path(film.name))
    workspace.append_commit(blank.sha256, found)
    workspace.append_undo(blank.sha256)
    workspace.append_commit(model.sha256, found)
    workspace.append_commit(human.sha256, corrected)
    assert [record.name for record, _ in workspace.traced_films()] == ["model.png", "human.png"]
    (film,) = workspace.corrected_films()
    assert film.sha256 == human.sha256
    assert film.points == {"S": (1.0, 2.0), "N": (1.5, 2.125)}
    assert (film.mm_per_px, film.patient, film.group) == (None, "P9", "P9")
    assert Path(film.path).is_absolute()


def test_a_tracing_that_is_not_finite_never_reaches_the_disk(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    workspace.history(film.sha256, empty)
    with pytest.raises(ValueError):
        workspace.append_commit(film.sha256, empty.moved("S", (float("nan"), 0), by="A", at=AT))
    assert workspace.append_commit(film.sha256, empty.moved("S", (0, 0), by="A", at=AT)) == 1


def test_a_closed_workspace_says_so(folder):
    workspace = Workspace.open(folder)
    workspace.close()
    with pytest.raises(StoreError, match="closed"):
        workspace.films()
    with pytest.raises(StoreError, match="closed"):
        workspace.set_active_model("x")

"""Landmarks that a workspace adds to its set: kept, applied to every film, never lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.core.history import History
from cephview.core.landmarks import Landmark, LandmarkSet, own_landmark
from cephview.core.tracing import Tracing
from cephview.store import StoreError, Workspace, audit, schema
from cephview.store.landmarks import add_landmark, landmark_set, retire_landmark

AT = "2026-01-02T03:04:05.678+00:00"
BASE = LandmarkSet(
    "isbi19", "Four", "ours", tuple(Landmark(i, i, i, "hard") for i in ("S", "N", "A", "Pog'"))
)
CONDYLION = Landmark("Co", "Condylion", "The top.", "hard", "aariz29", "theirs", "a book")
SIGNED = {"by": "Ann", "at": AT}


def test_what_is_added_is_there_after_a_restart_and_in_another_window(folder):
    own = own_landmark("X", "Mine", "There.", "soft", by="Ann")
    with Workspace.open(folder) as mine, Workspace.open(folder) as theirs:
        add_landmark(mine, BASE, CONDYLION, **SIGNED)
        grown = add_landmark(mine, BASE, own, **SIGNED)
        assert landmark_set(theirs, BASE) == grown == BASE.with_added(CONDYLION, own)
    with Workspace.open(folder) as again:
        assert landmark_set(again, BASE) == grown
        retired = retire_landmark(again, BASE, "Co", **SIGNED)
        assert retired == grown.with_retired("Co")
        assert add_landmark(again, BASE, CONDYLION, **SIGNED)["Co"] == CONDYLION
        told = [(e.landmark, e.before, e.after) for e in audit.entries(again)]
    assert told == [
        ("Co", "", "The top."),
        ("X", "", "There."),
        ("Co", "The top.", ""),
        ("Co", "", "The top."),
    ]


def test_what_cannot_be_added_changes_nothing(workspace):
    add_landmark(workspace, BASE, CONDYLION, **SIGNED)
    with pytest.raises(StoreError, match="is taken by Condylion"):
        add_landmark(workspace, BASE, own_landmark("CO", "n", "d", "hard"), **SIGNED)
    for landmark in ("S", "nothing"):
        with pytest.raises(StoreError, match="not one of the landmarks that were added"):
            retire_landmark(workspace, BASE, landmark, **SIGNED)
    assert landmark_set(workspace, BASE) == BASE.with_added(CONDYLION)


def test_old_tracings_gain_an_empty_point_and_history_stays(folder, film, empty):
    moved = empty.moved("S", (1, 2), by="Ann", at=AT)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, moved)
        workspace.append_commit(film.sha256, moved.confirm("S", by="Ann", at=AT))
        workspace.append_undo(film.sha256)
        grown = Tracing.of(add_landmark(workspace, BASE, CONDYLION, **SIGNED))
        assert workspace.film(film.sha256).total == 5
        history = workspace.history(film.sha256, grown)
        assert [step["Co"].best for step in (*history.past, history.present)] == [None, None]
        assert history.present["S"] == moved["S"] and history.can_redo
        assert workspace.append_commit(film.sha256, history.present) == 3
        placed = history.present.moved("Co", (3, 4), by="Ann", at=AT)
        workspace.append_commit(film.sha256, placed)
        workspace.append_undo(film.sha256)
        workspace.append_redo(film.sha256)
        shrunk = Tracing.of(retire_landmark(workspace, BASE, "Co", **SIGNED))
        assert workspace.film(film.sha256).total == 5
    with Workspace.open(folder) as workspace:
        again = workspace.history(film.sha256, shrunk)
        assert again.present == placed and again.present.set_of("Co") == "aariz29"
        assert [p.landmark for p in again.undo().present] == list(BASE.ids)
        assert workspace.tracing(film.sha256).set_of("Co") == "aariz29"
        (found,) = workspace.corrected_films()
        assert found.points == {"S": (1, 2), "Co": (3, 4)}


def test_a_first_commit_of_a_grown_set_is_replayed_as_it_was(folder, film):
    grown = Tracing.of(BASE.with_added(CONDYLION))
    placed = grown.moved("Co", (3, 4), by="Ann", at=AT)
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, placed)
    with Workspace.open(folder) as workspace:
        assert workspace.history(film.sha256, grown) == History(placed, (grown,))


def test_a_workspace_of_the_version_before_gains_the_table(folder):
    with Workspace.open(folder):
        pass
    as_version(folder / "workspace.sqlite", 4)
    with Workspace.open(folder) as workspace:
        assert landmark_set(workspace, BASE) == BASE
        add_landmark(workspace, BASE, CONDYLION, **SIGNED)
    with closing(sqlite3.connect(folder / "workspace.sqlite")) as new:
        (version,) = new.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    assert version == str(schema.SCHEMA_VERSION)


def test_landmarks_are_backed_up_and_recovered(folder, film, empty):
    path = folder / "workspace.sqlite"
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
        assert workspace.back_up() is not None
        grown = add_landmark(workspace, BASE, CONDYLION, **SIGNED)
        assert workspace.back_up() is not None
        assert workspace.back_up() is None
    path.write_bytes(b"")
    with Workspace.open(folder) as workspace:
        assert "damaged" in workspace.notice
        assert landmark_set(workspace, BASE) == grown
        assert workspace.film(film.sha256).total == 5


def test_a_read_only_workspace_shows_its_landmarks(workspace):
    add_landmark(workspace, BASE, CONDYLION, **SIGNED)
    workspace._database = type(workspace._database)(
        **{**vars(workspace._database), "read_only_reason": "it is read-only"}
    )
    assert landmark_set(workspace, BASE).ids[-1] == "Co"
    with pytest.raises(StoreError, match="Nothing can be saved"):
        retire_landmark(workspace, BASE, "Co", **SIGNED)

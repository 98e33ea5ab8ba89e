"""How a film is turned, what a model said of it and a point's doubt by direction are kept."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.core.detection import Likeness, Turn
from cephview.core.uncertainty import Covariance
from cephview.store import StoreError, Workspace

AT = "2026-01-02T03:04:05.678+00:00"
MIRRORED = Turn(mirrored=True, quarters=3)
UNLIKE = Likeness(1.7, 0.01, "the face is to the left", MIRRORED)


@pytest.fixture
def seen(detection):
    """A detection with everything a model can say."""
    points = tuple(replace(p, refined_covariance=Covariance(4, 1, 2)) for p in detection.points)
    return replace(detection, points=points, likeness=UNLIKE)


def test_turn_likeness_and_doubt_survive_a_restart(folder, film, empty, seen):
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        steps = [empty.turned(MIRRORED)]
        steps.append(steps[0].detected(seen, at=AT))
        steps.append(steps[1].detected(replace(seen, likeness=None), at=AT))
        steps.append(steps[2].turned(Turn()))
        for step in steps:
            workspace.append_commit(film.sha256, step)
    with Workspace.open(folder) as workspace:
        history = workspace.history(film.sha256, empty)
        assert history.past == (empty, *steps[:-1]) and history.present == steps[-1]
        assert workspace.tracing(film.sha256) == steps[-1]
        assert workspace.film(film.sha256).turn == Turn()
        for _ in range(2):
            workspace.append_undo(film.sha256)
        record = workspace.film(film.sha256)
        assert (record.turn, record.likeness) == (MIRRORED, UNLIKE)
        assert workspace.tracing(film.sha256) == steps[1]


def test_a_film_that_was_only_turned_has_nothing_to_export(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    assert workspace.append_commit(film.sha256, empty.turned(MIRRORED)) == 1
    assert workspace.append_commit(film.sha256, empty.turned(MIRRORED)) == 1
    assert workspace.traced_films() == ()
    assert workspace.film(film.sha256).turn == MIRRORED


def test_who_learns_from_a_film_knows_how_it_is_turned(workspace, film, empty):
    workspace.remember_film(film, Path("a.png"))
    traced = empty.turned(MIRRORED).moved("S", (1, 2), by="Ann", at=AT)
    workspace.append_commit(film.sha256, traced)
    (corrected,) = workspace.corrected_films()
    assert (corrected.turn, corrected.points) == (MIRRORED, {"S": (1, 2)})


def as_first_written(path):
    """Make a database what the first version wrote: no turn, no likeness, no covariance."""
    as_version(path, 1)
    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute("SELECT change FROM revisions").fetchall()
    assert not any(word in change for (change,) in stored for word in ("turn", "covariance"))


def test_a_workspace_of_the_first_version_opens_with_all_its_work(folder, film, empty, detection):
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        traced = empty.detected(detection, at=AT).confirm("S", by="Ann", at=AT)
        workspace.append_commit(film.sha256, traced)
    as_first_written(folder / "workspace.sqlite")
    with Workspace.open(folder) as workspace:
        assert workspace.tracing(film.sha256) == traced
        assert workspace.history(film.sha256, empty).present == traced
        record = workspace.film(film.sha256)
        assert (record.turn, record.likeness, record.confirmed) == (Turn(), None, 1)
        assert record.doubt == Covariance.round(1.0 / 3)
        workspace.append_commit(film.sha256, traced.turned(MIRRORED))
        assert workspace.film(film.sha256).turn == MIRRORED


@pytest.mark.parametrize(
    ("column", "said"),
    [("turn", {"tilted": 1}), ("turn", {"quarters": 9}), ("likeness", {"tilted": 1})],
)
def test_a_view_that_cannot_be_read_is_told(folder, film, empty, column, said):
    with Workspace.open(folder) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, empty.turned(MIRRORED))
        with closing(sqlite3.connect(folder / "workspace.sqlite")) as connection, connection:
            connection.execute(f"UPDATE tracings SET {column} = ?", (json.dumps(said),))
        with pytest.raises(StoreError, match="damaged"):
            workspace.films()
    with Workspace.open(folder) as workspace:
        assert "no loss was found" in workspace.notice
        assert workspace.film(film.sha256).turn == MIRRORED


def test_the_largest_doubt_left_and_the_time_spent_are_told(workspace, film, empty, seen):
    workspace.remember_film(film, Path("a.png"))
    assert (workspace.film(film.sha256).doubt, workspace.film(film.sha256).seconds) == (None, 0.0)
    large = Covariance(9, 0, 7)
    points = (seen.points[0], replace(seen.points[1], refined_covariance=large), *seen.points[2:])
    traced = empty.detected(replace(seen, points=points), at=AT)
    workspace.append_commit(film.sha256, traced)
    assert workspace.film(film.sha256).doubt == large
    checked = traced.confirm("N", by="Ann", at=AT)
    workspace.append_commit(film.sha256, checked)
    assert workspace.film(film.sha256).doubt == Covariance(4, 1, 2)
    workspace.append_commit(film.sha256, checked.confirm_all(by="Ann", at=AT))
    for seconds in (3.0, 4.5):
        workspace.append_work(film.sha256, seconds, at=AT)
    (record,) = workspace.films()
    assert (record.doubt, record.seconds) == (None, 7.5)

"""Steps made without sight of each other: all are in the journal, and nothing is written over."""

from pathlib import Path

import pytest

from cephview.core.tracing import State, Tracing
from cephview.store import StoreError, Workspace

AT = "2026-01-02T03:04:05.678+00:00"


@pytest.fixture
def other(folder, workspace):
    with Workspace.open(folder, author="Bo") as opened:
        yield opened


@pytest.fixture
def found(workspace, film, empty, detection):
    workspace.remember_film(film, Path("a.png"))
    tracing = empty.detected(detection, at=AT)
    workspace.append_commit(film.sha256, tracing)
    return tracing


def test_steps_on_different_points_are_both_there(workspace, other, film, empty, found):
    theirs = other.history(film.sha256, empty).present.moved("S", (3.0, 1.0), by="Bo", at=AT)
    other.append_commit(film.sha256, theirs)
    mine = found.moved("N", (1.0, 5.0), by="Ann", at=AT)
    with pytest.raises(StoreError) as told:
        workspace.append_commit(film.sha256, mine)
    assert told.value.is_conflict
    appended = workspace.merge(film.sha256, found, mine)
    assert appended.number == 3 and not appended.merged.is_contested
    history = workspace.history(film.sha256, empty)
    assert history.present == theirs.moved("N", (1.0, 5.0), by="Ann", at=AT)
    assert history.undo().present == theirs


def test_a_contested_point_is_in_the_journal_one_redo_away(workspace, other, film, empty, found):
    other.history(film.sha256, empty)
    theirs = found.moved("S", (3.0, 1.0), by="Bo", at=AT)
    other.append_commit(film.sha256, theirs)
    mine = found.moved("S", (1.0, 5.0), by="Ann", at=AT).confirm("N", by="Ann", at=AT)
    appended = workspace.merge(film.sha256, found, mine)
    assert appended.merged.contested == ("S",)
    history = workspace.history(film.sha256, empty)
    assert history.present["S"] == theirs["S"]
    assert history.present["N"].state is State.CONFIRMED
    assert history.redo().present["S"] == mine["S"]
    assert workspace.append_redo(film.sha256) == appended.number + 1


def test_until_the_history_is_read_anew_other_steps_are_refused(
    workspace, other, film, empty, found
):
    other.history(film.sha256, empty)
    other.append_commit(film.sha256, found.moved("S", (3.0, 1.0), by="Bo", at=AT))
    mine = found.moved("N", (1.0, 5.0), by="Ann", at=AT)
    workspace.merge(film.sha256, found, mine)
    with pytest.raises(StoreError, match="another window"):
        workspace.append_commit(film.sha256, mine)


def test_a_step_that_arrived_already_is_not_appended_again(workspace, film, found):
    mine = found.moved("N", (1.0, 5.0), by="Ann", at=AT)
    assert workspace.append_commit(film.sha256, mine) == 2
    assert workspace.merge(film.sha256, found, mine).number == 2


def test_the_first_steps_of_a_film_meet(workspace, other, film, empty, detection):
    workspace.remember_film(film, Path("a.png"))
    other.append_commit(film.sha256, empty.moved("S", (3.0, 1.0), by="Bo", at=AT))
    workspace.merge(film.sha256, empty, empty.detected(detection, at=AT))
    present = workspace.history(film.sha256, empty).present
    assert present["S"].human.xy == (3.0, 1.0)
    assert all(point.refined is not None for point in present)


def test_another_landmark_set_is_refused(workspace, film, empty, found):
    strange = Tracing.empty("strange", ("S",))
    with pytest.raises(StoreError, match="landmark set") as told:
        workspace.merge(film.sha256, strange, strange.moved("S", (1, 1), by="A", at=AT))
    assert told.value.is_conflict
    assert workspace.film(film.sha256).revision == 1

"""The setting by which moving a point counts as checking it, wherever points are counted."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State
from cephview.ui.rows.film_list_model import FilmState


def row_of(desk, name: str):
    return desk.list_model.row_of(desk.films / name)


def checked_but_one_that_was_moved(desk) -> None:
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    desk.editor.nudge("S", 3.0, 0.0)


def test_it_is_off_until_it_is_chosen_and_then_a_habit(desk):
    checked_but_one_that_was_moved(desk)
    first, action = desk.window.session.path.name, desk.window.actions_book["moved-counts"]
    assert action.isCheckable() and not action.isChecked()
    assert row_of(desk, first).state is FilmState.REVIEW and row_of(desk, first).checked == 18
    assert desk.editor.review.next_to_check("") == "S"
    before = desk.editor.tracing
    action.trigger()
    assert row_of(desk, first).state is FilmState.DONE and row_of(desk, first).checked == 19
    assert "19" in desk.window.status.progress.text()
    assert desk.window.points.confirm_all.text() == "All points are checked"
    assert not desk.window.actions_book["confirm-all"].isEnabled()
    assert desk.editor.review.next_to_check("") == ""
    assert desk.editor.tracing == before and before["S"].state is State.MOVED
    assert desk.window.habits()["moved_counts"] is True
    action.trigger()
    assert row_of(desk, first).state is FilmState.REVIEW
    assert desk.window.points.confirm_all.text() == "Confirm the last one"
    assert desk.window.habits()["moved_counts"] is False


def test_enter_passes_over_what_was_moved_and_goes_to_the_next_film(make_desk: Callable):
    desk = make_desk(moved_counts=True)
    assert desk.window.actions_book["moved-counts"].isChecked()
    desk.open(desk.films)
    desk.answer()
    order = desk.editor.review.walk.order
    for landmark in order[1:]:
        desk.editor.nudge(landmark, 3.0, 0.0)
    desk.editor.select(order[1])
    QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    assert desk.editor.selection == order[0], "the only one that is left"
    assert desk.editor.tracing[order[1]].state is State.CONFIRMED, "Enter is a word of its own"
    QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    assert desk.editor.tracing[order[0]].state is State.CONFIRMED
    first = desk.window.session.path
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    assert desk.list_model.row_of(first).state is FilmState.DONE


def test_films_that_are_not_open_are_counted_so_too_and_all_are_confirmed_but_those(desk):
    checked_but_one_that_was_moved(desk)
    first = desk.window.session.path
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageDown)
    desk.answer()
    assert desk.list_model.row_of(first).state is FilmState.REVIEW
    desk.window.actions_book["moved-counts"].trigger()
    assert desk.list_model.row_of(first).state is FilmState.DONE
    assert desk.window.session.landmarks.done_films() == 1
    desk.editor.nudge("S", 3.0, 0.0)
    assert desk.window.points.confirm_all.text() == "Confirm the remaining 18"
    desk.editor.confirm_all()
    assert desk.editor.tracing["S"].state is State.MOVED
    assert desk.window.points.confirm_all.text() == "All points are checked"

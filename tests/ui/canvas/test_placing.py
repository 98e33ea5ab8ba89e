"""The walk of the Place tool through the landmarks without a point, by real clicks and keys."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.head import PLACES
from cephview.core.history import History
from cephview.core.tracing import State, Tracing
from cephview.places import load_catalogue

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
NEW = ("Pn", "Co", "UIA")


@pytest.fixture
def walk(view, editor, landmarks, film, journal):
    """Nineteen points as on the average head, and three landmarks without one."""
    grown = landmarks.with_added(*(m for m in load_catalogue(landmarks) if m.id in NEW))
    editor.set_landmarks(grown)
    tracing = Tracing.of(grown)
    for landmark in landmarks.ids:
        x, y = PLACES[landmark]
        tracing = tracing.moved(landmark, (150 + 1.5 * x, 200 + 1.5 * y), by="A", at="2026")
    editor.open(film, History(tracing), journal, editor.pixel_size)
    view.set_tool("place")
    return view


def click(view, at=QPoint(250, 600)):  # noqa: B008
    QTest.mouseMove(view, at)
    QTest.mouseClick(view, LEFT, NONE, at)


def test_it_goes_through_the_landmarks_without_a_point_in_order(walk, editor):
    chosen = []
    for n in range(3):
        chosen.append(editor.selection)
        click(walk, QPoint(100 + 60 * n, 620))
    assert chosen == list(NEW)
    assert all(editor.tracing[i].state is State.MOVED for i in NEW)
    before = editor.tracing
    click(walk, QPoint(400, 620))
    assert editor.tracing == before, "nothing is left to place"


def test_the_place_is_that_of_the_click_to_a_part_of_a_pixel(walk, editor):
    at = QPoint(231, 617)
    click(walk, at)
    assert editor.tracing["Pn"].human.xy == pytest.approx(walk.viewport.to_film(at.toTuple()))


def test_tab_and_enter_leave_one_for_later_and_come_back(walk, editor):
    assert editor.selection == "Pn"
    QTest.keyClick(walk, Qt.Key.Key_Tab)
    assert editor.selection == "Co"
    QTest.keyClick(walk, Qt.Key.Key_Return)
    assert editor.selection == "UIA"
    QTest.keyClick(walk, Qt.Key.Key_Tab)
    assert editor.selection == "Pn"
    QTest.keyClick(walk, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.selection == "UIA"
    click(walk)
    assert editor.selection == "Pn" and editor.tracing["UIA"].state is State.MOVED
    assert not editor.can_undo or editor.tracing["Co"].state is State.MISSING


def test_backspace_takes_the_last_point_of_the_walk_back_and_nothing_else(walk, editor):
    before = editor.tracing
    click(walk)
    assert editor.selection == "Co"
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert editor.selection == "Pn" and editor.tracing == before
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert editor.tracing == before and "no step" in walk.said
    click(walk)
    editor.confirm("S")
    after = editor.tracing
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert editor.tracing == after and "Something else" in walk.said


def test_undo_chooses_the_landmark_whose_point_it_took_away(walk, editor):
    click(walk)
    editor.undo()
    assert editor.selection == "Pn" and editor.tracing["Pn"].state is State.MISSING
    click(walk, QPoint(300, 610))
    assert editor.tracing["Pn"].state is State.MOVED


def test_backspace_goes_on_where_undo_left_off(walk, editor):
    click(walk)
    click(walk, QPoint(300, 610))
    assert editor.selection == "UIA"
    editor.undo()
    assert editor.selection == "Co"
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert editor.selection == "Pn" and editor.tracing["Pn"].state is State.MISSING


def test_the_walk_begins_anew_on_another_film(walk, editor, film, journal):
    click(walk)
    other = replace(film, sha256="e" * 64)
    editor.open(other, History(Tracing.of(editor.landmarks)), journal, editor.pixel_size)
    assert editor.selection == "S"
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert "no step" in walk.said
    click(walk)
    assert editor.selection == "N" and editor.tracing["S"].state is State.MOVED


def test_what_is_not_visible_is_skipped(walk, editor):
    editor.mark_not_visible("Pn")
    assert editor.selection == "Co"
    QTest.keyClick(walk, Qt.Key.Key_Backspace)
    assert editor.selection == "Pn" and editor.tracing["Pn"].state is State.MISSING


def test_a_closer_look_is_taken_only_by_who_wants_it(walk, editor):
    before = walk.viewport
    QTest.keyClick(walk, Qt.Key.Key_Tab)
    assert walk.viewport == before
    walk.set_following(True)
    assert editor.selection == "Co" and walk.viewport.zoom > before.zoom
    x, y = PLACES["Co"]
    expected = 150 + 1.5 * x, 200 + 1.5 * y
    assert walk.placing.expected_place() == pytest.approx(expected, abs=0.5)
    assert walk.viewport.to_screen(expected) == pytest.approx(
        (walk.width() / 2, walk.height() / 2), abs=2
    )
    walk.set_tool("select")
    editor.select("UIA")
    assert walk.viewport.to_screen(expected) == pytest.approx(
        (walk.width() / 2, walk.height() / 2), abs=2
    )


def test_the_loupe_helps_before_the_click(walk, editor):
    at = QPoint(250, 300)
    QTest.mouseMove(walk, at)
    with_loupe = walk.grab().toImage()
    walk.set_tool("select")
    walk.set_tool("place")
    QTest.mouseMove(walk, QPoint(2, 2))
    assert walk.grab().toImage() != with_loupe
    assert walk._hand.aim(at.toTuple()) == pytest.approx(walk.viewport.to_film(at.toTuple()))
    editor.toggle_all_locks()
    assert walk._hand.aim(at.toTuple()) is None, "a locked landmark gets no point"


def test_a_drag_that_escape_ends_places_nothing(walk, editor):
    before = editor.tracing
    QTest.mousePress(walk, LEFT, NONE, QPoint(250, 600))
    QTest.mouseMove(walk, QPoint(260, 610))
    QTest.keyClick(walk, Qt.Key.Key_Escape)
    QTest.mouseRelease(walk, LEFT, NONE, QPoint(260, 610))
    assert editor.tracing == before and editor.selection == "Pn"

"""What comes from elsewhere waits for the hand, and a held key is not lost to it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.core.history import History
from cephview.core.tracing import State, Tracing

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def later(detection):
    """A detection that puts every point a little lower."""
    points = [
        replace(point, refined_px=(point.refined_px[0], point.refined_px[1] + 5))
        for point in detection.points
    ]
    return replace(detection, points=tuple(points), model="n" * 64)


def hold_key(view):
    """Press an arrow key and keep it down: 1 px at once, 1 px held."""
    for repeats in (False, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, NONE, "", repeats)
        QApplication.sendEvent(view, event)


def release_key(view):
    QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Right, NONE))


def test_a_detection_waits_until_the_button_is_released(view, editor, later, on_screen):
    before, start = editor.tracing, on_screen("Go")
    QTest.mousePress(view, LEFT, NONE, start)
    editor.apply_detection(later)
    QTest.mouseMove(view, start + QPoint(15, 0))
    QTest.mouseMove(view, start + QPoint(30, 0))
    assert editor.tracing == before
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(30, 0))
    moved = editor.tracing["Go"]
    assert moved.human.y_px == pytest.approx(before["Go"].best.y_px)
    assert moved.refined.model == editor.tracing["A"].refined.model == "n" * 64
    editor.undo()
    assert editor.tracing["A"] == before["A"] and editor.tracing["Go"].state is State.MOVED


def test_a_detection_comes_in_when_a_drag_is_put_back(view, editor, later, on_screen):
    start = on_screen("Go")
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, start + QPoint(30, 0))
    editor.apply_detection(later)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert editor.tracing["Go"].refined.model == "n" * 64
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(30, 0))
    assert editor.tracing["Go"].state is State.MODEL


def test_a_detection_waits_for_a_held_key(view, editor, later):
    editor.select("N")
    x, y = editor.tracing["N"].best.xy
    hold_key(view)
    editor.apply_detection(later)
    assert editor.tracing["A"].refined.model == "m" * 64
    release_key(view)
    assert editor.tracing["A"].refined.model == "n" * 64
    assert editor.tracing["N"].best.xy == (x + 2, y)


@pytest.mark.parametrize("step", ["confirm", "confirm_all", "mark"])
def test_a_held_key_is_not_lost_to_another_step(view, editor, step):
    editor.select("N")
    x, y = editor.tracing["N"].best.xy
    hold_key(view)
    if step == "confirm":
        editor.confirm("A")
    elif step == "confirm_all":
        editor.confirm_all()
    else:
        editor.mark_not_visible("A")
    release_key(view)
    assert editor.tracing["N"].best.xy == (x + 2, y)


def test_undo_takes_back_what_a_held_key_moved(view, editor):
    editor.select("N")
    x, y = editor.tracing["N"].best.xy
    hold_key(view)
    editor.undo()
    release_key(view)
    assert editor.tracing["N"].best.xy == (x + 1, y)


def test_another_film_settles_the_hand_on_this_one(view, editor, film, journal, later, on_screen):
    editor.select("N")
    hold_key(view)
    editor.apply_detection(later)
    empty = History(Tracing.empty(editor.landmarks.id, editor.landmarks.ids))
    editor.open(replace(film, sha256="e" * 64), empty, None, film.pixel_size)
    # One px at once, one px held, and the detection.
    assert journal.lines == ["commit"] * 3
    release_key(view)
    assert editor.tracing == empty.present and not editor.can_undo


def test_another_film_drops_a_drag(view, editor, film, journal, later, on_screen):
    start = on_screen("Go")
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, start + QPoint(30, 0))
    editor.apply_detection(later)
    empty = History(Tracing.empty(editor.landmarks.id, editor.landmarks.ids))
    editor.open(replace(film, sha256="e" * 64), empty, None, film.pixel_size)
    assert journal.lines == ["commit"]
    QTest.mouseMove(view, start + QPoint(40, 0))
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(40, 0))
    assert editor.tracing == empty.present
    editor.apply_detection(later)
    assert editor.tracing["A"].refined is not None

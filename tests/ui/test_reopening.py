"""Leaving a film and coming back loses nothing, not even what was undone."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def go(desk, key: Qt.Key) -> None:
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, key)


def test_what_was_undone_past_the_detection_can_be_done_again_after_another_film(desk):
    desk.open(desk.films)
    desk.answer()
    QTest.keyClick(desk.window, Qt.Key.Key_Return, CTRL)
    while desk.editor.can_undo:
        QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    asked = len(desk.engine.detections)
    go(desk, Qt.Key.Key_PageDown)
    assert len(desk.engine.detections) == asked + 1
    go(desk, Qt.Key.Key_PageUp)
    assert len(desk.engine.detections) == asked + 1
    assert all(point.state is State.MISSING for point in desk.editor.tracing)
    for _ in range(2):
        QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert all(point.state is State.CONFIRMED for point in desk.editor.tracing)


def test_a_film_that_was_emptied_is_still_detected_when_asked(desk):
    desk.open(desk.films)
    desk.answer()
    QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    go(desk, Qt.Key.Key_PageDown)
    go(desk, Qt.Key.Key_PageUp)
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL)
    desk.answer()
    assert all(point.state is State.MODEL for point in desk.editor.tracing)


def test_a_key_that_is_held_steps_back_once_but_goes_on_through_the_films(desk):
    book = desk.window.actions_book
    assert not any(book[name].autoRepeat() for name in ("undo", "redo", "toggle-left", "detect"))
    assert all(book[name].autoRepeat() for name in ("next-film", "previous-film"))


def test_steps_undone_while_the_model_is_at_work_are_not_dropped_by_its_answer(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.move("S", (50, 60))
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL)
    QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    desk.answer()
    assert desk.editor.can_redo
    QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert desk.editor.tracing["S"].best.xy == (50, 60)

"""Points that are locked, and the model's points shown while a key is held."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State
from cephview.ui.canvas.task import LOCKED

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


def drag(view, start, step):
    QTest.mousePress(view, LEFT, NONE, start)
    for n in (1, 2, 3):
        QTest.mouseMove(view, start + step * n)
    QTest.mouseRelease(view, LEFT, NONE, start + step * 3)


def test_a_locked_point_cannot_be_dragged_and_says_so(view, editor, on_screen, journal):
    editor.toggle_lock("S")
    before = editor.tracing
    drag(view, on_screen("S"), QPoint(12, 9))
    assert editor.tracing == before and not journal.lines
    assert editor.selection == "S" and view.said == LOCKED.format("S")
    drag(view, on_screen("N"), QPoint(12, 9))
    moved = [p.landmark for p in editor.tracing if p != before[p.landmark]]
    assert moved == ["N"]


@pytest.mark.parametrize("modifier", [NONE, SHIFT, CTRL])
def test_no_arrow_moves_a_locked_point(view, editor, modifier):
    editor.select("S")
    editor.toggle_lock("S")
    before = editor.tracing
    QTest.keyClick(view, Key.Key_Right, modifier)
    assert editor.tracing == before and view.said == LOCKED.format("S")
    editor.toggle_lock("S")
    QTest.keyClick(view, Key.Key_Right, modifier)
    assert editor.tracing["S"].state is State.MOVED


def test_a_locked_point_is_neither_reverted_nor_moved_by_a_detection(view, editor, detection):
    editor.select("S")
    QTest.keyClick(view, Key.Key_Right)
    editor.toggle_lock("S")
    editor.toggle_lock("N")
    before = editor.tracing
    QTest.keyClick(view, Key.Key_Delete)
    assert editor.tracing == before
    points = [replace(p, refined_px=(p.refined_px[0] + 9, p.refined_px[1]))
              for p in detection.points]  # fmt: skip
    editor.apply_detection(replace(detection, points=tuple(points)))
    assert editor.tracing["S"] == before["S"] and editor.tracing["N"] == before["N"]
    assert editor.tracing["A"].best.x_px == before["A"].best.x_px + 9


def test_a_locked_point_can_be_confirmed(view, editor):
    editor.select("S")
    editor.toggle_lock("S")
    QTest.keyClick(view, Key.Key_Return)
    assert editor.tracing["S"].state is State.CONFIRMED


def test_all_are_locked_at_once_and_another_film_unlocks(view, editor, landmarks):
    editor.toggle_lock("S")
    editor.toggle_all_locks()
    assert editor.locked == set(landmarks.ids)
    editor.toggle_all_locks()
    assert not editor.locked
    editor.toggle_all_locks()
    editor.close()
    assert not editor.locked


def test_a_lock_is_seen(view, editor, on_screen):
    view.set_layer_visible("names", False)
    at = on_screen("A") + QPoint(9, 8)
    before = view.grab().toImage().pixelColor(at)
    editor.toggle_lock("A")
    assert view.grab().toImage().pixelColor(at) != before


def test_a_held_key_shows_where_the_model_had_the_points(view, editor, on_screen):
    start = on_screen("S")
    drag(view, start, QPoint(20, 0))
    context = view.marks_context()
    by_hand = context.at(context.tracing["S"])
    QTest.keyPress(view, Key.Key_B)
    context = view.marks_context()
    by_model = context.at(context.tracing["S"])
    assert by_hand.x() - by_model.x() > 40
    QTest.keyRelease(view, Key.Key_B)
    context = view.marks_context()
    assert context.at(context.tracing["S"]) == by_hand


def test_what_a_hand_does_meanwhile_shows_the_own_points_first(view, editor, on_screen):
    drag(view, on_screen("S"), QPoint(20, 0))
    placed = editor.tracing["S"].human.xy
    QTest.keyPress(view, Key.Key_B)
    QTest.keyClick(view, Key.Key_Right)
    assert not view.is_comparing
    assert editor.tracing["S"].human.xy == (placed[0] + 1, placed[1])
    view.toggle_compare()
    drag(view, on_screen("N"), QPoint(5, 5))
    assert not view.is_comparing and editor.tracing["N"].human is not None


def test_losing_the_keyboard_ends_the_comparison(view, editor):
    QTest.keyPress(view, Key.Key_B)
    assert view.is_comparing
    view.clearFocus()
    assert not view.is_comparing

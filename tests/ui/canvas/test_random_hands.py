"""Whatever the mouse and the keys do: no gesture moves two points, and none moves by accident."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.core.head import PLACES
from cephview.core.history import History
from cephview.core.scale import PixelSize
from cephview.core.tracing import Tracing
from cephview.places import load_catalogue
from cephview.ui.canvas.gestures import POINT_DRAG_STARTS_PX, PointDrag
from cephview.ui.canvas.loupe import FACTORS, RADIUS, loupe_place, next_factor, spine

NONE = Qt.KeyboardModifier.NoModifier
BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
OTHERS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_B)
TAKES_BACK = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
MODIFIERS = (NONE, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier)

# Mostly near the points, which lie on a grid.
places = st.builds(
    lambda column, row, dx, dy: (60 + 70 * column + dx, 80 + 110 * row + dy),
    st.integers(0, 4), st.integers(0, 3), st.integers(-14, 14), st.integers(-14, 14),
)  # fmt: skip
deeds = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(BUTTONS), places),
    st.tuples(st.just("move"), places),
    st.tuples(st.just("release"), st.sampled_from(BUTTONS), places),
    st.tuples(st.just("double"), st.sampled_from(BUTTONS), places),
    st.tuples(st.just("key"), st.sampled_from((*ARROWS, *OTHERS, *TAKES_BACK)),
              st.sampled_from(MODIFIERS), st.booleans()),
    st.tuples(st.just("up"), st.sampled_from((*ARROWS, Qt.Key.Key_Space, Qt.Key.Key_B))),
    st.tuples(st.just("tool"), st.sampled_from(("select", "place", "ruler"))),
    st.tuples(st.just("lock")),
)  # fmt: skip


def best(editor):
    return {p.landmark: p.best.xy if p.best else None for p in editor.tracing}


def send_key(view, key, modifiers=NONE, *, is_repeat=False, is_up=False):
    kind = QKeyEvent.Type.KeyRelease if is_up else QKeyEvent.Type.KeyPress
    QApplication.sendEvent(view, QKeyEvent(kind, key, modifiers, "", is_repeat))


def do(view, editor, on_widget, deed):
    """Do one thing; return the landmarks whose points it may move."""
    kind, *what = deed
    gesture, chosen = view._hand.gesture, {editor.selection}
    held = {view._keys._held[0]} if view._keys.is_holding else set()
    if kind == "press":
        QTest.mousePress(view, what[0], NONE, on_widget(what[1]))
        return held
    if kind == "move":
        QTest.mouseMove(view, on_widget(what[0]))
        return set()
    if kind == "release":
        QTest.mouseRelease(view, what[0], NONE, on_widget(what[1]))
        is_end = isinstance(gesture, PointDrag) and gesture.button == what[0]
        return {gesture.landmark} if is_end and gesture.place is not None else set()
    if kind == "double":
        QTest.mouseDClick(view, what[0], NONE, on_widget(what[1]))
        is_end = isinstance(gesture, PointDrag) and gesture.button == what[0]
        placing = chosen | set(editor.tracing.ids) if view.tool == "place" else set()
        return held | placing | ({gesture.landmark} if is_end else set())
    if kind == "key":
        send_key(view, what[0], what[1], is_repeat=what[2])
        if what[0] in ARROWS:
            return chosen | held
        # Taking back leads a point to where it was before; in the walk, to nowhere.
        return set(editor.tracing.ids) if what[0] in TAKES_BACK else held
    if kind == "up":
        send_key(view, what[0], is_up=True)
        return held
    if kind == "lock":
        editor.toggle_lock(editor.tracing.ids[0])
        return held
    view.set_tool(what[0])
    return held


@pytest.mark.parametrize("has_scale", [True, False])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_nothing_moves_more_than_one_point_or_any_by_accident(
    view, editor, film, detection, journal, landmarks, has_scale, data
):
    grown = landmarks.with_added(*load_catalogue(landmarks)[:2])
    editor.set_landmarks(grown)
    size = film.pixel_size if has_scale else PixelSize()
    tracing = Tracing.of(grown).detected(detection, at="2026")
    view.set_tool("select")
    editor.open(film, History(tracing), journal, size)

    def on_widget(place):
        x, y = view.viewport.to_screen(place)
        inside = min(max(x, 0), view.width() - 1), min(max(y, 0), view.height() - 1)
        return QPoint(*(round(c) for c in inside))

    for deed in data.draw(st.lists(deeds, max_size=25)):
        before, locked = best(editor), editor.locked
        allowed = do(view, editor, on_widget, deed)
        after = best(editor)
        moved = {i for i in after if after[i] != before[i]}
        assert len(moved) <= 1, (deed, moved)
        assert moved <= allowed, (deed, moved, allowed)
        is_undone = deed[0] == "key" and deed[1] in TAKES_BACK
        assert not (moved & locked) or is_undone, "a locked point moved"


@pytest.mark.parametrize("reach", [0, POINT_DRAG_STARTS_PX - 1])
def test_a_click_moves_nothing(view, editor, on_screen, reach):
    before = editor.tracing
    for landmark in editor.tracing.ids:
        at = on_screen(landmark)
        for button in BUTTONS:
            QTest.mousePress(view, button, NONE, at)
            QTest.mouseMove(view, at + QPoint(int(reach), 0))
            QTest.mouseRelease(view, button, NONE, at + QPoint(int(reach), 0))
    assert editor.tracing == before


def test_a_middle_drag_on_a_point_moves_the_film(view, editor, on_screen):
    before, viewport = editor.tracing, view.viewport
    at = on_screen("Go")
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, NONE, at)
    QTest.mouseMove(view, at + QPoint(60, 40))
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, NONE, at + QPoint(60, 40))
    assert editor.tracing == before and view.viewport.centre != viewport.centre


def test_a_finger_drags_one_point_and_a_second_finger_none(view, editor, on_screen, qapp):
    device = QTest.createTouchDevice(QPointingDevice.DeviceType.TouchScreen)
    before = best(editor)
    go, me = on_screen("Go"), on_screen("Me")
    step = QPoint(30, 25)
    QTest.touchEvent(view, device).press(0, go, view)
    qapp.processEvents()
    QTest.touchEvent(view, device).move(0, go + step, view).press(1, me, view)
    qapp.processEvents()
    QTest.touchEvent(view, device).move(0, go + step * 2, view).move(1, me + step, view)
    qapp.processEvents()
    QTest.touchEvent(view, device).release(0, go + step * 2, view).release(1, me + step, view)
    qapp.processEvents()
    moved = {i for i, xy in best(editor).items() if xy != before[i]}
    assert moved == {"Go"}
    assert not view._hand.gesture and not editor._is_held


def test_arrows_without_a_scale_say_so(view, editor):
    editor.set_pixel_size(PixelSize())
    editor.select("Go")
    x, y = editor.tracing["Go"].best.xy
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.said == "" and editor.tracing["Go"].best.xy == (x + 1, y)
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert editor.tracing["Go"].best.xy == (x + 11, y)
    assert "Ctrl by 10 px" in view.said


def test_the_loupe_takes_one_of_its_factors_and_says_which(view):
    assert view.loupe_factor == 4
    view.loupe_stronger()
    assert view.loupe_factor == 5 and view.said == "Loupe 5\u00d7"
    for _ in FACTORS:
        view.loupe_weaker()
    assert view.loupe_factor == FACTORS[0]
    view.set_loupe_factor(6.4)
    assert view.loupe_factor == 6 and next_factor(8, 1) == 8


def test_the_loupe_of_a_dragged_gonion_leaves_the_spine_free(view, editor, film, journal):
    seen = {i: (240 + 1.6 * PLACES[i][0], 250 + 1.6 * PLACES[i][1]) for i in editor.tracing.ids}
    vertebrae = spine(seen)
    assert len(vertebrae) == 5
    others = [xy for i, xy in seen.items() if i != "Go"] + vertebrae
    x, y = loupe_place(view.viewport, seen["Go"], others)
    covered = [at for at in vertebrae if (QPointF(*at) - QPointF(x, y)).manhattanLength() < RADIUS]
    assert len(covered) <= 1


def test_the_loupe_never_lies_under_the_switches(view, editor, on_screen):
    for landmark in editor.tracing.ids:
        at = on_screen(landmark)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, at)
        QTest.mouseMove(view, at + QPoint(8, 0))
        view.grab()
        offset = view._scene._loupe_offset
        if offset is not None:
            x, y = view.viewport.to_screen(view.marks_context().preview[1])
            x, y = x + offset[0], y + offset[1]
            for left, top, right, bottom in view._overlays.boxes():
                beside = max(left - x, 0, x - right), max(top - y, 0, y - bottom)
                assert beside[0] ** 2 + beside[1] ** 2 >= RADIUS**2
        QTest.keyClick(view, Qt.Key.Key_Escape)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, at)

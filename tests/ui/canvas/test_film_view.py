"""Hands and keys on the real canvas."""

import gc
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget

from cephview.core.film import Levels
from cephview.core.history import History
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.look.theme import DARK

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def press(view, at, button=LEFT):
    QTest.mousePress(view, button, NONE, at)


def release(view, at, button=LEFT):
    QTest.mouseRelease(view, button, NONE, at)


def drag(view, start, *stops, button=LEFT, let_go=True):
    press(view, start, button)
    for stop in stops:
        QTest.mouseMove(view, stop)
    if let_go:
        release(view, stops[-1], button)


def wheel(view, at, steps=1, pixels=0, phase=Qt.ScrollPhase.NoScrollPhase):
    place = QPointF(at)
    event = QWheelEvent(
        place,
        QPointF(view.mapToGlobal(at)),
        QPoint(0, pixels),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        NONE,
        phase,
        False,
    )
    QApplication.sendEvent(view, event)


def send_key(view, kind, key=Qt.Key.Key_Right, *, repeats=False):
    QApplication.sendEvent(view, QKeyEvent(kind, key, NONE, "", repeats))


def test_a_drag_commits_once_and_undo_restores(view, editor, journal, on_screen):
    before = editor.tracing
    start = on_screen("A")
    drag(view, start, start + QPoint(5, 0), start + QPoint(12, 4), start + QPoint(24, 8))
    assert journal.lines == ["commit"]
    scale = view.viewport.scale
    moved = editor.tracing["A"].human
    old = before["A"].refined
    assert moved.x_px - old.x_px == pytest.approx(22 / scale, abs=1e-6)
    assert moved.y_px - old.y_px == pytest.approx(8 / scale, abs=1e-6)
    editor.undo()
    assert editor.tracing == before


def test_undo_and_redo_show_what_they_changed(view, editor):
    editor.move("S", (40.0, 60.0))
    editor.select("Go")
    view.zoom_by(20, (499.0, 639.0))
    view.set_layer_visible("refined", False)

    def is_in_view(landmark):
        x, y = view.viewport.to_screen(editor.tracing[landmark].best.xy)
        return 0 < x < view.width() and 0 < y < view.height()

    assert not is_in_view("S")
    editor.undo()
    assert editor.selection == "S" and is_in_view("S") and "refined" in view.layers
    editor.select("Go")
    view.zoom_to("Go")
    view.zoom_by(20)
    assert not is_in_view("S")
    editor.redo()
    assert editor.selection == "S" and is_in_view("S")


def test_undo_of_many_points_keeps_the_selection(view, editor):
    editor.confirm_all()
    editor.select("")
    editor.undo()
    assert editor.selection == ""
    editor.redo()
    editor.select("Go")
    shown = view.viewport
    editor.undo()
    assert editor.selection == "Go" and view.viewport == shown


def test_only_the_dragged_point_moves(view, editor, on_screen):
    before = editor.tracing
    start = on_screen("B")
    drag(view, start, start + QPoint(9, 9), start + QPoint(-14, 3))
    for point in editor.tracing:
        if point.landmark != "B":
            assert point == before[point.landmark]


def test_a_click_selects_and_never_moves(view, editor, journal, on_screen):
    start = on_screen("Go")
    drag(view, start + QPoint(3, 3), start + QPoint(4, 4))
    assert editor.selection == "Go"
    assert journal.lines == []


def test_the_grab_offset_is_kept(view, editor, on_screen):
    old = editor.tracing["Go"].best.xy
    start = on_screen("Go") + QPoint(6, -5)
    drag(view, start, start + QPoint(14, 0))
    new = editor.tracing["Go"].best.xy
    assert new[0] - old[0] == pytest.approx(12 / view.viewport.scale)
    assert new[1] == pytest.approx(old[1])


def test_escape_puts_the_point_back(view, editor, journal, on_screen):
    before = editor.tracing
    seen = []
    editor.preview_changed.connect(lambda landmark, xy: seen.append((landmark, xy)))
    start = on_screen("A")
    drag(view, start, start + QPoint(30, 30), let_go=False)
    assert seen[-1][1] is not None
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert seen[-1] == ("A", None)
    QTest.mouseMove(view, start + QPoint(40, 40))
    release(view, start + QPoint(40, 40))
    assert editor.tracing == before
    assert journal.lines == []


def test_a_drag_previews_without_history(view, editor, journal, on_screen):
    before = editor.tracing
    start = on_screen("A")
    drag(view, start, start + QPoint(30, 30), let_go=False)
    assert editor.tracing == before and journal.lines == []
    release(view, start + QPoint(30, 30))


def test_a_change_from_elsewhere_ends_the_drag(view, editor, on_screen, journal):
    start = on_screen("A")
    drag(view, start, start + QPoint(30, 30), let_go=False)
    editor.confirm("B")
    release(view, start + QPoint(30, 30))
    assert editor.tracing["A"].state is State.MODEL
    assert journal.lines == ["commit"]


def test_other_buttons_do_not_disturb_a_drag(view, editor, on_screen, journal):
    start = on_screen("A")
    drag(view, start, start + QPoint(30, 30), let_go=False)
    press(view, start + QPoint(30, 30), MIDDLE)
    release(view, start + QPoint(30, 30), MIDDLE)
    assert journal.lines == []
    release(view, start + QPoint(30, 30))
    assert journal.lines == ["commit"]


@pytest.mark.parametrize("button", [LEFT, MIDDLE])
def test_dragging_beside_points_pans_and_edits_nothing(view, editor, journal, on_screen, button):
    place = on_screen((20.0, 20.0))
    grabbed = view.viewport.to_film((place.x(), place.y()))
    drag(view, place, place + QPoint(30, 12), button=button)
    found = view.viewport.to_film((place.x() + 30, place.y() + 12))
    assert found == pytest.approx(grabbed)
    assert journal.lines == []


def test_a_middle_drag_on_a_point_pans(view, editor, journal, on_screen):
    start = on_screen("A")
    drag(view, start, start + QPoint(30, 12), button=MIDDLE)
    assert journal.lines == []
    assert on_screen("A") == start + QPoint(30, 12)


def test_space_makes_the_left_button_pan(view, editor, journal, on_screen):
    start = on_screen("A")
    QTest.keyPress(view, Qt.Key.Key_Space)
    drag(view, start, start + QPoint(30, 12))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert journal.lines == []
    assert on_screen("A") == start + QPoint(30, 12)


def test_a_click_on_nothing_deselects(view, editor, on_screen):
    editor.select("A")
    place = on_screen((20.0, 20.0))
    press(view, place)
    release(view, place)
    assert editor.selection == ""


@pytest.mark.parametrize("steps", [1, 3, -1])
def test_the_wheel_keeps_the_film_under_the_cursor(view, steps):
    at = QPoint(170, 420)
    before = view.viewport.to_film((at.x(), at.y()))
    zoom = view.zoom
    wheel(view, at, steps)
    assert view.zoom == pytest.approx(zoom * 1.2**steps)
    assert view.viewport.to_film((at.x(), at.y())) == pytest.approx(before, abs=1e-9)


def test_a_touchpad_zooms_by_pixels(view):
    zoom = view.zoom
    wheel(view, QPoint(100, 100), steps=0, pixels=30, phase=Qt.ScrollPhase.ScrollUpdate)
    assert 1.05 < view.zoom / zoom < 1.3


def test_double_click_on_nothing_fits(view, on_screen):
    fitted = view.viewport
    view.zoom_by(3)
    assert view.viewport != fitted
    place = QPoint(250, 320)
    view.show_viewport(replace(view.viewport, centre=(20.0, 20.0)))
    QTest.mouseDClick(view, LEFT, NONE, place)
    assert view.viewport == fitted


def test_a_right_drag_changes_the_window_only(view, editor, journal, qtbot):
    start = QPoint(200, 200)
    old = view.levels
    with qtbot.waitSignal(view.levels_changed):
        drag(view, start, start + QPoint(40, 0), button=RIGHT)
    wider = view.levels
    assert wider.width > old.width and wider.centre == pytest.approx(old.centre)
    drag(view, start, start + QPoint(0, -40), button=RIGHT)
    assert view.levels.centre < wider.centre and view.levels.width == pytest.approx(wider.width)
    assert journal.lines == [] and editor.selection == ""


def test_escape_puts_the_window_back(view):
    start, old = QPoint(200, 200), view.levels
    drag(view, start, start + QPoint(40, 40), button=RIGHT, let_go=False)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.levels == old
    release(view, start, RIGHT)


@pytest.mark.parametrize(
    ("key", "modifier", "step"),
    [
        (Qt.Key.Key_Right, NONE, (1.0, 0.0)),
        (Qt.Key.Key_Up, NONE, (0.0, -1.0)),
        (Qt.Key.Key_Left, SHIFT, (-1.0, 0.0)),
        (Qt.Key.Key_Down, CTRL, (0.0, 10.0)),
    ],
)
def test_arrows_nudge_the_selected_point(view, editor, journal, key, modifier, step):
    editor.select("N")
    x, y = editor.tracing["N"].best.xy
    QTest.keyClick(view, key, modifier)
    assert editor.tracing["N"].human.xy == pytest.approx((x + step[0], y + step[1]))
    assert journal.lines == ["commit"]


def test_a_held_arrow_is_one_step(view, editor, journal):
    editor.select("N")
    x, y = editor.tracing["N"].best.xy
    send_key(view, QEvent.Type.KeyPress)
    for _ in range(10):
        send_key(view, QEvent.Type.KeyRelease, repeats=True)
        send_key(view, QEvent.Type.KeyPress, repeats=True)
    assert journal.lines == ["commit"]
    send_key(view, QEvent.Type.KeyRelease)
    assert journal.lines == ["commit", "commit"]
    assert editor.tracing["N"].best.xy == (x + 11, y)


def test_a_held_arrow_can_be_put_back(view, editor, journal):
    editor.select("N")
    send_key(view, QEvent.Type.KeyPress)
    place = editor.tracing["N"].best.xy
    send_key(view, QEvent.Type.KeyPress, repeats=True)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    send_key(view, QEvent.Type.KeyRelease)
    assert editor.tracing["N"].best.xy == place and journal.lines == ["commit"]


def test_holding_enter_confirms_one_point_only(view, editor, journal):
    editor.select("N")
    send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_Return)
    for _ in range(5):
        send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_Return, repeats=True)
    assert journal.lines == ["commit"]


@pytest.mark.parametrize("how", ["tab", "elsewhere"])
def test_a_chosen_point_is_never_hidden(view, editor, landmarks, how):
    view.set_layer_visible("refined", False)
    if how == "tab":
        QTest.keyClick(view, Qt.Key.Key_Tab)
    else:
        editor.select("N")
    assert "refined" in view.layers
    editor.confirm_all()
    view.set_layer_visible("human", False)
    editor.select("A")
    assert "human" in view.layers


def test_enter_does_not_confirm_what_is_not_shown(view, editor, journal):
    editor.select("N")
    view.set_layer_visible("refined", False)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert journal.lines == [] and editor.selection == "N"
    assert "refined" in view.layers and "Enter" in view.said
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert editor.tracing["N"].state is State.CONFIRMED and view.said == ""


def test_enter_does_not_confirm_what_is_out_of_view(view, editor, journal):
    editor.select("N")
    view.zoom_by(20, (499.0, 639.0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert journal.lines == [] and editor.selection == "N"
    x, y = view.viewport.to_screen(editor.tracing["N"].best.xy)
    assert 0 < x < view.width() and 0 < y < view.height()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert editor.tracing["N"].state is State.CONFIRMED


def test_enter_passes_over_what_is_not_visible(view, editor):
    editor.select("ANS")
    editor.mark_not_visible("ANS")
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert editor.tracing["ANS"].state is State.NOT_VISIBLE
    assert editor.selection not in ("", "ANS")


@pytest.mark.parametrize("modifier", [NONE, SHIFT, CTRL])
def test_arrows_leave_alone_what_is_not_visible(view, editor, journal, modifier):
    editor.select("ANS")
    editor.mark_not_visible("ANS")
    journal.lines.clear()
    QTest.keyClick(view, Qt.Key.Key_Right, modifier)
    send_key(view, QEvent.Type.KeyPress, repeats=True)
    send_key(view, QEvent.Type.KeyRelease)
    assert editor.tracing["ANS"].state is State.NOT_VISIBLE and journal.lines == []
    assert "not visible" in view.said and "Del" in view.said
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert view.said == ""
    QTest.keyClick(view, Qt.Key.Key_Right, modifier)
    assert editor.tracing["ANS"].state is State.MOVED


def test_a_drag_leaves_alone_what_is_not_visible(view, editor, journal, on_screen):
    editor.mark_not_visible("ANS")
    journal.lines.clear()
    start, shown = on_screen("ANS"), view.viewport
    drag(view, start, start + QPoint(6, 0), start + QPoint(30, 20))
    assert editor.tracing["ANS"].state is State.NOT_VISIBLE and journal.lines == []
    assert editor.selection == "ANS" and view.viewport == shown
    assert "not visible" in view.said
    press(view, QPoint(5, 5))
    assert view.said == ""


def test_the_canvas_keys_come_before_shortcuts_of_the_window(qtbot, editor):
    window = QMainWindow()
    qtbot.addWidget(window)
    view = FilmView(editor, DARK)
    window.setCentralWidget(view)
    fired = []
    for keys in ("Right", "Return", "Delete", "Ctrl+Right"):
        QShortcut(QKeySequence(keys), window, lambda keys=keys: fired.append(keys))
    window.show()
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    editor.select("N")
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Right, CTRL)
    assert editor.tracing["N"].state is State.MOVED
    QTest.keyClick(view, Qt.Key.Key_Delete)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert fired == [] and editor.tracing["N"].state is State.CONFIRMED


def test_a_jitter_of_a_click_moves_nothing(view, editor, journal, on_screen):
    start = on_screen("Go")
    drag(view, start, start + QPoint(1, 0), start + QPoint(-1, 1), start + QPoint(0, -1))
    assert editor.selection == "Go" and journal.lines == []


@pytest.mark.parametrize("direction", [QPoint(1, 0), QPoint(0, -1)])
def test_a_drag_begins_with_the_smallest_step(view, editor, on_screen, direction):
    x, y = editor.tracing["Go"].best.xy
    start = on_screen("Go")
    drag(view, start, start + direction * 1, start + direction * 3)
    one = 1 / view.viewport.scale
    expected = x + one * direction.x(), y + one * direction.y()
    assert editor.tracing["Go"].best.xy == pytest.approx(expected)


def test_a_fast_drag_has_the_same_edge(view, editor, on_screen):
    x, y = editor.tracing["Go"].best.xy
    start = on_screen("Go")
    drag(view, start, start + QPoint(30, 40))
    by = (1 - 2 / 50) / view.viewport.scale
    assert editor.tracing["Go"].best.xy == pytest.approx((x + 30 * by, y + 40 * by))


def test_a_zoom_while_dragging_leaves_the_point_where_it_is(view, editor, on_screen):
    start, end = on_screen("Go") + QPoint(5, 5), on_screen("Go") + QPoint(40, 30)
    seen = []
    editor.preview_changed.connect(lambda _, xy: seen.append(xy))
    drag(view, start, start + QPoint(20, 10), end, let_go=False)
    held = seen[-1]
    wheel(view, end, 2)
    QTest.mouseMove(view, end)
    assert seen[-1] == pytest.approx(held)
    QTest.mouseMove(view, end + QPoint(10, 0))
    assert seen[-1][0] - seen[-2][0] == pytest.approx(10 / view.viewport.scale)
    release(view, end + QPoint(10, 0))


def test_tab_walks_the_most_uncertain_first(view, editor, landmarks):
    worst = list(reversed(landmarks.ids))
    for landmark in worst[:3]:
        QTest.keyClick(view, Qt.Key.Key_Tab)
        assert editor.selection == landmark
    QTest.keyClick(view, Qt.Key.Key_Backtab, SHIFT)
    assert editor.selection == worst[1]
    assert view.hasFocus()


def test_enter_confirms_and_goes_on(view, editor, landmarks):
    worst = list(reversed(landmarks.ids))
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert editor.tracing[worst[0]].state is State.CONFIRMED
    assert editor.selection == worst[1]
    left = []
    view.film_done.connect(lambda: left.append(1))
    for _ in worst[1:]:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert all(point.state is State.CONFIRMED for point in editor.tracing)
    assert not left, "the last point is seen confirmed before the film goes"
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert left


@pytest.fixture
def beside_field(qtbot, editor):
    """Return the film with a field that Tab could go to."""
    window = QWidget()
    qtbot.addWidget(window)
    view = FilmView(editor, DARK, window)
    window.field = QLineEdit(window)
    window.show()
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    # A widget without a parent goes with its last name.
    yield view
    del window


def test_tab_walks_all_points_when_nothing_is_left_to_check(beside_field, editor):
    view = beside_field
    editor.confirm_all()
    order = editor.review.walk.order
    for landmark in (*order, order[0]):
        QTest.keyClick(view, Qt.Key.Key_Tab)
        assert editor.selection == landmark and view.hasFocus()
        assert "next film" in view.said
    QTest.keyClick(view, Qt.Key.Key_Backtab, SHIFT)
    assert editor.selection == order[-1] and view.hasFocus()


def test_the_last_point_offers_the_next_film(view, editor, landmarks):
    for landmark in landmarks.ids[1:]:
        editor.confirm(landmark)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.said == ""
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert "next film" in view.said
    editor.undo()
    assert view.said == ""


def test_tab_leaves_a_film_without_points(beside_field, editor, film, landmarks):
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    editor.open(film, History(empty), None, film.pixel_size)
    QTest.keyClick(beside_field, Qt.Key.Key_Tab)
    assert beside_field.window().field.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_reverts_to_the_model(view, editor, key):
    before = editor.tracing["A"]
    editor.move("A", (10.0, 10.0))
    editor.select("A")
    QTest.keyClick(view, key)
    assert editor.tracing["A"] == before


@pytest.fixture
def placing(view, editor, film, landmarks):
    """Return the view of an untraced film with the Place tool in hand."""
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    editor.open(film, History(empty), None, film.pixel_size)
    view.set_tool("place")
    return view


def test_place_puts_missing_points_one_after_another(placing, editor, landmarks):
    view = placing
    for index, landmark in enumerate(landmarks.ids[:3]):
        place = view.viewport.to_screen((50.0 + 60 * index, 100.0))
        at = QPoint(*(round(c) for c in place))
        press(view, at)
        release(view, at)
        assert editor.tracing[landmark].state is State.MOVED
        expected = view.viewport.to_film((at.x(), at.y()))
        assert editor.tracing[landmark].best.xy == pytest.approx(expected)
    assert editor.selection == landmarks.ids[3]


def test_place_takes_hold_of_a_point_that_is_there(placing, editor, landmarks):
    first, second, third = landmarks.ids[:3]
    QTest.mouseClick(placing, LEFT, NONE, QPoint(200, 200))
    x, y = editor.tracing[first].best.xy
    drag(placing, QPoint(203, 202), QPoint(223, 202), QPoint(243, 202))
    assert editor.tracing[first].best.x_px > x + 20
    assert editor.tracing[first].best.y_px == pytest.approx(y)
    assert editor.selection == first and editor.tracing[second].best is None
    QTest.mouseClick(placing, LEFT, NONE, QPoint(250, 211))
    assert editor.tracing[second].best is not None and editor.selection == third


def test_place_shows_what_a_press_would_do(placing):
    QTest.mouseClick(placing, LEFT, NONE, QPoint(200, 200))
    QTest.mouseMove(placing, QPoint(201, 201))
    QTest.mouseMove(placing, QPoint(202, 202))
    assert placing.cursor().shape() is Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(placing, QPoint(300, 200))
    assert placing.cursor().shape() is Qt.CursorShape.CrossCursor


@pytest.mark.parametrize("layers", [(), ("human",)])
def test_a_double_click_places_one_point(placing, editor, journal, layers):
    at = QPoint(200, 200)
    QTest.mouseClick(placing, LEFT, NONE, at)
    for layer in layers:
        placing.set_layer_visible(layer, False)
    QTest.mouseDClick(placing, LEFT, NONE, at)
    release(placing, at)
    assert sum(point.best is not None for point in editor.tracing) == 1


def test_place_leaves_placed_points_alone(view, editor, journal):
    view.set_tool("place")
    press(view, QPoint(250, 30))
    release(view, QPoint(250, 30))
    assert journal.lines == []


def test_escape_lays_the_tool_down(view, qtbot):
    view.set_tool("ruler")
    with qtbot.waitSignal(view.tool_changed) as changed:
        QTest.keyClick(view, Qt.Key.Key_Escape)
    assert changed.args == ["select"]
    with pytest.raises(ValueError, match="no tool"):
        view.set_tool("axe")


def test_inversion_stays_for_the_next_film_and_the_window_does_not(view, editor, film):
    view.set_inverted(True)
    view.set_levels(Levels(5, 6))
    editor.close()
    assert view.levels is None and view.is_inverted
    empty = Tracing.empty(editor.landmarks.id, editor.landmarks.ids)
    editor.open(film, History(empty), None, film.pixel_size)
    assert view.is_inverted and view.levels == film.levels


def test_hidden_layers_are_not_hit(view, editor, journal, on_screen):
    view.set_layer_visible("refined", False)
    start = on_screen("A")
    drag(view, start, start + QPoint(20, 20))
    assert journal.lines == [] and editor.selection == ""


def test_a_moved_point_never_vanishes(view, editor, on_screen):
    view.set_layer_visible("human", False)
    start = on_screen("A")
    drag(view, start, start + QPoint(20, 20))
    assert "human" in view.layers


def test_an_unknown_layer_is_refused(view):
    with pytest.raises(KeyError):
        view.set_layer_visible("tissue", False)


def test_the_ruler_tells_both_ends_in_film_pixels(view, qtbot, editor, on_screen, journal):
    view.set_tool("ruler")
    a, b = on_screen("A"), on_screen("A") + QPoint(100, 0)
    with qtbot.waitSignal(view.ruler_drawn) as drawn:
        drag(view, a, a + QPoint(30, 0), b)
    assert drawn.args[0] == pytest.approx(view.viewport.to_film((a.x(), a.y())))
    assert drawn.args[1] == pytest.approx(view.viewport.to_film((b.x(), b.y())))
    assert journal.lines == []


def test_the_cursor_tells_place_and_grey(view, film, qtbot):
    told = []
    view.cursor_moved.connect(told.append)
    QTest.mouseMove(view, QPoint(248, 318))
    QTest.mouseMove(view, QPoint(250, 320))
    x, y, grey = told[-1]
    assert grey == film.pixels[round(y), round(x)]
    QTest.mouseMove(view, QPoint(1, 1))
    # A window system may hand moves over later.
    qtbot.waitUntil(lambda: told[-1] is None)


@pytest.mark.parametrize("change", ["zoom", "fit", "pan", "resize"])
def test_the_cursor_is_told_again_when_the_view_changes(view, film, change):
    told, at = [], QPoint(300, 400)
    view.zoom_by(1.5, (0.0, 0.0))
    QTest.mouseMove(view, QPoint(290, 400))
    QTest.mouseMove(view, at)
    QApplication.processEvents()
    view.cursor_moved.connect(told.append)
    if change == "zoom":
        view.zoom_by(2.0)
    elif change == "fit":
        view.fit()
    elif change == "pan":
        view.show_viewport(view.viewport.panned(-30, 20))
    else:
        view.resize(620, 500)
        QApplication.processEvents()
    x, y = view.viewport.to_film((at.x(), at.y()))
    assert told[-1] == (pytest.approx(x), pytest.approx(y), film.pixels[round(y), round(x)])


def test_the_cursor_reads_the_film_that_is_shown(view, editor, film):
    told, at = [], QPoint(300, 400)
    QTest.mouseMove(view, QPoint(290, 400))
    QTest.mouseMove(view, at)
    QApplication.processEvents()
    view.cursor_moved.connect(told.append)
    other = replace(film, pixels=film.pixels[:300, :300] + 7, sha256="e" * 64)
    empty = Tracing.empty(editor.landmarks.id, editor.landmarks.ids)
    editor.open(other, History(empty), None, other.pixel_size)
    x, y = view.viewport.to_film((at.x(), at.y()))
    assert told[-1] == (pytest.approx(x), pytest.approx(y), other.pixels[round(y), round(x)])
    told.clear()
    editor.set_pixel_size(PixelSize(0.2, 0.2, Provenance.CALIBRATED))
    assert told[-1][:2] == (pytest.approx(x), pytest.approx(y))
    editor.close()
    assert told[-1] is None


def test_one_to_one_and_look_closer(view, editor):
    view.one_to_one()
    assert view.zoom == 1.0
    view.zoom_to("A")
    assert view.zoom >= 1.5
    middle = view.viewport.to_screen(editor.tracing["A"].best.xy)
    assert middle == pytest.approx((view.width() / 2, view.height() / 2))


def test_keys_bring_the_selected_point_into_view(view, editor):
    view.zoom_by(20, (0.0, 0.0))
    QTest.keyClick(view, Qt.Key.Key_Tab)
    x, y = view.viewport.to_screen(editor.tracing[editor.selection].best.xy)
    assert 0 < x < view.width() and 0 < y < view.height()


def test_walking_over_a_fitted_film_never_pans(view, editor):
    editor.move("ANS", (0.0, 599.0))
    editor.revert("S")
    fitted = view.viewport
    for _ in range(25):
        QTest.keyClick(view, Qt.Key.Key_Tab)
        assert view.viewport == fitted


def test_a_resize_keeps_the_whole_film_in_view(view):
    view.resize(700, 500)
    left, top, right, bottom = view.viewport.film_on_screen()
    assert left >= 0 and top >= 0 and right <= 700 and bottom <= 500


def test_pixels_that_are_not_square_are_shown_in_proportion(view, editor):
    editor.set_pixel_size(PixelSize(0.1, 0.2, Provenance.CALIBRATED))
    assert view.viewport.scale_y == pytest.approx(2 * view.viewport.scale)


def test_auto_levels_and_inversion(view):
    view.set_levels(Levels(0, 10))
    view.auto_levels()
    assert view.levels.high > 10_000
    bright = view.grab().toImage().pixelColor(250, 320).lightness()
    view.set_inverted(True)
    assert view.grab().toImage().pixelColor(250, 320).lightness() < bright


def test_hints_go_away_one_by_one(view, editor, qtbot):
    used = []
    view.hint_used.connect(used.append)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert used == ["next", "nudge"]


def test_closing_the_film_shows_the_invitation(view, editor):
    editor.close()
    assert view.viewport is None
    view.grab()


def test_the_view_goes_away_when_it_is_dropped(qtbot, editor):
    view = FilmView(editor, DARK)
    view.resize(300, 300)
    view.grab()
    gone = weakref.ref(view)
    destroyed = []
    view.destroyed.connect(lambda: destroyed.append(True))
    view.deleteLater()
    del view
    QApplication.sendPostedEvents(None, 52)
    QApplication.processEvents()
    gc.collect()
    assert destroyed == [True]
    assert gone() is None
    editor.nudge("A", 1, 1)

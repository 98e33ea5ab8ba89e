"""Switches and hints stay off the film where the film leaves room."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from cephview.ui.canvas.film_view import FilmView
from cephview.ui.canvas.overlay import HINTS, HintShape, HintStrip, LayerSwitches
from cephview.ui.look.theme import DARK


def film_rect(view):
    left, top, right, bottom = view.viewport.film_on_screen()
    return QRectF(left, top, right - left, bottom - top)


@pytest.mark.parametrize("size", [(856, 818), (780, 690), (700, 700), (1336, 1060)])
def test_nothing_lies_on_a_fitted_film(qtbot, editor, size):
    view = FilmView(editor, DARK)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    for child in (view.findChild(LayerSwitches), view.findChild(HintStrip)):
        assert child.isVisible()
        assert not film_rect(view).intersects(QRectF(child.geometry()))


def test_both_stay_inside_a_small_view(qtbot, editor):
    view = FilmView(editor, DARK)
    qtbot.addWidget(view)
    view.resize(330, 500)
    view.show()
    for child in (view.findChild(LayerSwitches), view.findChild(HintStrip)):
        assert view.rect().contains(child.geometry())


def test_a_switch_hides_its_layer(view, qtbot):
    button = next(b for b in view.findChildren(QToolButton) if b.text() == "Names")
    with qtbot.waitSignal(view.layer_toggled) as toggled:
        button.click()
    assert toggled.args == ["names", False]
    assert "names" not in view.layers
    view.set_layer_visible("names", True)
    assert button.isChecked()


def test_the_strip_goes_with_its_last_hint(view, qtbot):
    strip = view.findChild(HintStrip)
    before = strip.width() * strip.height()
    view.use_hint("next")
    assert strip.width() * strip.height() < before
    for name, _, _ in HINTS:
        view.use_hint(name)
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=2000)


def test_known_hints_are_never_shown(view):
    view.set_hints_used(tuple(name for name, _, _ in HINTS))
    assert not view.findChild(HintStrip).isVisible()


def test_shapes_differ_in_width(view):
    strip = view.findChild(HintStrip)
    widths = [strip.size_as(shape).width() for shape in HintShape]
    assert widths == sorted(widths, reverse=True)


def test_without_a_film_nothing_floats(qtbot, editor):
    editor.close()
    view = FilmView(editor, DARK)
    qtbot.addWidget(view)
    view.show()
    view.set_hints_used(("next",))
    assert not view.findChild(HintStrip).isVisible()
    assert not view.findChild(LayerSwitches).isVisible()


def told(view) -> list[str]:
    strip = view.findChild(HintStrip)
    return [key for _, key, _ in strip._left()] if strip.isVisible() else []


def test_put_back_is_told_only_while_a_point_is_dragged(view, on_screen):
    assert told(view) == ["Tab", "Enter", "\u2191\u2193\u2190\u2192"]
    left, start = view.frame(), on_screen("S")
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    assert "Esc" not in told(view), "a press moved nothing yet"
    QTest.mouseMove(view, start + QPoint(9, 5))
    assert told(view)[-1] == "Esc" and view.frame() == left
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(9, 5))
    assert told(view) == ["Tab", "Enter", "\u2191\u2193\u2190\u2192"] and view.frame() == left


def test_it_comes_and_goes_with_a_drag_where_all_else_is_known_until_it_was_used(view, on_screen):
    view.set_hints_used(("next", "confirm", "nudge"))
    assert told(view) == []
    for hints in (["Esc"], []):
        start = on_screen("S")
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view, start + QPoint(9, 5))
        assert told(view) == hints
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert told(view) == []
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start)
        assert told(view) == []

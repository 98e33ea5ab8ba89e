"""A right click on the film or on a point opens a menu; a right drag sets black and white."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

RIGHT = Qt.MouseButton.RightButton

# The offscreen screen has no keyboard to grab, which a menu asks for.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def place_of(desk, landmark):
    best = desk.editor.tracing[landmark].best
    x, y = desk.window.view.viewport.to_screen(best.xy)
    return QPoint(round(x), round(y))


def words(menu):
    return [action.text().replace("&", "").split("\t")[0] for action in menu.actions()]


def opened(desk):
    desk.open(desk.films)
    desk.answer()
    return desk.window.view


def test_a_right_click_on_a_point_chooses_it_and_opens_its_menu(desk):
    view = opened(desk)
    QTest.mouseClick(view, RIGHT, pos=place_of(desk, "N"))
    menu = desk.window.context_menus.menu
    assert menu.isVisible() and desk.editor.selection == "N"
    assert words(menu)[0].startswith("N") and "Nasion" in words(menu)[0]
    assert {"Confirm", "Unsure", "Not visible", "Lock the point", "Undo"} <= set(words(menu))
    desk.window.actions_book["confirm"].trigger()
    assert desk.editor.tracing["N"].state.name == "CONFIRMED"
    menu.close()


def test_a_right_click_beside_points_opens_the_menu_of_the_film(desk):
    view = opened(desk)
    viewport = view.viewport
    at = QPoint(*(round(v) for v in viewport.to_screen((310.0, 10.0))))
    QTest.mouseClick(view, RIGHT, pos=at)
    menu = desk.window.context_menus.menu
    assert menu.isVisible()
    assert {"Detect", "Ruler", "Grey values", "Turn and mirror"} <= set(words(menu))
    menu.close()


def test_a_right_drag_sets_the_window_and_opens_no_menu(desk):
    view = opened(desk)
    before, at = view.levels, place_of(desk, "N")
    QTest.mousePress(view, RIGHT, pos=at)
    QTest.mouseMove(view, at + QPoint(40, 25))
    QTest.mouseMove(view, at)
    QTest.mouseRelease(view, RIGHT, pos=at)
    assert desk.window.context_menus.menu is None
    QTest.mousePress(view, RIGHT, pos=at)
    QTest.mouseMove(view, at + QPoint(40, 25))
    assert view.levels != before
    QTest.mouseRelease(view, RIGHT, pos=at + QPoint(40, 25))


def test_a_key_opens_the_menu_where_the_chosen_point_is(desk):
    view = opened(desk)
    desk.editor.select("S")

    def ask():
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
        QApplication.sendEvent(view, event)
        return desk.window.context_menus.menu

    QTest.keyClick(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = desk.window.context_menus.menu
    assert words(menu)[0].startswith("S") and menu.isVisible()
    menu.close()
    menu = ask()
    assert words(menu)[0].startswith("S") and menu.isVisible()
    menu.close()
    desk.editor.select("")
    menu = ask()
    assert "Detect" in words(menu)
    menu.close()


def test_without_a_film_there_is_no_menu(desk):
    QTest.mouseClick(desk.window.view, RIGHT)
    assert desk.window.context_menus.menu is None

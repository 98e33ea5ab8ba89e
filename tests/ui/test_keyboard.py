"""Who has the keyboard: the film, unless a reader walks elsewhere by key."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State

LEFT = Qt.MouseButton.LeftButton


def click_row(desk, row: int) -> None:
    """Press the mouse on a film of the list, and answer the detection."""
    view = desk.window.films.view
    at = view.visualRect(view.model().index(row, 0)).center()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.mouseClick(view.viewport(), LEFT, pos=at)
    desk.answer()


def test_a_film_chosen_by_mouse_has_the_keyboard(desk):
    desk.open(desk.films)
    click_row(desk, 1)
    assert desk.window.view.hasFocus()
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)
    first = desk.editor.selection
    assert first
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    assert desk.editor.tracing[first].state is State.CONFIRMED


def test_a_click_brings_the_keyboard_back_from_the_list(desk):
    desk.open(desk.films)
    view = desk.window.films.view
    view.setFocus()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.hasFocus()
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.currentIndex()).center())
    assert desk.window.view.hasFocus()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert desk.window.view.hasFocus()


def test_a_click_beside_the_films_leaves_the_keyboard_where_it_is(desk):
    desk.open(desk.films)
    view = desk.window.films.view
    QTest.mouseClick(view.viewport(), LEFT, pos=QPoint(20, view.viewport().height() - 5))
    assert desk.window.view.hasFocus()

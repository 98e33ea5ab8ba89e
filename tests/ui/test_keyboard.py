"""Who has the keyboard: the film, unless a reader walks elsewhere by key."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State

CTRL = Qt.KeyboardModifier.ControlModifier
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


def test_enter_in_the_search_opens_the_first_match_and_goes_to_the_film(desk):
    desk.open(desk.films)
    QTest.keyClick(desk.window, Qt.Key.Key_F, CTRL)
    search = desk.window.films.search
    assert search.hasFocus()
    QTest.keyClicks(search, "10")
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(search, Qt.Key.Key_Return)
    assert desk.window.session.path.name == "film-10.png"
    assert desk.window.view.hasFocus()


def test_enter_without_a_match_stays_in_the_search(desk):
    desk.open(desk.films)
    search = desk.window.films.search
    search.setFocus()
    QTest.keyClicks(search, "zebra")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert search.hasFocus() and desk.window.session.path.name == "film-1.png"


def test_escape_clears_the_search_and_goes_back_to_the_film(desk):
    desk.open(desk.films)
    search = desk.window.films.search
    search.setFocus()
    QTest.keyClicks(search, "10")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == "" and desk.window.view.hasFocus()
    assert desk.window.films.view.model().rowCount() == 3
    assert desk.window.films.view.currentIndex().row() == 0


def test_down_goes_from_the_search_to_the_films_it_found(desk):
    desk.open(desk.films)
    search = desk.window.films.search
    search.setFocus()
    QTest.keyClick(search, Qt.Key.Key_Down)
    assert desk.window.films.view.hasFocus()


def test_typing_in_the_search_opens_no_film(desk):
    desk.open(desk.films)
    search = desk.window.films.search
    search.setFocus()
    shown = []
    desk.editor.film_changed.connect(lambda film: shown.append(film.name))
    QTest.keyClicks(search, "film-10")
    desk.qtbot.wait(100)
    assert shown == [] and search.hasFocus()
    QTest.keyClick(search, Qt.Key.Key_A, CTRL)
    QTest.keyClick(search, Qt.Key.Key_Backspace)
    assert desk.window.films.view.currentIndex().row() == 0


def test_enter_goes_to_the_next_film_when_nothing_is_left(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    first = desk.editor.film.name
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=30_000):
        QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    assert desk.editor.film.name != first

"""Who has the keyboard: the film, unless a reader walks elsewhere by key."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def click_row(desk, row: int) -> None:
    """Press the mouse on a film of the list, and answer the detection."""
    view = desk.window.films.view
    at = view.visualRect(view.model().index(row, 0)).center()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.mouseClick(view.viewport(), LEFT, pos=at)
    desk.answer()


def test_after_a_click_on_a_film_the_keys_of_the_canvas_work(desk):
    desk.open(desk.films)
    click_row(desk, 1)
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)
    assert desk.window.view.hasFocus()
    first = desk.editor.selection
    assert first
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    assert desk.editor.tracing[first].state is State.CONFIRMED


def test_after_a_click_on_a_film_the_arrows_walk_the_films(desk):
    desk.open(desk.films)
    click_row(desk, 1)
    for key, name in ((Qt.Key.Key_Down, "film-10.png"), (Qt.Key.Key_Up, "film-2.png"),
                      (Qt.Key.Key_Up, "film-1.png")):  # fmt: skip
        with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
            QTest.keyClick(desk.window.focusWidget(), key)
        assert desk.window.session.path.name == name


def test_arrows_nudge_the_point_once_the_film_was_clicked(desk):
    desk.open(desk.films)
    click_row(desk, 1)
    desk.editor.select("S")
    before = desk.editor.tracing["S"].best.xy
    QTest.mouseClick(desk.window.view, LEFT, pos=desk.window.view.rect().bottomRight() / 2)
    desk.editor.select("S")
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Down)
    assert desk.editor.tracing["S"].best.xy == (before[0], before[1] + 1)


def test_enter_in_the_list_goes_to_the_film(desk):
    desk.open(desk.films)
    view = desk.window.films.view
    view.setFocus(Qt.FocusReason.TabFocusReason)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.hasFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert desk.window.view.hasFocus()


def test_extending_the_selection_opens_no_film(desk):
    desk.open(desk.films)
    films, view = desk.window.films, desk.window.films.view
    assert films.selected_paths() == (desk.films / "film-1.png",)
    shown = []
    desk.editor.film_changed.connect(shown.append)
    last = view.visualRect(view.model().index(2, 0)).center()
    QTest.mouseClick(view.viewport(), LEFT, CTRL, last)
    assert [p.name for p in films.selected_paths()] == ["film-1.png", "film-10.png"]
    QTest.mouseClick(view.viewport(), LEFT, SHIFT, last)
    QTest.keyClick(view, Qt.Key.Key_A, CTRL)
    desk.qtbot.waitUntil(lambda: len(films.selected_paths()) == 3)
    assert shown == [] and desk.window.session.path.name == "film-1.png"
    # Another film is opened from the one that is shown, whatever is selected.
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.next_film()
    assert [p.name for p in films.selected_paths()] == ["film-2.png"]


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

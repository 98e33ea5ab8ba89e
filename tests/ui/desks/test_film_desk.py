"""Films leave the list and the workspace, are skipped, and come back."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.ui.desks import film_desk


@pytest.fixture
def traced(desk, qtbot):
    """A desk with three listed films, the first of which a person traced and shows."""
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    qtbot.waitUntil(lambda: not desk.window.session.folder.has_open_questions())
    return desk


def do(desk, action: str) -> None:
    desk.window.actions_book[action].trigger()


def undo(desk) -> None:
    desk.window.notices.current.on_action()


def names(desk) -> list[str]:
    return [path.name for path in desk.list_model.paths()]


def learnt_from(desk) -> list[str]:
    return [Path(film.path).name for film in desk.window.session._corrected_films()]


def test_a_film_leaves_the_list_and_the_next_is_shown(traced):
    with traced.qtbot.waitSignal(traced.window.session.film_loading.loaded):
        do(traced, "remove-films")
    assert names(traced) == ["film-2.png", "film-10.png"]
    assert traced.window.session.path.name == "film-2.png"
    # It is still one of the workspace, and what is learnt from has no need of a list.
    assert learnt_from(traced) == ["film-1.png"]
    undo(traced)
    assert names(traced) == ["film-1.png", "film-2.png", "film-10.png"]
    assert traced.list_model.row_of(traced.films / "film-1.png").words == "done"


@pytest.mark.parametrize("action", ["remove-films", "bin-films"])
def test_the_open_film_stays_where_another_leaves_the_list(traced, qtbot, action):
    traced.open(traced.films / "film-10.png")
    traced.answer()
    traced.editor.confirm_all()
    qtbot.waitUntil(lambda: not traced.window.session.folder.has_open_questions())
    films = traced.window.films
    asked = []
    films.film_wanted.connect(asked.append)
    # As a click with the right button does: the row becomes the current one and is not opened.
    row = films.view.model().index(0, 0)
    at = films.view.visualRect(row).center()
    QTest.mouseClick(films.view.viewport(), Qt.MouseButton.RightButton, pos=at)
    assert [path.name for path in films.selected_paths()] == ["film-1.png"]
    do(traced, action)
    assert names(traced) == ["film-2.png", "film-10.png"]
    assert asked == [] and traced.window.session.path.name == "film-10.png"
    assert [path.name for path in films.selected_paths()] == ["film-10.png"]


def test_every_film_can_leave_the_list_by_key(traced):
    view = traced.window.films.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert names(traced) == [] and traced.editor.film is None
    assert traced.window.windowTitle() == "cephview"
    undo(traced)
    assert len(names(traced)) == 3


def test_a_film_taken_out_of_the_workspace_comes_back_with_its_points(traced):
    before = traced.editor.tracing
    with traced.qtbot.waitSignal(traced.window.session.film_loading.loaded):
        do(traced, "bin-films")
    assert names(traced) == ["film-2.png", "film-10.png"] and learnt_from(traced) == []
    assert (traced.films / "film-1.png").is_file()
    # Its folder lists it no more.
    with traced.qtbot.waitSignal(traced.window.session.folder.listed):
        traced.window.open_paths((traced.films,))
    assert names(traced) == ["film-2.png", "film-10.png"]
    traced.window.film_desk.put_in_bin()
    undo_text = traced.window.notices.current.text
    assert "into its bin" in undo_text or "not in the workspace" in undo_text
    # Opened by hand it is in the workspace again.
    traced.open(traced.films / "film-1.png")
    assert traced.editor.tracing == before and learnt_from(traced) == ["film-1.png"]
    assert "in the workspace again" in traced.window.notices.current.text


def test_a_film_is_put_back_from_the_bin(traced, monkeypatch):
    do(traced, "bin-films")
    asked = []

    def choose(_parent, records):
        asked.extend(record.name for record in records)
        return tuple(record.sha256 for record in records)

    monkeypatch.setattr(film_desk, "ask_from_bin", choose)
    do(traced, "show-bin")
    assert asked == ["film-1.png"] and "film-1.png" in names(traced)
    assert learnt_from(traced) == ["film-1.png"]
    do(traced, "show-bin")
    assert traced.window.notices.current.text == "The bin of the workspace is empty."


def test_a_skipped_film_is_marked_and_is_no_data(traced):
    path = traced.films / "film-1.png"
    do(traced, "skip-films")
    assert learnt_from(traced) == [] and traced.window.session.keeping.traced_films() == ()
    assert "skipped in learning and exports" in traced.list_model.row_of(path).words
    traced.window.session.folder.show_reading()
    assert traced.list_model.row_of(path).is_skipped
    undo(traced)
    assert learnt_from(traced) == ["film-1.png"]
    assert not traced.list_model.row_of(path).is_skipped


def test_a_film_that_is_not_in_the_workspace_cannot_be_taken_out_of_it(traced):
    films = traced.window.films
    index = films.view.model().index(2, 0)
    films.view.selectionModel().select(
        index, films.view.selectionModel().SelectionFlag.ClearAndSelect
    )
    do(traced, "bin-films")
    assert "“film-10.png” is not in the workspace yet" in traced.window.notices.current.text
    assert len(names(traced)) == 3


def test_the_menu_of_the_list_is_for_the_film_under_the_mouse(traced, qtbot):
    films, view = traced.window.films, traced.window.films.view
    # A menu off the screen takes the mouse, of which the platform warns.
    view.menu_wanted.disconnect()
    at = view.visualRect(view.model().index(1, 0)).center()
    with qtbot.waitSignal(view.menu_wanted):
        QApplication.sendEvent(view.viewport(), QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at)))  # fmt: skip
    assert [path.name for path in films.selected_paths()] == ["film-2.png"]
    assert traced.window.session.path.name == "film-1.png"


def test_films_of_one_name_are_told_apart(desk, make_film, tmp_path):
    for n, folder in enumerate(("p1/xrays", "p2/xrays")):
        (tmp_path / folder).mkdir(parents=True)
        make_film(tmp_path / folder / "ceph.png", n)
    desk.open(tmp_path)
    first = desk.list_model.paths()[0]
    assert desk.list_model.label_of(first) == "p1/…/ceph.png"
    assert desk.window.windowTitle().startswith("p1/…/ceph.png")
    tip = desk.list_model.index_of(first).data(Qt.ItemDataRole.ToolTipRole)
    assert str(first.parent) in tip
    do(desk, "remove-films")
    assert desk.list_model.label_of(desk.list_model.paths()[0]) == "ceph.png"


def test_an_overwritten_film_is_not_learnt_with_its_old_points(traced, qtbot, make_film):
    path = traced.films / "film-1.png"
    traced.open(traced.films / "film-2.png")
    make_film(path, 200)
    assert learnt_from(traced) == ["film-1.png"]
    with qtbot.waitSignal(traced.window.session.folder.listed):
        traced.window.open_paths((traced.films,))
    qtbot.waitUntil(lambda: learnt_from(traced) == [])
    traced.open(path)
    assert all(point.best is None for point in traced.editor.tracing)


def test_what_was_removed_is_told_until_the_next_change_and_can_be_put_back_later(traced, qtbot):
    window = traced.window
    with qtbot.waitSignal(window.session.film_loading.loaded):
        do(traced, "remove-films")
    traced.answer()
    assert "removed from the list" in window.notices.current.text, "the next film is no change"
    traced.editor.confirm("S")
    assert window.notices.current is None
    do(traced, "put-back")
    assert names(traced) == ["film-1.png", "film-2.png", "film-10.png"]
    do(traced, "put-back")
    assert window.notices.current.text == "No film was removed in this window."


@pytest.mark.parametrize("action", ["remove-films", "bin-films", "skip-films"])
def test_what_was_done_to_a_film_is_told_until_another_is_opened(traced, action):
    traced.open(traced.films / "film-2.png")
    traced.window.films.view.setCurrentIndex(traced.window.films.view.model().index(0, 0))
    traced.open(traced.films / "film-10.png")
    do(traced, action)
    assert traced.window.notices.current is not None
    traced.open(traced.films / "film-2.png")
    assert traced.window.notices.current is None

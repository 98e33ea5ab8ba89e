"""A point that its reader doubts: by key, card and menu, in every view, and in exports."""

import csv

import pytest
from PySide6.QtCore import Qt

from cephview.core.tracing import State
from cephview.ui.rows.film_list_model import ROW_ROLE, FilmState


@pytest.fixture
def traced(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.select("Go")
    desk.window.activateWindow()
    desk.window.view.setFocus()
    return desk


def row_of(desk):
    return desk.list_model.index(0, 0).data(ROW_ROLE)


def test_a_key_marks_and_takes_back_as_steps_that_stay(traced, make_desk):
    view, editor = traced.window.view, traced.editor
    traced.qtbot.keyClick(view, Qt.Key.Key_U)
    assert editor.tracing["Go"].state is State.UNSURE
    traced.qtbot.keyClick(view, Qt.Key.Key_U)
    assert editor.tracing["Go"].state is State.MODEL
    editor.undo()
    assert editor.tracing["Go"].state is State.UNSURE
    again = make_desk()
    again.open(again.films)
    assert again.editor.tracing["Go"].state is State.UNSURE
    again.editor.undo()
    assert again.editor.tracing["Go"].state is State.MODEL


def test_going_on_from_a_doubted_point_does_not_confirm_it(traced):
    view, editor = traced.window.view, traced.editor
    traced.qtbot.keyClick(view, Qt.Key.Key_U)
    traced.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert editor.tracing["Go"].state is State.UNSURE and editor.selection != "Go"
    editor.confirm_all()
    assert editor.tracing["Go"].state is State.UNSURE
    editor.select("Go")
    traced.window.actions_book["confirm"].trigger()
    assert editor.tracing["Go"].state is State.CONFIRMED


def test_card_menu_and_table_know_it(traced):
    card, points = traced.window.points.card, traced.window.points
    traced.qtbot.mouseClick(card.unsure, Qt.MouseButton.LeftButton)
    assert card.unsure.isChecked()
    assert points.model.index(points.model.row_of("Go"), 4).data() == "unsure"
    assert "unsure" in [action.objectName() for action in points.table.actions()]
    card.unsure.click()
    assert not card.unsure.isChecked()
    traced.editor.mark_not_visible("Go")
    card.unsure.click()
    assert traced.editor.tracing["Go"].state is State.UNSURE


def test_a_film_with_doubts_is_done_and_says_how_many(traced, make_desk):
    traced.editor.toggle_unsure("Go")
    assert row_of(traced).words == "review 1 of 19, 1 unsure"
    traced.editor.confirm_all()
    row = row_of(traced)
    assert (row.state, row.checked, row.words) == (FilmState.DONE, 19, "done, 1 unsure")
    again = make_desk()
    again.open(again.films / "film-2.png")
    again.window.open_paths((again.films,))
    again.qtbot.waitUntil(lambda: again.list_model.rowCount() >= 3, timeout=10_000)
    again.qtbot.waitUntil(lambda: row_of(again).words == "done, 1 unsure", timeout=10_000)


def test_a_doubted_point_is_exported_as_such_and_not_learnt_from(traced, tmp_path):
    session = traced.window.session
    traced.editor.toggle_unsure("Go")
    traced.editor.confirm("S")
    (film,) = session.keeping.corrected_films()
    assert set(film.points) == {"S"}
    traced.qtbot.waitUntil(lambda: not session.folder.has_open_questions(), timeout=10_000)
    target = tmp_path / "out.csv"
    session.exporting._ask_path = lambda *_: target
    with traced.qtbot.waitSignal(session.exporting.done, timeout=10_000) as told:
        traced.export("export-csv")
    assert "1 point that its reader is unsure of" in told.args[1]
    with target.open(encoding="utf-8", newline="") as file:
        rows = {row["landmark"]: row for row in csv.DictReader(file)}
    assert {i: row["state"] for i, row in rows.items()} == {"S": "confirmed", "Go": "unsure"}
    assert rows["Go"]["x_px"] and rows["Go"]["by"] == "reader"


def test_what_is_not_placed_cannot_be_doubted(desk):
    desk.open(desk.films / "film-1.png")
    desk.editor.select("Go")
    assert not desk.window.actions_book["unsure"].isEnabled()
    desk.editor.toggle_unsure("Go")
    assert desk.editor.tracing["Go"].state is State.MISSING

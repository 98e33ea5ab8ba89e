"""Landmarks that a user adds: on every film, in every view, after a restart and in exports."""

import csv

import pytest
from PySide6.QtCore import Qt

from cephview.core.tracing import State
from cephview.ui.dialogs.landmark_sheet import LandmarkSheet
from cephview.ui.rows.film_list_model import ROW_ROLE, FilmState
from cephview.ui.workspace.keeping import KeepError


def sheet_of(desk):
    desk.window.actions_book["landmarks"].trigger()
    return desk.window.findChild(LandmarkSheet)


def item_of(sheet, symbol):
    for n in range(sheet.list.count()):
        if sheet.list.item(n).data(Qt.ItemDataRole.UserRole).id == symbol:
            return sheet.list.item(n)
    raise KeyError(symbol)


def place(desk, landmark, xy=(50, 60)):
    desk.editor.move(landmark, xy)


def test_a_ticked_landmark_is_on_every_film_and_stays(desk, make_desk):
    desk.open(desk.films / "film-1.png")
    desk.answer()
    sheet = sheet_of(desk)
    assert "19 landmarks of ISBI 2015" in sheet.about.text()
    sheet.list.setCurrentItem(item_of(sheet, "Co"))
    assert sheet.name.text().startswith("Co") and "aariz29" in sheet.origin.text()
    desk.qtbot.keyClick(sheet.list, Qt.Key.Key_Space)
    assert desk.editor.tracing["Co"].state is State.MISSING
    assert not desk.editor.can_redo and desk.editor.tracing.set_of("Co") == "aariz29"
    rows = desk.window.points.model
    assert rows.row_of("Co") >= 0
    desk.qtbot.keyClick(sheet.list, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    place(desk, "Co")
    desk.editor.select("Co")
    assert "condyle" in desk.window.points.card._definition.text()
    desk.open(desk.films / "film-2.png")
    assert desk.editor.tracing.ids[-1] == "Co"
    again = make_desk()
    again.open(again.films / "film-1.png")
    assert again.editor.tracing["Co"].human.xy == (50, 60)
    assert again.editor.landmarks["Co"].source


def test_a_landmark_of_ones_own_is_defined_placed_retired_and_exported(desk, tmp_path):
    desk.open(desk.films)
    desk.answer()
    sheet = sheet_of(desk)
    sheet.symbol.setText("Xy")
    sheet.title.setText("My point")
    desk.qtbot.keyClick(sheet.title, Qt.Key.Key_Return)
    assert "needs a symbol, a name and a definition" in sheet.said.text()
    sheet.words.setText("Where I say.")
    desk.qtbot.keyClick(sheet.words, Qt.Key.Key_Return)
    assert sheet.said.text() == "" and sheet.symbol.text() == ""
    assert sheet.chosen.id == "Xy" and "your own" in sheet.origin.text()
    place(desk, "Xy")
    item_of(sheet, "Xy").setCheckState(Qt.CheckState.Unchecked)
    # What is placed stays, and can be undone, redone and looked at.
    assert desk.editor.tracing["Xy"].human.xy == (50, 60)
    assert "stays on the films" in sheet.origin.text()
    desk.editor.select("Xy")
    desk.editor.undo()
    desk.editor.redo()
    assert desk.editor.tracing["Xy"].state is State.MOVED
    target = tmp_path / "out.csv"
    folder = desk.window.session.folder
    desk.qtbot.waitUntil(lambda: not folder.has_open_questions(), timeout=10_000)
    desk.window.session.exporting._ask_path = lambda *_: target
    with desk.qtbot.waitSignal(desk.window.session.exporting.done, timeout=10_000):
        desk.export("export-csv")
    with target.open(encoding="utf-8", newline="") as file:
        (row,) = [r for r in csv.DictReader(file) if r["landmark"] == "Xy"]
    assert (row["x_px"], row["set"]) == ("50.0", "own")
    desk.open(desk.films / "film-2.png")
    assert "Xy" not in desk.editor.tracing.ids


def test_a_symbol_that_is_taken_is_refused_in_words(desk):
    sheet = sheet_of(desk)
    for field, text in ((sheet.symbol, "s"), (sheet.title, "n"), (sheet.words, "d")):
        field.setText(text)
    sheet.define.click()
    assert "is taken by Sella" in sheet.said.text()
    assert sheet.symbol.text() == "s"


def test_a_done_film_is_to_be_reviewed_again_and_done_without_the_landmark(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()

    def state():
        return desk.list_model.index(0, 0).data(ROW_ROLE).state

    assert state() is FilmState.DONE
    assert desk.window.session.landmarks.define("Xy", "n", "d", "hard")
    assert state() is FilmState.REVIEW
    desk.open(desk.films / "film-2.png")
    assert state() is FilmState.REVIEW
    assert desk.window.session.landmarks.retire("Xy")
    assert state() is FilmState.DONE


def test_what_becomes_of_done_films_is_said_before_a_landmark_is_added(desk):
    desk.open(desk.films)
    sheet = sheet_of(desk)
    assert "done" not in sheet.about.text()
    sheet.toggle()
    desk.answer()
    desk.editor.confirm_all()
    sheet.toggle()
    assert "1 film is done: with a landmark more, it is to be reviewed again" in sheet.about.text()
    assert desk.window.session.landmarks.define("Xy", "n", "d", "hard")
    sheet.toggle()
    sheet.toggle()
    assert "1 film is done" not in sheet.about.text()


def test_no_key_of_the_film_is_heard_through_the_sheet(desk):
    desk.open(desk.films / "film-1.png")
    desk.answer()
    desk.editor.select("S")
    sheet = sheet_of(desk)
    for key in (Qt.Key.Key_L, Qt.Key.Key_C, Qt.Key.Key_P):
        desk.qtbot.keyClick(sheet.list, key)
    assert not desk.editor.locked and desk.editor.tracing["S"].state is State.MODEL
    assert desk.window.view.tool == "select"


def test_another_window_shows_what_this_one_added(desk, make_desk):
    other = make_desk()
    other.open(other.films / "film-1.png")
    desk.open(desk.films / "film-1.png")
    assert desk.window.session.landmarks.define("Xy", "n", "d", "hard")
    place(desk, "Xy")
    other.open(other.films / "film-2.png")
    other.open(other.films / "film-1.png")
    assert other.editor.tracing["Xy"].human.xy == (50, 60)
    other.editor.select("Xy")
    assert other.window.points.card._symbol.text() == "Xy"


def test_a_workspace_that_cannot_be_written_says_so(desk, monkeypatch):
    def fail(*_, **__):
        raise KeepError("Nothing can be saved.")

    monkeypatch.setattr(desk.window.session.keeping, "add_landmark", fail)
    sheet = sheet_of(desk)
    item_of(sheet, "Co").setCheckState(Qt.CheckState.Checked)
    assert sheet.said.text() == "Nothing can be saved."
    assert item_of(sheet, "Co").checkState() == Qt.CheckState.Unchecked
    with pytest.raises(KeyError):
        desk.editor.select("Co")

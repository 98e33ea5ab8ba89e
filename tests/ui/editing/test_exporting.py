"""Export from the window: what is written, what is left out, and what is said."""

import csv
import json
from functools import partial

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit

from cephview.ui.editing.exporting import Scope
from cephview.ui.rows.film_list_model import Filter


@pytest.fixture
def answer_dialog(monkeypatch, tmp_path, desk):
    """Answer the next file dialogs with a place, or with nothing."""

    def answer(name: str | None):
        # An export asked for while the list is still compared is refused with a sentence.
        folder = desk.window.session.folder
        desk.qtbot.waitUntil(lambda: not folder.has_open_questions(), timeout=5000)
        path = tmp_path / (name or "nothing")
        monkeypatch.setattr(QFileDialog, "exec", lambda _: int(name is not None))
        monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])
        return path

    return answer


def read(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def wait_for_notice(desk, words: str) -> None:
    def said() -> bool:
        notice = desk.window.notices.current
        return notice is not None and words in notice.text

    desk.qtbot.waitUntil(said, timeout=5000)


def test_the_table_holds_what_a_person_stands_for(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    desk.editor.move("N", (50.0, 60.0))
    path = answer_dialog("points.csv")
    desk.export("export-csv")
    wait_for_notice(desk, "2 points that a person placed or confirmed")
    assert "17 unchecked points left out" in desk.window.notices.current.text
    rows = read(path)
    assert {row["landmark"] for row in rows} == {"S", "N"}
    desk.window.actions_book["export-unchecked"].trigger()
    desk.export("export-csv")
    wait_for_notice(desk, "17 unchecked points marked")
    assert len(read(path)) == 19


def test_only_films_that_are_in_the_file_are_counted(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.open(desk.films / "film-2.png")
    desk.answer()
    desk.editor.confirm("S")
    desk.editor.mark_not_visible("N")
    path = answer_dialog("points.json")
    desk.export("export-coco")
    wait_for_notice(desk, "1 film, 1 point that a person placed or confirmed, 1 marked as not")
    (annotation,) = json.loads(path.read_text(encoding="utf-8"))["annotations"]
    assert annotation["num_keypoints"] == 2


def test_coco_is_written_too(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    path = answer_dialog("points.json")
    desk.export("export-coco")
    wait_for_notice(desk, "19 points")
    assert json.loads(path.read_text(encoding="utf-8"))["annotations"]


def test_a_dialog_that_is_put_away_writes_nothing(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    path = answer_dialog(None)
    desk.export("export-csv")
    desk.qtbot.wait(50)
    assert not path.exists() and desk.window.notices.current is None


def test_a_place_that_cannot_be_written_is_said(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    answer_dialog("nowhere/points.csv")
    desk.export("export-csv")
    wait_for_notice(desk, "points.csv")


def test_there_is_nothing_to_export_before_there_are_points(desk):
    assert not desk.window.bar.export.isEnabled()
    desk.open(desk.films)
    assert not desk.window.actions_book["export-csv"].isEnabled()
    desk.answer()
    assert desk.window.bar.export.isEnabled()


def test_a_film_nobody_opened_is_not_overwritten(desk, answer_dialog, make_film):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    path = answer_dialog("another patient.png")
    make_film(path, 99)
    before = path.read_bytes()
    for name in ("export-csv", "export-coco"):
        desk.export(name)
        wait_for_notice(desk, "never written to")
        desk.window.notices.withdraw("export")
    assert path.read_bytes() == before


def test_the_dialog_offers_tables_alone_and_adds_the_suffix(desk, tmp_path):
    desk.open(desk.films)
    seen = []

    def type_a_name(name):
        (dialog,) = desk.window.findChildren(QFileDialog)
        seen.append(dialog.nameFilters())
        dialog.findChild(QLineEdit).setText(str(tmp_path / name))
        dialog.accept()

    for proposed in ("points.csv", "keypoints.json"):
        QTimer.singleShot(0, desk.window, partial(type_a_name, "mine"))
        path = desk.window._ask_path("Export", proposed)
        assert path == (tmp_path / "mine").with_suffix(path.suffix)
        assert proposed.endswith(path.suffix)
        desk.process()
    assert seen == [["CSV files (*.csv)"], ["JSON files (*.json)"]]


def ask(desk, action="export-csv"):
    """Ask for an export; return the sheet that says what it will write."""
    folder = desk.window.session.folder
    desk.qtbot.waitUntil(lambda: not folder.has_open_questions(), timeout=5000)
    desk.window.actions_book[action].trigger()
    return desk.window.exports.sheet


@pytest.fixture
def three_traced(desk):
    """A desk on three films, S confirmed on each; the last one is open."""
    desk.open(desk.films)
    for name in ("film-1.png", "film-2.png", "film-10.png"):
        if desk.window.session.path.name != name:
            desk.open(desk.films / name)
        desk.answer()
        desk.editor.confirm("S")
    return desk


def test_it_is_said_what_will_be_written_before_a_place_is_asked_for(three_traced, answer_dialog):
    path = answer_dialog("points.csv")
    sheet = ask(three_traced)
    assert sheet.scope is Scope.LISTED
    assert "3 films, 3 points that a person placed or confirmed" in sheet.plan.text()
    assert "54 unchecked points left out" in sheet.plan.text()
    assert "film-10.png" in sheet.scopes[Scope.THIS].text()
    sheet.scopes[Scope.THIS].click()
    assert "1 film, 1 point that" in sheet.plan.text()
    sheet.unchecked.click()
    assert "18 unchecked points marked as the model's" in sheet.plan.text()
    assert three_traced.window.actions_book["export-unchecked"].isChecked()
    assert not path.exists()
    sheet.go.click()
    wait_for_notice(three_traced, "1 film, 1 point")
    assert {row["film"] for row in read(path)} == {"film-10.png"}


def test_a_search_that_leaves_one_film_exports_one(three_traced, answer_dialog):
    path = answer_dialog("points.csv")
    three_traced.window.films.search.setText("film-2")
    three_traced.export("export-csv")
    wait_for_notice(three_traced, "1 film")
    assert [row["film"] for row in read(path)] == ["film-2.png"]


def test_a_filter_leaves_the_other_films_out(three_traced, answer_dialog):
    path = answer_dialog("points.json")
    three_traced.editor.confirm_all()
    three_traced.window.films.choose(Filter.DONE)
    three_traced.export("export-coco")
    wait_for_notice(three_traced, "1 film")
    (image,) = json.loads(path.read_text(encoding="utf-8"))["images"]
    assert image["file_name"] == "film-10.png"


def test_selected_films_are_offered_once_several_are(three_traced, answer_dialog):
    path = answer_dialog("points.csv")
    sheet = ask(three_traced)
    assert not sheet.scopes[Scope.SELECTED].isVisible()
    sheet.put_away()
    view = three_traced.window.films.view
    for row in (0, 1):
        view.selectionModel().select(
            view.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select
        )
    view.selectionModel().select(
        view.model().index(2, 0), QItemSelectionModel.SelectionFlag.Deselect
    )
    chosen = three_traced.window.films.selected_paths()
    sheet = ask(three_traced)
    assert sheet.scope is Scope.SELECTED
    sheet.go.click()
    wait_for_notice(three_traced, "2 films")
    assert {row["film"] for row in read(path)} == {film.name for film in chosen}


def test_one_selected_film_that_is_not_the_open_one_is_offered_by_its_name(three_traced):
    view = three_traced.window.films.view
    first = view.model().index(0, 0)
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    view.selectionModel().select(first, flag)
    (chosen,) = three_traced.window.films.selected_paths()
    assert chosen != three_traced.window.session.path
    sheet = ask(three_traced)
    assert sheet.scope is Scope.SELECTED
    assert sheet.scopes[Scope.SELECTED].text() == f"The selected film, {chosen.name}"
    assert sheet.plan.text().startswith("To write: 1 film, 1 point ")
    sheet.put_away()


def test_the_open_film_is_called_as_in_the_list(desk, make_film):
    for folder in ("a", "b"):
        (desk.films / folder).mkdir()
        make_film(desk.films / folder / "same.png", 70 + ord(folder))
    desk.open(desk.films)
    desk.open(desk.films / "b" / "same.png")
    desk.answer()
    label = desk.window.session.films.label_of(desk.films / "b" / "same.png")
    assert label != "same.png"
    assert ask(desk).scopes[Scope.THIS].text() == f"This film, {label}"


def test_all_films_of_the_workspace_are_written_wherever_they_lie(
    three_traced, answer_dialog, tmp_path, make_film
):
    other = tmp_path / "other"
    other.mkdir()
    make_film(other / "film-1.png", 77)
    with three_traced.qtbot.waitSignal(three_traced.window.session.folder.listed, timeout=5000):
        three_traced.open(other)
    three_traced.answer()
    three_traced.editor.confirm("S")
    path = answer_dialog("points.csv")
    sheet = ask(three_traced)
    assert "1 film, 1 point" in sheet.plan.text()
    sheet.scopes[Scope.ALL].click()
    sheet.go.click()
    wait_for_notice(three_traced, "4 films")
    names = {row["film"] for row in read(path)}
    assert names == {
        "films/film-1.png",
        "films/film-2.png",
        "films/film-10.png",
        "other/film-1.png",
    }


def test_names_can_be_left_out(three_traced, answer_dialog):
    path = answer_dialog("points.csv")
    sheet = ask(three_traced)
    sheet.names.setCurrentIndex(sheet.names.findData("pseudonym"))
    sheet.go.click()
    wait_for_notice(three_traced, "3 films")
    assert [row["film"] for row in read(path)] == ["film-001", "film-002", "film-003"]


def test_escape_gives_an_export_up(three_traced, answer_dialog):
    path = answer_dialog("points.csv")
    sheet = ask(three_traced)
    three_traced.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible() and not path.exists()


def test_others_are_never_written_in_place_of_a_selected_film_without_points(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    view, films = desk.window.films.view, desk.window.session.films
    other = next(path for path in films.paths() if path != desk.window.session.path)
    index = films.index(films.paths().index(other), 0)
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    view.selectionModel().select(view.model().mapFromSource(index), flag)
    assert desk.window.films.selected_paths() == (other,)
    sheet = ask(desk)
    assert sheet.scope is Scope.SELECTED and not sheet.go.isEnabled()
    assert "no points yet" in sheet.plan.text()
    sheet.scopes[Scope.THIS].click()
    assert sheet.go.isEnabled()


def test_where_nobody_checked_a_point_there_is_nothing_to_choose_a_place_for(desk):
    desk.open(desk.films)
    desk.answer()
    sheet = ask(desk)
    assert not sheet.go.isEnabled() and "Confirm points" in sheet.plan.text()
    sheet.unchecked.click()
    assert sheet.go.isEnabled()


def test_the_sheet_counts_what_is_skipped(three_traced, make_film, tmp_path):
    window = three_traced.window
    window.actions_book["skip-films"].trigger()
    words = {scope: button.text() for scope, button in ask(three_traced).scopes.items()}
    assert words[Scope.LISTED] == "The listed films: 2 with points, 1 skipped"
    assert words[Scope.ALL] == "All films of the workspace: 2 with points, 1 skipped"
    assert words[Scope.THIS].endswith(", skipped")
    window.exports.sheet.put_away()
    (tmp_path / "others").mkdir()
    make_film(tmp_path / "others" / "other.png", 90)
    three_traced.open(tmp_path / "others")
    three_traced.answer()
    three_traced.editor.confirm("S")
    words = {scope: button.text() for scope, button in ask(three_traced).scopes.items()}
    assert words[Scope.LISTED] == "The listed films: 1 with points"
    assert words[Scope.ALL] == "All films of the workspace: 3 with points, 1 skipped"

"""Export from the window: what is written, what is left out, and what is said."""

import csv
import json
from functools import partial

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit


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
    desk.window.actions_book["export-csv"].trigger()
    wait_for_notice(desk, "2 points that a person placed or confirmed")
    assert "17 unchecked points left out" in desk.window.notices.current.text
    rows = read(path)
    assert {row["landmark"] for row in rows} == {"S", "N"}
    desk.window.actions_book["export-unchecked"].trigger()
    desk.window.actions_book["export-csv"].trigger()
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
    desk.window.actions_book["export-coco"].trigger()
    wait_for_notice(desk, "1 film, 1 point that a person placed or confirmed, 1 marked as not")
    (annotation,) = json.loads(path.read_text(encoding="utf-8"))["annotations"]
    assert annotation["num_keypoints"] == 2


def test_coco_is_written_too(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    path = answer_dialog("points.json")
    desk.window.actions_book["export-coco"].trigger()
    wait_for_notice(desk, "19 points")
    assert json.loads(path.read_text(encoding="utf-8"))["annotations"]


def test_a_dialog_that_is_put_away_writes_nothing(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    path = answer_dialog(None)
    desk.window.actions_book["export-csv"].trigger()
    desk.qtbot.wait(50)
    assert not path.exists() and desk.window.notices.current is None


def test_a_place_that_cannot_be_written_is_said(desk, answer_dialog):
    desk.open(desk.films)
    desk.answer()
    answer_dialog("nowhere/points.csv")
    desk.window.actions_book["export-csv"].trigger()
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
    path = answer_dialog("another patient.png")
    make_film(path, 99)
    before = path.read_bytes()
    for name in ("export-csv", "export-coco"):
        desk.window.actions_book[name].trigger()
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

"""The Points panel: a fresh start on every film, whole names, a card that says what to do."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def next_film(desk) -> None:
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageDown)


def test_the_table_begins_at_its_top_on_another_film(make_desk):
    desk = make_desk(size=(1280, 720))
    desk.open(desk.films)
    desk.answer()
    desk.process()
    bar = desk.window.points.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    next_film(desk)
    desk.answer()
    desk.process()
    assert bar.value() == 0
    assert desk.window.points.model.landmark_at(desk.window.points.table.rowAt(0)) == "Ar"

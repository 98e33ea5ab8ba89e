"""The Points panel: a fresh start on every film, whole names, a card that says what to do."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest

from cephview.ui.panels.point_table import NAME, STATE
from cephview.ui.theme import font


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


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_names_of_points_are_whole_while_the_states_leave_room(make_desk, size):
    desk = make_desk(size=size)
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    desk.editor.mark_not_visible("N")
    desk.process()
    table, metrics = desk.window.points.table, QFontMetricsF(font(12))
    names = [landmark.name.partition(" (")[0] for landmark in desk.editor.landmarks]
    assert table.columnWidth(NAME) >= 6 + max(metrics.horizontalAdvance(n) for n in names)
    words = ("not visible", "confirmed", "model")
    assert table.columnWidth(STATE) >= 4 + max(metrics.horizontalAdvance(w) for w in words)


def test_a_distance_moved_is_whole_too(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.move("Go", (12.0, 390.0))
    desk.process()
    table = desk.window.points.table
    words = table.model().index(desk.window.points.model.row_of("Go"), STATE).data()
    assert words.startswith("moved ")
    assert table.columnWidth(STATE) >= 4 + QFontMetricsF(font(12)).horizontalAdvance(words)

"""The Points panel: a fresh start on every film, whole names, a card that says what to do."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from cephview.ui.look.theme import font
from cephview.ui.panels.point_table import NAME, STATE

LEFT = Qt.MouseButton.LeftButton


def next_film(desk) -> None:
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageDown)


def shown_texts(widget) -> set[str]:
    labels = widget.findChildren(QLabel) + widget.findChildren(QPushButton)
    return {w.text() for w in labels if w.isVisible() and w.text()}


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


def test_the_card_says_what_to_do_while_nothing_is_chosen(desk):
    desk.open(desk.films)
    desk.answer()
    card = desk.window.points.card
    assert "19 points to check" in shown_texts(card)
    assert not card.confirm.isVisible()
    QTest.mouseClick(card.look, LEFT)
    assert desk.editor.selection == desk.window.points.model.landmark_at(0)
    assert desk.window.view.hasFocus()
    assert card.confirm.isVisible() and not card.look.isVisible()


def test_nothing_of_the_film_before_stays_on_the_card(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.select("S")
    desk.editor.confirm("S")
    card = desk.window.points.card
    height = card.height()
    assert "Confirmed" in shown_texts(card)
    next_film(desk)
    desk.process()
    assert "Confirmed" not in shown_texts(card)
    assert "No points yet" in shown_texts(card)
    # Rows below must not slide under the mouse when a point is chosen.
    assert card.height() == height


def test_a_checked_film_is_said_to_be_done(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    assert "All points are checked" in shown_texts(desk.window.points.card)
    assert not desk.window.points.card.look.isVisible()


def test_without_a_film_the_card_takes_little_room(desk):
    desk.process()
    assert desk.window.points.card.height() < 90

"""The Points panel: a fresh start on every film, whole names, a card that says what to do."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from cephview.core.tracing import State
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
    assert "The model places the points" in shown_texts(card)
    # Rows below must not slide under the mouse when a point is chosen.
    assert card.height() == height


def test_while_the_model_is_at_work_nothing_asks_to_detect(desk):
    desk.open(desk.films)
    card = desk.window.points.card
    assert "The model places the points" in shown_texts(card)
    desk.window.session.detecting.cancel()
    assert "No points yet" in shown_texts(card)
    desk.window.session.detecting.detect()
    assert "No points yet" not in shown_texts(card)
    desk.answer()
    assert "19 points to check" in shown_texts(card)


def test_a_landmark_added_to_a_checked_film_is_to_be_placed(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    own = desk.window.session.landmarks
    assert own.add(next(landmark for landmark in own.offered if landmark.id == "Pn"))
    panel = desk.window.points
    assert {"1 point to place: Pn", "Place Pn"} <= shown_texts(panel.card)
    assert not {"No points yet", "Place"} & shown_texts(panel.card)
    assert panel.confirm_all.text() == "Pn is not placed" and not panel.confirm_all.isEnabled()
    QTest.mouseClick(panel.card.place, LEFT)
    assert desk.window.view.tool == "place" and desk.editor.selection == "Pn"
    desk.editor.move("Pn", (20.0, 30.0))
    desk.window.use_select()
    desk.editor.select("")
    assert "1 point to check" in shown_texts(panel.card) and panel.card.place.isHidden()


def test_several_points_to_place_are_counted_where_their_names_are_too_many(desk):
    desk.open(desk.films)
    desk.window.session.detecting.cancel()
    desk.editor.move("S", (20.0, 30.0))
    desk.editor.confirm("S")
    desk.editor.select("")
    panel = desk.window.points
    assert {"18 points to place", "Place N"} <= shown_texts(panel.card)
    assert panel.confirm_all.text() == "18 points are not placed"


def test_a_checked_film_is_said_to_be_done(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    assert "All points are checked" in shown_texts(desk.window.points.card)
    assert not desk.window.points.card.look.isVisible()


def test_without_a_film_the_card_takes_little_room(desk):
    desk.process()
    assert desk.window.points.card.height() < 90


def rows(desk) -> list[str]:
    return [row.landmark for row in desk.window.points.model.rows]


def drag(desk, landmark: str) -> None:
    """Drag a point by the mouse."""
    view = desk.window.view
    start = QPointF(*view.viewport.to_screen(desk.editor.tracing[landmark].best.xy)).toPoint()
    QTest.mousePress(view, LEFT, pos=start)
    for step in (4, 8):
        QTest.mouseMove(view, start + QPoint(step, 0))
        desk.process()
    QTest.mouseRelease(view, LEFT, pos=start + QPoint(8, 0))


@pytest.mark.parametrize("state", ["model", "confirmed"])
def test_the_row_of_a_dragged_point_stays_until_the_hand_goes_on(desk, state):
    desk.open(desk.films)
    desk.answer()
    if state == "confirmed":
        desk.editor.confirm("Go")
        desk.window.points.table.horizontalHeader().sectionClicked.emit(NAME)
    before = rows(desk)
    drag(desk, "Go")
    assert desk.editor.tracing["Go"].state is State.MOVED and rows(desk) == before
    desk.editor.nudge("Go", 1.0, 0.0)
    desk.editor.undo()
    desk.editor.confirm("Go")
    desk.editor.toggle_unsure("Go")
    desk.editor.select("A")
    assert rows(desk) == before
    desk.editor.select("Go")
    left = desk.editor.review.walk.to_check()
    after = next((i for i in before[before.index("Go") + 1 :] if i in left), left[0])
    QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    assert desk.editor.selection == after
    assert rows(desk).index("Go") == len(left)


def test_enter_and_tab_go_down_the_table_also_from_a_moved_point(desk):
    desk.open(desk.films)
    desk.answer()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        for _ in range(3):
            landmark = rows(desk)[1]
            desk.editor.select(landmark)
            desk.editor.nudge(landmark, 3.0, 0.0)
            below = rows(desk)[2]
            QTest.keyClick(desk.window.view, key)
            assert desk.editor.selection == below


def test_a_click_on_a_header_sorts_anew(desk):
    desk.open(desk.films)
    desk.answer()
    first = rows(desk)[0]
    desk.editor.confirm(first)
    assert rows(desk)[0] == first
    header = desk.window.points.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(NAME) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=at)
    assert rows(desk)[-1] == first


def test_another_films_points_are_sorted_when_it_is_opened_again(desk):
    desk.open(desk.films)
    desk.answer()
    first = rows(desk)[0]
    desk.editor.confirm(first)
    next_film(desk)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageUp)
    assert rows(desk)[-1] == first

"""The ruler as a reader uses it: draw along it, type its length, and go back."""

import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.core.scale import PixelSize, Provenance
from cephview.ui.canvas.ruler_card import card_place, parsed_length_mm

LEFT = Qt.MouseButton.LeftButton


def draw(desk, a: tuple[float, float], b: tuple[float, float]) -> None:
    """Draw with the mouse from a to b, in film pixels."""
    view = desk.window.view
    start, end = (QPoint(*(round(v) for v in view.viewport.to_screen(at))) for at in (a, b))
    QTest.mousePress(view, LEFT, pos=start)
    for n in (1, 2, 3):
        QTest.mouseMove(view, start + (end - start) * n / 3)
        QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, pos=end)


def keys(desk, text: str) -> None:
    """Type where the focus is, as a keyboard does."""
    QApplication.processEvents()
    QTest.keyClicks(desk.window.focusWidget(), text)


def press(desk, key: Qt.Key) -> None:
    QApplication.processEvents()
    QTest.keyClick(desk.window.focusWidget(), key)


@pytest.fixture
def opened(desk):
    desk.open(desk.films)
    desk.answer()
    desk.window.activateWindow()
    return desk


def test_a_ruler_gives_a_film_its_scale_and_a_restart_keeps_it(make_desk: Callable, qtbot):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    window, card = desk.window, desk.window.measuring.card
    assert window.status.scale.text() == "no scale: lengths in pixels"
    assert window.status.set_scale.isVisible()
    QTest.mouseClick(window.status.scale, LEFT)
    assert window.view.tool == "ruler" and window.actions_book["ruler"].isChecked()
    draw(desk, (100, 50), (100, 250))
    assert card.isVisible() and card.field.hasFocus()
    assert not card.millimetres.isVisible()
    assert float(card.pixels.text().split()[0]) == pytest.approx(200, abs=1.5)
    ruler = window.view.ruler
    span = abs(ruler[1][1] - ruler[0][1])
    keys(desk, "20")
    assert card.result.text() == f"{20 / span:.4f} mm/px"
    press(desk, Qt.Key.Key_Return)
    assert not card.isVisible() and window.view.tool == "select" and window.view.ruler is None
    assert window.status.scale.text() == f"{20 / span:.3f} mm/px · ruler"
    assert window.view.hasFocus()
    assert all(point.human is None for point in desk.editor.tracing), "Enter confirmed a point"
    window.close()
    window.session.keeping.close()
    again = make_desk()
    again.open(again.films)
    assert again.editor.pixel_size.provenance is Provenance.RULER
    assert again.editor.pixel_size.x_mm == pytest.approx(20 / span)
    way_back = again.window.status.file_scale
    assert (
        way_back.isVisible()
        and way_back.text() == again.window.actions_book["file-scale"].iconText()
    )
    assert way_back.toolTip() == "The file gives no scale"
    QTest.mouseClick(again.window.status.file_scale, LEFT)
    assert again.window.status.scale.text() == "no scale: lengths in pixels"
    assert not again.window.status.file_scale.isVisible()
    film = again.editor.film
    assert again.window.session.keeping.pixel_size(film) == film.pixel_size


def test_escape_leaves_the_scale_then_the_tool(opened):
    card, view = opened.window.measuring.card, opened.window.view
    QTest.keyClick(opened.window, Qt.Key.Key_R)
    draw(opened, (100, 50), (200, 250))
    keys(opened, "12,5")
    press(opened, Qt.Key.Key_Escape)
    assert not card.isVisible() and view.ruler is None and view.tool == "ruler"
    assert opened.editor.pixel_size == PixelSize()
    assert view.hasFocus()
    press(opened, Qt.Key.Key_Escape)
    assert view.tool == "select"


def test_with_a_scale_drawing_only_measures(opened):
    opened.editor.set_pixel_size(PixelSize(0.5, 0.5, Provenance.DECLARED))
    card = opened.window.measuring.card
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    assert float(card.millimetres.text().split()[0]) == pytest.approx(100, abs=1)
    assert not card.field.isVisible() and card.hasFocus()
    press(opened, Qt.Key.Key_Return)
    assert opened.editor.pixel_size.provenance is Provenance.DECLARED
    QTest.mouseClick(card.apply, LEFT)
    assert card.field.hasFocus()
    keys(opened, "50 mm")
    QTest.mouseClick(card.apply, LEFT)
    assert opened.editor.pixel_size.provenance is Provenance.RULER
    assert opened.editor.pixel_size.x_mm == pytest.approx(0.25, abs=0.003)


def test_with_a_scale_a_length_typed_at_once_goes_to_the_card_and_confirms_nothing(opened):
    opened.editor.set_pixel_size(PixelSize(0.5, 0.5, Provenance.DECLARED))
    opened.editor.select("Ar")
    points, planes = opened.editor.tracing.points, opened.window.view.layers
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "5")
    keys(opened, "0")
    assert opened.window.measuring.card.field.text() == "50"
    press(opened, Qt.Key.Key_Return)
    assert opened.editor.pixel_size.x_mm == pytest.approx(0.25, abs=0.003)
    assert opened.editor.tracing.points == points and opened.window.view.layers == planes
    assert opened.window.view.hasFocus()


def test_with_a_scale_escape_takes_the_line_away(opened):
    opened.editor.set_pixel_size(PixelSize(0.5, 0.5, Provenance.DECLARED))
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    press(opened, Qt.Key.Key_Escape)
    assert not opened.window.measuring.card.isVisible()
    assert opened.window.view.tool == "ruler"


def test_what_is_no_length_is_asked_again(opened):
    card = opened.window.measuring.card
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "ten")
    press(opened, Qt.Key.Key_Return)
    assert card.isVisible() and "in millimetres" in card.sentence.text()
    assert opened.editor.pixel_size == PixelSize()


def test_the_card_goes_with_its_line(opened):
    card, view = opened.window.measuring.card, opened.window.view
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    inside = card.geometry()
    assert view.rect().contains(inside)
    view.zoom_by(1.3)
    assert card.isVisible() and view.rect().contains(card.geometry())
    draw(opened, (30, 30), (60, 30))
    assert float(card.pixels.text().split()[0]) == pytest.approx(30, abs=1.5)
    QTest.mouseClick(card, LEFT, pos=QPoint(4, 4))
    assert card.isVisible(), "a click on the card drew on the film"
    opened.open(opened.films / "film-2.png")
    assert not card.isVisible() and view.ruler is None


def test_either_end_can_be_moved_before_the_length_is_typed(opened):
    card, view = opened.window.measuring.card, opened.window.view
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    first, _ = view.ruler
    draw(opened, (100, 250), (100, 150))
    assert view.ruler[0] == first and view.ruler[1][1] == pytest.approx(150, abs=1.5)
    assert float(card.pixels.text().split()[0]) == pytest.approx(100, abs=2)
    draw(opened, (100, 50), (100, 100))
    assert float(card.pixels.text().split()[0]) == pytest.approx(50, abs=2)
    assert card.field.hasFocus()
    draw(opened, (200, 100), (200, 300))
    assert float(card.pixels.text().split()[0]) == pytest.approx(200, abs=2), "a new line"


def test_a_click_is_no_line(opened):
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 50))
    assert not opened.window.measuring.card.isVisible()


def test_a_scale_that_cannot_be_kept_waits_like_any_step_and_is_told(opened):
    opened.window.session.keeping.close()
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "10")
    press(opened, Qt.Key.Key_Return)
    assert opened.editor.pixel_size.provenance is Provenance.RULER
    assert opened.editor.has_unsaved and not opened.window.session.is_saved


def test_undo_takes_a_wrong_scale_back_and_nothing_else(opened):
    points = opened.editor.tracing.points
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "1000")
    press(opened, Qt.Key.Key_Return)
    assert opened.window.notices.current.topic == "scale"
    QTest.keyClick(opened.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert opened.editor.pixel_size == PixelSize() and opened.editor.tracing.points == points
    assert opened.window.notices.current is None
    QTest.keyClick(opened.window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert opened.editor.pixel_size.provenance is Provenance.RULER
    assert opened.window.notices.current.topic == "scale"


@pytest.mark.parametrize(
    ("text", "length"),
    [("10", 10), (" 12,5 ", 12.5), ("30 mm", 30), ("", None), ("0", None), ("-3", None),
     ("nan", None), ("inf", None), ("5000", None), ("ten", None)],
)  # fmt: skip
def test_lengths_as_people_type_them(text, length):
    assert parsed_length_mm(text) == length


def test_arrow_keys_move_the_end_drawn_last_and_what_was_typed_stays(opened):
    view, card = opened.window.view, opened.window.measuring.card
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "20")
    start, (x, y) = view.ruler
    press(opened, Qt.Key.Key_Down)
    press(opened, Qt.Key.Key_Right)
    assert view.ruler == (start, (x + 1, y + 1))
    assert card.field.text() == "20" and card.isVisible()
    assert card.result.text() == f"{20 / math.dist(*view.ruler):.4f} mm/px"
    QTest.keyClick(card.field, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    press(opened, Qt.Key.Key_Up)
    assert view.ruler == ((x + 1, y + 1), (start[0], start[1] - 1)), "the other end"


def test_dragging_an_end_keeps_what_was_typed(opened):
    view, card = opened.window.view, opened.window.measuring.card
    opened.window.actions_book["ruler"].trigger()
    draw(opened, (100, 50), (100, 250))
    keys(opened, "20")
    draw(opened, (100, 250), (140, 250))
    assert card.isVisible() and card.field.text() == "20"
    assert card.result.text() == f"{20 / math.dist(*view.ruler):.4f} mm/px"


def test_what_the_ruler_asks_again_is_whole_in_a_small_window(make_desk):
    desk = make_desk(size=(1000, 640))
    desk.open(desk.films)
    desk.answer()
    desk.window.activateWindow()
    desk.window.actions_book["ruler"].trigger()
    draw(desk, (100, 50), (140, 250))
    keys(desk, "x")
    press(desk, Qt.Key.Key_Return)
    card, view = desk.window.measuring.card, desk.window.view
    words = card.sentence
    assert words.text().startswith("Type the true length")
    assert words.heightForWidth(words.width()) <= words.height() + 1
    assert view.rect().contains(card.geometry())


@pytest.mark.parametrize("b", [(20, 20), (780, 20), (20, 580), (780, 580), (400, 300)])
@pytest.mark.parametrize("a", [(60, 560), (740, 40), (400, 310)])
def test_the_card_lies_over_no_end_where_there_is_room(a, b):
    left, top = card_place((300, 120), a, b, (800, 600))
    assert 0 <= left <= 500 and 0 <= top <= 480
    for x, y in (a, b):
        assert not (left <= x <= left + 300 and top <= y <= top + 120)

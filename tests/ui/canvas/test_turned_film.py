"""Hands and keys on a film that is shown turned: what is done on the screen is done there."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.core.detection import Turn
from cephview.core.history import History
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.ui.canvas.backdrop import Backdrop, Shown
from cephview.ui.canvas.labels import HALO_PX, paint_labels, place_labels
from cephview.ui.canvas.loupe import FACTOR, paint_loupe
from cephview.ui.canvas.picture import render_overlay
from cephview.ui.canvas.pyramid import Pyramid
from cephview.ui.canvas.viewport import fit
from cephview.ui.look.theme import DARK
from cephview.ui.rows.point_rows import point_rows

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
TURNS = [Turn(False, *parts) for parts in product((False, True), range(4))]
WAYS = [
    (Qt.Key.Key_Right, (1, 0)),
    (Qt.Key.Key_Left, (-1, 0)),
    (Qt.Key.Key_Up, (0, -1)),
    (Qt.Key.Key_Down, (0, 1)),
]


@pytest.fixture(params=TURNS, ids=str)
def turn(request):
    return request.param


@pytest.fixture
def turned(view, editor, journal, turn):
    """The view of the film turned, once as it opens and once under the reader's eyes."""
    editor.set_turn(turn)
    journal.lines.clear()
    return view


def drag(view, start, *stops, button=LEFT):
    QTest.mousePress(view, button, NONE, start)
    for stop in stops:
        QTest.mouseMove(view, stop)
    QTest.mouseRelease(view, button, NONE, stops[-1])


def test_a_dragged_point_goes_where_the_hand_goes(turned, editor, journal, on_screen):
    before = turned.viewport.to_screen(editor.tracing["A"].best.xy)
    start = on_screen("A")
    drag(turned, start, start + QPoint(5, 0), start + QPoint(24, 8))
    assert journal.lines == ["commit"]
    after = turned.viewport.to_screen(editor.tracing["A"].best.xy)
    # A drag begins at the edge of what is still a click.
    assert after[0] - before[0] == pytest.approx(22, abs=0.3)
    assert after[1] - before[1] == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize(("key", "way"), WAYS)
@pytest.mark.parametrize("modifier", [NONE, SHIFT])
def test_an_arrow_moves_a_point_its_way_on_the_screen(turned, editor, key, way, modifier):
    editor.select("N")
    before = turned.viewport.to_screen(editor.tracing["N"].best.xy)
    QTest.keyClick(turned, key, modifier)
    after = turned.viewport.to_screen(editor.tracing["N"].best.xy)
    step = turned.viewport.scale
    assert after[0] - before[0] == pytest.approx(step * way[0])
    assert after[1] - before[1] == pytest.approx(step * way[1])


def test_a_click_hits_what_is_under_it(turned, editor, on_screen):
    for landmark in ("S", "Go", "ANS"):
        QTest.mouseClick(turned, LEFT, NONE, on_screen(landmark))
        assert editor.selection == landmark


def test_a_pan_and_the_wheel_keep_the_film_under_the_hand(turned, editor, journal):
    turned.zoom_by(3, (250.0, 320.0))
    place, to = QPoint(251, 318), QPoint(290, 300)
    grabbed = turned.viewport.to_film((place.x(), place.y()))
    drag(turned, place, place + QPoint(9, 0), to, button=Qt.MouseButton.MiddleButton)
    assert turned.viewport.to_film((to.x(), to.y())) == pytest.approx(grabbed)
    event = QWheelEvent(
        *(QPointF(to), QPointF(turned.mapToGlobal(to)), QPoint(), QPoint(0, 240)),
        *(Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(turned, event)
    assert turned.viewport.to_film((to.x(), to.y())) == pytest.approx(grabbed)
    assert journal.lines == []


def test_a_right_drag_is_of_the_screen(turned):
    old = turned.levels
    drag(turned, QPoint(200, 200), QPoint(220, 200), QPoint(240, 200), button=RIGHT)
    assert turned.levels.width > old.width
    assert turned.levels.centre == pytest.approx(old.centre)


def test_a_ruler_and_what_it_measures(turned, editor, on_screen, qtbot):
    turned.set_tool("ruler")
    a, b = on_screen((100.0, 150.0)), on_screen((100.0, 450.0))
    with qtbot.waitSignal(turned.ruler_drawn) as drawn:
        drag(turned, a, b)
    assert editor.pixel_size.distance_mm(*drawn.args) == pytest.approx(30, abs=0.3)


def test_the_cursor_reads_the_films_own_indices(turned, film, qtbot):
    at = QPoint(260, 300)
    QTest.mouseMove(turned, QPoint(5, 5))
    with qtbot.waitSignal(turned.cursor_moved) as moved:
        QTest.mouseMove(turned, at)
    x, y, grey = moved.args[0]
    assert (x, y) == pytest.approx(turned.viewport.to_film((at.x(), at.y())), abs=1.5)
    assert grey == film.pixels[round(y), round(x)]


def test_a_new_turn_keeps_the_place_and_undo_takes_it_back(view, editor, journal, turn):
    view.show_viewport(replace(view.viewport, centre=(111.0, 222.0), scale=3.0))
    editor.set_turn(turn)
    assert (view.viewport.centre, view.viewport.scale) == ((111.0, 222.0), 3.0)
    assert view.viewport.turn == turn
    if turn:
        editor.undo()
    assert view.viewport.turn == Turn()
    assert journal.lines == (["commit", "undo"] if turn else [])


def test_a_fitted_film_stays_whole(turned):
    left, top, right, bottom = turned.viewport.film_on_screen()
    assert left >= 0 and top >= 0 and right <= turned.width() and bottom <= turned.height()


def test_a_drag_ends_where_its_film_is_turned(view, editor, journal, on_screen):
    start = on_screen("A")
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, start + QPoint(30, 30))
    editor.set_turn(Turn(mirrored=True))
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(30, 30))
    assert editor.tracing["A"].human is None and journal.lines == ["commit"]


def written(context):
    """Return the pixels of every name that stands beside its point, by landmark."""
    labels = place_labels(context)
    image = QImage(500, 640, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    painter = QPainter(image)
    paint_labels(painter, context, labels)
    painter.end()
    found = {}
    for label in labels:
        if not label.has_leader:
            place = context.at(context.tracing[label.landmark])
            x = round(place.x() + label.dx - HALO_PX)
            y = round(place.y() + label.dy - HALO_PX)
            found[label.landmark] = image.copy(x, y, int(label.width) + 4, int(label.height) + 4)
    return found


def test_names_are_never_mirrored(view, editor, turn):
    upright = written(view.marks_context())
    editor.set_turn(turn)
    seen = written(view.marks_context())
    both = upright.keys() & seen.keys()
    assert len(both) > 12
    assert all(upright[landmark] == seen[landmark] for landmark in both)


def test_the_loupe_shows_what_the_view_does(qapp, film, turn):
    """Its middle is the film around the point as the view has it, four times as large."""
    viewport = fit((400, 600), (400, 600), turn=turn)
    backdrop = Backdrop(Pyramid(film.pixels), Shown(film.levels), QColor("black"))
    image = QImage(400, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    at, centre = (150.0, 240.0), (200.0, 300.0)
    paint_loupe(painter, backdrop, viewport, at, centre, DARK)
    painter.end()
    scale = viewport.scale * FACTOR
    closer = replace(viewport, centre=at, scale=scale)
    expected = backdrop.picture(closer)
    # Beside the cross-hair, in all four corners.
    for dx, dy in product((-34, -12, 12, 34), repeat=2):
        assert image.pixelColor(200 + dx, 300 + dy) == expected.pixelColor(200 + dx, 300 + dy)


@pytest.mark.parametrize("size", [PixelSize(0.1, 0.16, Provenance.CALIBRATED), PixelSize()])
def test_no_number_changes_with_the_view(editor, landmarks, film, turn, size):
    editor.set_pixel_size(size)
    editor.move("S", (33.0, 44.0))
    before = point_rows(editor.review.walk, landmarks, size, film.height)
    editor.set_turn(turn)
    assert point_rows(editor.review.walk, landmarks, size, film.height) == before


def test_a_film_opens_as_it_was_left(view, editor, film, landmarks):
    left = Tracing.empty(landmarks.id, landmarks.ids).turned(Turn(True, True, 1))
    editor.open(film, History(left), None, PixelSize())
    assert view.viewport.turn == left.turn and not view.is_inverted
    dark = view.grab().toImage()
    view.set_inverted(True)
    assert view.grab().toImage() != dark
    other = replace(film, sha256="e" * 64)
    editor.open(other, History(Tracing.empty(landmarks.id, landmarks.ids)), None, PixelSize())
    assert view.viewport.turn == Turn() and view.is_inverted


def test_a_negative_is_shown_as_a_positive(view, editor):
    def brightest(image):
        raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
        return raw[300:340, 240:260, 0].mean()

    for layer in view.layers:
        view.set_layer_visible(layer, False)
    disc = brightest(view.grab().toImage())
    editor.set_turn(Turn(negative=True))
    assert brightest(view.grab().toImage()) < 60 < 200 < disc
    view.set_inverted(True)
    assert brightest(view.grab().toImage()) == pytest.approx(disc)


def test_the_overlay_is_turned_too(qapp, film, editor):
    upright = render_overlay(film, editor.tracing, DARK, QSize(400, 400))
    lying = render_overlay(film, editor.tracing.turned(Turn(quarters=1)), DARK, QSize(400, 400))
    assert upright.pixelColor(20, 200) == QColor("black") != lying.pixelColor(20, 200)

"""What is drawn, what is hit, and where names and the loupe go."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.core.uncertainty import Covariance
from cephview.ui.canvas.gestures import nudge_px
from cephview.ui.canvas.hit import nearest_point
from cephview.ui.canvas.labels import arrange, place_labels, text_size
from cephview.ui.canvas.loupe import CLEARANCE, RADIUS, loupe_place
from cephview.ui.canvas.marks import LAYERS, MarksContext, is_uncertain, layer_of, paint_marks
from cephview.ui.canvas.picture import render_overlay
from cephview.ui.canvas.ruler import ruler_text
from cephview.ui.canvas.task import task_text
from cephview.ui.canvas.viewport import fit
from cephview.ui.look.theme import DARK, LIGHT

SCALE = PixelSize(0.1, 0.1, Provenance.CALIBRATED)


@pytest.fixture
def tracing(landmarks, detection):
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    return empty.detected(detection, at="2026-01-01T00:00Z")


@pytest.fixture
def context(qapp, tracing):
    return MarksContext(fit((400, 600), (400, 600)), tracing, DARK, pixel_size=SCALE)


def drawn(context, dpr=1.0):
    size = QSize(400, 600) * dpr
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(dpr)
    image.fill(QColor("#808080"))
    painter = QPainter(image)
    paint_marks(painter, replace(context, viewport=replace(context.viewport, dpr=dpr)))
    painter.end()
    image.setDevicePixelRatio(1.0)
    return image


def centre_colour(image, context, landmark, dpr=1.0):
    place = context.at(context.tracing[landmark])
    return image.pixelColor(int((place.x()) * dpr), int((place.y()) * dpr))


@pytest.mark.parametrize("dpr", [1.0, 2.0])
def test_refined_points_are_filled_where_they_are(context, dpr):
    image = drawn(context, dpr)
    for point in context.tracing:
        assert centre_colour(image, context, point.landmark, dpr) == QColor(DARK.refined)


@pytest.mark.parametrize("dpr", [1.0, 2.0])
def test_a_confirmed_point_is_a_filled_diamond_and_a_moved_one_hollow(context, dpr):
    traced = context.tracing.confirm("A", by="x", at="y").moved("B", (200.0, 300.0), by="x", at="y")
    context = replace(context, tracing=traced)
    image = drawn(context, dpr)
    assert centre_colour(image, context, "A", dpr) == QColor(DARK.human)
    assert centre_colour(image, context, "B", dpr) != QColor(DARK.human)
    place = context.at(traced["B"])
    edge = image.pixelColor(int((place.x() - 5.4) * dpr), int(place.y() * dpr))
    assert edge.green() > edge.red() and edge.green() > edge.blue()


def test_layers_can_be_left_out(context):
    blank = drawn(replace(context, layers=frozenset()))
    assert blank.pixelColor(5, 5) == QColor("#808080")
    grey = QColor("#808080")
    assert all(centre_colour(blank, context, p.landmark) == grey for p in context.tracing)
    for layer in ("coarse", "refined", "planes", "uncertainty"):
        without = drawn(replace(context, layers=frozenset(LAYERS) - {layer}))
        assert without != drawn(context)


def test_a_preview_moves_one_mark_only(context):
    moved = replace(context, preview=("A", (33.0, 555.0)))
    image = drawn(moved)
    assert centre_colour(image, context, "A") != QColor(DARK.refined)
    assert centre_colour(image, context, "B") == QColor(DARK.refined)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_state_can_be_painted(context, theme):
    traced = context.tracing.marked_not_visible("Ar", by="x", at="y")
    traced = traced.moved("Go", (1.0, 1.0), by="x", at="y")
    for selection in ("Ar", "Go", "A", ""):
        drawn(replace(context, tracing=traced, theme=theme, selection=selection, hovered="A"))


def test_the_layer_of_a_point_is_that_of_its_best_place(context):
    traced = context.tracing
    assert layer_of(context, traced["A"]) == "refined"
    assert layer_of(context, traced.confirm("A", by="x", at="y")["A"]) == "human"
    assert layer_of(context, traced.marked_not_visible("A", by="x", at="y")["A"]) == "human"
    assert layer_of(context, replace(traced["A"], refined=None)) == "coarse"
    assert layer_of(context, replace(traced["A"], refined=None, coarse=None)) == ""


def test_doubt_is_in_millimetres_where_there_are_any():
    wide, narrow = Covariance.round(13.0), Covariance.round(12.0)
    assert is_uncertain(wide, SCALE, 2400) and not is_uncertain(narrow, SCALE, 2400)
    narrower = Covariance.round(11.0)
    assert is_uncertain(narrow, PixelSize(), 2400) and not is_uncertain(narrower, PixelSize(), 2400)
    # Sure across but not along, it asks for eyes all the same.
    assert is_uncertain(Covariance(20.0**2, 0.0, 1.0), SCALE, 2400)


def test_the_nearest_point_within_reach_is_hit(context):
    place = context.at(context.tracing["A"])
    assert nearest_point(context, (place.x() + 8, place.y())) == "A"
    assert nearest_point(context, (place.x() + 13, place.y())) == ""
    hidden = replace(context, layers=frozenset(LAYERS) - {"refined"})
    assert nearest_point(hidden, (place.x(), place.y())) == ""


def test_the_selected_point_wins_a_near_tie(context):
    traced = context.tracing.moved("LIT", (200.0, 300.0), by="x", at="y")
    traced = traced.moved("UIT", (206.0, 300.0), by="x", at="y")
    crowd = replace(context, tracing=traced)
    between = context.viewport.to_screen((203.5, 300.0))
    assert nearest_point(crowd, between) == "UIT"
    assert nearest_point(replace(crowd, selection="LIT"), between) == "LIT"


def overlaps(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


NOTHING = np.zeros((0, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 13), st.integers(0, 11)), min_size=1, max_size=19, unique=True
    )
)
def test_names_do_not_cover_each_other_or_points(cells):
    spots = np.array([(60.0 + 52 * x, 60.0 + 46 * y) for x, y in cells])
    sizes = np.tile([26.0, 13.0], (len(spots), 1))
    boxes, _ = arrange(spots, sizes, NOTHING, NOTHING, (860, 700), (400, 300))
    for i, box in enumerate(boxes):
        assert not any(overlaps(box, other) for other in boxes[i + 1 :])
        assert not any(overlaps(box, (x - 4, y - 4, x + 4, y + 4)) for x, y in spots)


def test_names_lie_away_from_the_middle_where_there_is_room():
    spots = np.array([(100.0, 300.0), (500.0, 300.0), (300.0, 100.0), (300.0, 500.0)])
    boxes, tiers = arrange(
        spots, np.tile([26.0, 13.0], (4, 1)), NOTHING, NOTHING, (600, 600), (300, 300)
    )
    left, right, top, bottom = ((box[:2] + box[2:]) / 2 for box in boxes)
    assert left[0] < 100 and right[0] > 500 and top[1] < 100 and bottom[1] > 500
    assert not tiers.any()


def test_names_of_a_crowd_find_free_places():
    spots = np.array([(300.0 + 15 * x, 300.0 + 15 * y) for x in range(4) for y in range(3)])
    boxes, tiers = arrange(
        spots, np.tile([26.0, 13.0], (12, 1)), NOTHING, NOTHING, (600, 600), (320, 315)
    )
    for i, box in enumerate(boxes):
        assert not any(overlaps(box, other) for other in boxes[i + 1 :])
    assert tiers.max() > 0


def test_names_stay_on_screen():
    spots = np.array([(2.0, 2.0), (398.0, 2.0), (2.0, 298.0), (398.0, 298.0)])
    boxes, _ = arrange(
        spots, np.tile([30.0, 12.0], (4, 1)), NOTHING, NOTHING, (400, 300), (200, 150)
    )
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2] <= 400).all() and (boxes[:, 3] <= 300).all()


def test_every_shown_point_has_a_name(context):
    assert {label.landmark for label in place_labels(context)} == {
        point.landmark for point in context.tracing
    }
    assert place_labels(replace(context, layers=frozenset({"names"}))) == ()
    assert text_size("Pog'")[0] > text_size("A")[0]


@given(st.floats(0, 800), st.floats(0, 700))
def test_the_loupe_hides_nothing_near_the_point(x, y):
    viewport = fit((1935, 2400), (800, 700))
    centre = loupe_place(viewport, (x, y), [(400.0, 300.0)])
    assert centre is not None
    distance = np.hypot(centre[0] - x, centre[1] - y)
    assert distance >= RADIUS + CLEARANCE - 1e-6
    assert RADIUS <= centre[0] <= 800 - RADIUS and RADIUS <= centre[1] <= 700 - RADIUS


def test_the_loupe_stays_put_while_it_can():
    viewport = fit((1935, 2400), (800, 700))
    first = loupe_place(viewport, (400, 300), [])
    offset = first[0] - 400, first[1] - 300
    second = loupe_place(viewport, (410, 300), [], offset)
    assert (second[0] - 410, second[1] - 300) == pytest.approx(offset)


def test_nudges_are_in_millimetres_only_with_a_scale():
    flat = PixelSize(0.1, 0.2, Provenance.CALIBRATED)
    fine = {"is_tenth_mm": True, "is_one_mm": False}
    coarse = {"is_tenth_mm": False, "is_one_mm": True}
    assert nudge_px((0.0, 1.0), **fine, pixel_size=flat) == pytest.approx((0, 0.5))
    assert nudge_px((-1.0, 0.0), **coarse, pixel_size=flat) == pytest.approx((-10, 0))
    unverified = PixelSize(0.1, 0.1, Provenance.UNVERIFIED)
    assert nudge_px((1.0, 0.0), **fine, pixel_size=unverified) == (1, 0)


def test_the_ruler_reads_millimetres_only_with_a_scale():
    assert ruler_text((0, 0), (30, 40), SCALE) == "5.0 mm  ·  50.0 px"
    assert ruler_text((0, 0), (30, 40), PixelSize()) == "50.0 px"


def test_the_overlay_needs_no_widget(qapp, film, tracing):
    image = render_overlay(film, tracing, DARK, QSize(400, 600))
    assert (image.width(), image.height()) == (400, 600)
    assert image != render_overlay(film, None, DARK, QSize(400, 600))
    thumbnail = render_overlay(film, tracing, DARK, QSize(44, 54))
    assert thumbnail == render_overlay(film, None, DARK, QSize(44, 54))


def test_the_task_names_the_point_to_place(tracing, landmarks):
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    assert task_text("place", empty, "Go", landmarks) == "Click to place Go  ·  Gonion"
    assert task_text("place", tracing, "Go", landmarks).startswith("All points are placed")
    assert task_text("ruler", tracing, "", landmarks)
    assert task_text("select", tracing, "Go", landmarks) == ""

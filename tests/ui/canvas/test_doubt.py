"""A point's doubt by direction: drawn as it lies, told in millimetres."""

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from cephview.core.detection import Turn
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.core.uncertainty import Covariance
from cephview.ui.canvas.marks import MarksContext, paint_marks
from cephview.ui.canvas.viewport import fit
from cephview.ui.look.theme import DARK
from cephview.ui.panels.point_card import PointCard
from cephview.ui.rows.point_rows import doubt_words, uncertainty

# Half axes of 40 and 12 pixels, the longer one 30 degrees clockwise from the right.
LONG, SHORT, ANGLE = 40.0, 12.0, math.radians(30)
REACH = math.sqrt(-2 * math.log(0.05))


def lying(angle, long=LONG, short=SHORT):
    c, s = math.cos(angle), math.sin(angle)
    a, b = (long / REACH) ** 2, (short / REACH) ** 2
    return Covariance(a * c * c + b * s * s, (a - b) * c * s, a * s * s + b * c * c)


@pytest.fixture
def context(qapp, landmarks, detection):
    """One point in the middle of a film of 400 x 600 at its own size."""
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    point = replace(detection.points[0], refined_px=(200.0, 300.0), refined_covariance=lying(ANGLE))
    traced = empty.detected(replace(detection, points=(point,)), at="t")
    viewport = fit((400, 600), (400, 600))
    return MarksContext(viewport, traced, DARK, frozenset({"refined", "uncertainty"}))


def drawn(context):
    size = QSize(round(context.viewport.view_width), round(context.viewport.view_height))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    paint_marks(painter, context)
    painter.end()
    return image


def is_lit(image, x, y):
    """Whether a line runs within a pixel of a place; a dashed one has gaps."""
    near = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return any(image.pixelColor(int(x + dx), int(y + dy)).red() > 40 for dx, dy in near)


def share_lit(image, centre, long, short, angle):
    places = []
    for step in range(72):
        t = math.radians(5 * step)
        u, v = long * math.cos(t), short * math.sin(t)
        c, s = math.cos(angle), math.sin(angle)
        places.append((centre[0] + c * u - s * v, centre[1] + s * u + c * v))
    return sum(is_lit(image, *place) for place in places) / len(places)


@pytest.mark.parametrize(
    ("turn", "angle"),
    [
        (Turn(), ANGLE),
        (Turn(mirrored=True), -ANGLE),
        (Turn(quarters=1), ANGLE + math.pi / 2),
        (Turn(quarters=2), ANGLE),
        (Turn(mirrored=True, quarters=3), -ANGLE - math.pi / 2),
        (Turn(negative=True), ANGLE),
    ],
    ids=str,
)
def test_the_ellipse_lies_as_the_film_does(context, turn, angle):
    viewport = fit((400, 600), (600, 600), turn=turn)
    image = drawn(replace(context, viewport=viewport))
    centre = viewport.to_screen((200.0, 300.0))
    assert share_lit(image, centre, LONG, SHORT, angle) > 0.5
    assert share_lit(image, centre, LONG, SHORT, -angle) < 0.35


def doubting(context, **changes):
    """Return a context whose one point is of another doubt."""
    points = tuple(
        replace(point, refined=replace(point.refined, **changes)) if point.refined else point
        for point in context.tracing
    )
    return replace(context, tracing=replace(context.tracing, points=points))


def test_the_ellipse_of_pixels_that_are_not_square(context):
    """Round in millimetres is round on the screen, where a pixel is twice as high as wide."""
    flat = Covariance((30 / REACH) ** 2, 0.0, (15 / REACH) ** 2)
    viewport = fit((400, 600), (400, 1200), aspect=2.0)
    image = drawn(replace(doubting(context, covariance=flat), viewport=viewport))
    centre = viewport.to_screen((200.0, 300.0))
    assert share_lit(image, centre, 30, 30, 0.0) > 0.5
    assert share_lit(image, centre, 30, 15, 0.0) < 0.35


def test_a_sigma_alone_is_a_circle(context):
    image = drawn(doubting(context, covariance=None, sigma_px=12.0))
    assert share_lit(image, (200, 300), 12 * REACH, 12 * REACH, 0.0) > 0.5


def test_the_card_tells_both_half_axes(context, landmarks, qtbot):
    (point,) = (p for p in context.tracing if p.refined)
    size = PixelSize(0.1, 0.1, Provenance.CALIBRATED)
    assert doubt_words(point, size) == "±4.0 × 1.2 mm"
    assert doubt_words(point, PixelSize()) == "±40 × 12 px"
    stretched = PixelSize(0.1, 0.2, Provenance.CALIBRATED)
    upright = replace(point, refined=replace(point.refined, covariance=lying(0.0)))
    assert doubt_words(upright, stretched) == "±4.0 × 2.4 mm"
    assert str(uncertainty(upright, PixelSize())) == "12 px"
    card = PointCard(DARK)
    qtbot.addWidget(card)
    card.show_point(landmarks[point.landmark], point, size, "A book. Theirs", is_doubtful=True)
    assert card._uncertainty.text() == "±4.0 × 1.2 mm" and "95 %" in card._uncertainty.toolTip()
    by_hand = context.tracing.moved("Go", (1, 2), by="x", at="y")["Go"]
    assert doubt_words(by_hand, size) == ""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cephview.core import geometry as g
from cephview.core.detection import Turn
from cephview.core.geometry import Line, Plane
from cephview.core.scale import PixelSize, Provenance
from cephview.core.turning import film_direction

coordinate = st.floats(-3000, 3000, allow_nan=False)
xy = st.tuples(coordinate, coordinate)
degrees = st.floats(-720, 720, allow_nan=False)


def turned(p, by_deg, about=(0.0, 0.0)):
    c, s = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    dx, dy = p[0] - about[0], p[1] - about[1]
    return about[0] + c * dx - s * dy, about[1] + s * dx + c * dy


def mirrored(p):
    return -p[0], p[1]


def apart(*places):
    """Leave out places so near that rounding, not geometry, would decide."""
    for i, a in enumerate(places):
        for b in places[i + 1 :]:
            assume(math.dist(a, b) > 1)


# The plane


def test_millimetres_where_the_scale_is_trusted():
    plane = Plane.of(PixelSize(0.1, 0.2, Provenance.CALIBRATED))
    assert plane.is_mm
    assert plane.place((30, 20)) == pytest.approx((3, 4))
    assert plane.pixel((3, 4)) == pytest.approx((30, 20))


def test_a_pixel_that_is_not_square_counts_in_an_angle_even_without_millimetres():
    for size in (
        PixelSize(0.1, 0.2, Provenance.DETECTOR),
        PixelSize(0.1, 0.2, Provenance.UNVERIFIED),
    ):
        plane = Plane.of(size)
        places = [plane.place(p) for p in ((10, 0), (0, 0), (10, 5))]
        assert g.angle_deg(*places) == pytest.approx(45)
        assert plane.is_mm is size.is_trusted


def test_an_unknown_scale_is_square_pixels():
    plane = Plane.of(PixelSize())
    assert plane == Plane(1, 1, is_mm=False)
    assert plane.place((3, 4)) == (3, 4)


@given(xy, st.floats(0.01, 2), st.floats(0.01, 2))
def test_the_plane_goes_there_and_back(p, x_mm, y_mm):
    plane = Plane.of(PixelSize(x_mm, y_mm, Provenance.RULER))
    assert plane.pixel(plane.place(p)) == pytest.approx(p, abs=1e-9)


# By hand


def test_lengths_by_hand():
    assert g.distance((1, 1), (4, 5)) == 5
    assert g.midpoint((1, 1), (4, 5)) == (2.5, 3)
    assert Line((1, 1), (4, 5)).length == 5
    assert Line((1, 1), (4, 5)).direction == pytest.approx((0.6, 0.8))


@pytest.mark.parametrize(
    ("a", "vertex", "b", "angle"),
    [
        ((1, 0), (0, 0), (0, 1), 90),
        ((1, 0), (0, 0), (-1, 0), 180),
        ((1, 0), (0, 0), (5, 0), 0),
        ((1, 0), (0, 0), (1, math.sqrt(3)), 60),
        ((3, 2), (2, 2), (1, 1), 135),
    ],
)
def test_angles_by_hand(a, vertex, b, angle):
    assert g.angle_deg(a, vertex, b) == pytest.approx(angle)


def test_a_positive_turn_is_clockwise_on_the_film():
    right, down = Line((0, 0), (1, 0)), Line((0, 0), (0, 1))
    assert g.turn_deg(right, down) == 90
    assert g.turn_deg(down, right) == -90
    back = Line((0, 0), (-1, 0))
    assert g.turn_deg(right, back) == g.turn_deg(back, right) == 180


def test_lines_cross_at_no_more_than_a_right_angle():
    flat, steep = Line((0, 0), (1, 0)), Line((0, 0), (-1, 1))
    assert g.angle_between_rays_deg(flat, steep) == pytest.approx(135)
    assert g.angle_between_lines_deg(flat, steep) == pytest.approx(45)


def test_a_tiny_angle_is_not_lost_to_rounding():
    assert g.angle_deg((1, 0), (0, 0), (1, 1e-9)) == pytest.approx(math.degrees(1e-9))


def test_the_side_of_a_line():
    up_the_film = Line((0, 10), (0, 0))
    assert g.offset((3, 5), up_the_film) == 3
    assert g.offset((-3, 50), up_the_film) == -3


def test_projections_by_hand():
    diagonal = Line((0, 0), (2, 2))
    assert g.foot((2, 0), diagonal) == pytest.approx((1, 1))
    assert g.along((2, 0), diagonal) == pytest.approx(math.sqrt(2))
    assert g.projected_distance((2, 0), (2, 2), diagonal) == pytest.approx(math.sqrt(2))
    # Wits: A before B along the occlusal plane is positive, behind it negative.
    occlusal = Line((0, 100), (50, 100))
    assert g.projected_distance((40, 80), (43, 130), occlusal) == pytest.approx(3)
    assert g.projected_distance((43, 80), (40, 130), occlusal) == pytest.approx(-3)


def test_intersections_by_hand():
    assert g.intersection(Line((0, 0), (1, 1)), Line((4, 0), (3, 1))) == pytest.approx((2, 2))
    assert g.intersection(Line((0, 0), (1, 0)), Line((0, 1), (5, 1))) is None
    assert g.intersection(Line((0, 0), (1, 0)), Line((5, 1), (0, 1))) is None


def test_no_line_runs_through_one_point():
    with pytest.raises(ValueError, match="two different"):
        Line((1, 1), (1, 1))
    with pytest.raises(ValueError):
        Line((1, 1), (math.nan, 1))
    with pytest.raises(ValueError):
        g.angle_deg((1, 1), (1, 1), (2, 2))


# Invariance


@given(xy, xy, xy, degrees, xy, st.floats(0.05, 20))
def test_an_angle_outlives_turning_shifting_and_scaling(a, vertex, b, by, shift, factor):
    apart(a, vertex, b)

    def moved(p):
        x, y = turned(p, by)
        return factor * x + shift[0], factor * y + shift[1]

    assert g.angle_deg(moved(a), moved(vertex), moved(b)) == pytest.approx(
        g.angle_deg(a, vertex, b), abs=1e-6
    )


@given(xy, xy, xy, xy)
def test_a_mirror_keeps_angles_and_turns_turns_around(a, b, c, d):
    apart(a, b)
    apart(c, d)
    first, second = Line(a, b), Line(c, d)
    first_m, second_m = (Line(mirrored(li.start), mirrored(li.end)) for li in (first, second))
    assert g.angle_between_rays_deg(first_m, second_m) == pytest.approx(
        g.angle_between_rays_deg(first, second), abs=1e-6
    )
    turn = g.turn_deg(first, second)
    assume(abs(turn) < 179.999)
    assert g.turn_deg(first_m, second_m) == pytest.approx(-turn, abs=1e-6)


@given(xy, xy, xy, xy, st.floats(0.5, 2), st.integers(0, 3), st.booleans())
def test_a_sign_says_the_same_of_a_film_that_lies_the_wrong_way_round(
    p, q, a, b, aspect, quarters, is_mirrored
):
    """The same head on a film as it should be, and on one that must be turned to be so."""
    size = PixelSize(0.1, 0.1 * aspect, Provenance.CALIBRATED)
    turn = Turn(mirrored=is_mirrored, quarters=quarters)
    upright = Plane.of(size)
    places = [upright.place(place) for place in (p, q, a, b)]
    apart(places[2], places[3])
    other = PixelSize(size.y_mm, size.x_mm, size.provenance) if quarters % 2 else size
    lying = Plane(*other.mm_per_px(), is_mm=True)
    seen = [lying.pixel(film_direction(turn, place)) for place in places]
    turned_back = [Plane.of(other, turn).place(place) for place in seen]

    def said(c, d, e, f):
        line = Line(e, f)
        return g.offset(c, line), g.projected_distance(c, d, line), g.distance(c, d)

    assert said(*turned_back) == pytest.approx(said(*places), abs=1e-6)


@given(xy, xy, xy)
def test_the_angles_of_a_triangle_make_180(a, b, c):
    apart(a, b, c)
    angles = g.angle_deg(b, a, c) + g.angle_deg(a, b, c) + g.angle_deg(a, c, b)
    assert angles == pytest.approx(180, abs=1e-6)


@given(xy, xy, xy, degrees)
def test_the_foot_is_the_nearest_place_of_a_line(p, a, b, by):
    apart(a, b)
    line = Line(a, b)
    nearest = g.foot(p, line)
    assert g.offset(nearest, line) == pytest.approx(0, abs=1e-6)
    assert g.distance(p, nearest) == pytest.approx(abs(g.offset(p, line)), abs=1e-6)
    legs = math.hypot(g.offset(p, line), g.along(p, line))
    assert legs == pytest.approx(g.distance(p, a), abs=1e-6)
    spun = Line(turned(a, by), turned(b, by))
    assert g.offset(turned(p, by), spun) == pytest.approx(g.offset(p, line), abs=1e-6)


@given(xy, xy, xy, xy)
def test_an_intersection_lies_on_both_lines(a, b, c, d):
    apart(a, b)
    apart(c, d)
    first, second = Line(a, b), Line(c, d)
    crossing = g.intersection(first, second)
    assume(g.angle_between_lines_deg(first, second) > 1)
    assert crossing is not None
    assert g.offset(crossing, first) == pytest.approx(0, abs=1e-4)
    assert g.offset(crossing, second) == pytest.approx(0, abs=1e-4)

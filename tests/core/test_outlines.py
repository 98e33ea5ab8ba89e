"""Which outlines a set of points supports, and the curve through them."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.head import PLACES
from cephview.core.outlines import OUTLINES, PLANES, curve, drawn, runs
from cephview.places import load_catalogue, load_landmark_set

BASE = load_landmark_set("isbi19")
ALL = BASE.ids
SOFT = next(o for o in OUTLINES if o.name == "Soft-tissue profile")
MANDIBLE = next(o for o in OUTLINES if o.name == "Mandible")

places = st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))


def marked(stretch):
    return [knot for knot in stretch if isinstance(knot, str)]


def test_every_plane_and_outline_that_the_19_points_support():
    assert all({plane.start, plane.end} <= set(ALL) for plane in PLANES)
    (soft,), (jaw,) = runs(SOFT, ALL, ALL), runs(MANDIBLE, ALL, ALL)
    assert [i for i in marked(soft) if i in ALL] == ["Sn", "UL", "LL", "Pog'"]
    assert [i for i in marked(jaw) if i in ALL] == ["B", "Pog", "Gn", "Me", "Go", "Ar"]
    assert [o.name for o in OUTLINES if runs(o, ALL, ALL)] == [
        "Soft-tissue profile", "Mandible", "Upper jaw", "Sella"
    ]  # fmt: skip


def test_every_landmark_on_offer_has_its_place_and_more_of_them_more_outlines():
    ids = [*ALL, *(m.id for m in load_catalogue(BASE))]
    assert set(ids) <= set(PLACES)
    assert all(runs(o, ids, ids) for o in OUTLINES)
    assert {k for o in OUTLINES for k in o.chain if isinstance(k, str)} <= set(PLACES)
    (soft,) = runs(SOFT, ids, ids)
    assert (soft[0], soft[-1]) == ("G'", "Me'")


def test_a_missing_point_breaks_an_outline_and_is_never_cut_across():
    ends = [(s[0], s[-1]) for s in runs(MANDIBLE, ALL, set(ALL) - {"Me"})]
    assert ends == [("B", "Gn"), ("Go", "Ar")]
    assert [(s[0], s[-1]) for s in runs(SOFT, ALL, set(ALL) - {"UL"})] == [("LL", "Pog'")]
    assert runs(MANDIBLE, ALL, ()) == []


def test_a_set_without_a_landmark_passes_over_its_part_of_the_head():
    known = set(ALL) - {"Gn"}
    (jaw,) = runs(MANDIBLE, known, known)
    assert (jaw[0], jaw[-1]) == ("B", "Ar") and "Gn" in jaw


@pytest.mark.parametrize("is_left", [False, True])
def test_outlines_go_through_the_points_and_as_on_the_average_head_between(is_left):
    side = -1 if is_left else 1
    seen = {i: (500 + side * 3 * PLACES[i][0], 400 + 3 * PLACES[i][1]) for i in ALL}
    lines = drawn(ALL, seen)
    assert len(lines) == 4
    for line in lines[:3]:
        assert {seen[i] for i in ALL} & set(line)
    border = next(line for line in lines if seen["Go"] in line)
    # A control point of the lower border, between menton and gonion.
    assert min(math.dist(at, (500 + side * 3 * 23, 400 + 3 * 90.6)) for at in border) < 1e-6
    # One point elsewhere takes its surroundings along, and no more.
    moved = drawn(ALL, seen | {"Me": (seen["Me"][0], seen["Me"][1] + 40)})
    assert moved[0] != lines[0] and moved[2] == lines[2]


def test_points_in_one_place_draw_nothing():
    assert drawn(ALL, dict.fromkeys(ALL, (5.0, 5.0))) == []


def test_three_points_on_a_line_give_a_line():
    for start, first, second, end in curve([(0, 0), (3, 3), (4, 4)]):
        for x, y in (start, first, second, end):
            assert x == pytest.approx(y)
        assert start[0] <= first[0] <= second[0] <= end[0]


def test_the_curve_of_four_points_by_hand():
    # Equal steps: the handles are a sixth of the way between the neighbours.
    segments = curve([(0, 0), (1, 0), (1, 1), (0, 1)])
    start, first, second, end = segments[1]
    assert (start, end) == ((1, 0), (1, 1))
    assert first == pytest.approx((1 + 1 / 6, 1 / 6)) and second == pytest.approx((7 / 6, 5 / 6))


@given(st.lists(places, max_size=8))
def test_it_goes_through_every_point_and_joins_smoothly(points):
    segments = curve(points)
    assert all(math.isfinite(c) for segment in segments for at in segment for c in at)
    for one, two in pairwise(segments):
        assert one[3] == two[0]
    if segments:
        assert segments[0][0] == points[0] and segments[-1][3] == points[-1]

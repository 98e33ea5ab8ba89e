"""Which outlines a set of points supports, and the curve through them."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.outlines import OUTLINES, PLANES, curve, runs
from cephview.places import load_landmark_set

ALL = load_landmark_set("isbi19").ids
SOFT = next(o for o in OUTLINES if o.name == "Soft-tissue profile").chain
MANDIBLE = next(o for o in OUTLINES if o.name == "Mandible").chain

places = st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))


def test_every_plane_and_outline_can_be_drawn_from_the_19_points():
    assert all({plane.start, plane.end} <= set(ALL) for plane in PLANES)
    assert runs(SOFT, ALL, ALL) == [("Sn", "UL", "LL", "Pog'")]
    assert runs(MANDIBLE, ALL, ALL) == [("Ar", "Go", "Me", "Gn", "Pog", "B")]
    assert len(OUTLINES) == 3 and all(runs(o.chain, ALL, ALL) for o in OUTLINES)


def test_a_missing_point_breaks_an_outline_and_is_never_cut_across():
    assert runs(MANDIBLE, ALL, set(ALL) - {"Me"}) == [("Gn", "Pog", "B")]
    assert runs(SOFT, ALL, set(ALL) - {"UL"}) == []
    assert runs(MANDIBLE, ALL, ()) == []


def test_a_set_without_a_landmark_passes_it_over():
    known = set(ALL) - {"Gn"}
    assert runs(MANDIBLE, known, known) == [("Ar", "Go", "Me", "Pog", "B")]


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

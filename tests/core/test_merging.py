"""Two people's work on one film: nothing of either is lost."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import DetectedPoint, Detection, Turn
from cephview.core.merging import merged
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing

IDS = ("S", "N", "A", "B")
EMPTY = Tracing.empty("four", IDS)


def detection(shift: float = 0.0, model: str = "m") -> Detection:
    points = tuple(
        DetectedPoint(i, (n + shift, 2.0), 3.0, (n + shift, 4.0), 1.0) for n, i in enumerate(IDS)
    )
    return Detection(points, model * 64, "base", 1, "cpu", 0.1)


FOUND = EMPTY.detected(detection(), at="1")

numbers = st.integers(0, 30).map(float)
names = st.text(string.ascii_lowercase, min_size=1, max_size=2)


@st.composite
def steps(draw, ids=IDS):
    """A function that does a few things a hand does to a tracing's points."""
    things = draw(
        st.lists(
            st.tuples(st.sampled_from(ids), st.sampled_from("mcrh"), numbers, numbers), max_size=5
        )
    )
    by = draw(names)

    def do(tracing: Tracing) -> Tracing:
        for landmark, kind, x, y in things:
            if kind == "m":
                tracing = tracing.moved(landmark, (x, y), by=by, at=by)
            elif kind == "c" and tracing[landmark].best is not None:
                tracing = tracing.confirm(landmark, by=by, at=by)
            elif kind == "r":
                tracing = tracing.reverted(landmark)
            elif kind == "h":
                tracing = tracing.marked_not_visible(landmark, by=by, at=by)
        return tracing

    return do


bases = st.sampled_from((EMPTY, FOUND))


@given(bases, steps(), steps())
def test_what_one_alone_did_stands(base, before, mine):
    base = before(base)
    one = mine(base)
    for found in (merged(base, one, base), merged(base, base, one), merged(base, one, one)):
        assert found.tracing == found.mine == one and not found.is_contested


@given(bases, steps(), steps(IDS[:2]), steps(IDS[2:]))
def test_work_on_different_points_is_kept_in_either_order(base, before, mine, theirs):
    base = before(base)
    one, other = mine(base), theirs(base)
    found = merged(base, one, other)
    assert not found.is_contested
    assert found.tracing == merged(base, other, one).tracing == theirs(one) == mine(other)


@given(bases, steps(), steps(), steps())
def test_every_word_is_in_one_of_both_tracings(base, before, mine, theirs):
    base = before(base)
    one, other = mine(base), theirs(base)
    found = merged(base, one, other)
    for name in IDS:
        if other[name] != base[name]:
            assert found.tracing[name] == other[name]
        if one[name] != base[name]:
            said = found.mine[name]
            assert (said.state, said.best and said.best.xy) == (
                one[name].state,
                one[name].best and one[name].best.xy,
            )
        assert (name in found.contested) == (found.mine[name] != found.tracing[name])


def test_the_same_point_is_as_they_left_it_and_mine_is_offered():
    mine = FOUND.moved("S", (9.0, 9.0), by="me", at="2")
    theirs = FOUND.moved("S", (7.0, 7.0), by="you", at="3").confirm("N", by="you", at="3")
    found = merged(FOUND, mine, theirs)
    assert found.contested == ("S",)
    assert found.tracing == theirs
    assert found.mine["S"].human.xy == (9.0, 9.0)
    assert found.mine["N"].state is State.CONFIRMED


def test_what_both_did_alike_is_no_contest():
    mine, theirs = FOUND.confirm("S", by="me", at="2"), FOUND.confirm("S", by="you", at="3")
    assert merged(FOUND, mine, theirs).tracing == theirs
    again = merged(EMPTY, EMPTY.detected(detection(0.001), at="2"), FOUND)
    assert again.tracing == FOUND and not again.is_contested


@pytest.mark.parametrize("is_mine", [True, False])
def test_a_detection_goes_under_what_the_other_hand_said(is_mine):
    found = FOUND.detected(detection(5.0), at="2")
    hand = FOUND.moved("S", (9.0, 9.0), by="me", at="2").confirm("N", by="me", at="2")
    both = merged(FOUND, *((found, hand) if is_mine else (hand, found)))
    assert not both.is_contested
    assert both.tracing["S"].human.xy == (9.0, 9.0)
    assert both.tracing["S"].refined == found["S"].refined
    # What was confirmed stays where it was confirmed.
    assert both.tracing["N"].truth.xy == FOUND["N"].best.xy
    assert both.tracing["N"].human.by == "me"
    assert both.tracing["A"] == found["A"]


def test_two_models_of_different_opinion_are_told_apart():
    mine = EMPTY.detected(detection(5.0, "n"), at="2")
    found = merged(EMPTY, mine, FOUND)
    assert found.contested == IDS
    assert found.tracing == FOUND and found.mine == mine


def test_a_film_turned_two_ways_stays_as_they_turned_it():
    mine, theirs = FOUND.turned(Turn(mirrored=True)), FOUND.turned(Turn(quarters=1))
    found = merged(FOUND, mine, theirs)
    assert found.is_contested and not found.contested
    assert (found.tracing.turn, found.mine.turn) == (theirs.turn, mine.turn)
    assert merged(FOUND, mine, FOUND).tracing.turn == mine.turn


def test_landmarks_only_one_of_both_knows_are_kept():
    mine = Tracing.empty("four", (*IDS, "Go")).moved("Go", (1.0, 1.0), by="me", at="2")
    found = merged(EMPTY, mine, FOUND)
    assert found.tracing["Go"].human.xy == (1.0, 1.0)
    assert found.tracing["S"] == FOUND["S"]


def test_a_scale_that_both_set_is_contested_and_one_that_one_set_is_taken():
    ruler, other = (PixelSize(size, size, Provenance.RULER) for size in (0.1, 0.2))
    base = Tracing.empty("two", ("S", "N"))
    assert merged(base, base.scaled(ruler), base).tracing.scale == ruler
    assert merged(base, base, base.scaled(ruler)).tracing.scale == ruler
    both = merged(base, base.scaled(ruler), base.scaled(other))
    assert both.is_contested and both.tracing.scale == other and both.mine.scale == ruler
    assert not merged(base, base.scaled(ruler), base.scaled(ruler)).is_contested

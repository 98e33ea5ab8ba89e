"""Turns one after the other, proved on pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import Turn
from cephview.core.turning import (
    film_direction,
    inverted,
    left_to_turn,
    mirrored,
    seen_covariance,
    seen_direction,
    turned,
)
from cephview.core.uncertainty import Covariance

turns = st.builds(Turn, st.booleans(), st.booleans(), st.integers(0, 3))
PICTURE = np.arange(6.0).reshape(2, 3)


def shown(turn, picture=PICTURE):
    """The order that Turn tells: grey values, then left and right, then quarters clockwise."""
    picture = 5 - picture if turn.negative else picture
    picture = picture[:, ::-1] if turn.mirrored else picture
    return np.rot90(picture, -turn.quarters)


@given(turns)
def test_what_is_added_is_added_as_seen(turn):
    seen = shown(turn)
    assert (shown(mirrored(turn)) == seen[:, ::-1]).all()
    assert (shown(turned(turn, 1)) == np.rot90(seen, -1)).all()
    assert (shown(turned(turn, -1)) == np.rot90(seen)).all()
    assert (shown(inverted(turn)) == 5 - seen).all()


@given(turns, turns)
def test_what_is_left_to_turn_leads_there(now, wanted):
    assert (shown(left_to_turn(now, wanted), shown(now)) == shown(wanted)).all()
    assert not left_to_turn(now, now)


@given(turns, st.floats(-9, 9), st.floats(-9, 9))
def test_a_direction_and_back(turn, x, y):
    assert film_direction(turn, seen_direction(turn, (x, y))) == (x, y)


@pytest.mark.parametrize("quarters", [-1, 4, 1.5, "left", None])
def test_there_are_four_ways_round(quarters):
    with pytest.raises(ValueError, match="0 to 3"):
        Turn(quarters=quarters)


def test_a_quarter_clockwise_brings_right_to_down():
    assert seen_direction(Turn(quarters=1), (1, 0)) == (0, 1)
    assert seen_direction(Turn(mirrored=True), (1, 2)) == (-1, 2)
    assert film_direction(Turn(mirrored=True, quarters=1), (0, 1)) == (-1, 0)


@given(turns, st.floats(0.5, 3), st.floats(-3, 3))
def test_a_doubt_turns_with_its_film(turn, spread, slope):
    covariance = Covariance(spread, 0.3 * spread, 1.0)
    step = np.array([slope, 1.0])
    seen = np.array(seen_direction(turn, tuple(step)))
    assert seen_covariance(turn, covariance).distance(*seen) == pytest.approx(
        covariance.distance(*step)
    )

"""The average head laid over points: exact at them, sensible elsewhere, whichever way it faces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.average import expected, fitted, is_facing_left
from cephview.core.detection import Turn
from cephview.core.head import PLACES
from cephview.core.turning import film_direction
from cephview.places import load_landmark_set

ALL = load_landmark_set("isbi19").ids


def laid(turn=Turn(), aspect=1.0, scale=8.0):  # noqa: B008
    """The average head on a film that is turned, in pixel indices."""
    places = {}
    for i in PLACES:
        x, y = film_direction(turn, (scale * PLACES[i][0] + 900, scale * PLACES[i][1] + 800))
        places[i] = x, y / aspect
    return places


@given(
    st.builds(Turn, st.booleans(), st.booleans(), st.integers(0, 3)),
    st.sampled_from([0.8, 1.0, 1.25]),
    st.sampled_from(sorted(PLACES)),
    st.sets(st.sampled_from(ALL), min_size=3),
)
def test_a_landmark_is_expected_where_it_lies_on_the_head(turn, aspect, landmark, placed):
    film = laid(turn, aspect)
    seen = {i: film[i] for i in placed}
    found = expected(landmark, seen, turn, aspect)
    if found is not None:
        assert found == pytest.approx(film[landmark], abs=1e-3)


def test_too_little_tells_nothing():
    film = laid()
    assert expected("Co", {}, Turn()) is None
    assert expected("Co", {"S": film["S"]}, Turn()) is None
    assert expected("Co", {"S": film["S"], "Co": film["Co"]}, Turn()) is None
    assert expected("mine", film, Turn()) is None
    assert expected("Co", dict.fromkeys(ALL, (3.0, 3.0)), Turn()) is None


def test_a_face_to_the_left_is_noticed_and_followed():
    film = {i: film_direction(Turn(mirrored=True), xy) for i, xy in laid().items() if i in ALL}
    assert is_facing_left(film) and not is_facing_left(laid())
    assert expected("Co", film, Turn()) == pytest.approx(
        film_direction(Turn(mirrored=True), laid()["Co"]), abs=1e-3
    )


@given(st.lists(st.tuples(st.floats(-40, 40), st.floats(-40, 40)), min_size=19, max_size=19))
def test_it_passes_through_every_anchor(moves):
    here = {
        i: (x + dx, y + dy)
        for (i, (x, y)), (dx, dy) in zip(((i, laid()[i]) for i in ALL), moves, strict=True)
    }
    carry = fitted(here)
    found = carry(np.array([PLACES[i] for i in ALL]))
    assert found == pytest.approx(np.array([here[i] for i in ALL]), abs=1e-6)

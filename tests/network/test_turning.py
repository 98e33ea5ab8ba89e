"""A turned film is seen turned, and answered in its own pixels."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.scale import PixelSize, Provenance
from cephview.core.turning import seen_covariance, seen_direction
from cephview.core.uncertainty import Covariance
from cephview.network.detector import Detector
from cephview.network.frame import View, content_box

TURNS = [Turn(*how) for how in product((False, True), (False, True), range(4))]


def a_film(pixels, aspect=1.0):
    return Film(pixels, "0" * 64, "film", PixelSize(0.1, 0.1 * aspect, Provenance.DETECTOR))


@pytest.fixture
def grey():
    y, x = np.mgrid[0:500, 0:400]
    return (120 + 60 * np.sin(x / 23 + y / 90) + 60 * np.cos(y / 31)).astype(np.uint8)


@pytest.mark.parametrize("turn", TURNS)
def test_a_pixel_is_found_where_the_view_says(turn):
    pixels = np.arange(7 * 5, dtype=np.uint16).reshape(7, 5)
    view = View.of(a_film(pixels), turn)
    for y, x in np.ndindex(pixels.shape):
        seen = view.from_film(np.array([x, y], float))
        value = view.pixels[int(seen[1]), int(seen[0])]
        assert value == (34 - pixels[y, x] if turn.negative else pixels[y, x])
        assert view.to_film(seen) == pytest.approx([x, y])


@given(
    st.sampled_from(TURNS),
    st.integers(2, 9000),
    st.integers(2, 9000),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_any_place_comes_back(turn, width, height, u, v):
    pixels = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (height, width), (0, 0))
    view = View(np.rot90(pixels, turn.quarters), 1.3, turn)
    place = np.array([u * width, v * height])
    assert np.abs(view.to_film(view.from_film(place)) - place).max() < 1e-4


@pytest.mark.parametrize("turn", TURNS)
def test_directions_and_covariances_turn_as_the_domain_says(turn):
    view = View.of(a_film(np.zeros((7, 5), np.uint8)), turn)
    step = view.from_film(np.array([3.0, 2.0])) - view.from_film(np.array([0.0, 0.0]))
    assert step == pytest.approx(seen_direction(turn, (3.0, 2.0)))
    covariance = Covariance(4.0, 1.5, 2.0)
    assert view.covariance_to_film(seen_covariance(turn, covariance)) == covariance


@pytest.mark.parametrize("aspect", [1.0, 1.4])
@pytest.mark.parametrize("turn", TURNS)
def test_a_film_that_lies_another_way_gets_the_same_points(tiny_folder, grey, turn, aspect):
    detector = Detector.load(tiny_folder, "cpu")
    upright = a_film(grey, aspect)
    plain = detector.detect(upright)
    # Turned back by the opposite turn, the film on disk looks upright again.
    view = View.of(upright, turn)
    lying = Film(
        np.ascontiguousarray(view.pixels),
        "0" * 64,
        "lying",
        PixelSize(0.1, 0.1 * view.aspect, Provenance.DETECTOR),
    )
    back = opposite(turn)
    found = detector.detect(lying, turn=back)
    assert found.turn == back
    for a, b in zip(plain.points, found.points, strict=True):
        for layer in ("coarse_px", "refined_px"):
            place = view.to_film(np.array(getattr(b, layer)))
            assert place == pytest.approx(np.array(getattr(a, layer)), abs=1e-3)
        assert b.refined_sigma_px > 0
        doubt = view.covariance_to_film(b.refined_covariance)
        assert doubt.xx == pytest.approx(a.refined_covariance.xx, rel=1e-3)
        assert doubt.yy == pytest.approx(a.refined_covariance.yy, rel=1e-3)


def opposite(turn):
    """A mirror image turned is its own opposite."""
    return Turn(
        turn.negative, turn.mirrored, turn.quarters if turn.mirrored else -turn.quarters % 4
    )


def test_a_flat_border_is_not_shown(grey):
    bordered = np.zeros((900, 800), np.uint8)
    bordered[150:650, 300:700] = grey
    assert content_box(bordered) == (299.5, 149.5, 699.5, 649.5)
    assert content_box(grey) == (-0.5, -0.5, 399.5, 499.5)
    assert content_box(np.full((50, 40), 9, np.uint8)) == (-0.5, -0.5, 39.5, 49.5)


def test_a_bordered_film_is_shown_as_the_film_in_it(grey):
    bordered = np.zeros((900, 800), np.uint8)
    bordered[150:650, 300:700] = grey
    size = (96, 128)
    plain, inner = (View.of(a_film(pixels), Turn()) for pixels in (grey, bordered))
    alone, within = plain.first_look(size), inner.first_look(size)
    places = np.array([[0.0, 0.0], [399.0, 499.0], [13.5, 77.25]])
    assert within.to_input(places + np.array([300, 150])) == pytest.approx(alone.to_input(places))
    left, top, right, bottom = alone.shown(grey.shape)
    middle = (slice(top + 2, bottom - 2), slice(left + 2, right - 2))
    seen = (alone.picture(plain.pixels)[middle], within.picture(inner.pixels)[middle])
    assert np.abs(seen[0].numpy() - seen[1].numpy()).max() < 1e-3

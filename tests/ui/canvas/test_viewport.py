"""Film to screen and back, for any zoom, place, ratio and pixel shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.ui.canvas.viewport import Viewport, fit

places = st.floats(-500, 12_000)
viewports = st.builds(
    Viewport,
    film_width=st.integers(1, 12_000),
    film_height=st.integers(1, 12_000),
    view_width=st.floats(100, 4_000),
    view_height=st.floats(100, 4_000),
    centre=st.tuples(places, places),
    scale=st.floats(0.01, 32),
    aspect=st.floats(0.25, 4),
    dpr=st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
)


@given(viewports, places, places)
def test_film_to_screen_and_back(viewport, x, y):
    assert viewport.to_film(viewport.to_screen((x, y))) == pytest.approx((x, y), abs=1e-6)


@given(viewports, st.floats(0.2, 5), st.floats(0, 4_000), st.floats(0, 4_000))
def test_zoom_keeps_the_place_under_the_cursor(viewport, factor, x, y):
    zoomed = viewport.zoomed(factor, (x, y))
    assert zoomed.to_film((x, y)) == pytest.approx(viewport.to_film((x, y)), abs=1e-5)


@given(viewports, st.floats(-900, 900), st.floats(-900, 900))
def test_pan_moves_by_screen_pixels_or_stops_at_the_film(viewport, dx, dy):
    panned = viewport.panned(dx, dy)
    assert -0.5 <= panned.centre[0] <= viewport.film_width - 0.5
    assert -0.5 <= panned.centre[1] <= viewport.film_height - 0.5


@given(
    st.tuples(st.integers(1, 12_000), st.integers(1, 12_000)),
    st.tuples(st.floats(100, 4_000), st.floats(100, 4_000)),
    st.floats(0.25, 4),
    st.floats(0, 400),
)
def test_fit_shows_all_of_the_film(film, view, aspect, keep_left):
    left, top, right, bottom = fit(
        film, view, aspect=aspect, margin=8, keep_left=keep_left
    ).film_on_screen()
    assert left >= 8 - 1e-6 and top >= 8 - 1e-6
    assert right <= view[0] - 8 + 1e-6 and bottom <= view[1] - 8 + 1e-6


def test_free_space_goes_to_the_left_where_it_is_asked_for():
    centred = fit((100, 200), (400, 400))
    assert centred.film_on_screen()[0] == pytest.approx(100)
    assert fit((100, 200), (400, 400), keep_left=150).film_on_screen()[0] == pytest.approx(150)
    assert fit((100, 200), (400, 400), keep_left=900).film_on_screen()[2] == pytest.approx(400)


def test_index_zero_is_the_middle_of_the_first_pixel():
    viewport = Viewport(10, 10, 100, 100, centre=(4.5, 4.5), scale=10)
    assert viewport.to_screen((0, 0)) == (5, 5)
    assert viewport.film_on_screen() == (0, 0, 100, 100)


@pytest.mark.parametrize("dpr", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(301, 300), (640, 481)])
def test_one_to_one_puts_pixel_edges_on_device_edges(dpr, size):
    viewport = Viewport(999, 999, *size, centre=(100.3, 57.9), scale=0.3, dpr=dpr).one_to_one()
    assert viewport.zoom == pytest.approx(1)
    x, y = viewport.to_screen((-0.5, -0.5))
    if (size[0] * dpr).is_integer() and (size[1] * dpr).is_integer():
        assert x * dpr == pytest.approx(round(x * dpr))
        assert y * dpr == pytest.approx(round(y * dpr))

"""A turned film: to the screen and back, and every pixel where the viewport says."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from cephview.core.detection import Turn
from cephview.core.film import Levels
from cephview.core.uncertainty import Covariance
from cephview.ui.canvas.backdrop import Backdrop, Shown
from cephview.ui.canvas.pyramid import Pyramid
from cephview.ui.canvas.viewport import Viewport, fit

TURNS = [Turn(*parts) for parts in product((False, True), (False, True), range(4))]
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
    dpr=st.sampled_from([1.0, 1.5, 2.0]),
    turn=st.sampled_from(TURNS),
)


@given(viewports, places, places)
def test_film_to_screen_and_back(viewport, x, y):
    assert viewport.to_film(viewport.to_screen((x, y))) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize("turn", TURNS, ids=str)
@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.7])
def test_every_turn_there_and_back(turn, aspect):
    viewport = fit((300, 200), (640, 480), aspect=aspect, turn=turn, margin=8, keep_left=60)
    for x, y in product((-0.5, 17.25, 299.5), (-0.5, 91.75, 199.5)):
        assert viewport.to_film(viewport.to_screen((x, y))) == pytest.approx((x, y))


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_the_corners_lie_where_the_turn_puts_them(turn):
    """The order that Turn tells, on a picture of the corners' numbers."""
    corners = np.array([[0, 1], [2, 3]])
    seen = np.rot90(corners[:, ::-1] if turn.mirrored else corners, -turn.quarters)
    viewport = fit((300, 200), (640, 480), aspect=1.4, turn=turn)
    left, top, right, bottom = viewport.film_on_screen()
    on_film = {0: (-0.5, -0.5), 1: (299.5, -0.5), 2: (-0.5, 199.5), 3: (299.5, 199.5)}
    on_screen = {(0, 0): (left, top), (0, 1): (right, top), (1, 0): (left, bottom),
                 (1, 1): (right, bottom)}  # fmt: skip
    for at, place in on_screen.items():
        assert viewport.to_screen(on_film[int(seen[at])]) == pytest.approx(place)


@given(viewports, st.floats(0.2, 5), st.floats(0, 4_000), st.floats(0, 4_000))
def test_zoom_keeps_the_place_under_the_cursor(viewport, factor, x, y):
    zoomed = viewport.zoomed(factor, (x, y))
    assert zoomed.to_film((x, y)) == pytest.approx(viewport.to_film((x, y)), abs=1e-5)


@given(viewports, st.floats(-90, 90), st.floats(-90, 90))
def test_a_pan_takes_the_film_along(viewport, dx, dy):
    viewport = replace(viewport, film_width=9000, film_height=9000, centre=(4500, 4500), scale=1)
    place = viewport.to_film((50, 60))
    assert viewport.panned(dx, dy).to_screen(place) == pytest.approx((50 + dx, 60 + dy), abs=1e-6)


@given(
    st.tuples(st.integers(1, 12_000), st.integers(1, 12_000)),
    st.tuples(st.floats(100, 4_000), st.floats(100, 4_000)),
    st.floats(0.25, 4),
    st.floats(0, 400),
    st.sampled_from(TURNS),
)
def test_fit_shows_all_of_the_film(film, view, aspect, keep_left, turn):
    viewport = fit(film, view, aspect=aspect, margin=8, keep_left=keep_left, turn=turn)
    left, top, right, bottom = viewport.film_on_screen()
    assert left >= 8 - 1e-6 and top >= 8 - 1e-6
    assert right <= view[0] - 8 + 1e-6 and bottom <= view[1] - 8 + 1e-6
    # One way it is as large as there is room, and there it lies in the middle.
    assert min(view[0] - 16 - (right - left), view[1] - 16 - (bottom - top)) < 1e-6
    assert top + bottom == pytest.approx(view[1])


@given(viewports, st.floats(-3, 3))
def test_a_doubt_lies_on_the_screen_as_its_film_does(viewport, slope):
    covariance = Covariance(4.0, 1.5, 1.0)
    step = slope, 1.0
    seen = viewport.step_on_screen(step)
    assert viewport.spread_on_screen(covariance).distance(*seen) == pytest.approx(
        covariance.distance(*step), rel=1e-6
    )


def grey(image):
    height, width = image.height(), image.width()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return raw[:, : width * 4].reshape(height, width, 4)[:, :, 0].astype(int)


@pytest.mark.parametrize("dpr", [1.0, 2.0])
@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_one_to_one_is_the_film_itself_turned(qapp, turn, dpr):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    seen = 255 - pixels if turn.negative else pixels
    seen = np.rot90(seen[:, ::-1] if turn.mirrored else seen, -turn.quarters)
    view = seen.shape[1] / dpr, seen.shape[0] / dpr
    viewport = Viewport(80, 60, *view, (39.5, 29.5), 1.0, dpr=dpr, turn=turn).one_to_one()
    shown = Shown(Levels(0, 255), inverted=turn.negative)
    made = Backdrop(Pyramid(pixels), shown, QColor("black")).picture(viewport)
    assert (grey(made) == seen).all()


@pytest.mark.parametrize("turn", TURNS[:8], ids=str)
def test_a_spot_is_where_the_viewport_says(qapp, turn):
    pixels = np.zeros((1200, 1000), np.uint16)
    spot = 620.0, 444.0
    rows, columns = np.indices(pixels.shape)
    bump = np.exp(-((columns - spot[0]) ** 2 + (rows - spot[1]) ** 2) / (2 * 12.0**2))
    pixels[:] = np.rint(bump * 60_000)
    made = Backdrop(Pyramid(pixels), Shown(Levels(0, 65_535)), QColor("black"))
    for view, aspect in (((200.0, 230.0), 1.0), ((480.0, 520.0), 1.6)):
        viewport = fit((1000, 1200), view, aspect=aspect, turn=turn)
        shown = grey(made.picture(viewport)).astype(float)
        y, x = np.indices(shown.shape) + 0.5
        centre = (x * shown).sum() / shown.sum(), (y * shown).sum() / shown.sum()
        assert centre == pytest.approx(viewport.to_screen(spot), abs=0.15)

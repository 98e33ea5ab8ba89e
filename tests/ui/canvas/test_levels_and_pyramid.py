"""Grey values to brightness, and films at a fraction of their size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.film import Film, Levels
from cephview.ui.canvas import pyramid
from cephview.ui.canvas.levels import automatic_levels, dragged_levels, lookup_table
from cephview.ui.canvas.pyramid import Pyramid, halved, level_for, prepared, pyramid_of


def test_the_window_runs_from_black_to_white():
    table = lookup_table(Levels(100, 200), np.dtype(np.uint16))
    assert table.shape == (65536,)
    assert table[0] == table[100] == 0
    assert table[150] == 128
    assert table[200] == table[65535] == 255


def test_inverted_is_the_complement():
    levels = Levels(10, 90)
    plain = lookup_table(levels, np.dtype(np.uint8)).astype(int)
    inverted = lookup_table(levels, np.dtype(np.uint8), inverted=True)
    assert (np.abs(plain + inverted - 255) <= 1).all()


def test_gamma_above_one_brightens_the_middle():
    levels, grey = Levels(0, 255), np.dtype(np.uint8)
    assert lookup_table(levels, grey, gamma=2.0)[64] > lookup_table(levels, grey)[64]
    with pytest.raises(ValueError, match="gamma"):
        lookup_table(levels, grey, gamma=0)


def test_only_film_types_have_a_table():
    with pytest.raises(ValueError, match="uint8 or uint16"):
        lookup_table(Levels(0, 1), np.dtype(np.int32))


@given(st.floats(-1e5, 1e5), st.floats(0, 1e5))
def test_any_window_gives_a_rising_table(low, width):
    table = lookup_table(Levels(low, low + width), np.dtype(np.uint16)).astype(int)
    assert (np.diff(table) >= 0).all()


def test_automatic_levels_leave_out_the_extremes():
    pixels = np.full((400, 400), 1_000, np.uint16)
    pixels[:, :200] = 3_000
    pixels[0, 0], pixels[-1, -1] = 0, 65_535
    levels = automatic_levels(pixels)
    assert (levels.low, levels.high) == (1_000, 3_000)
    flat = automatic_levels(np.zeros((10, 10), np.uint8))
    assert flat.width >= 1


def test_dragging_right_widens_and_up_brightens():
    start = Levels(0, 100)
    assert dragged_levels(start, 40, 0, 100) == Levels(-5, 105)
    assert dragged_levels(start, 0, -40, 100) == Levels(-10, 90)
    assert dragged_levels(start, -9_999, 0, 100).width > 0


def test_halves_are_means_of_two_by_two():
    pixels = np.array([[0, 4, 255], [8, 12, 255], [1, 1, 9]], np.uint8)
    assert halved(pixels).tolist() == [[6, 255], [1, 9]]
    white = np.full((6, 6), 65_535, np.uint16)
    assert (halved(white) == 65_535).all() and halved(white).dtype == np.uint16


def test_levels_are_made_once_and_end_at_one_cell():
    pyramid = Pyramid(np.zeros((9, 5), np.uint8))
    assert pyramid.level(1) is pyramid.level(1)
    assert pyramid.level(2).shape == (3, 2)
    assert pyramid.level(50).shape == (1, 1)


@given(st.floats(0.001, 40))
def test_a_level_has_a_cell_for_every_device_pixel(scale):
    level = level_for(scale)
    assert level == 0 or scale * 2**level <= 1 + 1e-6
    assert scale >= 1 or scale * 2 ** (level + 1) > 1


def test_what_shows_the_whole_film_is_made_where_the_film_is_read(monkeypatch):
    made = []
    monkeypatch.setattr(pyramid, "halved", lambda pixels: made.append(1) or halved(pixels))
    film = Film(np.zeros((2600, 3000), np.uint16), "a" * 64, "large.tiff")
    assert prepared(film) is film
    assert len(made) == 2, "7.8 megapixels, 1.95, 0.49"
    pyramid_of(film).level(2)
    assert len(made) == 2 and pyramid_of(film) is pyramid_of(film)

"""Coordinates survive the way to the network and back, and pictures agree with them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cephview.network.frame import Frame, normalised

sides = st.integers(64, 12_000)
inputs = st.sampled_from([(96, 128), (512, 640), (640, 800), (1024, 1280)])
places = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(sides, sides, inputs, places, st.floats(0.5, 2.0))
@settings(max_examples=200)
def test_any_size_comes_back_within_a_ten_thousandth_of_a_pixel(width, height, size, at, aspect):
    frame = Frame.fit((width, height), size, aspect=aspect)
    film_px = np.array([at[0] * (width - 1), at[1] * (height - 1)])
    assert np.abs(frame.to_film(frame.to_input(film_px)) - film_px).max() < 1e-4
    assert np.abs(frame.from_uv(frame.to_uv(film_px)) - film_px).max() < 1e-4


@given(sides, sides, inputs, places, places)
@settings(max_examples=200)
def test_any_crop_comes_back(width, height, size, corner, at):
    left, top = corner[0] * (width - 40), corner[1] * (height - 40)
    frame = Frame.of_box((left, top, left + 33.3, top + 37.7), size)
    film_px = np.array([at[0] * width, at[1] * height])
    assert np.abs(frame.to_film(frame.to_input(film_px)) - film_px).max() < 1e-4


@given(sides, sides, inputs, st.floats(0.5, 2.0))
@settings(max_examples=100)
def test_the_whole_film_fits_centred_and_undistorted(width, height, size, aspect):
    frame = Frame.fit((width, height), size, aspect=aspect)
    corners = frame.to_uv(np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]]))
    assert (corners > -1e-9).all() and (corners < 1 + 1e-9).all()
    assert corners.mean(axis=0) == pytest.approx([0.5, 0.5])
    assert frame.scale[1] == pytest.approx(frame.scale[0] * aspect)


@pytest.mark.parametrize("film_size", [(1935, 2400), (400, 300), (97, 1201)])
@pytest.mark.parametrize("aspect", [1.0, 1.3])
def test_a_bright_dot_lands_where_the_frame_says(film_size, aspect):
    width, height = film_size
    frame = Frame.fit(film_size, (512, 640), aspect=aspect)
    at = np.array([width * 0.31, height * 0.62]).round()
    y, x = np.mgrid[0:height, 0:width]
    apart = (x - at[0]) ** 2 + (y - at[1]) ** 2
    pixels = (4000 * np.exp(-apart / (2 * 5**2))).astype(np.uint16)
    picture = frame.picture(pixels).double()
    rows, columns = torch.meshgrid(torch.arange(640.0), torch.arange(512.0), indexing="ij")
    found = [float((picture * axis).sum() / picture.sum()) for axis in (columns, rows)]
    assert found == pytest.approx(list(frame.to_input(at)), abs=0.02)


def test_a_crop_shows_what_it_crops():
    pixels = np.random.default_rng(0).integers(0, 255, (300, 200)).astype(np.uint8)
    frame = Frame.of_box((49.5, 79.5, 113.5, 143.5), (64, 64))
    assert torch.equal(frame.picture(pixels), torch.from_numpy(pixels[80:144, 50:114]).float())


def test_grey_values_do_not_depend_on_bit_depth():
    pixels = np.random.default_rng(0).integers(1, 255, (300, 240)).astype(np.uint8)
    frame = Frame.fit((240, 300), (96, 128))
    eight = normalised(frame.picture(pixels))
    twelve = normalised(frame.picture(pixels.astype(np.uint16) * 16))
    assert torch.allclose(eight, twelve, atol=1e-4)


def test_an_empty_box_is_refused():
    with pytest.raises(ValueError, match="empty box"):
        Frame.of_box((5, 5, 5, 9), (64, 64))

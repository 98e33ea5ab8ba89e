"""Presets, gamma, local contrast and sharpness: ways to look, which leave the film alone."""

import numpy as np
import pytest

from cephview.core.film import Levels
from cephview.ui.canvas import enhancing
from cephview.ui.canvas.enhancing import Enhancement, enhanced, first_level
from cephview.ui.canvas.levels import PRESETS, preset_levels
from cephview.ui.canvas.pyramid import Pyramid

CONTRAST, SHARP = Enhancement(has_local_contrast=True), Enhancement(is_sharpened=True)


def faint_edges() -> np.ndarray:
    """16 bit, dark above and bright below, with a faint edge across both."""
    pixels = np.full((256, 256), 5_000, np.uint16)
    pixels[128:] = 50_000
    pixels[:, 128:] += 300
    return pixels


@pytest.mark.parametrize("wanted", [CONTRAST, SHARP, Enhancement(True, True)])
def test_a_view_has_the_films_shape_and_leaves_its_pixels(wanted):
    pixels = faint_edges()
    before = pixels.copy()
    made = enhanced(Pyramid(pixels), wanted).pixels
    assert made.shape == pixels.shape and made.dtype == pixels.dtype
    assert np.array_equal(pixels, before) and not np.array_equal(made, pixels)


def test_local_contrast_shows_more_of_what_is_faint_in_dark_and_in_bright():
    pixels = faint_edges() + np.random.default_rng(0).normal(3_000, 2_000, (256, 256)).clip(0)
    pixels = pixels.astype(np.uint16)
    made = enhanced(Pyramid(pixels), CONTRAST).pixels
    for part in (np.s_[20:108, 20:108], np.s_[148:236, 20:108]):
        assert made[part].std() > 1.5 * pixels[part].std()


def test_sharpening_overshoots_at_an_edge_and_nowhere_else():
    pixels = np.full((128, 128), 20_000, np.uint16)
    pixels[:, 64:] = 40_000
    pixels[0, :2] = 0, 65_535
    made = enhanced(Pyramid(pixels), SHARP).pixels
    assert made[64, 64] > 41_000 and made[64, 63] < 19_000
    assert made[64, 10] == pytest.approx(20_000, abs=2)


def test_a_film_of_one_grey_value_stays_as_it_is():
    pixels = np.full((100, 80), 7, np.uint8)
    assert np.array_equal(enhanced(Pyramid(pixels), Enhancement(True, True)).pixels, pixels)


def test_a_large_film_is_enhanced_at_a_coarser_level_of_the_same_pyramid(monkeypatch):
    monkeypatch.setattr(enhancing, "MAX_PIXELS", 20_000)
    source = Pyramid(faint_edges())
    assert first_level(source) == 1
    made = enhanced(source, CONTRAST)
    assert made.first == 1 and made.pixels.shape == (128, 128)
    assert made.level(2).shape == source.level(2).shape
    with pytest.raises(IndexError):
        made.level(0)


def test_presets_are_percentiles_and_know_a_negative():
    pixels = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    bone = preset_levels(pixels, PRESETS["bone"])
    assert bone.low == pytest.approx(3500, abs=5) and bone.high == pytest.approx(9969, abs=5)
    dark = preset_levels(pixels, PRESETS["bone"], is_negative=True)
    assert dark.low == pytest.approx(30, abs=5) and dark.high == pytest.approx(6499, abs=5)


def test_presets_and_the_files_own_window_on_the_film(view, film):
    view.use_preset("bone")
    assert view.levels != film.levels
    view.reset_levels()
    assert view.levels == film.levels == Levels(0, 30_000)


def test_gamma_goes_up_and_down_in_steps_and_says_so(view):
    before = view.grab().toImage()
    view.brighten()
    view.brighten()
    assert view.gamma == pytest.approx(1.21) and view.said == "Gamma 1.21"
    assert view.grab().toImage() != before
    view.darken()
    view.darken()
    assert view.gamma == 1.0
    for _ in range(40):
        view.darken()
    assert view.gamma == pytest.approx(0.4)
    view.reset_gamma()
    assert view.gamma == 1.0


def test_local_contrast_comes_when_it_is_made_and_goes_at_once(qtbot, view, editor, film):
    tracing, pixels = editor.tracing, film.pixels.copy()
    before = view.grab().toImage()
    view.set_local_contrast(True)
    qtbot.waitUntil(lambda: view.grab().toImage() != before, timeout=60_000)
    view.set_sharpened(True)
    qtbot.waitUntil(lambda: Enhancement(True, True) in view._enhanced, timeout=60_000)
    view.set_local_contrast(False)
    view.set_sharpened(False)
    assert view.grab().toImage() == before
    assert editor.tracing == tracing and np.array_equal(film.pixels, pixels)


def test_the_wish_stays_for_the_next_film(qtbot, view, editor, film):
    view.set_sharpened(True)
    view.show_picture(film)
    qtbot.waitUntil(lambda: SHARP in view._enhanced, timeout=60_000)
    assert view.enhancement == SHARP
    view.show_picture(None)
    assert not view._enhanced

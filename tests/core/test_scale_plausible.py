"""Scales that cannot be are told, and used for nothing."""

import numpy as np
import pytest

from cephview.core.film import Film
from cephview.core.scale import PixelSize, Provenance, judged, reason_against
from cephview.core.scale_check import film_scale_doubt

FULL = (1935, 2400)


@pytest.mark.parametrize(
    ("x_mm", "y_mm"),
    [(500, 500), (1e-30, 1e-30), (1e300, 1e300), (0.1, 100), (100, 0.1), (0.1, 0.25), (5e-324, 1),
     (0.001, 0.001), (4, 4), (0, 0.1), (-0.1, -0.1), (float("nan"), 0.1), (float("inf"), 0.1)],
)  # fmt: skip
def test_pixels_that_no_film_has(x_mm, y_mm):
    assert reason_against(x_mm, y_mm)
    if 0 < x_mm < float("inf"):
        size = judged(PixelSize(x_mm, y_mm, Provenance.CALIBRATED), (100, 100))
        assert size.provenance is Provenance.IMPLAUSIBLE
        assert (size.x_mm, size.y_mm) == (x_mm, y_mm)
        assert size.mm_per_px() is None and size.distance_mm((0, 0), (9, 9)) is None
        assert size.aspect == 1.0 and size.accepted() == size


@pytest.mark.parametrize(
    ("mm", "size_px"),
    [(0.1, FULL), (0.0915, (1994, 2400)), (0.139, (1760, 2140)), (0.143, (2500, 3000)),
     (0.2, (1012, 1280)), (0.025, (8000, 10000)), (1.2, (160, 200)), (0.1, (96, 80)),
     (0.3, (700, 900))],
)  # fmt: skip
def test_scales_that_films_have(mm, size_px):
    assert reason_against(mm, mm, size_px) == ""


@pytest.mark.parametrize("mm", [0.01, 0.02, 0.5, 1.0])
def test_a_full_film_far_larger_or_smaller_than_a_head(mm):
    assert "a head is 150 to 350 mm tall" in reason_against(mm, mm, FULL)


@pytest.mark.parametrize("provenance", [p for p in Provenance if p.value != "unknown"])
def test_whatever_a_file_says_a_film_believes_what_can_be(provenance):
    film = Film(np.zeros((600, 600), np.uint8), "0" * 64, "a", PixelSize(900.0, 900.0, provenance))
    assert film.pixel_size.mm_per_px() is None


def test_a_ruler_of_a_reader_stands_and_is_doubted():
    size = PixelSize(2.0, 2.0, Provenance.RULER)
    assert judged(size, FULL) == size
    assert film_scale_doubt(size, FULL).startswith("By this ruler, a pixel of 2 x 2 mm makes")
    assert judged(PixelSize(1e9, 1e9, Provenance.RULER), FULL).mm_per_px() is None


def test_what_is_said_of_a_scale_that_cannot_be():
    size = judged(PixelSize(500, 500, Provenance.DETECTOR), FULL)
    said = film_scale_doubt(size, FULL)
    assert "500 x 500 mm" in said and "not used" in said
    assert film_scale_doubt(PixelSize(0.1, 0.1, Provenance.DETECTOR), FULL) == ""
    assert film_scale_doubt(PixelSize(), FULL) == ""

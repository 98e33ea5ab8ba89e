"""Sella and nasion lie as far apart as people's, or the scale is in doubt."""

import math

import pytest

from cephview.core.scale import PixelSize, Provenance
from cephview.core.scale_check import scale_doubt_of, scale_doubts

SIZE = PixelSize(0.1, 0.1, Provenance.DETECTOR)
HEAD = {"S": (100.0, 100.0), "N": (800.0, 100.0)}


def test_a_usual_head_leaves_no_doubt_and_a_rescaled_one_does():
    assert scale_doubt_of(HEAD, SIZE) == ""
    assert "measures 7 mm" in scale_doubt_of(HEAD, PixelSize(0.01, 0.01, Provenance.DECLARED))
    assert "measures 0.07 mm" in scale_doubt_of(HEAD, PixelSize(1e-4, 1e-4, Provenance.DECLARED))
    assert "measures 91 mm" in scale_doubt_of(HEAD, PixelSize(0.13, 0.13, Provenance.RULER))


@pytest.mark.parametrize(
    ("points", "size"),
    [
        ({"S": (1.0, 1.0)}, SIZE),
        ({}, SIZE),
        ({**HEAD, "N": (math.nan, math.nan)}, SIZE),
        (HEAD, PixelSize()),
        (HEAD, PixelSize(0.001, 0.001, Provenance.UNVERIFIED)),
    ],
)
def test_nothing_is_said_without_both_points_and_a_trusted_scale(points, size):
    assert scale_doubt_of(points, size) == ""


def test_many_films_are_one_sentence():
    odd = PixelSize(0.01, 0.01, Provenance.DECLARED)
    films = [("a.png", HEAD, SIZE), ("b.png", HEAD, odd), ("c.png", HEAD, odd)]
    said = scale_doubts(films)
    assert said.startswith("b.png: Sella to nasion measures 7 mm") and "1 more film:" in said
    assert scale_doubts(films[:1]) == ""

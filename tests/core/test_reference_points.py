"""Points that cannot be are refused by name; those of heads as they are pass."""

import numpy as np
import pytest

from cephview.core.head import PLACES
from cephview.core.reference_points import impossible, of_another_size

SIZE = (648, 800)
FIRST = ("S", "N", "Or", "Po", "A", "B", "Pog", "Me", "Go", "UL", "PNS", "ANS")
POINTS = {i: ((PLACES[i][0] + 75) / 193.5 * 648, (PLACES[i][1] + 110) / 240 * 800) for i in FIRST}


def scaled(x: float, y: float) -> dict[str, tuple[float, float]]:
    return {i: (x * px, y * py) for i, (px, py) in POINTS.items()}


def test_a_head_passes_also_mirrored_and_with_few_points():
    assert impossible(POINTS, SIZE) == ""
    assert impossible({i: (647 - x, y) for i, (x, y) in POINTS.items()}, SIZE) == ""
    assert impossible({"S": (100.0, 90.0)}, SIZE) == ""
    assert impossible({"S": (647.4, -0.5)}, SIZE) == "" and impossible({}, SIZE) == ""
    assert impossible(scaled(0.8, 0.8), SIZE) == ""


@pytest.mark.parametrize("place", [(5000, 300), (300, 801), (-50, -20), (-1, -1), (648, 10)])
def test_a_point_outside_is_named(place):
    said = impossible(POINTS | {"S": place}, SIZE)
    assert "S at (" in said and "outside its 648 x 800 pixels" in said


def test_what_stands_for_no_point_is_named():
    assert "PNS at (0, 0)" in impossible(POINTS | {"PNS": (0, 0)}, SIZE)
    filled = POINTS | dict.fromkeys(("Or", "Po", "PNS"), (9.0, 9.0))
    assert "3 landmarks in one place, Or at (9, 9)" in impossible(filled, SIZE)


def test_shares_of_the_size_are_recognised():
    assert "shares of its size" in impossible(scaled(1 / 648, 1 / 800), SIZE)


@pytest.mark.parametrize("factor", [3, 2, 0.5, 0.25])
def test_points_of_another_size_are_recognised(factor):
    said = impossible(scaled(factor, factor), SIZE)
    assert "the same film at about" in said and "times its size" in said


def test_what_a_model_finds_tells_another_size_to_the_pixel():
    found = np.array(list(POINTS.values()))
    near = found + np.random.default_rng(0).normal(0, 2, found.shape)
    assert of_another_size(near, found, SIZE) == ""
    assert of_another_size(found + np.array((60, -40)), found, SIZE) == ""
    for factor in (0.5, 2 / 3, 1.5):
        said = of_another_size(found * factor, found, SIZE)
        assert f"{factor:.2f} times its size" in said
        assert of_another_size(near * factor, found, SIZE)
    unlike = of_another_size(near * (0.5, 0.7), found, SIZE)
    assert "times its width" in unlike and "times its height" in unlike
    assert of_another_size(near[:3] * 0.5, found[:3], SIZE) == ""

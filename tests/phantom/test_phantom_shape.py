"""Heads: landmarks on their outlines, in anatomical order, for many seeds."""

import numpy as np
import pytest

from cephview.core.head import PLACES
from cephview.phantom import LANDMARKS, HeadShape, random_shape
from cephview.places import load_landmark_set

SEEDS = range(200)


@pytest.fixture(scope="module")
def heads() -> list[HeadShape]:
    return [random_shape(np.random.default_rng(seed)) for seed in SEEDS]


def test_the_landmarks_are_those_of_the_shipped_set(heads: list[HeadShape]) -> None:
    assert load_landmark_set("isbi19").ids == LANDMARKS
    assert all(tuple(head.landmarks) == LANDMARKS for head in heads)


def test_the_places_on_the_average_head_are_those_of_the_middle_of_many(
    heads: list[HeadShape],
) -> None:
    for landmark in LANDMARKS:
        mean = np.mean([head.landmarks[landmark] for head in heads], axis=0)
        assert np.hypot(*(mean - PLACES[landmark])) < 2.0


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("N", "ANS"), ("ANS", "A"), ("A", "UIT"), ("LIT", "B"), ("B", "Pog"), ("Pog", "Gn"),
        ("Gn", "Me"), ("Sn", "UL"), ("UL", "LL"), ("LL", "Pog'"), ("Po", "Ar"), ("Ar", "Go"),
        ("S", "Po"), ("N", "Or"), ("Or", "ANS"),
    ],
)  # fmt: skip
def test_upper_landmarks_lie_above_lower_ones(
    heads: list[HeadShape], upper: str, lower: str
) -> None:
    assert all(head.landmarks[upper][1] < head.landmarks[lower][1] for head in heads)


@pytest.mark.parametrize(
    ("back", "front"),
    [
        ("Po", "Ar"), ("Ar", "S"), ("Go", "PNS"), ("S", "PNS"), ("PNS", "Or"), ("PNS", "ANS"),
        ("A", "Sn"), ("A", "ANS"), ("UIT", "UL"), ("LIT", "LL"), ("Pog", "Pog'"), ("Me", "Gn"),
        ("Gn", "Pog"), ("Or", "N"),
    ],
)  # fmt: skip
def test_back_landmarks_lie_behind_front_ones(
    heads: list[HeadShape], back: str, front: str
) -> None:
    assert all(head.landmarks[back][0] < head.landmarks[front][0] for head in heads)


def test_landmarks_are_what_their_definitions_say(heads: list[HeadShape]) -> None:
    for head in heads:
        jaw = head.curves["mandible_outer"]
        assert head.landmarks["Me"][1] == pytest.approx(jaw.span(5, 10)[:, 1].max())
        assert head.landmarks["Pog"][0] == pytest.approx(jaw.span(3, 7)[:, 0].max())
        assert head.landmarks["Po"][1] == pytest.approx(head.curves["meatus"].points[:, 1].min())
        rim = head.curves["orbit_rim"].points
        assert head.landmarks["Or"][1] == pytest.approx(rim[:, 1].max())
        profile = head.curves["profile"].points
        for name in ("UL", "LL", "Pog'", "Sn"):
            assert np.hypot(*(profile - head.landmarks[name]).T).min() < 1e-9


def test_articulare_lies_on_both_outlines(heads: list[HeadShape]) -> None:
    for head in heads:
        for curve in ("mandible_outer", "base_lower"):
            points = head.curves[curve].points
            assert np.hypot(*(points - head.landmarks["Ar"]).T).min() < 0.5


def test_heads_have_human_proportions(heads: list[HeadShape]) -> None:
    def lengths(a: str, b: str) -> np.ndarray:
        return np.array([np.hypot(*np.subtract(h.landmarks[a], h.landmarks[b])) for h in heads])

    assert lengths("S", "N").min() > 50 and lengths("S", "N").max() < 70
    assert lengths("N", "Me").min() > 85 and lengths("N", "Me").max() < 150
    assert lengths("S", "N").std() > 1.5
    assert lengths("N", "Me").std() > 3


def test_jaw_relations_of_all_three_classes_occur(heads: list[HeadShape]) -> None:
    def anb(head: HeadShape) -> float:
        p = {key: np.array(value) for key, value in head.landmarks.items()}
        a, b = p["A"] - p["N"], p["B"] - p["N"]
        return float(np.degrees(np.arctan2(a[0], a[1]) - np.arctan2(b[0], b[1])))

    angles = np.array([anb(head) for head in heads])
    assert (angles < 0).any() and (angles > 5).any() and ((angles > 0) & (angles < 4)).any()


def test_the_same_seed_gives_the_same_head() -> None:
    first, second = (random_shape(np.random.default_rng(5)) for _ in range(2))
    assert first.landmarks == second.landmarks
    assert random_shape(np.random.default_rng(6)).landmarks != first.landmarks

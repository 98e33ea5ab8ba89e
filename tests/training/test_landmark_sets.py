"""Corrections by other definitions than the model's are refused, not learnt from."""

import pytest

from cephview.core.learning import CorrectedFilm
from cephview.core.model_info import ModelInfo
from cephview.training import TrainingError
from cephview.training.landmark_sets import refuse_other_sets, sets_of_added

INFO = ModelInfo("base", "isbi19", ("S", "N"), (96, 128), "")
TAUGHT = ModelInfo(
    "taught", "isbi19", ("S", "N", "Co"), (96, 128), "",
    network={"added": 1}, added_sets={"Co": "aariz29"},
)  # fmt: skip


def film(name: str, **sets: str) -> CorrectedFilm:
    return CorrectedFilm(name, name, dict.fromkeys(sets, (1.0, 2.0)), sets=sets)


@pytest.mark.parametrize(
    ("info", "films"),
    [
        (INFO, [film("a.png", S="isbi19", N="isbi19"), film("b.png", Co="aariz29")]),
        (INFO, [CorrectedFilm("a.png", "a", {"S": (1.0, 2.0)})]),
        (TAUGHT, [film("a.png", S="isbi19", Co="aariz29")]),
    ],
)
def test_films_of_the_models_set_are_learnt_from(info, films):
    refuse_other_sets(films, info)


@pytest.mark.parametrize(
    ("info", "films", "said"),
    [
        (INFO, [film("a.png", S="isbi19"), film("b.png", S="aariz29")], "b.png has S by"),
        (TAUGHT, [film("a.png", Co="own")], "a.png has Co by the landmark set own, not by aariz29"),
        (INFO, [film("a.png", Co="own"), film("b.png", Co="further")], "b.png has Co by"),
    ],
)
def test_films_of_another_set_are_named(info, films, said):
    with pytest.raises(TrainingError, match=said):
        refuse_other_sets(films, info)


def test_a_model_notes_by_which_set_it_was_taught():
    info = ModelInfo("new", "isbi19", ("S", "N", "Co", "X"), (96, 128), "")
    films = [film("a.png", S="isbi19", Co="aariz29")]
    assert sets_of_added(info, 2, films) == {"Co": "aariz29"}
    assert TAUGHT.set_of("Co") == "aariz29" and TAUGHT.set_of("S") == "isbi19"

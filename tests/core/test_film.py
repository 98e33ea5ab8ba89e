import numpy as np
import pytest

from cephview.core.film import Film, Levels
from cephview.core.learning import CorrectedFilm


def test_a_film_is_a_grey_picture_that_nobody_writes_to():
    film = Film(np.zeros((6, 4), np.uint16), "0" * 64, "a")
    assert (film.width, film.height) == (4, 6)
    with pytest.raises(ValueError, match="read-only"):
        film.pixels[0, 0] = 1


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((6, 4, 3), np.uint8),
        np.zeros((6, 4), np.float32),
        np.zeros((6, 4), np.int16),
        np.zeros((0, 4), np.uint8),
        np.zeros(4, np.uint8),
    ],
)
def test_anything_else_is_refused(pixels):
    with pytest.raises(ValueError, match="grey picture"):
        Film(pixels, "0" * 64, "a")


def test_levels():
    levels = Levels(100, 300)
    assert (levels.centre, levels.width) == (200, 200)


def test_films_of_one_patient_are_one_group():
    films = [CorrectedFilm("a", "1", {}, patient="P"), CorrectedFilm("b", "2", {}, patient="P")]
    assert {film.group for film in films} == {"P"}
    assert CorrectedFilm("c", "3", {}).group == "3"

"""Which corrected films can be learnt from, and why the others cannot."""

import pytest

from cephview import places
from cephview.core.learning import CorrectedFilm
from cephview.formats import open_film
from cephview.training import TrainingError
from cephview.training.present import present_films


def test_the_demo_film_is_never_learnt_from():
    path = places.demo_film()
    film = CorrectedFilm(str(path), open_film(path).sha256, {"S": (1.0, 2.0)})
    with pytest.raises(TrainingError, match="is the demo film"):
        present_films([film])

"""A small evaluation, made by hand: two landmarks and a third that one film lacks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cephview.phantom import make_phantom
from cephview.report.measured import About, LayerPoints, Measured, MeasuredFilm

NAN = float("nan")
LANDMARKS = ("S", "N", "Pog'")


def layer(places, sigma=10.0) -> LayerPoints:
    """sigma: of all points, or one each."""
    points = np.array(places, dtype=float)
    sigmas = np.broadcast_to(np.asarray(sigma, dtype=float), len(points))
    return LayerPoints(points, sigmas[:, None, None] ** 2 * np.eye(2))


def film(name: str, truth, refined, sigma=10.0, **other) -> MeasuredFilm:
    """A film at 0.1 mm a pixel; the coarse points lie 10 px to the right of the refined ones."""
    values = {
        "name": name,
        "group": name,
        "size_px": (240, 300),
        "mm_per_px": (0.1, 0.1),
        "truth_px": np.array(truth, dtype=float),
        "coarse": layer(np.array(refined, dtype=float) + np.array([10.0, 0.0])),
        "refined": layer(refined, sigma),
    }
    return MeasuredFilm(**(values | other))


@pytest.fixture
def measured() -> Measured:
    """Refined radial errors in mm: 0, 3 and 4 on the first film, 5 and 2 on the second."""
    first = film("a.png", [(50, 60), (90, 80), (100, 200)], [(50, 60), (90, 110), (60, 200)])
    second = film("b.png", [(50, 60), (NAN, NAN), (100, 200)], [(80, 100), (90, 80), (100, 180)])
    return Measured(LANDMARKS, (first, second))


@pytest.fixture
def about() -> About:
    return About(
        program="cephview 0",
        model="tiny",
        model_sha256="ab" * 32,
        landmark_set="isbi19",
        seed=0,
        films_folder="films",
        truth="landmarks.csv",
        passes=1,
        device="cpu",
        seconds_per_film=0.5,
        date="2026-01-02",
    )


@pytest.fixture(scope="session")
def film_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.png"
    Image.fromarray(make_phantom(3, size_px=(240, 300), bits=8).pixels).save(path)
    return path

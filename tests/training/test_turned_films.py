"""A film that lies wrong on file teaches and measures what the same film put right does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from cephview.core.detection import Turn
from cephview.core.model_info import ModelInfo
from cephview.core.turning import AS_ON_FILE, left_to_turn
from cephview.formats import open_film
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.frame import View
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model
from cephview.training.dataset import load_pictures
from cephview.training.evaluate import evaluate
from cephview.training.looks import look_at_films

TURNS = [Turn(mirrored=True), Turn(quarters=1), Turn(mirrored=True, quarters=3)]


@pytest.fixture(params=TURNS, ids=str)
def both(request, phantoms, tmp_path):
    """Three films, and the same lying wrong on file with the turn that puts them right."""
    upright = replace(phantoms, films=phantoms.films[:3])
    lying = []
    for film in upright.films:
        view = View.of(open_film(film.path), request.param)
        path = tmp_path / film.name
        Image.fromarray(np.ascontiguousarray(view.pixels)).save(path)
        points = view.from_film(film.points_px)
        back = left_to_turn(request.param, AS_ON_FILE)
        lying.append(replace(film, path=path, points_px=points, turn=back))
    return upright, replace(phantoms, films=tuple(lying))


def test_pictures_and_points_are_those_of_the_film_put_right(both, tmp_path):
    upright, lying = (load_pictures(d, (96, 128), tmp_path / "cache", quiet=True) for d in both)
    assert np.array_equal(upright.grey, lying.grey)
    assert lying.points == pytest.approx(upright.points)
    as_on_file = replace(both[1], films=tuple(replace(f, turn=AS_ON_FILE) for f in both[1].films))
    wrong = load_pictures(as_on_file, (96, 128), tmp_path / "cache", quiet=True)
    assert not np.array_equal(wrong.grey, lying.grey)


def test_errors_are_those_of_the_film_put_right(both, phantoms, tmp_path):
    network = DualEncoder(PRESETS["tiny"].network, len(phantoms.landmarks))
    info = ModelInfo("tiny", "isbi19", phantoms.landmarks, PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "tiny", network, info)
    detector = Detector.load(tmp_path / "tiny", "cpu")
    upright, lying = (evaluate(detector, data) for data in both)
    for a, b in zip(upright.refined_errors, lying.refined_errors, strict=True):
        assert b.error_px == pytest.approx(a.error_px, abs=1e-3)
    assert lying.films == upright.films


def test_samples_to_calibrate_by_are_those_of_the_film_put_right(both, phantoms):
    network = DualEncoder(PRESETS["tiny"].network, len(phantoms.landmarks)).eval()
    info = ModelInfo("tiny", "isbi19", phantoms.landmarks, PRESETS["tiny"].input_size, sha256="")
    detector = Detector(network, info, torch.device("cpu"))
    upright, lying = (look_at_films(detector, data) for data in both)
    assert lying.errors == pytest.approx(upright.errors, abs=1e-3)
    assert lying.signs == pytest.approx(upright.signs, abs=1e-3)
    assert np.array_equal(lying.shown, upright.shown)

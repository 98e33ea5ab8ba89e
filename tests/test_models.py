"""The models that ship: whole, described, small, and able to do their work."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cephview.core.scale import Provenance
from cephview.formats import open_film
from cephview.network.detector import Detector
from cephview.network.weights import load_model, read_info
from cephview.places import demo_film, load_landmark_set, models_dir
from cephview.training.dataset import load_folder
from cephview.training.evaluate import evaluate

MODELS = sorted(path.parent for path in models_dir().glob("*/model.toml"))


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_a_shipped_model_is_whole_and_described(folder: Path):
    _, info = load_model(folder)
    assert info.name == folder.name
    assert info.landmarks == load_landmark_set(info.landmark_set).ids
    assert "non-commercial" in info.terms
    assert (folder / "model.safetensors").stat().st_size <= 32 * 2**20
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    refined = info.metrics["validation.refined.mre_mm"]
    assert f"| {refined:.2f}" in card and "must not be used" in card and "CC BY-NC" in card


def test_the_demo_film_is_placed_close_to_its_true_points():
    film = open_film(demo_film())
    assert film.pixel_size.provenance is Provenance.MAGNIFICATION_CORRECTED
    with demo_film().with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        truth = {r["landmark"]: (float(r["x_px"]), float(r["y_px"])) for r in csv.DictReader(file)}
    found = Detector.load(models_dir() / "isbi19-base", "cpu").detect(film)
    errors = [film.pixel_size.distance_mm(p.refined_px, truth[p.landmark]) for p in found.points]
    assert np.mean(errors) < 1.0 and max(errors) < 4.0


def test_the_card_holds_on_films_not_trained_on(shared_data: Path):
    folder = models_dir() / "isbi19-base"
    info = read_info(folder)
    kept = json.loads((folder / "split.json").read_text(encoding="utf-8"))["validation"]
    found = evaluate(
        Detector.load(folder, "cpu"),
        load_folder(shared_data / "isbi2015", mm_per_px=0.1).only(kept),
    )
    for layer, figures in (("coarse", found.coarse), ("refined", found.refined)):
        stated = info.metrics[f"validation.{layer}.mre_mm"]
        assert figures.mre == pytest.approx(stated, abs=0.01)

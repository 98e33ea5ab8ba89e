"""Doubts and likeness fitted to looks, and the command that writes them into a model."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from cephview import __main__
from cephview.core.detection import Turn
from cephview.core.model_info import ModelInfo
from cephview.formats import open_film
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.likeness import MEASURES
from cephview.network.model import DualEncoder
from cephview.network.uncertainty import SIGNS, Ellipses
from cephview.network.weights import load_likeness, load_model, save_model
from cephview.phantom.dataset import write_dataset
from cephview.training import TrainingError
from cephview.training.calibration import (
    RADIUS,
    covariances_of,
    fit_ellipses,
    folds_of,
    mahalanobis,
)
from cephview.training.dataset import load_folder
from cephview.training.likeness import with_limits
from cephview.training.looks import Looks

LANDMARKS = 4


def made_up(films, rng, scale=1.0):
    """Looks whose errors are known: as large as a sign says, and oblong as the attention is."""
    size = np.exp(rng.normal(0, 0.6, (films, LANDMARKS)) + np.linspace(0, 1, LANDMARKS))
    angle = rng.uniform(0, np.pi, (films, LANDMARKS))
    along = np.stack([np.cos(angle), np.sin(angle)], -1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    draw = rng.normal(0, 1, (films, LANDMARKS, 2))
    errors = scale * size[..., None] * (3 * draw[..., :1] * along + draw[..., 1:] * across)
    spread = 400 * np.einsum("...i,...j->...ij", along, along) + 40 * np.eye(2)
    signs = rng.normal(0, 1, (films, LANDMARKS, len(SIGNS)))
    signs[..., 0] = np.log(size)
    groups = np.array([f"{i:03d}" for i in range(films)])
    return Looks(signs, spread, errors, errors, np.zeros((films, 3)), np.zeros((films, 4)), groups)


def test_ellipses_hold_what_they_say_and_rank_errors():
    rng = np.random.default_rng(0)
    ellipses, quality = fit_ellipses(made_up(150, rng), made_up(150, rng))
    assert quality.inside == pytest.approx(0.95, abs=0.03) and quality.points == 600
    assert quality.ranks > 0.5 and quality.ranks_within > 0.35
    fresh = made_up(400, rng)
    covariances = covariances_of(ellipses, fresh)
    assert (mahalanobis(fresh.errors, covariances) <= RADIUS).mean() == pytest.approx(
        0.95, abs=0.03
    )
    _, axes = np.linalg.eigh(covariances)
    _, true_axes = np.linalg.eigh(fresh.spread)
    along = np.abs(np.einsum("...i,...i", axes[..., 1], true_axes[..., 1]))
    assert np.median(along) > 0.95


def test_films_not_trained_on_set_the_level():
    rng = np.random.default_rng(1)
    ellipses, _ = fit_ellipses(made_up(100, rng, scale=0.3), made_up(150, rng))
    fresh = made_up(300, rng)
    inside = mahalanobis(fresh.errors, covariances_of(ellipses, fresh)) <= RADIUS
    assert inside.mean() == pytest.approx(0.95, abs=0.04)


def test_points_without_a_truth_are_left_out():
    rng = np.random.default_rng(2)
    unseen = made_up(30, rng)
    errors = unseen.errors.copy()
    errors[::3, 1] = np.nan
    ellipses, quality = fit_ellipses(made_up(50, rng), replace(unseen, errors=errors))
    assert quality.points == 110
    assert np.isfinite(ellipses.shapes).all() and np.isfinite(ellipses.offsets).all()


def test_too_few_films_are_refused():
    rng = np.random.default_rng(3)
    with pytest.raises(TrainingError, match="too few to calibrate"):
        fit_ellipses(made_up(50, rng), made_up(3, rng))


def test_folds_hold_out_whole_patients_once():
    groups = np.array(["a", "b", "a", "c", "d", "b"])
    folds = folds_of(groups)
    assert (np.sum(folds, axis=0) == 1).all()
    for held in folds:
        assert not set(groups[held]) & set(groups[~held])


def test_ellipses_survive_model_toml():
    rng = np.random.default_rng(4)
    ellipses, _ = fit_ellipses(made_up(50, rng), made_up(20, rng))
    names = ("S", "N", "A", "B")
    again = Ellipses.from_table(ellipses.to_table(names), names)
    looks = made_up(5, rng)
    assert covariances_of(again, looks) == pytest.approx(
        covariances_of(ellipses, looks), rel=1e-3, abs=1e-3
    )
    swapped = Ellipses.from_table(ellipses.to_table(names), ("B", "S", "N", "A"))
    assert swapped.offsets[1] == again.offsets[0]


def test_false_alarms_are_counted_on_films_that_did_not_set_the_limit(calibrated):
    likeness = load_likeness(calibrated)
    rng = np.random.default_rng(5)
    usual = rng.normal(0, 1, (200, len(MEASURES)))
    usual[:, 4] = -1.0  # well within the film
    groups = np.array([f"{i // 2:03d}" for i in range(200)])
    as_they_are = np.arange(200) % 2 == 0
    fitted = with_limits(likeness, usual, groups, as_they_are)
    assert 1 / 102 <= fitted.false_alarms <= 4 / 102
    assert not fitted.judged(fitted.usual).is_unlike
    odd = fitted.judged(fitted.usual + np.array([0, 9, 0, 0, 0]))
    assert odd.is_unlike and "lie" in odd.reason
    # A spread that one patient's films alone have is an alarm when the others judge them.
    usual[groups == "007", 2] = 40.0
    assert with_limits(likeness, usual, groups, as_they_are).false_alarms >= 2 / 102


def test_the_limit_of_strangeness_is_no_less_than_what_training_varied_to(calibrated):
    likeness = load_likeness(calibrated)
    usual = np.random.default_rng(6).normal(-9, 1, (40, len(MEASURES)))
    groups = np.array([f"{i:02d}" for i in range(40)])
    fitted = with_limits(likeness, usual, groups, np.full(40, True), strangest=12.0)
    assert fitted.limits[0] == 12.0
    assert fitted.limits[1] == 0.0  # even odds


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    write_dataset(folder, 22, 7, (194, 240))
    return folder


@pytest.fixture(scope="module")
def calibrated(films, tmp_path_factory):
    """A tiny model of random weights, calibrated by the command."""
    home = tmp_path_factory.mktemp("calibrated")
    torch.manual_seed(0)
    names = sorted(path.name for path in (films / "images").iterdir())
    landmarks = load_folder(films, mm_per_px=1.0).landmarks
    network = DualEncoder(PRESETS["tiny"].network, len(landmarks))
    info = ModelInfo("tiny", "isbi19", landmarks, PRESETS["tiny"].input_size, sha256="")
    save_model(home / "plain", network, info)
    # As an earlier release may have written it; a film is gone since.
    gone = "/home/ann/Smith-1234/999.png"
    split = {"validation": [*names[:10], gone], "reserve": names[10:11], "seed": 0}
    (home / "split.json").write_text(json.dumps(split))
    arguments = ["calibrate", "--films", str(films), "--mm-per-px", "1", "--device", "cpu"]
    arguments += ["--model", str(home / "plain"), "--split", str(home / "split.json")]
    arguments += ["--out", str(home / "new"), "--cache", str(home / "cache"), "--phantoms", "2"]
    assert __main__.main(arguments) == 0
    return home / "new"


def test_the_command_leaves_the_weights_alone(calibrated):
    before = load_model(calibrated.parent / "plain")[0].state_dict()
    after = load_model(calibrated)[0].state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    split = json.loads((calibrated / "split.json").read_text())
    assert [len(split[fold]) for fold in ("validation", "reserve")] == [11, 1]
    # Films by their digests, and no folder of any.
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", n) for n in split["validation"][:10])
    assert split["validation"][10] == "999.png"
    inside = load_model(calibrated)[1].metrics["validation.ellipse.inside_percent"]
    assert 80 < inside <= 100


def test_a_calibrated_model_gives_ellipses_and_a_likeness(calibrated, films):
    path = sorted((films / "images").iterdir())[0]
    found = Detector.load(calibrated, "cpu").detect(open_film(path))
    assert any(abs(p.refined_covariance.xy) > 1e-6 for p in found.points)
    assert all(p.refined_sigma_px == p.refined_covariance.sigma for p in found.points)
    assert found.likeness is not None and 0 < found.likeness.false_alarms < 1
    assert found.turn == Turn()


def test_a_model_without_statistics_gives_round_doubts_and_no_likeness(calibrated, films):
    path = sorted((films / "images").iterdir())[0]
    found = Detector.load(calibrated.parent / "plain", "cpu").detect(open_film(path))
    assert found.likeness is None
    assert all(p.refined_covariance.xy == 0 for p in found.points)


def test_a_folder_that_holds_a_model_is_not_written_to(calibrated, films, capsys):
    arguments = ["calibrate", "--films", str(films), "--model", str(calibrated), "--device", "cpu"]
    assert __main__.main([*arguments, "--out", str(calibrated)]) == 1
    assert "already holds a model" in capsys.readouterr().err


def test_ellipses_are_taken_over_where_no_film_is_left_to_fit_them_by(calibrated, tmp_path, capsys):
    plain = calibrated.parent / "plain"
    arguments = ["calibrate", "--model", str(plain), "--ellipses-of", str(calibrated)]
    assert __main__.main([*arguments, "--out", str(tmp_path / "taken")]) == 0
    _, taken = load_model(tmp_path / "taken")
    _, giver = load_model(calibrated)
    assert taken.calibration["ellipses"] == giver.calibration["ellipses"]
    assert load_likeness(tmp_path / "taken") is None
    uncalibrated = ["calibrate", "--model", str(calibrated), "--ellipses-of", str(plain)]
    assert __main__.main([*uncalibrated, "--out", str(tmp_path / "none")]) == 1
    assert "is not calibrated; calibrate it first." in capsys.readouterr().err
    neither = ["calibrate", "--model", str(plain), "--out", str(tmp_path / "none")]
    assert __main__.main(neither) != 0
    assert "Name either --films" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()

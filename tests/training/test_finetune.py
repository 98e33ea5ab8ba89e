"""A fine-tune from corrections to a judged candidate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cephview.core.learning import CorrectedFilm
from cephview.core.model_info import ModelInfo
from cephview.formats import open_film
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.network.weights import load_model, read_info, save_model
from cephview.training import Stopped, TrainingError
from cephview.training.convention import (
    PRIOR_FILMS,
    cross_validated,
    moves_of,
    shift_of,
    with_shift,
)
from cephview.training.dataset import DataSet, LabelledFilm
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.finetune import finetune
from cephview.training.judging import hold_out, judge
from cephview.training.metrics import FilmError, accuracy


@pytest.fixture
def parent(tmp_path, phantoms):
    network = DualEncoder(PRESETS["tiny"].network, len(phantoms.landmarks))
    info = ModelInfo("tiny", "isbi19", phantoms.landmarks, PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "parent", network, info)
    return tmp_path / "parent"


@pytest.fixture
def corrected(phantoms):
    return [
        CorrectedFilm(
            path=str(film.path),
            sha256=film.name,
            points={
                i: (float(x), float(y))
                for i, (x, y) in zip(phantoms.landmarks, film.points_px, strict=True)
            },
            mm_per_px=film.mm_per_px,
        )
        for film in phantoms.films
    ]


def test_a_candidate_is_saved_beside_its_parent_and_judged(parent, corrected, tmp_path):
    told = []
    result = finetune(
        corrected,
        parent,
        tmp_path / "new",
        device="cpu",
        on_progress=told.append,
        name="mine",
        steps=6,
    )
    assert result.films_trained + result.films_held_out == 10
    assert result.before.points == 19 * result.films_held_out
    assert result.sentence.startswith("Better" if result.is_better else "Not better")
    assert [t.step for t in told] == list(range(1, 7))
    info = read_info(tmp_path / "new")
    assert info.parent == read_info(parent).sha256 and info.name == "mine"
    before, after = load_model(parent)[0], load_model(tmp_path / "new")[0]
    trunk = before.backbone.state_dict()
    assert all((after.backbone.state_dict()[k] == v).all() for k, v in trunk.items())


@pytest.mark.parametrize("steps", [0, 6])
def test_a_stop_leaves_no_model(parent, corrected, tmp_path, steps):
    new = tmp_path / "new"
    with pytest.raises(Stopped):
        finetune(corrected, parent, new, device="cpu", should_stop=lambda: True, steps=steps)
    assert not (new / "model.toml").exists()


def test_few_films_teach_the_convention_and_are_judged_by_one_another(parent, corrected, tmp_path):
    told = []
    new = tmp_path / "new"
    result = finetune(corrected, parent, new, device="cpu", on_progress=told.append)
    assert (result.films_trained, result.films_held_out) == (10, 10)
    assert result.is_cross_validated and "each judged by what the others taught" in result.sentence
    assert result.before.points == result.after.points == 190
    assert result.is_better  # a network that knows nothing is off by much the same everywhere
    assert [t.step for t in told] == list(range(1, 11))
    before, after = load_model(parent)[0], load_model(new)[0]
    assert all((after.state_dict()[k] == v).all() for k, v in before.state_dict().items())
    assert set(read_info(new).convention) == set(read_info(parent).landmarks)


def test_too_few_films_are_refused_in_a_sentence(parent, corrected, tmp_path):
    with pytest.raises(TrainingError, match="correct at least"):
        finetune(corrected[:3], parent, tmp_path / "new", device="cpu")


def test_a_hand_that_is_off_by_a_constant_is_learnt_from_few_films(parent, phantoms):
    detector = Detector.load(parent, "cpu")
    landmarks, films = phantoms.landmarks, phantoms.films[:8]
    shift = np.zeros((len(landmarks), 2))
    shift[3] = (13.0, -6.5)
    corrected = []
    for film in films:
        found = np.array([p.refined_px for p in detector.detect(open_film(film.path)).points])
        corrected.append(replace(film, points_px=found + shift))
    data = DataSet(landmarks, tuple(corrected))
    moves = moves_of(detector, data, evaluate(detector, data))
    learnt = with_shift(detector.info, shift_of(moves.shares)).convention
    height = 128 / min(96 / 194, 128 / 240)
    trust = 8 / (8 + PRIOR_FILMS)
    expected = (13.0 * trust / height, -6.5 * trust / height)
    assert learnt[landmarks[3]] == pytest.approx(expected, rel=1e-3)
    assert learnt[landmarks[0]] == pytest.approx((0, 0), abs=1e-6)


def a_set(count, first=0):
    points = np.zeros((1, 2))
    return DataSet(
        ("S",),
        tuple(
            LabelledFilm(Path(f"{i}.png"), points, None, f"patient {i // 2}")
            for i in range(first, first + count)
        ),
    )


def test_held_out_patients_stay_held_out_when_films_are_added():
    _, few = hold_out(a_set(60), seed=0)
    _, more = hold_out(a_set(200), seed=0)
    assert {f.group for f in few.films} <= {f.group for f in more.films}
    learning, held = hold_out(a_set(200), seed=0)
    assert not {f.group for f in learning.films} & {f.group for f in held.films}
    assert 0.1 < len(held.films) / 200 < 0.4


def measured(distances):
    errors = tuple(FilmError("f", np.array([(d, 0.0)]), np.ones(1), (1.0, 1.0)) for d in distances)
    figures = accuracy(errors, ["S"])
    return Evaluation(figures, figures, errors, errors, 0.1, 1, "cpu")


def test_a_clear_gain_is_adopted_and_chance_is_not():
    rng = np.random.default_rng(0)
    before = rng.uniform(1, 2, 40)
    assert judge(measured(before), measured(before - 0.5))[0]
    assert not judge(measured(before), measured(before + 0.5))[0]
    assert not judge(measured(before), measured(before))[0]
    shuffled = before + rng.normal(0, 0.3, 40)
    assert not judge(measured(before), measured(shuffled - shuffled.mean() + before.mean()))[0]


def test_a_film_is_judged_without_what_it_taught(parent, phantoms):
    detector = Detector.load(parent, "cpu")
    found = evaluate(detector, phantoms)
    moves = moves_of(detector, phantoms, found)
    after = cross_validated(found, moves, phantoms.landmarks)
    others = shift_of(np.delete(moves.shares, 4, axis=0)) * moves.px_per_share[4]
    assert after.refined_errors[4].error_px == pytest.approx(
        found.refined_errors[4].error_px + others
    )


def test_a_landmark_nobody_corrected_stays():
    shares = np.full((6, 2, 2), np.nan)
    shares[:, 0] = 0.02
    shift = shift_of(shares)
    assert shift[0] == pytest.approx(0.02 * 6 / 11) and (shift[1] == 0).all()

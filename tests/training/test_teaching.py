"""Landmarks that a model does not know: taught from films, judged, and nothing else changed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cephview.core.judged import FILE as JUDGED
from cephview.core.learning import CorrectedFilm
from cephview.core.model_info import ModelInfo
from cephview.formats import open_film
from cephview.formats.learning_files import read_judgement
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.network.uncertainty import SIGNS, Ellipses
from cephview.network.weights import load_model, read_info, save_model
from cephview.training import Stopped, TrainingError, rows
from cephview.training.calibrated_model import calibrate_model
from cephview.training.calibration import covariances_of, mahalanobis
from cephview.training.finetune import finetune
from cephview.training.looks import Looks
from cephview.training.relation import relation_of
from cephview.training.taught_doubt import with_doubt

NEW = "Pog'"


@pytest.fixture
def parent(tmp_path, phantoms):
    torch.manual_seed(0)
    known = tuple(i for i in phantoms.landmarks if i != NEW)
    network = DualEncoder(PRESETS["tiny"].network, len(known))
    info = ModelInfo("tiny", "isbi19", known, PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "parent", network, info)
    return tmp_path / "parent"


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(rows, "STEPS", 40)


def placed(phantoms, landmarks=(NEW,), films=10):
    """Films on which a hand placed these landmarks alone."""
    return [
        CorrectedFilm(
            path=str(film.path),
            sha256=open_film(film.path).sha256,
            points={
                i: (float(x), float(y))
                for i, (x, y) in zip(phantoms.landmarks, film.points_px, strict=True)
                if i in landmarks
            },
            mm_per_px=film.mm_per_px,
        )
        for film in phantoms.films[:films]
    ]


@pytest.fixture
def taught(parent, phantoms, tmp_path, few_steps):
    return finetune(placed(phantoms), parent, tmp_path / "new", device="cpu")


def points_of(folder, phantoms):
    detector = Detector.load(folder, "cpu")
    return [detector.detect(open_film(film.path)).points for film in phantoms.films[:2]]


def test_a_landmark_is_learnt_and_the_others_stay_to_the_last_bit(
    taught, parent, phantoms, tmp_path
):
    (one,) = taught.taught
    assert one.is_learnt and taught.is_better and one.error < one.expected
    assert one.landmark == NEW and one.films == 10
    assert f"{NEW}: learnt from 10 films" in taught.sentence
    assert "the other 18 points stay exactly where they were" in taught.sentence
    info = read_info(tmp_path / "new")
    assert (
        info.added == (NEW,) and info.landmarks[-1] == NEW and info.settings["way"] == "landmarks"
    )
    assert f"Taught {NEW} on 10 of them" in info.trained_on
    before, after = points_of(parent, phantoms), points_of(tmp_path / "new", phantoms)
    for old, new in zip(before, after, strict=True):
        assert new[:18] == old and new[18].landmark == NEW and new[18].refined_sigma_px > 0
    assert read_judgement(tmp_path / "new" / JUDGED) == taught


def test_a_model_that_was_taught_learns_on_by_steps(taught, phantoms, tmp_path):
    detector = Detector.load(tmp_path / "new", "cpu")
    films = []
    for film in placed(phantoms):
        found = detector.detect(open_film(film.path)).points
        films.append(replace(film, points={p.landmark: p.refined_px for p in found}))
    result = finetune(films, tmp_path / "new", tmp_path / "on", device="cpu", steps=2)
    info, (network, _) = read_info(tmp_path / "on"), load_model(tmp_path / "on")
    assert info.added == (NEW,) and network.added is not None and result.taught == ()
    assert result.before.points == 19 * result.films_held_out


def test_a_model_that_was_taught_is_not_calibrated_anew(taught, phantoms, tmp_path):
    with pytest.raises(TrainingError, match=r"added to a calibrated model \(Pog'\)"):
        calibrate_model(
            tmp_path / "new", tmp_path / "out", phantoms, {"validation": (), "reserve": ()},
            phantoms=0, cache=tmp_path,
        )  # fmt: skip


def test_a_further_landmark_leaves_the_first_where_it_was(taught, phantoms, tmp_path, monkeypatch):
    # Whether it learns is another test's.
    monkeypatch.setattr("cephview.training.teaching.SIGNIFICANCE", 2.0)
    moved = [
        replace(film, points={"X": (film.points[NEW][0] - 5, film.points[NEW][1])})
        for film in placed(phantoms)
    ]
    result = finetune(moved, tmp_path / "new", tmp_path / "more", device="cpu")
    assert result.taught[0].landmark == "X" and read_info(tmp_path / "more").added == (NEW, "X")
    before = points_of(tmp_path / "new", phantoms)
    for old, new in zip(before, points_of(tmp_path / "more", phantoms), strict=True):
        assert new[:18] == old[:18] and new[18].refined_px == pytest.approx(old[18].refined_px)


def test_known_and_unknown_landmarks_are_learnt_from_the_same_films(
    parent, phantoms, tmp_path, few_steps
):
    """The points of the known ones lie where the model sees them, but one."""
    detector = Detector.load(parent, "cpu")
    films = []
    for film in placed(phantoms):
        points = {p.landmark: p.refined_px for p in detector.detect(open_film(film.path)).points}
        points["Po"] = (points["Po"][0] + 4.0, points["Po"][1])
        films.append(replace(film, points={**points, **film.points}))
    result = finetune(films, parent, tmp_path / "new", device="cpu")
    assert result.is_better and set(result.moved) == {"Po"} and result.taught[0].is_learnt
    assert result.sentence.startswith("Better") and "learnt from 10 films" in result.sentence
    assert result.before.points == 180
    info = read_info(tmp_path / "new")
    assert info.convention["Po"][0] > 0 and info.added == (NEW,)


def test_what_is_not_better_than_the_neighbours_say_is_not_learnt(
    parent, phantoms, tmp_path, few_steps
):
    rng = np.random.default_rng(0)
    films = [
        replace(film, points={"X": tuple(rng.uniform(40, 150, 2))}) for film in placed(phantoms)
    ]
    result = finetune(films, parent, tmp_path / "new", device="cpu")
    assert not result.is_better and not result.taught[0].is_learnt
    assert "X was not learnt from 10 films" in result.sentence
    assert read_info(tmp_path / "new").added == ()


def test_too_few_films_of_a_landmark_are_told(parent, phantoms, tmp_path):
    with pytest.raises(TrainingError, match=r"Pog' is placed on films of 4 patients: on 1 more"):
        finetune(placed(phantoms, films=4), parent, tmp_path / "new", device="cpu")
    assert not (tmp_path / "new").exists()


def test_learning_stops_when_asked(parent, phantoms, tmp_path):
    told = []
    with pytest.raises(Stopped):
        finetune(
            placed(phantoms), parent, tmp_path / "new", device="cpu", on_progress=told.append,
            should_stop=lambda: len(told) > 12,
        )  # fmt: skip
    assert told[-1].note == f"learning {NEW}" and told[-1].step == 3
    assert not (tmp_path / "new" / "model.toml").exists()


def test_neighbours_tell_a_place_that_follows_from_them():
    rng = np.random.default_rng(0)
    head = rng.normal(size=(6, 2)) * 50
    films = []
    for _ in range(8):
        angle, size = rng.uniform(-0.3, 0.3), rng.uniform(0.8, 1.2)
        turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        films.append(head @ turn.T + rng.uniform(0, 500, 2))
    films = np.array(films)
    relation = relation_of(films[:4, :5], films[:4, 5])
    assert relation.sum() == pytest.approx(1)
    found = films[4:, :5] @ (1, 1j) @ relation
    assert found == pytest.approx(films[4:, 5] @ (1, 1j), abs=0.5)


def test_a_taught_landmark_gets_ellipses_that_hold_its_errors():
    rng = np.random.default_rng(0)
    count = len(SIGNS)
    others = Ellipses(
        np.zeros(count), np.ones(count), np.full(count, 0.1), np.array([0.5]), np.eye(2)[None],
        0.75, 1.0,
    )  # fmt: skip
    table = {"ellipses": others.to_table(("S",))}
    signs, spread = rng.normal(size=(40, count)), np.broadcast_to(np.eye(2), (40, 2, 2))
    errors = rng.normal(size=(40, 2)) * (6.0, 2.0)
    made = with_doubt(table, "X", signs, spread, errors)
    assert made["ellipses"]["landmarks"]["S"] == table["ellipses"]["landmarks"]["S"]
    own = Ellipses.from_table(made["ellipses"], ("X",))
    none = np.zeros((40, 0))
    looks = Looks(
        signs[:, None],
        spread[:, None],
        errors[:, None],
        none,
        none,
        none,
        np.arange(40).astype(str),
    )
    covariances = covariances_of(own, looks)
    assert 0.9 <= (mahalanobis(looks.errors, covariances) <= 2.45).mean() < 1
    assert covariances[:, 0, 0, 0].mean() > 3 * covariances[:, 0, 1, 1].mean()
    assert with_doubt({}, "X", signs, spread, errors) == {}

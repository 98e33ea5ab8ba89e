"""A fine-tune from corrections to a judged candidate."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cephview.core.detection import Turn
from cephview.core.judged import FILE as JUDGED
from cephview.core.learning import CorrectedFilm
from cephview.core.model_info import ModelInfo
from cephview.core.unfinished import FILE, Unfinished
from cephview.formats import open_film
from cephview.formats.learning_files import read_judgement, read_unfinished
from cephview.network.archive import write_archive
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.network.weights import load_model, read_info, save_model
from cephview.training import Stopped, TrainingError
from cephview.training.candidates import learn_convention
from cephview.training.convention import Moves, cross_validated, moves_of, shift_of, unmoved
from cephview.training.dataset import DataSet, LabelledFilm, opened
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.finetune import finetune
from cephview.training.judging import hold_out, judge, worse_landmarks
from cephview.training.memory import within_memory
from cephview.training.metrics import FilmError, accuracy
from cephview.training.worst import worst_films


@pytest.fixture
def parent(tmp_path, phantoms):
    network = DualEncoder(PRESETS["tiny"].network, len(phantoms.landmarks))
    info = ModelInfo("tiny", "isbi19", phantoms.landmarks, PRESETS["tiny"].input_size, sha256="")
    save_model(tmp_path / "parent", network, info)
    return tmp_path / "parent"


@pytest.fixture
def hand(parent, phantoms):
    """Films whose points lie by a few mm from where the parent sees them, two landmarks alone."""
    detector = Detector.load(parent, "cpu")
    rng = np.random.default_rng(0)
    films = []
    for film in phantoms.films:
        found = np.array([p.refined_px for p in detector.detect(open_film(film.path)).points])
        points = found + rng.normal(0, 0.3, found.shape)
        points[3] += (3.0, -2.0)
        points[15] += (-1.5, 4.0)
        films.append(replace(film, points_px=points))
    return replace(phantoms, films=tuple(films))


@pytest.fixture
def corrected(hand):
    return [
        CorrectedFilm(
            path=str(film.path),
            sha256=open_film(film.path).sha256,
            points={
                i: (float(x), float(y))
                for i, (x, y) in zip(hand.landmarks, film.points_px, strict=True)
            },
            mm_per_px=film.mm_per_px,
        )
        for film in hand.films
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
    assert [t.step for t in told if t.note == "learning"] == list(range(1, 7))
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
    assert result.is_better and {"Po", "Pog'"} <= set(result.moved)
    small = [xy for name, xy in result.moved.items() if name not in ("Po", "Pog'")]
    assert np.abs(small).max(initial=0) < 0.4
    x, y = result.moved["Pog'"]
    assert x == pytest.approx(-1.5, abs=0.3) and y == pytest.approx(4.0, abs=0.4)
    assert [t.step for t in told if t.note == "comparing"] == list(range(1, 11))
    before, after = load_model(parent)[0], load_model(new)[0]
    assert all((after.state_dict()[k] == v).all() for k, v in before.state_dict().items())
    assert set(read_info(new).convention) == set(read_info(parent).landmarks)


def test_too_few_films_are_refused_in_a_sentence(parent, corrected, tmp_path):
    with pytest.raises(TrainingError, match="correct at least"):
        finetune(corrected[:3], parent, tmp_path / "new", device="cpu")


def test_films_that_are_gone_broken_or_another_are_left_out_and_named(parent, corrected, tmp_path):
    films = []
    for n, film in enumerate(corrected):
        path = tmp_path / f"film-{n}.png"
        path.write_bytes(Path(film.path).read_bytes())
        films.append(replace(film, path=str(path)))
    Path(films[0].path).unlink()
    Path(films[1].path).write_bytes(Path(films[1].path).read_bytes()[:200])
    Path(films[2].path).write_bytes(Path(films[3].path).read_bytes())
    result = finetune(films, parent, tmp_path / "new", device="cpu")
    assert result.films_trained == 7
    assert result.note.startswith("3 films were left out: “film-0.png” is no longer in")
    assert "film-1.png" in result.note and "“film-2.png” is another film now" in result.note
    for film in films:
        Path(film.path).unlink(missing_ok=True)
    with pytest.raises(TrainingError, match="No film is left to learn from"):
        finetune(films, parent, tmp_path / "none", device="cpu")
    assert not (tmp_path / "none" / FILE).exists()


def moves_like(shares, groups=None):
    films = len(shares)
    return Moves(shares, np.ones((films, 2)), groups or tuple(str(i) for i in range(films)))


def test_only_what_all_films_show_is_learnt():
    rng = np.random.default_rng(1)
    mm = rng.normal(0, 1.2, (12, 19, 2))
    mm[:, 3] += (3.0, -2.0)
    learnt = shift_of(moves_like(mm / 240)) * 240
    assert learnt[3] == pytest.approx((3.0, -2.0), abs=1.2)
    others = np.delete(learnt, 3, axis=0)
    assert (others == 0).all(-1).sum() >= 15 and np.abs(others).max() < 1.0


def test_one_slip_is_no_convention():
    mm = np.random.default_rng(7).normal(0, 0.5, (10, 4, 2))
    mm[4, 1] = (40.0, 0.0)
    assert (shift_of(moves_like(mm / 240)) == 0).all()


def test_what_lies_further_off_than_a_convention_stays():
    mm = np.random.default_rng(2).normal(0, 0.5, (10, 4, 2))
    mm[:, 1] += (14.0, 0.0)
    assert (shift_of(moves_like(mm / 240)) == 0).all()


def test_ten_films_of_one_patient_are_one_say():
    mm = np.random.default_rng(3).normal(0, 0.5, (12, 4, 2))
    mm[:10, 1] += (3.0, 0.0)
    groups = ("one",) * 10 + ("two", "three")
    assert (shift_of(moves_like(mm / 240, groups)) == 0).all()


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
    return Evaluation(figures, figures, errors, errors, 0.1, 1, "cpu", landmarks=("S",))


def test_a_clear_gain_is_adopted_and_chance_is_not():
    rng = np.random.default_rng(0)
    before = rng.uniform(1, 2, 40)
    assert judge(measured(before), measured(before - 0.5))[0]
    assert not judge(measured(before), measured(before + 0.5))[0]
    assert not judge(measured(before), measured(before))[0]
    shuffled = before + rng.normal(0, 0.3, 40)
    assert not judge(measured(before), measured(shuffled - shuffled.mean() + before.mean()))[0]


def test_a_landmark_that_surely_became_worse_forbids_a_candidate():
    rng = np.random.default_rng(0)
    before = rng.uniform(1, 2, (20, 5))

    def of(distances):
        errors = tuple(
            FilmError("f", np.stack([row, 0 * row], -1), np.ones(5), (1.0, 1.0))
            for row in distances
        )
        figures = accuracy(errors, list("abcde"))
        return Evaluation(figures, figures, errors, errors, 0.1, 1, "cpu", landmarks=tuple("abcde"))

    after = before - 0.5
    assert judge(of(before), of(after))[0]
    after[:, 2] = before[:, 2] + 0.4
    is_better, sentence = judge(of(before), of(after))
    assert not is_better and "but c became worse" in sentence


def test_landmarks_that_became_worse_are_found_and_put_back(parent, hand):
    detector = Detector.load(parent, "cpu")
    found = evaluate(detector, hand)
    moves = moves_of(detector, hand, found)
    learnt = learn_convention(found, moves, hand.landmarks)
    assert learnt.is_better and learnt.kept == ()
    worse = unmoved(found, learnt.after, (3,), hand.landmarks)
    assert worse_landmarks(learnt.after, found, moves.groups) == (3, 15)
    assert worse_landmarks(learnt.after, worse, moves.groups) == (15,)
    back = unmoved(learnt.after, found, (3,), hand.landmarks)
    assert back.refined.per_landmark["Po"] == found.refined.per_landmark["Po"]
    assert back.refined.per_landmark["Pog'"] == learnt.after.refined.per_landmark["Pog'"]


def test_a_gain_that_nobody_would_notice_is_none():
    before = np.linspace(4, 8, 40)
    is_better, sentence = judge(measured(before), measured(before - 0.01))
    assert not is_better and "too little" in sentence


def test_chance_counts_patients_not_points():
    before = np.repeat([1.0, 2.0, 1.5], 10)
    after = before - np.repeat([0.5, 0.1, 0.3], 10)
    groups = [name for name in "abc" for _ in range(10)]
    assert judge(measured(before), measured(after))[0]
    is_better, sentence = judge(measured(before), measured(after), groups=groups)
    assert not is_better and "p = 0.12" in sentence


def test_a_film_is_judged_without_what_it_taught(parent, hand):
    detector = Detector.load(parent, "cpu")
    found = evaluate(detector, hand)
    moves = moves_of(detector, hand, found)
    after = cross_validated(found, moves, hand.landmarks)
    others = shift_of(moves.only([i for i in range(10) if i != 4])) * moves.px_per_share[4]
    assert (others != 0).any()
    assert after.refined_errors[4].error_px == pytest.approx(
        found.refined_errors[4].error_px + others
    )


def test_a_landmark_nobody_corrected_stays():
    shares = np.full((6, 2, 2), np.nan)
    shares[:, 0] = (0.02, 0.0)
    shift = shift_of(moves_like(shares))
    assert shift[0] == pytest.approx((0.02, 0)) and (shift[1] == 0).all()


def test_a_killed_run_goes_on_where_it_was(parent, corrected, tmp_path):
    new, whole = tmp_path / "new", tmp_path / "whole"
    seen = []

    def told(progress):
        seen.append(progress)
        if progress.note == "learning" and progress.step == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(corrected, parent, new, device="cpu", on_progress=told, steps=8)
    assert read_unfinished(new / FILE).films == tuple(corrected)
    again = []
    finetune(corrected, parent, new, device="cpu", on_progress=again.append, steps=8, name="a")
    assert [t.step for t in again if t.note == "learning"] == [6, 7, 8]
    finetune(corrected, parent, whole, device="cpu", steps=8, name="a")
    assert read_info(new).sha256 == read_info(whole).sha256
    assert {f.name for f in new.iterdir()} == {"model.toml", "model.safetensors", JUDGED}


def test_a_run_killed_after_its_model_was_written_is_not_whole(parent, corrected, tmp_path):
    new = tmp_path / "new"
    finetune(corrected, parent, new, device="cpu")
    sha256 = read_info(new).sha256
    unfinished = Unfinished(tuple(corrected), str(parent), read_info(parent).sha256)
    (new / FILE).write_text(unfinished.to_json())
    finetune(corrected, parent, new, device="cpu")
    assert read_info(new).sha256 == sha256 and not (new / FILE).exists()


def test_a_refusal_leaves_nothing_to_go_on_with(parent, corrected, tmp_path):
    new = tmp_path / "new"
    unfinished = Unfinished(tuple(corrected[:3]), str(parent), read_info(parent).sha256)
    new.mkdir()
    (new / FILE).write_text(unfinished.to_json())
    with pytest.raises(TrainingError, match="correct at least"):
        finetune(corrected[:3], parent, new, device="cpu")
    assert not new.exists()


def test_the_judgement_stays_beside_the_model(parent, corrected, tmp_path):
    new = tmp_path / "new"
    result = finetune(corrected, parent, new, device="cpu")
    assert read_judgement(new / JUDGED) == result
    worst = result.worst[0]
    assert worst.after >= result.worst[1].after and set(worst.points) == set(
        result.after.per_landmark
    )
    film = next(f for f in corrected if f.path == worst.path)
    point = worst.points["Pog'"]
    assert point.truth == pytest.approx(film.points["Pog'"], abs=0.01)
    off = [np.hypot(*np.subtract(p.after, p.truth)) for p in worst.points.values()]
    assert np.mean(off) == pytest.approx(worst.after, abs=0.01)
    write_archive(new, tmp_path / "new.zip")
    with zipfile.ZipFile(tmp_path / "new.zip") as archive:
        assert JUDGED not in archive.namelist()


def test_points_of_the_worst_films_are_of_the_film_as_on_file(phantoms):
    film = replace(phantoms.films[0], turn=Turn(mirrored=True, quarters=1))
    seen = opened(film)
    errors = FilmError("f", np.full_like(seen[1].points_px, 2.0), np.ones(19), (1.0, 1.0))
    size = (seen[0].width, seen[0].height)
    found = Evaluation(
        accuracy([errors], phantoms.landmarks), accuracy([errors], phantoms.landmarks),
        (errors,), (errors,), 0.1, 1, "cpu", ((size, 1.0),), phantoms.landmarks, (seen[1],),
    )  # fmt: skip
    (worst,) = worst_films(found, found)
    first = worst.points[phantoms.landmarks[0]]
    assert first.truth == pytest.approx(film.points_px[0], abs=0.01)
    assert abs(first.after[0] - first.truth[0]) == pytest.approx(2.0, abs=0.02)
    assert worst.turn == film.turn


def test_an_unfinished_run_on_other_corrections_is_not_gone_on_with(parent, corrected, tmp_path):
    new = tmp_path / "new"
    with pytest.raises(Stopped):
        finetune(corrected, parent, new, device="cpu", should_stop=lambda: True)
    with pytest.raises(TrainingError, match="unfinished run on other corrections"):
        finetune(corrected[:9], parent, new, device="cpu")
    assert (new / FILE).exists()


def test_short_memory_is_met_with_fewer_films_at_a_time():
    tried, told = [], []

    def work(films):
        tried.append(films)
        if films > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to ...")
        return "done"

    assert within_memory(work, 4, told.append) == "done"
    assert tried == [4, 2, 1] and told == [2, 1]
    with pytest.raises(RuntimeError, match="shape"):
        within_memory(lambda films: torch.zeros(2).view(3), 4, told.append)


def test_lineage_says_how_a_model_came_about(parent, corrected, tmp_path):
    result = finetune(corrected, parent, tmp_path / "new", device="cpu", seed=3)
    info = read_info(tmp_path / "new")
    assert info.parent == read_info(parent).sha256 and info.seed == 3 and info.data_digest
    assert info.settings["way"] == "convention" and info.settings["patients"] == 10
    assert info.settings["verdict"] == result.sentence and info.created.endswith("Z")
    assert info.metrics["holdout.parent.refined.mre_mm"] == round(result.before.mre, 4)
    assert info.metrics["holdout.refined.sdr_2mm"] == round(result.after.sdr["2"], 2)
    assert info.metrics["kept.network.refined.mre_mm"] == round(result.kept.before, 4)

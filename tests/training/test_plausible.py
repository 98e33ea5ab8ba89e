"""Corrections that cannot be a way of placing landmarks are refused, with the reason."""

from pathlib import Path

import numpy as np
import pytest

from cephview.phantom import make_phantom
from cephview.training import TrainingError
from cephview.training.convention import Moves
from cephview.training.dataset import LabelledFilm
from cephview.training.evaluate import Evaluation
from cephview.training.metrics import FilmError, accuracy
from cephview.training.plausible import check

LANDMARKS = tuple(make_phantom(0, size_px=(194, 240)).points)


def placed(change, films=8):
    """Return what check takes: a model that errs by 1 mm, and a hand that change makes.

    change takes (landmarks, 2), mm, where the landmarks are, and returns where the hand has them.
    """
    rng = np.random.default_rng(5)
    errors, moves, labelled = [], [], []
    for seed in range(films):
        phantom = make_phantom(seed, size_px=(194, 240))
        truth = np.array([phantom.points[i] for i in LANDMARKS])
        model = truth + rng.normal(0, 1.0, truth.shape)
        hand = change(truth.copy())
        errors.append(FilmError("f", model - hand, np.ones(len(LANDMARKS)), (1.0, 1.0)))
        moves.append((hand - model) / 240)
        labelled.append(LabelledFilm(Path(f"{seed}.png"), hand, (1.0, 1.0), str(seed)))
    figures = accuracy(errors, LANDMARKS)
    found = Evaluation(
        figures, figures, tuple(errors), tuple(errors), 0.1, 1, "cpu",
        tuple(((194, 240), 1.0) for _ in errors), LANDMARKS, tuple(labelled),
    )  # fmt: skip
    groups = tuple(str(i) for i in range(films))
    return found, Moves(np.stack(moves), np.full((films, 2), 240.0), groups)


def convention(points):
    points[3] += (3, -2)
    points[LANDMARKS.index("Pog'")] += (-2, 5)
    return points


def swapped(points):
    a, b = LANDMARKS.index("LIT"), LANDMARKS.index("UIT")
    points[[a, b]] = points[[b, a]]
    return points


def turned(points):
    middle, angle = points.mean(0), np.radians(8)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (points - middle) @ turn + middle


def anywhere(points):
    return np.random.default_rng(int(points.sum() * 1e3)).uniform(0, 194, points.shape)


def test_a_convention_is_plausible():
    check(*placed(lambda points: points))
    check(*placed(convention))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda points: points + np.array([10, 0]), "whole head moved, which"),
        (lambda points: points * 1.1, "whole head"),
        (turned, "turned or scaled"),
        (lambda points: np.stack([193 - points[:, 0], points[:, 1]], -1), "mirror image"),
        (swapped, "LIT and UIT|UIT and LIT"),
        (anywhere, "much further from where the model sees them than ways of placing"),
    ],
)
def test_what_is_none_is_refused_with_its_reason(change, words):
    with pytest.raises(TrainingError, match=words):
        check(*placed(change))


def test_points_that_few_films_have_say_nothing_of_the_head():
    def one(points):
        points[1:] = np.nan
        points[0] += (4, 0)
        return points

    check(*placed(one))

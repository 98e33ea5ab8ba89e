"""What a film is compared by: thumbnails that turn as films do, shapes, and measures."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.network.detector import Detector
from cephview.network.frame import View
from cephview.network.likeness import (
    MEASURES,
    SIDE,
    TURNS,
    LikenessModel,
    aligned,
    features,
    thumbnails,
)
from cephview.network.uncertainty import SIGNS, Ellipses
from cephview.network.weights import ModelError, load_likeness, load_model, save_model

L = 3  # landmarks of the tiny model


def a_film(pixels):
    return Film(np.ascontiguousarray(pixels), "0" * 64, "film")


@pytest.fixture
def grey():
    y, x = np.mgrid[0:500, 0:400]
    return (120 + 60 * np.sin(x / 23 + y / 90) + 60 * np.cos(y / 31 - x / 300)).astype(np.uint8)


@pytest.fixture
def ellipses():
    plain = np.ones(len(SIGNS))
    return Ellipses(
        0 * plain, plain, 0.1 * plain, np.zeros(L), np.tile(np.eye(2), (L, 1, 1)), 0.5, 1.0
    )


@pytest.fixture
def statistics(tiny):
    """Statistics that find everything usual: the limit is far away."""
    count = features(tiny.backbone, torch.zeros(1, 1, SIDE, SIDE)).shape[1]
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(0, 1, (count, 4)))[0]
    shape = rng.normal(0, 1, (L, 2))
    shape -= shape.mean(axis=0)
    return LikenessModel(
        centre=np.zeros(count),
        basis=basis,
        mean=np.zeros(4),
        whiten=np.eye(4),
        rest=1.0,
        turn_weights=rng.normal(0, 5, (4, len(TURNS))),
        turn_bias=np.zeros(len(TURNS)),
        shape_mean=shape / np.linalg.norm(shape),
        shape_whiten=np.eye(2 * L),
        usual=np.zeros(len(MEASURES)),
        limits=np.full(len(MEASURES), 1e6),
        false_alarms=0.02,
    )


def in_detector(tiny_folder, ellipses, statistics):
    network, info = load_model(tiny_folder)
    table = {"ellipses": ellipses.to_table(info.landmarks)}
    calibrated = replace(info, calibration=table)
    return Detector(network, calibrated, torch.device("cpu"), statistics)


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_thumbnail_is_the_thumbnail_of_the_turned_film(grey, turn):
    shown = (torch.from_numpy(grey.astype(np.float32)) / 255 - 0.498) / 0.502
    lying = View.of(a_film(grey), replace(turn, negative=False)).pixels
    seen = (torch.from_numpy(lying.astype(np.float32)) / 255 - 0.498) / 0.502
    there = thumbnails(seen, [Turn(negative=turn.negative)])
    assert torch.allclose(thumbnails(shown, [turn]), there, atol=1e-4)


def test_every_turn_is_listed_once_and_none_first():
    assert len(set(TURNS)) == 16 and TURNS[0] == Turn()


def test_shapes_are_compared_whatever_their_place_size_and_angle():
    rng = np.random.default_rng(1)
    mean = rng.normal(0, 1, (7, 2))
    mean -= mean.mean(axis=0)
    mean /= np.linalg.norm(mean)
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert aligned(31 * mean @ turn.T + (5, 9), mean) == pytest.approx(mean)
    mirrored = aligned(mean * (-1, 1), mean)
    assert np.abs(mirrored - mean).max() > 0.1


def test_a_usual_film_is_not_warned_of(tiny_folder, ellipses, statistics, grey):
    found = in_detector(tiny_folder, ellipses, statistics).detect(a_film(grey))
    assert found.likeness is not None and not found.likeness.is_unlike
    assert found.likeness.reason == "" and found.likeness.better is None
    assert found.likeness.false_alarms == 0.02


def test_a_film_that_is_like_the_others_once_turned_is_offered_that_turn(
    tiny_folder, ellipses, statistics, grey
):
    plain = in_detector(tiny_folder, ellipses, statistics)
    upright, mirrored = a_film(grey), a_film(grey[:, ::-1])

    def kept(film):
        view = View.of(film, Turn())
        picture = plain.look(view, view.first_look(plain.info.input_size)).film_picture
        return features(plain.network.backbone, thumbnails(picture))[0] @ statistics.basis

    # The odds are even midway between the two films, and all else is usual.
    apart = kept(upright) - kept(mirrored)
    odds = np.zeros((4, len(TURNS)))
    odds[:, 0] = apart / np.linalg.norm(apart) ** 2
    bias = np.zeros(len(TURNS))
    bias[0] = np.log(15) - (kept(upright) + kept(mirrored)) @ odds[:, 0] / 2
    told = replace(
        statistics,
        turn_weights=odds,
        turn_bias=bias,
        usual=np.full(len(MEASURES), -9.0),
        limits=np.array([1e3, 0.1, 1e3, 1e3, 1e3]),
    )
    detector = in_detector(tiny_folder, ellipses, told)
    assert not detector.detect(upright).likeness.is_unlike
    alarmed = detector.detect(mirrored).likeness
    assert alarmed.is_unlike and "lie" in alarmed.reason and alarmed.better
    assert not detector.detect(mirrored, turn=alarmed.better).likeness.is_unlike
    assert detector.detect(mirrored, should_stop=lambda: True).likeness.better is None
    # A film that was turned for nothing is offered a way back, in turns of the file.
    wrongly = detector.detect(upright, turn=Turn(mirrored=True)).likeness
    assert wrongly.is_unlike and wrongly.better is not None
    assert not detector.detect(upright, turn=wrongly.better).likeness.is_unlike


def test_a_point_beyond_the_edge_is_noticed_wherever_it_is(statistics):
    seen, rng = np.zeros(len(statistics.centre)), np.random.default_rng(3)
    for corner in ((0, 0), (50, 30)):
        points = rng.uniform(20, 60, (L, 2)) + corner
        shown = (corner[0], corner[1], corner[0] + 80, corner[1] + 80)
        inside = statistics.measures(seen, points, np.zeros(L), shown)[4]
        assert inside < 0
        for axis, out in product((0, 1), (corner[0] - 3, corner[0] + 83)):
            off = points.copy()
            off[1, axis] = out - corner[0] + corner[axis]
            assert statistics.measures(seen, off, np.zeros(L), shown)[4] > 0


def test_log_odds_are_those_of_the_softmax(statistics):
    seen = np.random.default_rng(2).normal(0, 0.2, (5, len(statistics.centre)))
    logits = torch.from_numpy(seen @ statistics.basis @ statistics.turn_weights)
    share = logits.softmax(dim=1)[:, 0]
    assert statistics.upright(seen) == pytest.approx(torch.logit(share).numpy(), rel=1e-6)


def test_statistics_survive_the_file_and_change_no_weight(tmp_path, tiny, tiny_info, statistics):
    plain = save_model(tmp_path / "plain", tiny, tiny_info)
    told = save_model(tmp_path / "told", tiny, tiny_info, statistics)
    assert plain.sha256 != told.sha256
    again = load_likeness(tmp_path / "told")
    assert again.limits == pytest.approx(statistics.limits)
    assert again.rest == pytest.approx(statistics.rest)
    assert again.turn_weights == pytest.approx(statistics.turn_weights, rel=1e-5)
    assert load_likeness(tmp_path / "plain") is None
    before, after = (load_model(tmp_path / n)[0].state_dict() for n in ("plain", "told"))
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_statistics_that_lack_something_are_refused(statistics):
    tensors = statistics.to_tensors()
    del tensors["limits"]
    with pytest.raises(ValueError, match="lack limits"):
        LikenessModel.from_tensors(tensors)


def test_ellipses_of_other_signs_are_refused(tiny_folder, ellipses):
    network, info = load_model(tiny_folder)
    table = {**ellipses.to_table(info.landmarks), "signs": ["tea_leaves"]}
    with pytest.raises(ModelError, match="calibrate it again"):
        Detector(network, replace(info, calibration={"ellipses": table}), torch.device("cpu"))

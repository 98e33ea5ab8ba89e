"""Landmarks added to a trained network: what it knew stays as it was, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cephview.core.film import Film
from cephview.core.scale import PixelSize
from cephview.network.added import AddedLandmarks
from cephview.network.config import PRESETS, NetworkConfig
from cephview.network.detector import Detector
from cephview.network.model import with_added
from cephview.network.weights import load_model, save_model

CONFIG = PRESETS["tiny"].network


def drawn(count, seed=1, landmarks=3):
    """Added landmarks of random parameters, as if they had learnt something."""
    generator = torch.Generator().manual_seed(seed)
    added = AddedLandmarks(CONFIG, landmarks, count)
    with torch.no_grad():
        for parameter in added.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        added.relation[..., 0] = 1 / landmarks
    return added


@pytest.fixture
def picture():
    return torch.rand(2, 1, 128, 96, generator=torch.Generator().manual_seed(3))


def refined(network, picture):
    with torch.no_grad():
        return network(picture).refined[-1]


def test_the_others_stay_to_the_last_bit(tiny, picture):
    before, after = refined(tiny, picture), refined(with_added(tiny, drawn(2)), picture)
    assert after.xy.shape == (2, 5, 2)
    for now, then in zip(after, before, strict=True):
        assert torch.equal(now[:, :3], then)


def test_added_landmarks_do_not_hear_one_another(tiny, picture):
    one, two = drawn(1, seed=1), drawn(1, seed=2)
    alone = refined(with_added(tiny, one), picture).xy[:, 3]
    both = refined(with_added(with_added(tiny, one), two), picture).xy
    assert torch.allclose(both[:, 3], alone, atol=1e-4)
    assert torch.allclose(both[:, 4], refined(with_added(tiny, two), picture).xy[:, 3], atol=1e-4)
    assert not torch.allclose(both[:, 3], both[:, 4], atol=1e-1)


def test_an_added_landmark_hears_the_others(tiny, picture):
    network = with_added(tiny, drawn(1))
    before = refined(network, picture).xy[:, 3]
    with torch.no_grad():
        network.reference.queries[0] += torch.linspace(-3, 3, 32)
    assert not torch.allclose(refined(network, picture).xy[:, 3], before, atol=1e-4)


def test_added_landmarks_learn_with_further_starts_as_the_others_do(tiny, picture):
    network = with_added(tiny, drawn(1))
    starts = torch.full((2, 4, 2), 40.0)
    found = network(picture, torch.zeros_like(starts), starts)
    assert found.refined[-1].xy.shape == found.extra[-1].xy.shape == (2, 4, 2)
    found.extra[-1].xy[:, 3].sum().backward()
    assert network.added.asks.grad is not None and network.added.queries.grad.any()


def test_a_landmark_is_expected_where_the_head_goes(tiny):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=3) + 1j * rng.normal(size=3)
    weights += (1 - weights.sum()) / 3
    added = AddedLandmarks(CONFIG, 3, 1)
    added.relation.copy_(torch.view_as_real(torch.from_numpy(weights))[None])
    places = rng.uniform(0, 90, (1, 3, 2))
    turn = np.array([[0.0, 1.2], [-1.2, 0.0]])
    here = added.expected(torch.from_numpy(places).float()).numpy()
    there = added.expected(torch.from_numpy(places @ turn + 7).float()).numpy()
    assert there == pytest.approx(here @ turn + 7, abs=1e-3)


def test_a_model_with_added_landmarks_comes_back_as_it_was(tiny, tiny_info, tmp_path, picture):
    network = with_added(tiny, drawn(2)).half().float()
    info = replace(tiny_info, landmarks=("S", "N", "Me", "Gn2", "X"))
    saved = save_model(tmp_path / "more", network, info)
    again, read = load_model(tmp_path / "more")
    assert read.added == saved.added == ("Gn2", "X") and again.own == 3
    expected = refined(network, picture).xy
    assert torch.allclose(refined(again, picture).xy, expected, atol=1e-3)


def test_a_model_without_added_ones_is_written_as_before(tiny_folder):
    assert "added" not in (tiny_folder / "model.toml").read_text()
    network, info = load_model(tiny_folder)
    assert info.added == () and network.added is None and info.landmarks == ("S", "N", "Me")


def test_a_second_look_leaves_added_landmarks_and_the_others_alone(tiny, tiny_info):
    pixels = np.random.default_rng(0).integers(0, 255, (120, 90)).astype(np.uint8)
    film = Film(pixels, "0" * 64, "film", PixelSize())
    cpu = torch.device("cpu")
    plain = Detector(tiny, tiny_info, cpu).detect(film, 2)
    info = replace(tiny_info, landmarks=("S", "N", "Me", "Gn2"))
    detector = Detector(with_added(tiny, drawn(1)), info, cpu)
    more, once = detector.detect(film, 2), detector.detect(film)
    assert more.points[:3] == plain.points and more.points[3] == once.points[3]


def test_a_network_without_a_finetune_encoder_takes_none():
    with pytest.raises(ValueError, match="finetune encoder"):
        NetworkConfig(windows=(), added=1)

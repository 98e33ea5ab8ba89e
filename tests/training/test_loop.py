"""The loop: learns, resumes to the same numbers, stops when asked."""

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder, set_mean_shape
from cephview.training import Stopped
from cephview.training.augment import NONE
from cephview.training.dataset import Pictures
from cephview.training.loop import train
from cephview.training.recipe import Recipe

SIZE = PRESETS["tiny"].input_size


@pytest.fixture(scope="module")
def fabric():
    return Fabric(accelerator="cpu", devices=1)


def one_film():
    rng = np.random.default_rng(0)
    grey = np.zeros((1, 160, 120), np.uint8)
    points = rng.uniform((20, 20), (100, 140), (1, 3, 2))
    y, x = np.mgrid[0:160, 0:120]
    for (px, py), shine in zip(points[0], (250, 150, 80), strict=True):
        grey[0] |= (shine * np.exp(-((x - px) ** 2 + (y - py) ** 2) / 60)).astype(np.uint8)
    return Pictures(grey, points)


def fresh(landmarks=3):
    torch.manual_seed(1)
    network = DualEncoder(PRESETS["tiny"].network, landmarks)
    set_mean_shape(network, torch.full((landmarks, 2), 0.5))
    return network


def recipe(steps, **changes):
    return Recipe(steps=steps, batch=2, warm_up=3, average=0.5, augmentation=NONE, **changes)


def test_one_film_is_learnt_by_heart(fabric):
    pictures = one_film()
    network = train(
        fresh(), [(pictures, 1.0)], SIZE, recipe(150, head_rate=3e-3, trunk_rate=3e-3), fabric
    )
    grey = torch.from_numpy(pictures.grey).float()[:, None] / 255
    seen = torch.nn.functional.interpolate(grey, size=(128, 96), mode="bilinear")
    truth = torch.from_numpy((pictures.points + 0.5) * 0.8 - 0.5)
    with torch.no_grad():
        found = network((seen - 0.498) / 0.502)
    assert (found.refined[-1].xy - truth).norm(dim=-1).max() < 2.0
    assert (found.coarse[-1].xy - truth).norm(dim=-1).max() < 6.0


def test_a_killed_run_resumes_to_the_same_numbers(fabric, tmp_path):
    def losses_of(steps, checkpoint, network):
        losses = []
        train(
            network,
            [(one_film(), 1.0)],
            SIZE,
            recipe(8),
            fabric,
            checkpoint=checkpoint,
            every=4,
            on_step=lambda step: losses.append(step.number),
            should_stop=lambda: len(losses) >= steps,
        )
        return losses

    whole = fresh()
    losses_of(99, tmp_path / "whole.pt", whole)
    broken = fresh()
    with pytest.raises(Stopped):
        losses_of(5, tmp_path / "broken.pt", broken)
    resumed = fresh()
    assert losses_of(99, tmp_path / "broken.pt", resumed) == [5, 6, 7, 8]
    for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_the_frozen_part_of_a_trunk_stays(fabric):
    network = fresh()
    network.backbone.requires_grad_(False)
    before = {k: v.clone() for k, v in network.backbone.state_dict().items()}
    train(network, [(one_film(), 1.0)], SIZE, recipe(3), fabric)
    for name, value in network.backbone.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_landmark_that_no_film_shows_does_no_harm(fabric):
    pictures = one_film()
    points = pictures.points.copy()
    points[:, 1] = np.nan
    network = train(fresh(), [(Pictures(pictures.grey, points), 1.0)], SIZE, recipe(4), fabric)
    assert all(torch.isfinite(p).all() for p in network.parameters())

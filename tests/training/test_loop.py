"""The loop: learns, resumes to the same numbers, stops when asked."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder, set_mean_shape
from cephview.training import Stopped
from cephview.training.augment import NONE
from cephview.training.batches import draw_batch
from cephview.training.dataset import Pictures
from cephview.training.likelihood import ErrorShape
from cephview.training.loop import train
from cephview.training.losses import LossWeights
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


def test_a_staged_run_teaches_one_encoder_after_the_other(fabric):
    def learnt(steps):
        network = fresh()
        before = {k: v.clone() for k, v in network.state_dict().items()}
        how = recipe(10, is_stagewise=True, weight_decay=0.0)
        seen = []
        with pytest.raises(Stopped) if steps < 10 else nullcontext():
            train(
                network,
                [(one_film(), 1.0)],
                SIZE,
                how,
                fabric,
                on_step=lambda step: seen.append(step.number),
                should_stop=lambda: len(seen) >= steps,
            )
        after = network.state_dict()
        return {k.split(".")[0] for k in before if not torch.equal(before[k], after[k])}, after

    first, halfway = learnt(5)
    assert first == {"backbone", "fusion", "reference"}
    _, after = learnt(10)
    changed = {k for k in after if not torch.equal(after[k], halfway[k])}
    assert any(k.startswith("finetune") for k in changed)


def test_residual_likelihood_learns_and_resumes(fabric, tmp_path):
    how = recipe(6, losses=LossWeights(residual=1.0))
    network, pools = fresh(), [(one_film(), 1.0)]
    train(network, pools, SIZE, how, fabric, checkpoint=tmp_path / "a.pt", every=3)
    assert all(torch.isfinite(p).all() for p in network.parameters())
    again = train(fresh(), pools, SIZE, how, fabric, checkpoint=tmp_path / "a.pt")
    for a, b in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_the_shape_of_errors_is_a_density():
    torch.manual_seed(0)
    shape = ErrorShape()
    axis = torch.linspace(-12, 12, 481)
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), dim=-1)
    with torch.no_grad():
        total = shape(grid).exp().sum() * 0.05**2
    assert float(total) == pytest.approx(1.0, abs=1e-3)


def test_two_processes_draw_the_films_of_one():
    pools = [(one_film(), 1.0)]
    how = Recipe(batch=4)
    whole = draw_batch(pools, SIZE, how, 7, 0, torch.device("cpu"))
    halves = [
        draw_batch(pools, SIZE, replace(how, batch=2), 7, r, whole.truth.device) for r in (0, 1)
    ]
    for name in ("pictures", "truth", "jitter", "extra_starts"):
        parts = torch.cat([getattr(half, name) for half in halves])
        assert torch.equal(torch.nan_to_num(getattr(whole, name)), torch.nan_to_num(parts))
    assert not torch.equal(whole.pictures[0], whole.pictures[1])

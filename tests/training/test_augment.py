"""A varied picture and its points stay together."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cephview.training.appearance import blurred
from cephview.training.augment import NONE, Augmentation, augment

GEOMETRY = Augmentation(wide_share=0, warp=0, appearance=NONE.appearance)
WIDE = Augmentation(wide_share=1, wide_shift=0.05, warp=0, appearance=NONE.appearance)
BENT = Augmentation(wide_share=0, warp=0.008, appearance=NONE.appearance)


def blob(at, size=(160, 200)):
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    grey = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * 4**2))
    return torch.from_numpy(grey).float()


@pytest.mark.parametrize("how", [NONE, GEOMETRY, WIDE, BENT])
@pytest.mark.parametrize("seed", range(5))
def test_points_go_where_the_picture_goes(how, seed):
    at = (70.0, 90.0)
    seen, points = augment(
        blob(at)[None], np.array([[at]]), (128, 160), how, np.random.default_rng(seed)
    )
    weight = (seen[0, 0] * 0.502 + 0.498 - 1e-3).clamp_min(0).double()
    rows, columns = torch.meshgrid(torch.arange(160.0), torch.arange(128.0), indexing="ij")
    found = [float((weight * axis).sum() / weight.sum()) for axis in (columns, rows)]
    # A bent blob is no longer round, so its middle is a little beside where its top went.
    assert found == pytest.approx(points[0, 0].tolist(), abs=0.5 if how is BENT else 0.05)


def test_the_same_seed_gives_the_same_picture():
    grey, at = blob((70, 90))[None], np.array([[(70.0, 90.0)]])
    first = augment(grey, at, (128, 160), Augmentation(), np.random.default_rng(3))
    second = augment(grey, at, (128, 160), Augmentation(), np.random.default_rng(3))
    assert torch.equal(first[0], second[0]) and torch.equal(first[1], second[1])


def test_an_unknown_point_stays_unknown():
    at = np.array([[(np.nan, np.nan)]])
    _, points = augment(
        blob((9, 9))[None], at, (128, 160), Augmentation(), np.random.default_rng(0)
    )
    assert torch.isnan(points).all()


def test_a_warp_moves_points_beside_the_plain_picture():
    grey, at = blob((70, 90))[None], np.array([[(70.0, 90.0)]])
    still = replace(BENT, warp=0.0)
    plain = augment(grey, at, (128, 160), still, np.random.default_rng(3))[1]
    bent = augment(grey, at, (128, 160), BENT, np.random.default_rng(3))[1]
    assert 0.1 < float((plain - bent).norm()) < 20


def test_points_under_a_collimators_edge_are_unknown_and_the_others_stay():
    how = replace(NONE, appearance=replace(NONE.appearance, collimated=1.0, edge=0.4))
    x, y = np.meshgrid(np.arange(2.0, 128, 4), np.arange(2.0, 160, 4))
    at = np.stack([x.ravel(), y.ravel()], axis=-1)[None]
    grey = torch.full((1, 160, 128), 0.7)
    sides = set()
    for seed in range(12):
        seen, points = augment(grey, at, (128, 160), how, np.random.default_rng(seed))
        is_black = seen[0, 0] < -0.99
        known = torch.isfinite(points[0]).all(-1)
        hidden = is_black[at[0, :, 1].astype(int), at[0, :, 0].astype(int)]
        assert torch.equal(known, ~hidden)
        assert torch.allclose(points[0][known], torch.from_numpy(at[0]).float()[known])
        sides.add((bool(is_black[:, 0].all()), bool(is_black[0].all())))
    assert len(sides) > 2


def test_a_blur_keeps_the_mean_and_widens_an_edge():
    step = torch.zeros(1, 1, 9, 60)
    step[..., 30:] = 1.0
    soft = blurred(step, 2.0)
    assert float(soft[0, 0, 4, 20:40].mean()) == pytest.approx(0.5, abs=1e-3)
    assert 0.5 < float(soft[0, 0, 4, 30] / soft[0, 0, 4, 40]) < 0.7

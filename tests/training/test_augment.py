"""A varied picture and its points stay together."""

import numpy as np
import pytest
import torch

from cephview.training.augment import NONE, Augmentation, augment

GEOMETRY = Augmentation(
    log_gamma=0, contrast=0, brightness=0, noise=0, noise_share=0, blur_share=0, covers=0
)


def blob(at, size=(160, 200)):
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    grey = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * 4**2))
    return torch.from_numpy(grey).float()


@pytest.mark.parametrize("how", [NONE, GEOMETRY])
@pytest.mark.parametrize("seed", range(5))
def test_points_go_where_the_picture_goes(how, seed):
    at = (70.0, 90.0)
    seen, points = augment(
        blob(at)[None], np.array([[at]]), (128, 160), how, np.random.default_rng(seed)
    )
    weight = (seen[0, 0] * 0.502 + 0.498 - 1e-3).clamp_min(0).double()
    rows, columns = torch.meshgrid(torch.arange(160.0), torch.arange(128.0), indexing="ij")
    found = [float((weight * axis).sum() / weight.sum()) for axis in (columns, rows)]
    assert found == pytest.approx(points[0, 0].tolist(), abs=0.05)


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

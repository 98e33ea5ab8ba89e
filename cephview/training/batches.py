"""Draw what a step learns from: pictures, points, and where the finetune encoder starts."""

import numpy as np
import torch
from torch import Tensor

from cephview.training.augment import augment
from cephview.training.dataset import Pictures
from cephview.training.recipe import Recipe


def draw_batch(
    pools: list[tuple[Pictures, float]],
    input_size: tuple[int, int],
    recipe: Recipe,
    rng: np.random.Generator,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    shares = np.array([share for _, share in pools])
    chosen = rng.choice(len(pools), size=recipe.batch, p=shares / shares.sum())
    grey, points = [], []
    for pool in chosen:
        pictures = pools[pool][0]
        i = int(rng.integers(len(pictures)))
        grey.append(torch.from_numpy(np.array(pictures.grey[i])))
        points.append(pictures.points[i])
    batch = torch.stack(grey).to(device).float() / 255
    pictures_, truth = augment(batch, np.stack(points), input_size, recipe.augmentation, rng)
    return pictures_.contiguous(memory_format=torch.channels_last), truth


def draw_starts(
    truth: Tensor, input_height: int, recipe: Recipe, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Draw where the finetune encoder starts: off the coarse point, and off the truth.

    The second group matters: without it the encoder sees only the coarse points of films the
    network knows, which are better than those of new films.
    """
    px_per_mm = input_height / 240.0

    def noise(reach_mm: float) -> Tensor:
        drawn = rng.normal(0, reach_mm * px_per_mm, truth.shape)
        return torch.from_numpy(drawn).float().to(truth.device)

    spread = rng.uniform(0, 1, (*truth.shape[:2], 1))
    extra = torch.from_numpy(spread).float().to(truth.device) * noise(recipe.extra_mm)
    middle = torch.nan_to_num(truth, nan=0.0)
    return noise(recipe.jitter_mm), middle + extra

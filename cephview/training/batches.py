"""Draw what a step learns from: pictures, points, and where the finetune encoder starts."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cephview.training.augment import augment
from cephview.training.dataset import Pictures
from cephview.training.recipe import Recipe


@dataclass(frozen=True)
class Batch:
    """What a step learns from.

    pictures: (batch, 1, height, width), normalised; truth: (batch, landmarks, 2), input pixels, NaN
    where unknown; jitter and extra_starts: as DualEncoder.forward takes them.
    """

    pictures: Tensor
    truth: Tensor
    jitter: Tensor
    extra_starts: Tensor


def draw_batch(
    pools: list[tuple[Pictures, float]],
    input_size: tuple[int, int],
    recipe: Recipe,
    step: int,
    rank: int,
    device: torch.device,
) -> Batch:
    """Draw the share of one process, the rank-th, of a step's films.

    Each film of a step has its own seed, so four films in one process are the same four as two in
    each of two.
    """
    drawn = []
    for number in range(rank * recipe.batch, (rank + 1) * recipe.batch):
        rng = np.random.default_rng([recipe.seed, step, number])
        drawn.append(_draw_film(pools, input_size, recipe, rng, device))
    pictures, truth, jitter, extra = (torch.cat(parts) for parts in zip(*drawn, strict=True))
    return Batch(
        pictures.contiguous(memory_format=torch.channels_last),
        truth,
        jitter.to(device),
        extra.to(device),
    )


def _draw_film(
    pools: list[tuple[Pictures, float]],
    input_size: tuple[int, int],
    recipe: Recipe,
    rng: np.random.Generator,
    device: torch.device,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    shares = np.array([share for _, share in pools])
    pictures = pools[int(rng.choice(len(pools), p=shares / shares.sum()))][0]
    i = int(rng.integers(len(pictures)))
    grey = torch.from_numpy(np.array(pictures.grey[i : i + 1])).to(device).float() / 255
    how = recipe.augmentation
    picture, truth = augment(grey, pictures.points[i : i + 1].copy(), input_size, how, rng)
    jitter, extra = draw_starts(truth.cpu().numpy(), input_size[1], recipe, rng)
    return picture, truth, torch.from_numpy(jitter).float(), torch.from_numpy(extra).float()


def draw_starts(
    truth: NDArray[np.float32], input_height: int, recipe: Recipe, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw where the finetune encoder starts: off the coarse point, and off the truth; input px.

    The second group matters: without it the encoder sees only the coarse points of films the
    network knows, which are better than those of new films.
    """
    px_per_mm = input_height / 240.0
    jitter = rng.normal(0, recipe.jitter_mm * px_per_mm, truth.shape)
    reach = rng.uniform(0, 1, (*truth.shape[:2], 1)) * recipe.extra_mm * px_per_mm
    extra = np.nan_to_num(truth, nan=0.0) + reach * rng.normal(0, 1, truth.shape)
    return jitter, extra

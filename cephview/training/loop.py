"""The training loop, from top to bottom."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from cephview.network.model import DualEncoder
from cephview.training import Stopped
from cephview.training.batches import draw_batch, draw_starts
from cephview.training.checkpoint import resume, save_checkpoint
from cephview.training.dataset import Pictures
from cephview.training.losses import LossWeights, total_loss
from cephview.training.recipe import Recipe


@dataclass(frozen=True)
class Step:
    """What one step tells: its number, the loss (smoothed) and the seconds that are left."""

    number: int
    steps: int
    loss: float
    seconds_left: float


def train(
    network: DualEncoder,
    pools: list[tuple[Pictures, float]],
    input_size: tuple[int, int],
    recipe: Recipe,
    fabric: Fabric,
    *,
    checkpoint: Path | None = None,
    every: int = 100,
    on_check: Callable[[DualEncoder, int], None] = lambda network, step: None,
    on_step: Callable[[Step], None] = lambda step: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> DualEncoder:
    """Train the network in place, and leave it with the averaged weights.

    pools: pictures and the share of a batch that is drawn from them. recipe.batch is of one
    process; several processes make a larger batch. Every `every` steps the averaged network is
    shown to on_check and, with a checkpoint path, everything needed to go on is written there; a
    checkpoint that exists is resumed, and gives the numbers an unbroken run would have given.
    Raises Stopped.
    """
    learning = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(_groups(network, recipe), betas=(0.9, 0.98))
    base_rates = [group["lr"] for group in optimizer.param_groups]
    model, optimizer = fabric.setup(network, optimizer)
    average = [p.detach().clone() for p in learning]
    first = resume(fabric, checkpoint, network, optimizer, average)
    smoothed: float | None = None
    started = time.monotonic()
    network.train()
    for step in range(first, recipe.steps):
        if should_stop():
            raise Stopped
        for group, rate in zip(optimizer.param_groups, base_rates, strict=True):
            group["lr"] = rate * _rate(step, recipe)
        rng = np.random.default_rng([recipe.seed, step, fabric.global_rank])
        pictures, truth = draw_batch(pools, input_size, recipe, rng, fabric.device)
        jitter, extra = draw_starts(truth, input_size[1], recipe, rng)
        points = model(pictures, jitter, extra)
        losses = _losses_at(step, recipe)
        loss, _ = total_loss(points, truth, input_size[1], losses)
        optimizer.zero_grad(set_to_none=True)
        fabric.backward(loss)
        fabric.clip_gradients(model, optimizer, max_norm=recipe.clip, error_if_nonfinite=False)
        optimizer.step()
        keep = min(recipe.average, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [p.detach() for p in learning], 1 - keep)
        value = float(loss.detach())
        smoothed = value if smoothed is None else 0.95 * smoothed + 0.05 * value
        done = step + 1
        pace = (time.monotonic() - started) / (done - first)
        on_step(Step(done, recipe.steps, smoothed, pace * (recipe.steps - done)))
        if done % every == 0 or done == recipe.steps:
            if checkpoint is not None:
                save_checkpoint(fabric, checkpoint, network, optimizer, average, done)
            with _averaged(learning, average), _evaluating(network):
                on_check(network, done)
    with torch.no_grad():
        for parameter, value_ in zip(learning, average, strict=True):
            parameter.copy_(value_)
    return network.eval()


def _groups(network: DualEncoder, recipe: Recipe) -> list[dict[str, object]]:
    """Trunk and heads learn at their own rates; only matrices decay."""
    groups: list[dict[str, object]] = []
    for is_trunk, rate in ((True, recipe.trunk_rate), (False, recipe.head_rate)):
        named = [
            (name, p)
            for name, p in network.named_parameters()
            if p.requires_grad and name.startswith("backbone") == is_trunk
        ]
        for is_matrix in (True, False):
            chosen = [p for _, p in named if (p.ndim > 1) == is_matrix]
            if chosen:
                decay = recipe.weight_decay if is_matrix else 0.0
                groups.append({"params": chosen, "lr": rate, "weight_decay": decay})
    return groups


def _rate(step: int, recipe: Recipe) -> float:
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


def _losses_at(step: int, recipe: Recipe) -> LossWeights:
    start = recipe.losses.attention
    now = start + (recipe.attention_end - start) * step / max(1, recipe.steps - 1)
    return replace(recipe.losses, attention=now)


@contextmanager
def _averaged(learning: list[torch.nn.Parameter], average: list[Tensor]) -> Iterator[None]:
    kept = [p.detach().clone() for p in learning]
    with torch.no_grad():
        for parameter, value in zip(learning, average, strict=True):
            parameter.copy_(value)
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, value in zip(learning, kept, strict=True):
                parameter.copy_(value)


@contextmanager
def _evaluating(network: DualEncoder) -> Iterator[None]:
    network.eval()
    try:
        yield
    finally:
        network.train()

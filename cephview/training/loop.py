"""The training loop, from top to bottom."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from cephview.network.model import DualEncoder
from cephview.training import Stopped
from cephview.training.batches import draw_batch
from cephview.training.checkpoint import resume, save_checkpoint
from cephview.training.dataset import Pictures
from cephview.training.likelihood import ErrorShape
from cephview.training.losses import LossWeights, total_loss
from cephview.training.recipe import Recipe


@dataclass(frozen=True)
class Step:
    """What one step tells: its number, the loss (smoothed), the seconds that are left, and how
    many films a second all processes together learn from."""

    number: int
    steps: int
    loss: float
    seconds_left: float
    films_per_second: float


def train(
    network: DualEncoder,
    pools: list[tuple[Pictures, float]],
    input_size: tuple[int, int],
    recipe: Recipe,
    fabric: Fabric,
    *,
    checkpoint: Path | None = None,
    every: int = 100,
    keep_every: int | None = None,
    on_check: Callable[[DualEncoder, int], None] = lambda network, step: None,
    on_step: Callable[[Step], None] = lambda step: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> DualEncoder:
    """Train the network in place, and leave it with the averaged weights.

    pools: pictures and the share of a batch that is drawn from them. recipe.batch is of one
    process; several processes make a larger batch. Every `every` steps the averaged network is
    shown to on_check. With a checkpoint path, everything needed to go on is written there then, and
    every keep_every steps; a checkpoint that exists is resumed, and gives the numbers an unbroken
    run would have given.
    Raises Stopped.
    """
    learning = [p for p in network.parameters() if p.requires_grad]
    shape = ErrorShape().to(fabric.device) if recipe.losses.residual else None
    groups = _groups(network, recipe)
    if shape is not None:
        groups.append({"params": list(shape.parameters()), "lr": recipe.head_rate, "part": "shape"})
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    base_rates = [group["lr"] for group in optimizer.param_groups]
    model, optimizer = fabric.setup(network, optimizer)
    average = [p.detach().clone() for p in learning]
    modules: dict[str, nn.Module] = {"network": network}
    if shape is not None:
        modules["shape"] = shape
    first = resume(fabric, checkpoint, modules, optimizer, average)
    smoothed: float | None = None
    started = time.monotonic()
    network.train()
    for step in range(first, recipe.steps):
        if should_stop():
            raise Stopped
        for group, rate in zip(optimizer.param_groups, base_rates, strict=True):
            group["lr"] = rate * _rate(step, recipe) * _is_learning(group["part"], step, recipe)
        batch = draw_batch(pools, input_size, recipe, step, fabric.global_rank, fabric.device)
        points = model(batch.pictures, batch.jitter, batch.extra_starts)
        losses = _losses_at(step, recipe)
        loss, _ = total_loss(points, batch.truth, input_size[1], losses, shape)
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
        throughput = recipe.batch * fabric.world_size / pace
        on_step(Step(done, recipe.steps, smoothed, pace * (recipe.steps - done), throughput))
        is_check = done % every == 0 or done == recipe.steps
        if checkpoint is not None and (is_check or (keep_every and done % keep_every == 0)):
            save_checkpoint(fabric, checkpoint, modules, optimizer, average, done)
        if is_check:
            with _averaged(learning, average), _evaluating(network):
                on_check(network, done)
    with torch.no_grad():
        for parameter, value_ in zip(learning, average, strict=True):
            parameter.copy_(value_)
    return network.eval()


def _groups(network: DualEncoder, recipe: Recipe) -> list[dict[str, object]]:
    """Trunk and heads learn at their own rates; only matrices decay."""
    groups: list[dict[str, object]] = []
    rates = {"trunk": recipe.trunk_rate, "coarse": recipe.head_rate, "fine": recipe.head_rate}
    for part, rate in rates.items():
        for is_matrix in (True, False):
            chosen = [
                p
                for name, p in network.named_parameters()
                if p.requires_grad and _part(name) == part and (p.ndim > 1) == is_matrix
            ]
            if chosen:
                decay = recipe.weight_decay if is_matrix else 0.0
                groups.append({"params": chosen, "lr": rate, "weight_decay": decay, "part": part})
    return groups


def _part(name: str) -> str:
    """Say what a parameter belongs to: the trunk, or what leads to the coarse or refined points."""
    if name.startswith("backbone"):
        return "trunk"
    fine = ("finetune.", "fusion.lateral8", "fusion.lateral4", "fusion.narrow", "fusion.smooth4")
    return "fine" if name.startswith(fine) else "coarse"


def _is_learning(part: str, step: int, recipe: Recipe) -> bool:
    if not recipe.is_stagewise or part == "shape":
        return True
    return (part == "fine") == (step >= recipe.steps // 2)


def _rate(step: int, recipe: Recipe) -> float:
    steps = recipe.steps
    if recipe.is_stagewise:
        half = steps // 2
        steps, step = (half, step) if step < half else (steps - half, step - half)
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, steps - recipe.warm_up)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


def _losses_at(step: int, recipe: Recipe) -> LossWeights:
    start = recipe.losses.attention
    now = start + (recipe.attention_end - start) * step / max(1, recipe.steps - 1)
    is_coarse_only = recipe.is_stagewise and step < recipe.steps // 2
    return replace(recipe.losses, attention=now, fine=0.0 if is_coarse_only else recipe.losses.fine)


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

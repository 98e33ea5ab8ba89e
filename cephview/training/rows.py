"""Teach a landmark to rows of its own, one for each part of the films that is left out.

A row that never saw some patients says where it would have their points: so learning is judged. All
rows learn side by side from the same pictures, since rows do not hear one another; the last one
learns from all films, and is the one to keep.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from cephview.network.added import AddedLandmarks
from cephview.network.model import DualEncoder
from cephview.training import Stopped
from cephview.training.losses import UNITS_PER_HEIGHT, LossWeights, layer_loss
from cephview.training.relation import relation_of
from cephview.training.shown import Shown

FOLDS = 5
STEPS = 300
BATCH = 8
RATE = 1e-2
WARM_UP = 20
AVERAGE = 0.98
# The mean of so many queries, of the nearest landmarks, is what a new one begins with.
NEAREST = 3
# Looking begins off the expected place, and off the truth, as in batches.draw_starts.
JITTER_MM = 1.5
EXTRA_MM = 6.0
ATTENTION_END = 0.02
_FINE_SIGMA_PX = 4.0
_FINE_REACH_PX = 2.0

# The number of steps done, their loss, and the seconds that are left.
Tell = Callable[[int, float, float], None]


def folds_of(groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return the part of each film, whole groups (patients) in one; at most FOLDS parts."""
    names = sorted(set(groups))
    np.random.default_rng(seed).shuffle(names)
    part = {name: i % min(FOLDS, len(names)) for i, name in enumerate(names)}
    return np.array([part[group] for group in groups])


def learn_rows(
    network: DualEncoder,
    shown: Shown,
    new: int,
    folds: NDArray[np.int64],
    seed: int,
    tell: Tell = lambda step, loss, seconds: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> AddedLandmarks:
    """Teach one of the new landmarks of the pictures.

    folds: the part of each film, -1 for films without a place of the landmark. Returns a row a part
    that was left out, in order, and then the row of all films. The network stays as it is. Raises
    Stopped.
    """
    parts = int(folds.max()) + 1
    added = _begun(network, shown, new, folds, parts)
    device = shown.cells.device
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    known = torch.isfinite(shown.truth[:, new]).all(-1).cpu().numpy()
    pool = np.flatnonzero(known & (folds[shown.film] >= 0))
    part_of = torch.from_numpy(folds[shown.film]).to(device)
    # The row of all films leaves out a part that there is none of.
    left_out = torch.arange(parts + 1, device=device)
    learning = list(added.parameters())
    average = [p.detach().clone() for p in learning]
    optimizer = torch.optim.AdamW(learning, lr=RATE, betas=(0.9, 0.98), weight_decay=0.0)
    px_per_mm = shown.size[1] / UNITS_PER_HEIGHT
    started = time.monotonic()
    for step in range(STEPS):
        if should_stop():
            raise Stopped
        optimizer.param_groups[0]["lr"] = RATE * _rate(step)
        chosen = rng.choice(pool, BATCH)
        fine, said = shown.look(chosen, new)
        rows = torch.as_tensor(chosen, device=device)
        truth = shown.truth[rows, new][:, None].expand(-1, parts + 1, -1)
        learns = part_of[rows][:, None] != left_out
        noise = torch.randn(2, *truth.shape, generator=generator).to(device)
        reach = torch.rand(*truth.shape[:2], 1, generator=generator).to(device)
        begins = added.expected(shown.own[rows]) + JITTER_MM * px_per_mm * noise[0]
        off = truth + EXTRA_MM * px_per_mm * reach * noise[1]
        readings = added.fine(network.finetune, fine, said, torch.cat([begins, off]))
        weights = replace(LossWeights(), attention=_attention(step))
        shares = [weights.early] * (len(readings) - 1) + [1.0]
        loss = torch.stack([
            share * layer_loss(
                reading, truth.repeat(2, 1, 1), learns.repeat(2, 1),
                UNITS_PER_HEIGHT / shown.size[1], weights, None, _FINE_SIGMA_PX, _FINE_REACH_PX,
            )
            for share, reading in zip(shares, readings, strict=True)
        ]).sum()  # fmt: skip
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        keep = min(AVERAGE, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [p.detach() for p in learning], 1 - keep)
        pace = (time.monotonic() - started) / (step + 1)
        tell(step + 1, float(loss.detach()), pace * (STEPS - step - 1))
    with torch.no_grad():
        for parameter, value in zip(learning, average, strict=True):
            parameter.copy_(value)
    return added


def _begun(
    network: DualEncoder, shown: Shown, new: int, folds: NDArray[np.int64], parts: int
) -> AddedLandmarks:
    """Return rows that know where the landmark is expected, and nothing else yet."""
    plain = shown.is_plain & torch.isfinite(shown.truth[:, new]).all(-1).cpu().numpy()
    own = shown.own.double().cpu().numpy()
    truth = shown.truth[:, new].double().cpu().numpy()
    part = folds[shown.film]
    relations, scales = [], []
    for left_out in range(parts + 1):
        rows = plain & (part >= 0) & (part != left_out)
        relation = relation_of(own[rows], truth[rows])
        relations.append(torch.view_as_real(torch.from_numpy(relation)))
        away = np.abs((own[rows] @ (1, 1j)) @ relation - truth[rows] @ (1, 1j))
        # Of the length of an error along both axes, as of the Laplace scale of either.
        scales.append(math.log(max(float(away.mean()) / 2, 1.0)))
    distance = np.linalg.norm(own[plain] - truth[plain][:, None], axis=-1).mean(0)
    nearest = torch.as_tensor(np.argsort(distance)[:NEAREST].copy())
    added = AddedLandmarks(network.config, network.own, parts + 1)
    with torch.no_grad():
        added.relation.copy_(torch.stack(relations))
        added.log_scale.copy_(torch.tensor(scales))
        added.queries.copy_(network.reference.queries[nearest].mean(0).cpu())
    return added.to(shown.cells.device)


def _rate(step: int) -> float:
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / STEPS))


def _attention(step: int) -> float:
    start = LossWeights().attention
    return start + (ATTENTION_END - start) * step / STEPS

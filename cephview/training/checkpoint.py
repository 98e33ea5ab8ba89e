"""A run's state on disk, so that a killed run goes on to the same numbers."""

import json
import os
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn


def save_checkpoint(
    fabric: Fabric,
    path: Path,
    modules: dict[str, nn.Module],
    optimizer: object,
    average: list[Tensor],
    step: int,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    state = {
        **{name: module.state_dict() for name, module in modules.items()},
        "optimizer": optimizer.state_dict(),  # type: ignore[attr-defined]
        "average": average,
        "step": step,
    }
    if fabric.is_global_zero:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    fabric.barrier()


def resume(
    fabric: Fabric,
    path: Path | None,
    modules: dict[str, nn.Module],
    optimizer: object,
    average: list[Tensor],
) -> int:
    if path is None or not path.is_file():
        return 0
    state = torch.load(path, map_location=fabric.device, weights_only=True)
    for name, module in modules.items():
        module.load_state_dict(state[name])
    optimizer.load_state_dict(state["optimizer"])  # type: ignore[attr-defined]
    for mine, kept in zip(average, state["average"], strict=True):
        mine.copy_(kept)
    return int(state["step"])


def append_log(path: Path, entry: dict[str, object]) -> None:
    """Add one JSON line to a log of the run."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")

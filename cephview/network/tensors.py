"""Tensors of a file that nobody vouches for, checked against what a network needs."""

import json
import math
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from cephview.core.head import PLACES
from cephview.core.model_info import ModelInfo
from cephview.network.model import DualEncoder

MAX_HEADER = 1024 * 1024
_KINDS = {"F16", "BF16", "F32"}
# Of a landmark whose usual place is so far from where the average head has it, in sizes of a head
# (root mean square distance from the middle), and so much nearer to another's, the name is wrong.
# Those of a network that was trained on films lie within 0.05.
FAR = 0.1
NEARER = 4.0
# Fewer do not say how a head lies.
FEWEST = 6

Shapes = dict[str, tuple[int, ...]]


def shapes_of(network: DualEncoder) -> Shapes:
    """Return the shape of every tensor of a network."""
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def header(content: bytes) -> dict[str, Any]:
    """Return the header of a safetensors file. Raises ValueError."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(MAX_HEADER, len(content) - 8):
        raise ValueError("its header is not whole, or larger than any")
    try:
        found = json.loads(content[8 : 8 + length])
    except (ValueError, RecursionError):
        raise ValueError("its header is not whole") from None
    if not isinstance(found, dict):
        raise ValueError("its header is not whole")
    return found


def metadata(content: bytes) -> dict[str, str]:
    """Return the free text of a safetensors file. Raises ValueError."""
    found = header(content).get("__metadata__", {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise ValueError("its header is not whole")
    return found


def check_tensors(content: bytes, needed: Mapping[str, tuple[int, ...]], beside: str) -> None:
    """Raise ValueError unless the header of a file tells of the tensors that a network needs.

    needed: their shapes. There may be others whose names begin with beside, and no more.
    """
    shapes: Shapes = {}
    for name, entry in header(content).items():
        if name == "__metadata__":
            continue
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError("its header is not whole")
        if str(entry.get("dtype")) not in _KINDS or math.prod(shape) * 2 > len(content):
            raise ValueError("it holds numbers of another kind, or fewer than its header says")
        shapes[name] = tuple(shape)
    ours = {name: shape for name, shape in shapes.items() if not name.startswith(beside)}
    if missing := set(needed) ^ set(ours):
        raise ValueError(f"it lacks tensors of the network, or holds others ({len(missing)})")
    if wrong := sum(shape != tuple(needed[name]) for name, shape in ours.items()):
        raise ValueError(f"{wrong} of its tensors are of other sizes than the network's")


def load_finite(content: bytes) -> dict[str, Tensor]:
    """Return all tensors of a file as float32, each a copy. Raises ValueError."""
    try:
        found = {k: v.to(torch.float32, copy=True) for k, v in load(content).items()}
    except (SafetensorError, RuntimeError, OverflowError, KeyError) as error:
        raise ValueError("its tensors cannot be read") from error
    for tensor in found.values():
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError("it holds weights that are no numbers")
    return found


def check_places(info: ModelInfo, mean_uv: Tensor) -> None:
    """Raise ValueError where a landmark usually lies where the average head has another one.

    mean_uv: (landmarks, 2), where those the network was trained with lie, normalised input
    coordinates. Which way the head faces and lies on the films is not asked.
    """
    names = [i for i in info.landmarks[: len(mean_uv)] if i in PLACES]
    rows = [info.landmarks.index(i) for i in names]
    shares = torch.tensor([info.convention.get(i, (0.0, 0.0)) for i in names], dtype=torch.float64)
    if len(names) < FEWEST:
        return
    size = torch.tensor(info.input_size, dtype=torch.float64)
    usual = mean_uv.double()[rows] * size
    if float(usual.std(dim=0).min()) < 0.01 * float(size.max()):
        return
    usual = usual + shares * size[1]
    known = torch.tensor([PLACES[i] for i in names], dtype=torch.float64)
    away = min((_distances(usual * flip, known) for flip in _FLIPS), key=_worst)
    own = away.diagonal()
    nearest, which = away.min(dim=1)
    for i, name in enumerate(names):
        if float(own[i]) > FAR and float(own[i]) > NEARER * float(nearest[i]):
            raise ValueError(f"what it calls {name} lies where {names[int(which[i])]} is on a head")


_FLIPS = (torch.tensor([1.0, 1.0]), torch.tensor([-1.0, 1.0]))


def _worst(away: Tensor) -> float:
    return float(away.diagonal().square().sum())


def _distances(usual: Tensor, known: Tensor) -> Tensor:
    """Return how far each usual place is from each known one, (n, n), in sizes of the head.

    The usual ones are moved, turned and scaled onto the known ones by least squares.
    """
    z, w = (
        torch.view_as_complex((p - p.mean(dim=0)).contiguous().double()) for p in (usual, known)
    )
    z = z * ((z.conj() * w).sum() / z.abs().square().sum())
    return (z[:, None] - w[None]).abs() / w.abs().square().mean().sqrt()

"""Model folders: model.safetensors beside model.toml, loaded only if they belong together."""

import hashlib
import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import tomli_w
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from cephview.core.model_info import ModelInfo
from cephview.formats.errors import printable
from cephview.formats.model_toml import (
    DIGEST,
    bytes_of,
    description_sha256,
    parse_model_toml,
    read_model_toml,
)
from cephview.network.config import NetworkConfig
from cephview.network.likeness import LikenessModel
from cephview.network.model import DualEncoder

# The statistics of likeness lie in the weights' file under names that begin so.
LIKENESS = "likeness."
WEIGHTS = "model.safetensors"
MOST_BYTES = 1024**3
_LONGEST_HEADER = 10_000_000


class ModelError(Exception):
    """A model folder that cannot be used, in one sentence."""


def load_model(folder: Path) -> tuple[DualEncoder, ModelInfo]:
    """Read a model folder. Raises ModelError unless the weights are the ones model.toml names.

    There is no fallback: other or random weights would place points that look real.
    """
    info = read_info(folder)
    path = folder / WEIGHTS
    try:
        content = bytes_of(path, MOST_BYTES)
    except ValueError as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}.") from error
    if hashlib.sha256(content).hexdigest() != info.sha256:
        raise ModelError(
            f"{path} is not the file that its model.toml describes (its SHA-256 differs); "
            "reinstall the model."
        )
    if _metadata(content).get("convention", "") != _convention_text(info):
        raise ModelError(
            f"{folder / 'model.toml'} names another convention than the weights were saved with; "
            "reinstall the model."
        )
    try:
        config = NetworkConfig.from_dict(info.network)
        _check_sizes(content, config, len(info.landmarks))
        network = DualEncoder(config, len(info.landmarks))
        tensors = load_tensors(content)
        state = {k: v.float() for k, v in tensors.items() if not k.startswith(LIKENESS)}
        if not all(bool(torch.isfinite(v).all()) for v in tensors.values()):
            raise ValueError("some of its weights are no numbers")
        network.load_state_dict(state)
    except (SafetensorError, RuntimeError, ValueError, TypeError, KeyError) as error:
        first_line = printable(str(error).splitlines()[0])[:160] if str(error) else "no reason"
        raise ModelError(
            f"{folder} does not fit this version of the program ({first_line}); "
            "install another model."
        ) from error
    return network.eval().to(memory_format=torch.channels_last), info


def _check_sizes(content: bytes, config: NetworkConfig, landmarks: int) -> None:
    """Hold the shapes in the header of a weights' file against the network they are for.

    Before anything of that size is made. Raises ValueError.
    """
    with torch.device("meta"):
        wanted = {k: tuple(v.shape) for k, v in DualEncoder(config, landmarks).state_dict().items()}
    header = _header(content)
    found = {
        name: tuple(told.get("shape", ()))
        for name, told in header.items()
        if name != "__metadata__" and not name.startswith(LIKENESS) and isinstance(told, dict)
    }
    if found != wanted:
        odd = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
        raise ValueError(f"its weights are not those of its network, {odd[0]} first of all")


def load_likeness(folder: Path) -> LikenessModel | None:
    """Read the statistics of likeness of a model folder, None where it has none.

    For a folder that load_model has found to be whole. Raises ModelError.
    """
    path = folder / "model.safetensors"
    try:
        with safe_open(path, framework="pt") as file:
            kept = [name for name in file.keys() if name.startswith(LIKENESS)]  # noqa: SIM118
            tensors = {name.removeprefix(LIKENESS): file.get_tensor(name) for name in kept}
        return LikenessModel.from_tensors(tensors) if tensors else None
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(
            f"{path} has no usable statistics of likeness ({error}); install another model."
        ) from error


def read_info(folder: Path) -> ModelInfo:
    """Read model.toml of a folder. Raises ModelError."""
    try:
        return read_model_toml(folder)
    except ValueError as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}.") from error


def save_model(
    folder: Path, network: DualEncoder, info: ModelInfo, likeness: LikenessModel | None = None
) -> ModelInfo:
    """Write a model folder, the weights in fp16, and return the info with their digest.

    The folder may exist but must not hold a model: model folders never change. Raises ModelError.
    """
    if (folder / "model.toml").exists():
        raise ModelError(f"{folder} already holds a model; choose another folder.")
    state = {k: v.detach().cpu().half().contiguous() for k, v in network.state_dict().items()}
    if likeness is not None:
        state |= {LIKENESS + k: v.contiguous() for k, v in likeness.to_tensors().items()}
    # In the weights' file, too, so that two models that differ by their convention alone have
    # different digests: a point is known by the digest of the model that placed it.
    text = _convention_text(info)
    content = save_tensors(state, metadata={"convention": text} if text else None)
    network_table = network.config.to_dict()
    complete = replace(info, sha256=hashlib.sha256(content).hexdigest(), network=network_table)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "model.safetensors", content)
        _write(folder / "model.toml", _described(complete))
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {folder} ({error.strerror}); choose another folder."
        ) from error
    return complete


def _described(info: ModelInfo) -> bytes:
    """Return the bytes of model.toml, with the digest of what decides where points come to lie."""
    table = _table(info)
    # Of what is read back, where a whole number may stand for a fraction.
    told = parse_model_toml(tomli_w.dumps(table).encode())
    return tomli_w.dumps({DIGEST: description_sha256(told)} | table).encode()


def _table(info: ModelInfo) -> dict[str, object]:
    table = asdict(info)
    table["landmarks"] = list(info.landmarks)
    table["input_size"] = list(info.input_size)
    table["convention"] = {landmark: list(xy) for landmark, xy in info.convention.items()}
    if not info.added_sets:
        # So that an earlier version of the program reads it, too.
        del table["added_sets"]
    return table


def _convention_text(info: ModelInfo) -> str:
    shifted = {landmark: list(xy) for landmark, xy in info.convention.items() if any(xy)}
    return json.dumps(shifted, sort_keys=True) if shifted else ""


def _metadata(content: bytes) -> dict[str, str]:
    """Return the free text of a safetensors file."""
    told = _header(content).get("__metadata__")
    return told if isinstance(told, dict) else {}


def _header(content: bytes) -> dict[str, Any]:
    """Return the header of a safetensors file: a length, then JSON. Empty where it is neither."""
    length = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + min(length, _LONGEST_HEADER)])
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

"""Model folders: model.safetensors beside model.toml, loaded only if they belong together."""

import hashlib
import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import tomli_w
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from cephview.core.model_info import ModelInfo
from cephview.network.config import NetworkConfig
from cephview.network.likeness import LikenessModel
from cephview.network.model import DualEncoder

# The statistics of likeness lie in the weights' file under names that begin so.
LIKENESS = "likeness."


class ModelError(Exception):
    """A model folder that cannot be used, in one sentence."""


def load_model(folder: Path) -> tuple[DualEncoder, ModelInfo]:
    """Read a model folder. Raises ModelError unless the weights are the ones model.toml names.

    There is no fallback: other or random weights would place points that look real.
    """
    info = read_info(folder)
    path = folder / "model.safetensors"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); reinstall the model."
        ) from error
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
        network = DualEncoder(config, len(info.landmarks))
        tensors = load_tensors(content)
        state = {k: v.float() for k, v in tensors.items() if not k.startswith(LIKENESS)}
        network.load_state_dict(state)
    except (SafetensorError, RuntimeError, ValueError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelError(
            f"{folder} does not fit this version of the program ({first_line}); "
            "install another model."
        ) from error
    return network.eval().to(memory_format=torch.channels_last), info


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
    path = folder / "model.toml"
    try:
        return ModelInfo.from_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} is not a model: it has no model.toml.") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); reinstall the model.") from error


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
        _write(folder / "model.toml", tomli_w.dumps(_table(complete)).encode())
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {folder} ({error.strerror}); choose another folder."
        ) from error
    return complete


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
    """Return the free text of a safetensors file: a length, then a header in JSON."""
    try:
        length = int.from_bytes(content[:8], "little")
        return dict(json.loads(content[8 : 8 + length]).get("__metadata__", {}))
    except ValueError:
        return {}


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

"""Model folders: model.safetensors beside model.toml, loaded only if they belong together."""

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import tomli_w
import torch
from safetensors.torch import save as save_tensors
from torch import Tensor

from cephview.core.model_info import ModelInfo
from cephview.formats import FormatError
from cephview.formats.atomic import write_atomically
from cephview.formats.model_folder import (
    DESCRIPTION,
    WEIGHTS,
    ModelError,
    read_description_digest,
    read_info,
    read_within,
)
from cephview.formats.model_schema import description_digest, read_description
from cephview.network.config import NetworkConfig
from cephview.network.likeness import LikenessModel
from cephview.network.model import DualEncoder
from cephview.network.tensors import (
    MAX_HEADER,
    check_places,
    check_tensors,
    load_finite,
    metadata,
    shapes_of,
)
from cephview.network.uncertainty import Ellipses

__all__ = [
    "ModelError",
    "WholeModel",
    "load_likeness",
    "load_model",
    "load_whole",
    "read_info",
    "save_model",
]

# The statistics of likeness lie in the weights' file under names that begin so.
LIKENESS = "likeness."
_MAX_LIKENESS = 64 * 1024 * 1024


@dataclass(frozen=True)
class WholeModel:
    """What a folder holds, once its parts were proved to belong together.

    is_described: a digest covers what model.toml says; of models of earlier releases only the
    weights, the convention and the names of the landmarks could be checked.
    """

    info: ModelInfo
    network: DualEncoder
    likeness: LikenessModel | None
    is_described: bool


def load_model(folder: Path) -> tuple[DualEncoder, ModelInfo]:
    """Return the network of a model folder and what is said of it, as load_whole."""
    whole = load_whole(folder)
    return whole.network, whole.info


def load_likeness(folder: Path) -> LikenessModel | None:
    """Return the statistics of likeness of a model folder, None without any, as load_whole."""
    return load_whole(folder).likeness


def load_whole(folder: Path) -> WholeModel:
    """Read a model folder. Raises ModelError unless the weights are the ones model.toml names.

    There is no fallback: other or random weights would place points that look real.
    """
    info = read_info(folder)
    path = folder / WEIGHTS
    try:
        network = DualEncoder(NetworkConfig.from_dict(info.network), len(info.landmarks))
        needed = shapes_of(network)
        if info.calibration.get("ellipses"):
            Ellipses.from_table(info.calibration["ellipses"], info.landmarks)
    except (RuntimeError, ValueError) as error:
        raise _unfit(folder, error) from error
    weights = sum(4 * math.prod(shape) for shape in needed.values())
    content = read_within(path, 8 + MAX_HEADER + weights + _MAX_LIKENESS)
    if hashlib.sha256(content).hexdigest() != info.sha256:
        raise ModelError(
            f"{path} is not the file that its model.toml describes (its SHA-256 differs); "
            "reinstall the model."
        )
    try:
        kept = metadata(content)
        proofs = {kept.get("description", ""), info.description_sha256} - {""}
        if kept.get("convention", "") != _convention_text(info):
            raise ModelError(
                f"{folder / DESCRIPTION} names another convention than the weights were saved "
                "with; reinstall the model."
            )
        if proofs and proofs != {read_description_digest(folder)}:
            raise ModelError(
                f"{folder / DESCRIPTION} is not the description that the weights were saved with; "
                "reinstall the model."
            )
        check_tensors(content, needed, LIKENESS)
        tensors = load_finite(content)
        state = {k: v for k, v in tensors.items() if not k.startswith(LIKENESS)}
        check_places(info, state["reference.mean_uv"])
        network.load_state_dict(state)
        likeness = _likeness(tensors, network)
    except (RuntimeError, ValueError) as error:
        raise _unfit(folder, error) from error
    network = network.eval().to(memory_format=torch.channels_last)
    return WholeModel(info, network, likeness, bool(proofs))


def _likeness(tensors: Mapping[str, Tensor], network: DualEncoder) -> LikenessModel | None:
    kept = {k.removeprefix(LIKENESS): v for k, v in tensors.items() if k.startswith(LIKENESS)}
    if not kept:
        return None
    found = LikenessModel.from_tensors(kept)
    found.check(network.backbone.channels, network.own)
    return found


def _unfit(folder: Path, error: Exception) -> ModelError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return ModelError(
        f"{folder} does not fit this version of the program ({reason}); install another model."
    )


def save_model(
    folder: Path, network: DualEncoder, info: ModelInfo, likeness: LikenessModel | None = None
) -> ModelInfo:
    """Write a model folder, the weights in fp16, and return the info with their digest.

    The folder may exist but must not hold a model: model folders never change. Raises ModelError.
    """
    if (folder / "model.toml").exists():
        raise ModelError(f"{folder} already holds a model; choose another folder.")
    state = {k: v.detach().cpu().half().contiguous() for k, v in network.state_dict().items()}
    if not all(bool(torch.isfinite(v).all()) for v in state.values()):
        raise ModelError(f"the model for {folder} has weights that are no numbers; train it anew.")
    if likeness is not None:
        state |= {LIKENESS + k: v.contiguous() for k, v in likeness.to_tensors().items()}
    table = _table(replace(info, network=network.config.to_dict()))
    # In the weights' file, too, so that two models that differ by their convention or by what else
    # their descriptions say have different digests: a point is known by that of its model.
    kept = {"description": description_digest(table)}
    if text := _convention_text(info):
        kept["convention"] = text
    content = _in_order(save_tensors(state, metadata=kept))
    text = tomli_w.dumps({**table, "sha256": hashlib.sha256(content).hexdigest()})
    try:
        complete = read_description(text)
    except ValueError as error:
        raise ModelError(f"the model cannot be written to {folder}: {error}.") from error
    _write(folder, content, text)
    return complete


def _in_order(content: bytes) -> bytes:
    """Return a safetensors file with its free texts in the order of their names.

    They come in any order, by chance, and the same model would have another digest each time.
    """
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    # Filled up with spaces, as the format wants it for the numbers that follow to be aligned.
    text = text.ljust(-(-len(text) // 8) * 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def _write(folder: Path, content: bytes, text: str) -> None:
    """Write both files, or leave neither."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / WEIGHTS, content)
        write_atomically(folder / DESCRIPTION, text.encode())
    except (OSError, FormatError) as error:
        with suppress(OSError):
            (folder / WEIGHTS).unlink()
        raise ModelError(
            f"the model cannot be written to {folder}; choose another folder ({_reason(error)})."
        ) from error


def _reason(error: OSError | FormatError) -> str:
    return (error.strerror or "no reason given") if isinstance(error, OSError) else str(error)


def _table(info: ModelInfo) -> dict[str, object]:
    """Return what model.toml is to hold, as it is once read, without the weights' digest."""
    table = asdict(info)
    del table["sha256"], table["description_sha256"]
    table["metrics"] = {k: v for k, v in info.metrics.items() if math.isfinite(v)}
    if not info.added_sets:
        # So that an earlier version of the program reads it, too.
        del table["added_sets"]
    return tomllib.loads(tomli_w.dumps(table))


def _convention_text(info: ModelInfo) -> str:
    shifted = {landmark: list(xy) for landmark, xy in info.convention.items() if any(xy)}
    return json.dumps(shifted, sort_keys=True) if shifted else ""

"""A model's folder as it lies on disk, read within bounds and without its weights."""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cephview.core.model_info import ModelInfo
from cephview.core.unfinished import FILE as UNFINISHED
from cephview.core.unfinished import UNDECIDED
from cephview.formats.errors import printable
from cephview.formats.model_schema import digest_of_text, read_description

DESCRIPTION = "model.toml"
WEIGHTS = "model.safetensors"
CARD = "MODEL_CARD.md"
SPLIT = "split.json"
MAX_DESCRIPTION = 256 * 1024


class ModelError(Exception):
    """A model folder that cannot be used, in one sentence."""


@dataclass(frozen=True)
class FoundModel:
    """A folder among the models, with what it says of itself, or why it was set aside.

    is_candidate: of a fine-tune that is not done, or that nobody has decided on.
    """

    folder: Path
    info: ModelInfo | None
    problem: str = ""
    is_candidate: bool = False


def read_info(folder: Path) -> ModelInfo:
    """Read model.toml of a folder. Raises ModelError."""
    path = folder / DESCRIPTION
    if not os.path.lexists(path):
        raise ModelError(f"{_shown(folder)} is not a model: it has no {DESCRIPTION}.")
    try:
        return read_description(_text(path))
    except ValueError as error:
        raise _unusable(path, error) from error


def read_description_digest(folder: Path) -> str:
    """Return the SHA-256 of what model.toml says (model_schema). Raises ModelError."""
    path = folder / DESCRIPTION
    try:
        return digest_of_text(_text(path))
    except ValueError as error:
        raise _unusable(path, error) from error


def is_candidate(folder: Path) -> bool:
    """Whether a model folder is of a fine-tune that is not done, or that nobody has decided on."""
    return any(os.path.lexists(folder / note) for note in (UNDECIDED, UNFINISHED))


def find_models(root: Path) -> tuple[FoundModel, ...]:
    """Return the models in a folder by name, and those that cannot be used; never raises.

    What has neither a description nor weights is no model, and what begins with a dot is none yet.
    """
    try:
        folders = sorted(path for path in root.iterdir() if not path.name.startswith("."))
    except OSError:
        return ()
    return tuple(model for folder in folders if (model := look_at(folder)) is not None)


def look_at(folder: Path) -> FoundModel | None:
    """Return the model in a folder without its weights, or why it is none; never raises.

    None where nothing of a model is there, or a fine-tune has not come to one.
    """
    there = [name for name in (DESCRIPTION, WEIGHTS) if os.path.lexists(folder / name)]
    undecided = is_candidate(folder)
    if not there or (undecided and DESCRIPTION not in there):
        return None
    try:
        info = read_info(folder)
        if not _is_file(folder / WEIGHTS):
            raise ModelError(f"{_shown(folder)} has no {WEIGHTS}; reinstall the model.")
    except ModelError as error:
        return FoundModel(folder, None, str(error), undecided)
    return FoundModel(folder, info, is_candidate=undecided)


def read_within(path: Path, limit: int) -> bytes:
    """Read a file of at most so many bytes. Raises ModelError, also for what is no file."""
    try:
        # A pipe would be waited for before it could be told that it is one.
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{_shown(path)} cannot be read: it is no file.")
            content = b"" if status.st_size > limit else file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name cannot be one"
        raise ModelError(
            f"{_shown(path)} cannot be read ({reason}); reinstall the model."
        ) from error
    if status.st_size > limit or len(content) > limit:
        raise ModelError(
            f"{_shown(path)} is larger than that of any model, so it was not read; install "
            "another model."
        )
    return content


def _text(path: Path) -> str:
    """Raises ModelError, and ValueError where it is no text."""
    try:
        return read_within(path, MAX_DESCRIPTION).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_file(path: Path) -> bool:
    with suppress(OSError):
        return path.is_file()
    return False


def _unusable(path: Path, error: ValueError) -> ModelError:
    return ModelError(f"{_shown(path)} cannot be read ({error}); reinstall the model.")


def _shown(path: Path) -> str:
    return printable(str(path))

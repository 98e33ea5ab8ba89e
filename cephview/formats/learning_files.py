"""The JSON files beside a model, read by their types and within bounds."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cephview.core.learning import FinetuneResult
from cephview.core.unfinished import Unfinished
from cephview.formats.film_names import without_whole_paths
from cephview.formats.model_folder import SPLIT, ModelError, read_within
from cephview.formats.model_schema import shown

_MAX_UNFINISHED = 64 * 1024**2
_MAX_JUDGED = 8 * 1024**2
_MAX_SPLIT = 4 * 1024**2
_MAX_NOTE = 64 * 1024

_T = TypeVar("_T")


class Note(msgspec.Struct, frozen=True):
    """Of a candidate: the workspace it was learnt in, as a digest, and the share that is done."""

    workspace: str = ""
    share: float = 0.0


def read_unfinished(path: Path) -> Unfinished:
    """Read what a fine-tune that is not done learns from. Raises ValueError."""
    return _read(path, Unfinished, _MAX_UNFINISHED)


def read_judgement(path: Path) -> FinetuneResult:
    """Read how a model was judged, also by a release that said more or less. Raises ValueError."""
    return _read(path, FinetuneResult, _MAX_JUDGED)


def read_note(path: Path) -> Note:
    """Read the note of a candidate; an empty one where it cannot be read."""
    try:
        note = _read(path, Note, _MAX_NOTE)
    except ValueError:
        return Note()
    return note if 0 <= note.share <= 1 else Note(note.workspace)


def read_folds(path: Path) -> dict[str, list[str]]:
    """Read the films of each fold of a split.json; what is no list is left out.

    Raises ValueError.
    """
    found: dict[str, Any] = _read(path, dict[str, Any], _MAX_SPLIT)
    folds = {name: names for name, names in found.items() if isinstance(names, list)}
    if any(not isinstance(name, str | int) for names in folds.values() for name in names):
        raise ValueError(f"{SPLIT}: a fold holds what is no name of a film")
    return {fold: [str(name) for name in names] for fold, names in folds.items()}


def portable_split(content: bytes) -> bytes:
    """Return a split.json that read_folds reads, without the whole paths that it may hold."""
    split = msgspec.json.decode(content, type=dict[str, Any])
    folds = {name: found for name, found in split.items() if isinstance(found, list)}
    short = {
        fold: without_whole_paths([str(name) for name in names]) for fold, names in folds.items()
    }
    return content if short == folds else msgspec.json.encode(split | short)


def _read(path: Path, kind: type[_T], limit: int) -> _T:
    try:
        return msgspec.json.decode(read_within(path, limit), type=kind)
    except ModelError as error:
        raise ValueError(str(error)) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{shown(path.name)} is not what it should be ({error})") from error

"""model.toml: what a model says of itself, taken as the word of a stranger.

One schema says what may stand there and how much of it. What decides where the points come to lie
is told by a digest as well, so that a file that was changed by hand, or by a friend's program, is
not taken for the model it was. Models of earlier releases carry none; one that has the weights of a
model that ships, or was fine-tuned from it, is held against that.
"""

import hashlib
import json
import math
import stat
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cephview import places
from cephview.core.file_names import portable_file_name
from cephview.core.model_info import ModelInfo
from cephview.formats.errors import printable

FILE = "model.toml"
DIGEST = "description_sha256"
MOST_BYTES = 1_000_000

_LONGEST_TEXT = 4_000
_MOST_VALUES = 20_000
_LONGEST_ID = 16
_ID_MARKS = "'-_.`"
# What the answers of a model depend on; the rest may be put in other words.
_DECIDES = ("landmark_set", "landmarks", "input_size", "convention", "calibration", "network",
            "has_close_looks", "added_sets", "sha256")  # fmt: skip


def read_model_toml(folder: Path) -> ModelInfo:
    """Read the description of a model folder.

    Raises ValueError with what is wrong with it, in words that follow "cannot be used: ".
    """
    return parse_model_toml(bytes_of(folder / FILE, MOST_BYTES))


def parse_model_toml(content: bytes) -> ModelInfo:
    """Read the bytes of a model.toml. Raises ValueError as read_model_toml does."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("its values are nested without end") from None
    except ValueError as error:
        raise ValueError(f"it is no TOML ({_short(error)})") from None
    _check_plain(data)
    said = data.pop(DIGEST, None)
    info = _typed(data)
    _check_texts(info)
    _check_landmarks(info)
    if said is None:
        _check_like_shipped(info)
    elif said != description_sha256(info):
        raise ValueError("it was changed since the model was saved; install the model again")
    return info


def description_sha256(info: ModelInfo) -> str:
    """Return the digest of all that decides where a model's points come to lie."""
    told = {name: getattr(info, name) for name in _DECIDES}
    # As they come back from a file, where a tuple is a list and a table has no order.
    text = json.dumps(told, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def bytes_of(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file that is no larger than most.

    Raises ValueError for anything else, before it is read: a pipe would never end.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path.name} is not a file")
        if status.st_size > most:
            raise ValueError(f"{path.name} is larger than any of its kind")
        return path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"it has no {path.name}") from None
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror})") from error


def _check_plain(data: Any) -> None:
    """Refuse what TOML can say and a model cannot: numbers without end, text without bounds."""
    waiting: list[tuple[str, Any]] = [("it", data)]
    seen = 0
    while waiting:
        name, value = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES:
            raise ValueError("it holds more values than any model has")
        if isinstance(value, dict):
            for key, inner in value.items():
                if len(key) > 100 or not key.isprintable():
                    raise ValueError("it names a value in a way that cannot be shown")
                waiting.append((key, inner))
        elif isinstance(value, list):
            waiting += [(name, inner) for inner in value]
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} is {value}, which is no number")
        elif isinstance(value, str) and (len(value) > _LONGEST_TEXT or not value.isprintable()):
            raise ValueError(f"{name} is a text that cannot be shown")


def _typed(data: Mapping[str, Any]) -> ModelInfo:
    """Hold plain values against the schema, and make a description of them."""
    # Imported here, so that a window is painted before it is loaded.
    import msgspec

    from cephview.formats.model_schema import Model

    try:
        msgspec.convert(data, Model)
    except msgspec.ValidationError as error:
        raise ValueError(f"it is no description of a model: {_short(error)}") from None
    values = dict(data)
    values["landmarks"] = tuple(values["landmarks"])
    values["input_size"] = tuple(values["input_size"])
    values["convention"] = {
        landmark: (float(x), float(y)) for landmark, (x, y) in data.get("convention", {}).items()
    }
    return ModelInfo(**values)


def _check_texts(info: ModelInfo) -> None:
    """Refuse a name that could not be a folder's, or that a spreadsheet would run."""
    if portable_file_name(info.name) != info.name or info.name[0] in "=+-@.":
        raise ValueError(f"its name, {printable(info.name)!r}, cannot be that of a model")


def _check_landmarks(info: ModelInfo) -> None:
    """Refuse landmarks that are not those of the set that the model names."""
    names = info.landmarks
    if len(set(names)) != len(names):
        raise ValueError("it names a landmark twice")
    if int(info.network.get("added", 0)) >= len(names):
        raise ValueError("it adds more landmarks than it has")
    for name in names:
        if not is_landmark_id(name):
            raise ValueError(f"{printable(name)!r} cannot be the name of a landmark")
    added = info.added
    base = names[: len(names) - len(added)]
    try:
        known = places.load_landmark_set(info.landmark_set).ids
    except (OSError, ValueError):
        raise ValueError(f"the landmark set {info.landmark_set} is not known here") from None
    unknown = [name for name in base if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]} is no landmark of the set {info.landmark_set}")
    for table in (info.convention, info.added_sets):
        if strange := [name for name in table if name not in names]:
            raise ValueError(f"it tells of {printable(strange[0])}, which is none of its landmarks")


def is_landmark_id(name: str) -> bool:
    """Say whether a text can be the short name of a landmark: letters, digits and a few marks."""
    return (
        0 < len(name) <= _LONGEST_ID
        and (name[0].isascii() and name[0].isalnum())
        and all(c.isalnum() or c in _ID_MARKS for c in name)
        and unicodedata.normalize("NFC", name) == name
    )


def _check_like_shipped(info: ModelInfo) -> None:
    """Hold a description without a digest against the model that ships with the same weights."""
    for path in sorted(places.models_dir().glob(f"*/{FILE}")):
        try:
            data = tomllib.loads(bytes_of(path, MOST_BYTES).decode("utf-8"))
        except ValueError:
            continue
        if DIGEST not in data or data.get("sha256") not in (info.sha256, info.parent):
            continue
        del data[DIGEST]
        shipped = _typed(data)
        same_weights = shipped.sha256 == info.sha256
        if info.landmarks[: len(shipped.landmarks)] != shipped.landmarks or (
            same_weights and description_sha256(shipped) != description_sha256(info)
        ):
            raise ValueError(f"it is not what {shipped.name} says; install the model again")


def _short(error: Exception) -> str:
    text = printable(" ".join(str(error).split()))
    return text if len(text) <= 160 else text[:160] + " …"

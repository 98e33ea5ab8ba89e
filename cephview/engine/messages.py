"""What the window and the engine say to each other: one JSON line a message.

Every message is frozen and has captured all its inputs. A line carries the version of this
language, so that a window and an engine of different releases refuse each other in a sentence
instead of misreading.
"""

import json
import types
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from cephview.core.detection import Detection, Turn
from cephview.core.learning import CorrectedFilm, FinetuneResult, TrainingProgress
from cephview.core.turning import AS_ON_FILE

VERSION = 2

# A fine-tune names every corrected point: ten thousand films of nineteen points are about 12 MiB.
MAX_LINE_BYTES = 64 * 1024 * 1024

EXIT_UNUSABLE = 70
"""The engine cannot work on this machine (it said why); starting it again would not help."""
EXIT_GPU_LOST = 71
"""The graphics card is in a state only a new process can leave."""


class EngineError(Exception):
    """What went wrong between the window and the engine, as one sentence."""


@dataclass(frozen=True)
class Detect:
    """Place the points of one film. device is "auto", "cpu" or "cuda".

    An empty sha256 takes the file as it is; otherwise a file with other bytes is refused. turn is
    how the film is looked at; points come back in the film's own indices all the same.
    """

    id: int
    film_path: str
    sha256: str
    model_dir: str
    passes: int = 1
    device: str = "auto"
    turn: Turn = AS_ON_FILE


@dataclass(frozen=True)
class Finetune:
    """Learn from corrected films; the candidate is written to out_dir."""

    id: int
    films: tuple[CorrectedFilm, ...]
    parent_dir: str
    out_dir: str
    device: str = "auto"
    seed: int = 0


@dataclass(frozen=True)
class Cancel:
    """Give up a request, whether it waits or runs. An unknown id is no error."""

    id: int


@dataclass(frozen=True)
class Ping:
    """Ask for a sign of life; answered between jobs."""


@dataclass(frozen=True)
class Shutdown:
    """Stop what runs and end."""


@dataclass(frozen=True)
class Starting:
    """The process is up and now loads its libraries."""


@dataclass(frozen=True)
class Ready:
    """The engine takes requests. device is what "auto" means here: "cpu" or "cuda"."""

    device: str
    gpu_name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Pong:
    """The sign of life."""


@dataclass(frozen=True)
class Progress:
    """How far a request is, fraction in [0, 1], and in words what is being done."""

    id: int
    fraction: float
    text: str


@dataclass(frozen=True)
class Trained:
    """A step of a running fine-tune."""

    id: int
    progress: TrainingProgress


@dataclass(frozen=True)
class Detected:
    """The answer to Detect."""

    id: int
    detection: Detection


@dataclass(frozen=True)
class Finetuned:
    """The answer to Finetune."""

    id: int
    result: FinetuneResult


@dataclass(frozen=True)
class Cancelled:
    """The request was given up, as asked."""

    id: int


@dataclass(frozen=True)
class Failed:
    """The request failed, or with id 0 the engine itself.

    kind is one word for the program ("film", "model", "memory", "stale", "training", "internal");
    sentence is for the user.
    """

    id: int
    kind: str
    sentence: str


Request = Detect | Finetune | Cancel | Ping | Shutdown
Answer = Starting | Ready | Pong | Progress | Trained | Detected | Finetuned | Cancelled | Failed
Message = Request | Answer

_KINDS: dict[str, type] = {kind.__name__.lower(): kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """Write a message as one line, newline included. Raises EngineError for one that is too long.

    NumPy scalars become plain numbers, and file names that are not valid UTF-8 survive.
    """
    data = {"v": VERSION, "message": type(message).__name__.lower(), **asdict(message)}
    try:
        line = json.dumps(data, separators=(",", ":"), default=_plain).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise EngineError(f"A message to or from the engine cannot be written: {error}.") from error
    if len(line) > MAX_LINE_BYTES:
        raise EngineError(
            f"A message of {len(line) >> 20} MiB is too long for the engine; choose fewer films."
        )
    return line


def decode(line: bytes) -> Message:
    """Read one line. Raises EngineError for anything that encode would not have written."""
    if len(line) > MAX_LINE_BYTES:
        raise EngineError(f"A message of {len(line) >> 20} MiB is too long.")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EngineError(f"Not a message: {line[:80]!r}.") from error
    if not isinstance(data, dict):
        raise EngineError(f"Not a message: {line[:80]!r}.")
    if data.pop("v", None) != VERSION:
        raise EngineError("The window and the engine are of different releases; install one again.")
    kind = data.pop("message", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise EngineError(f"Unknown kind of message {str(kind)[:80]!r}.")
    message: Message = _read(_KINDS[kind], data, kind)
    return message


def _plain(value: Any) -> Any:
    item = getattr(value, "item", None)
    if item is None:
        raise TypeError(f"{type(value).__name__} is not a plain value")
    return item()


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any, where: str) -> Any:
    """Read a JSON value as the type a field is annotated with. Raises EngineError."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(kind):
            return None
        (kind,) = (arm for arm in get_args(kind) if arm is not type(None))
        return _read(kind, value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if origin is dict:
        _expect(isinstance(value, dict), where, value)
        return {k: _read(get_args(kind)[1], v, f"{where}.{k}") for k, v in value.items()}
    if is_dataclass(kind):
        return _read_dataclass(kind, value, where)
    return _read_scalar(kind, value, where)


def _read_dataclass(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), where, value)
    known = {field.name for field in fields(kind)}
    needed = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    if not needed <= value.keys() <= known:
        odd = sorted((needed - value.keys()) | (value.keys() - known))
        raise EngineError(f"A message {where!r} with missing or unknown fields {odd}.")
    hints = _hints(kind)
    try:
        return kind(**{k: _read(hints[k], v, f"{where}.{k}") for k, v in value.items()})
    except ValueError as error:
        raise EngineError(f"A message {where!r} that breaks its rules: {error}.") from error


def _read_tuple(arms: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _expect(isinstance(value, list), where, value)
    if len(arms) == 2 and arms[1] is Ellipsis:
        return tuple(_read(arms[0], item, where) for item in value)
    _expect(len(value) == len(arms), where, value)
    return tuple(_read(arm, item, where) for arm, item in zip(arms, value, strict=True))


_SCALARS: dict[type, Callable[[Any], bool]] = {
    bool: lambda v: isinstance(v, bool),
    int: lambda v: isinstance(v, int) and not isinstance(v, bool),
    float: lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    str: lambda v: isinstance(v, str),
}


def _read_scalar(kind: type, value: Any, where: str) -> Any:
    _expect(_SCALARS[kind](value), where, value)
    try:
        return float(value) if kind is float else value
    except OverflowError:
        raise EngineError(f"A message {where!r} with a number beyond all measure.") from None


def _expect(is_right: bool, where: str, value: Any) -> None:
    if not is_right:
        raise EngineError(f"A message whose {where!r} is not what it must be: {str(value)[:80]!r}.")

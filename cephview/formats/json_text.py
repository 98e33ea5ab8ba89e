"""JSON of other hands: no more is taken for it than the standard says, and nothing twice."""

import json
import math
from pathlib import Path
from typing import Any

from cephview.formats.errors import FormatError, io_error, printable, shown

# COCO files of a hundred thousand films are no larger.
MAX_JSON_BYTES = 400_000_000
# Digits of a whole number; a size in pixels, an id or a time has fewer.
_LONGEST_WHOLE = 20


def read_json(path: Path, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Return what a JSON file in UTF-8 holds. Raises FormatError, naming the file and the fault."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise io_error("read", path, error) from error
    if len(data) > max_bytes:
        raise FormatError(f"{shown(path)} is too large for what it should hold; choose another.")
    try:
        return parsed_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{shown(path)} is not a JSON file in UTF-8; copy it again from its source."
        ) from error
    except ValueError as error:
        raise FormatError(
            f"{shown(path)} is not a JSON file: {error}; copy it again from its source."
        ) from error


def parsed_json(text: str) -> Any:
    """Return what a JSON text holds; a whole number too long to be one is infinite.

    Such a number, NaN and Infinity are for the reader to refuse, who knows their place: see
    plain_number. Raises ValueError for a name told twice, and for nesting too deep to be read.
    """
    try:
        return json.loads(text, parse_int=_whole, object_pairs_hook=_told_once)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_WHOLE else math.inf


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"“{printable(twice)[:40]}” is told twice in one place")
    return found

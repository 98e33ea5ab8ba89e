"""Whether the strips or tiles of a TIFF make a picture of the size that its header claims.

Decoders fill up with black what is not there, and take for pixels whatever lies in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cephview.formats import jpeg_damage
from cephview.formats.code_stream import code_stream
from cephview.formats.errors import FormatError, cut_short, damaged, shown

_PLAIN, _FAX, _JPEG = 1, (2, 3, 4, 32771), 7
_YCBCR = 6
_HEADER_BYTES = 8


@dataclass(frozen=True)
class _Part:
    """A strip or tile: its size in pixels, and where its bytes lie; count is 0 where not said."""

    columns: int
    rows: int
    offset: int
    count: int


def check_strips(tags: Mapping[int, Any], data: bytes, path: Path) -> None:
    """Raise FormatError where the parts of a page cannot make its picture.

    tags: the tags of the page, by number, as their values.
    """
    compression = int(_first(tags, 259, 1))
    if compression in _FAX:
        raise FormatError(
            f"{shown(path)} is a fax of black and white alone, which no film is; "
            "scan it again as an 8 or 16 bit grey PNG or TIFF."
        )
    parts = _parts(tags, path)
    if any(part.offset < _HEADER_BYTES or part.offset >= len(data) for part in parts):
        raise cut_short(path)
    if compression == _PLAIN and _first(tags, 262, 1) != _YCBCR:
        bits = _first(tags, 258, 1) * (1 if _planes(tags) > 1 else _first(tags, 277, 1))
        for part in parts:
            needed = part.rows * ((part.columns * bits + 7) // 8)
            if part.offset + needed > len(data) or 0 < part.count < needed:
                raise cut_short(path)
    if compression == _JPEG:
        _check_jpegs(parts, bytes(tags.get(347) or b""), data, path)


def _parts(tags: Mapping[int, Any], path: Path) -> list[_Part]:
    """Return the parts of a page, which are at least as many as its picture takes; or none."""
    width, height = int(_first(tags, 256, 0)), int(_first(tags, 257, 0))
    is_tiled = 322 in tags
    columns = int(_first(tags, 322, 0)) if is_tiled else width
    rows = int(_first(tags, 323, 0)) if is_tiled else min(int(_first(tags, 278, height)), height)
    offsets, counts = (_all(tags, 324 if is_tiled else 273), _all(tags, 325 if is_tiled else 279))
    if not offsets or min(columns, rows) <= 0:
        return []
    down = -(-height // rows)
    needed = -(-width // columns) * down * _planes(tags)
    if len(offsets) < needed:
        raise cut_short(path)
    last = rows if is_tiled else height - rows * (down - 1)
    return [
        _Part(
            columns,
            last if n % down == down - 1 else rows,
            int(offsets[n]),
            int(counts[n]) if n < len(counts) else 0,
        )
        for n in range(needed)
    ]


def _check_jpegs(parts: list[_Part], tables: bytes, data: bytes, path: Path) -> None:
    for part in parts:
        count = part.count or len(data)
        packed = data[part.offset : part.offset + count]
        stream = code_stream(packed)
        if stream is None or stream.columns != part.columns or stream.rows < part.rows:
            raise cut_short(path)
        # What all parts share is written once; each is a picture only together with it.
        whole = tables[:-2] + packed[2:] if tables else packed
        if not packed.rstrip(b"\0").endswith(b"\xff\xd9") or jpeg_damage.is_damaged(whole):
            raise damaged(path, "TIFF")


def _planes(tags: Mapping[int, Any]) -> int:
    return int(_first(tags, 277, 1)) if _first(tags, 284, 1) == 2 else 1


def _first(tags: Mapping[int, Any], tag: int, default: int) -> Any:
    found = _all(tags, tag)
    return found[0] if found else default


def _all(tags: Mapping[int, Any], tag: int) -> tuple[Any, ...]:
    found = tags.get(tag)
    if found is None:
        return ()
    return found if isinstance(found, tuple) else (found,)

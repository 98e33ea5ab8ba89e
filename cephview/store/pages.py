"""The rows that the bytes of an SQLite file still hold, whatever became of the rest of it.

Reads the leaf pages of tables one by one and needs neither the tree above them nor the schema, so
that one bad page costs the rows on it and no others. The format is the one of
https://www.sqlite.org/fileformat2.html: pages in section 1.6, records in 2.1.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cephview.store import wal

Value = int | float | str | bytes | None

_MAGIC = b"SQLite format 3\0"
_DEFAULT_PAGE_BYTES = 4096
_LEAF = 0x0D
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
# More than any row of a workspace; a length beyond it is damage.
_LONGEST_ROW_BYTES = 1 << 26
_TOLD_EVERY = 500


@dataclass(frozen=True)
class Row:
    """A row of some table: its row id, and its values as they are stored."""

    id: int
    values: tuple[Value, ...]


def rows_of(path: Path, tell: Callable[[float], None] = lambda share: None) -> Iterator[Row]:
    """Yield every row that the leaves of a file and of its log hold whole, in the order of pages.

    First those of the file as it is without its log, then those of what the log puts in its place:
    a log that is not of this moment must hide nothing. Rows of dropped or rewritten pages may come
    too. tell() is given the share that is done. Raises OSError where the file cannot be read.
    """
    content = path.read_bytes() if path.exists() else b""
    size, reserved = _layout(content)
    pages = _Pages(content, size, size - reserved)
    for number in range(1, pages.count + 1):
        if number % _TOLD_EVERY == 0:
            tell(number / pages.count)
        yield from _rows_on(pages, number)
    log = path.with_name(path.name + "-wal")
    if log.exists():
        found = wal.read(log.read_bytes(), size)
        pages.logged = found.pages
        for number in sorted(found.pages):
            yield from _rows_on(pages, number)


def is_log_cut(path: Path) -> bool:
    """Whether a damaged log holds committed pages that SQLite does not read. Raises OSError."""
    with path.open("rb") as file:
        size, _ = _layout(file.read(100))
    return wal.read(path.with_name(path.name + "-wal").read_bytes(), size).is_cut


@dataclass
class _Pages:
    content: bytes
    size: int
    usable: int
    logged: dict[int, bytes] | None = None

    @property
    def count(self) -> int:
        return max(len(self.content) // self.size, max(self.logged or (0,)))

    def page(self, number: int) -> bytes:
        if self.logged and number in self.logged:
            return self.logged[number]
        return self.content[(number - 1) * self.size : number * self.size]


def _layout(content: bytes) -> tuple[int, int]:
    """Return the size of a page and the bytes reserved at its end."""
    if content.startswith(_MAGIC):
        size = int.from_bytes(content[16:18], "big")
        size = 65536 if size == 1 else size
        if size >= 512 and size & (size - 1) == 0:
            return size, content[20]
    return _DEFAULT_PAGE_BYTES, 0


def _rows_on(pages: _Pages, number: int) -> Iterator[Row]:
    page = pages.page(number)
    start = 100 if number == 1 else 0
    if len(page) < pages.usable or page[start] != _LEAF:
        return
    for cell in range(int.from_bytes(page[start + 3 : start + 5], "big")):
        pointer = start + 8 + 2 * cell
        try:
            at = int.from_bytes(page[pointer : pointer + 2], "big")
            length, at = _varint(page, at)
            row_id, at = _varint(page, at)
            yield Row(row_id, _record(_payload(pages, page, at, length)))
        except (IndexError, ValueError, struct.error):
            continue


def _payload(pages: _Pages, page: bytes, at: int, length: int) -> bytes:
    usable = pages.usable
    if not 0 < length <= _LONGEST_ROW_BYTES:
        raise ValueError("no row is as long")
    if length <= usable - 35:
        found = page[at : at + length]
    else:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= usable - 35 else least
        parts, missing = [page[at : at + local]], length - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while missing > 0:
            if not 1 <= following <= pages.count:
                raise ValueError("the row goes on nowhere")
            more = pages.page(following)
            part = more[4 : min(usable, 4 + missing)]
            if not part:
                raise ValueError("the row goes on nowhere")
            parts.append(part)
            missing -= len(part)
            following = int.from_bytes(more[:4], "big")
        found = b"".join(parts)
    if len(found) != length:
        raise ValueError("the row is cut short")
    return found


def _record(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    body, values = header, []
    while at < header:
        kind, at = _varint(payload, at)
        value, body = _value(payload, body, kind)
        values.append(value)
    if body != len(payload):
        raise ValueError("the row is not as long as it says")
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in _INTEGER_BYTES:
        end = at + _INTEGER_BYTES[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind == 7:
        return float(struct.unpack_from(">d", payload, at)[0]), at + 8
    if kind in (8, 9):
        return kind - 8, at
    if kind < 12:
        raise ValueError("no value is of this kind")
    end = at + (kind - 12) // 2
    if end > len(payload):
        raise ValueError("the row is cut short")
    content = payload[at:end]
    return (content.decode("utf-8") if kind % 2 else content), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(8):
        byte = data[at + n]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    return value << 8 | data[at + 8], at + 9

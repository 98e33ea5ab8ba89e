"""SQLite's write-ahead log, read also where SQLite gives it up: after a frame that is damaged.

The format is the one of https://www.sqlite.org/fileformat2.html, section 4.1. The checksums of
frames go on from one to the next, and SQLite ends at the first that does not fit, without an error,
with all that follows. But each frame keeps the sum it came to, so that the next is proved by that.
"""

import struct
from dataclasses import dataclass

_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24

_Sums = tuple[int, int]


@dataclass(frozen=True)
class Log:
    """What a log holds. pages: the newest committed state of each page, by its number.

    is_cut: SQLite would not read all of that, for something before it is damaged.
    """

    pages: dict[int, bytes]
    is_cut: bool = False


@dataclass(frozen=True)
class _Frame:
    page_number: int
    is_commit: bool
    salts: bytes
    is_whole: bool
    page: bytes


def read(log: bytes, size: int) -> Log:
    """Read the log of a file whose pages have a size, in bytes."""
    magic = int.from_bytes(log[:4], "big")
    order = _MAGIC.get(magic) or _order(log, size)
    frames = _frames(log, size, order)
    is_sound = (
        magic in _MAGIC
        and int.from_bytes(log[8:12], "big") == size
        and _checksum(log[:24], order, (0, 0)) == struct.unpack(">II", log[24:32])
    )
    salts = log[16:24]
    if not is_sound and len(frames) > 1 and salts not in (frames[0].salts, frames[1].salts):
        # Damaged as well; the frames of a log have the same.
        salts = frames[0].salts
    is_cut = False
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for frame in frames:
        if frame.salts != salts or not frame.is_whole:
            # One of an earlier round, after which nothing fits, or a damaged one.
            is_sound = False
            continue
        waiting[frame.page_number] = frame.page
        if frame.is_commit:
            is_cut |= not is_sound
            committed |= waiting
            waiting.clear()
    return Log(committed, is_cut)


def _frames(log: bytes, size: int, order: str) -> list[_Frame]:
    found = []
    before = struct.unpack(">II", log[24:32]) if len(log) >= _HEADER_BYTES else (0, 0)
    step = _FRAME_HEADER_BYTES + size
    for at in range(_HEADER_BYTES, len(log) - step + 1, step):
        header, page = log[at : at + _FRAME_HEADER_BYTES], log[at + _FRAME_HEADER_BYTES : at + step]
        number, length, first, second = struct.unpack(">II8xII", header)
        sums = _checksum(page, order, _checksum(header[:8], order, before))
        before = first, second
        found.append(_Frame(number, bool(length), header[8:16], sums == before, page))
    return found


def _order(log: bytes, size: int) -> str:
    """Return the order of bytes by which frames prove each other, where the header does not say."""
    start = log[: _HEADER_BYTES + 4 * (_FRAME_HEADER_BYTES + size)]
    return max("<>", key=lambda order: sum(one.is_whole for one in _frames(start, size, order)))


def _checksum(data: bytes, order: str, start: _Sums) -> _Sums:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for n in range(0, len(words), 2):
        first = (first + words[n] + second) & 0xFFFFFFFF
        second = (second + words[n + 1] + first) & 0xFFFFFFFF
    return first, second

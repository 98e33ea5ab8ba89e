"""The bytes of a DICOM file: inflated within bounds, frames checked before they are decoded."""

import struct
import zlib
from pathlib import Path

from cephview.formats.errors import FormatError, shown

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1\0"
_SYNTAX_TAG = b"\x02\x00\x10\x00"
_MAX_INFLATED = 640 * 1024**2
_SUSPECT_SIZE, _SUSPECT_RATIO = 64 * 1024**2, 200
_CHUNK = 4 * 1024**2


def inflated(data: bytes, path: Path) -> bytes:
    """Return a deflated DICOM file as an explicit little endian one; any other file as it is.

    The reader underneath inflates without a bound, and 400 kB can become 400 MB. A film compresses
    less than that. Raises FormatError for a bomb and for a truncated or damaged stream.
    """
    at = _find_deflated(data)
    if at is None:
        return data
    if data[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise FormatError(f"{shown(path)} has a damaged DICOM header; export it again.")
    body = 144 + int.from_bytes(data[140:144], "little")
    if not at < body <= len(data):
        raise FormatError(f"{shown(path)} has a damaged DICOM header; export it again.")
    element = _SYNTAX_TAG + b"UI" + struct.pack("<H", len(_EXPLICIT_LITTLE)) + _EXPLICIT_LITTLE
    length = b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<I", len(element))
    return data[:132] + length + element + _inflate(data[body:], path)


def _find_deflated(data: bytes) -> int | None:
    start = 0
    while (at := data.find(_DEFLATED, start)) >= 0:
        if _SYNTAX_TAG in data[max(0, at - 12) : at]:
            return at
        start = at + 1
    return None


def _inflate(stream: bytes, path: Path) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    size = 0
    try:
        rest = stream
        while not inflater.eof:
            part = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            size += len(part)
            if size > _MAX_INFLATED or (
                size > _SUSPECT_SIZE and size > _SUSPECT_RATIO * len(stream)
            ):
                raise FormatError(
                    f"{shown(path)} unpacks to far more than a film can hold, so it was not "
                    "opened; export it again without compression."
                )
            if not part and not rest:
                break
            parts.append(part)
    except zlib.error as error:
        raise FormatError(
            f"{shown(path)} is damaged: its compressed data cannot be unpacked; copy it again."
        ) from error
    if not inflater.eof:
        raise FormatError(f"{shown(path)} is cut short; copy it again from its source.")
    return b"".join(parts)


def frame_size(frame: bytes) -> tuple[int, int] | None:
    """Return (columns, rows) as a JPEG, JPEG-LS or JPEG 2000 stream itself states them.

    None where the stream does not say: a decoder must not be trusted with it.
    """
    if frame.startswith(b"\xff\xd8"):
        return _jpeg_size(frame)
    at = frame.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0 or len(frame) < at + 24:
        return None
    x1, y1, x0, y0 = struct.unpack_from(">4I", frame, at + 8)
    return x1 - x0, y1 - y0


def has_thinned_colour(frame: bytes) -> bool:
    """Say whether a JPEG stores its second and third component at a lower resolution."""
    at = _frame_header(frame) if frame.startswith(b"\xff\xd8") else None
    if at is None or len(frame) < at + 19 or frame[at + 9] != 3:
        return False
    return frame[at + 11] != frame[at + 14]


def _jpeg_size(frame: bytes) -> tuple[int, int] | None:
    at = _frame_header(frame)
    if at is None:
        return None
    rows, columns = struct.unpack_from(">2H", frame, at + 5)
    return columns, rows


def _frame_header(frame: bytes) -> int | None:
    """Return where the frame header begins: SOF0-15 but DHT, JPG, DAC; SOF55 of JPEG-LS."""
    at = 2
    while at + 9 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            return at
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    return None

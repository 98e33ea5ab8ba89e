"""The bytes of a DICOM file: inflated within bounds, mended where only their frame is damaged."""

import io
import re
import struct
import zlib
from pathlib import Path

from cephview.formats.errors import FormatError, shown

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1\0"
_EXPLICIT = b"1.2.840.10008.1.2."
_SYNTAX_TAG = b"\x02\x00\x10\x00"
_MAX_INFLATED = 640 * 1024**2
_SUSPECT_SIZE, _SUSPECT_RATIO = 64 * 1024**2, 200
_CHUNK = 4 * 1024**2


class CountedReads(io.BytesIO):
    """The bytes of a file, of which a reader can only take so many pieces.

    Each element of a header is a piece or two, at whatever depth, and takes a hundred times the
    memory of its bytes. read() raises FormatError for a file of millions.
    """

    def __init__(self, data: bytes, path: Path, most: int) -> None:
        super().__init__(data)
        self._path = path
        self._left = most

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise FormatError(
                f"{shown(self._path)} has far more elements in its header than any film, so it was "
                "not opened; export it again."
            )
        return super().read(size)


def inflated(data: bytes, path: Path) -> bytes:
    """Return a deflated DICOM file as an explicit little endian one; any other file as it is.

    The reader underneath inflates without a bound, and 400 kB can become 400 MB. A film compresses
    less than that. Raises FormatError for a bomb and for a truncated or damaged stream.
    """
    at = _find_deflated(data)
    if at is None:
        return data
    body = _meta_end(data)
    if not at < body <= len(data):
        raise FormatError(f"{shown(path)} has a damaged DICOM header; export it again.")
    element = _SYNTAX_TAG + b"UI" + struct.pack("<H", len(_EXPLICIT_LITTLE)) + _EXPLICIT_LITTLE
    length = b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<I", len(element))
    return data[:132] + length + element + _inflate(data[body:], path)


def _meta_end(data: bytes) -> int:
    """Return where the File Meta Information ends, whatever its optional length says."""
    at = 132
    while data[at : at + 2] == b"\x02\x00":
        if data[at + 4 : at + 6] in (b"OB", b"UN"):
            at += 12 + int.from_bytes(data[at + 8 : at + 12], "little")
        else:
            at += 8 + int.from_bytes(data[at + 6 : at + 8], "little")
    return at


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


_UNDEFINED = re.compile(rb"\xe0\x7f\x10\x00(?:(?:OB|OW|UN)\0\0)?\xff{4}(?=\xfe\xff\x00\xe0)")
_DEFINED = re.compile(
    rb"\xe0\x7f\x10\x00(?:(?:OB|OW|UN)\0\0)?(....)|\x7f\xe0\x00\x10(?:OB|OW|UN)\0\0(....)",
    re.DOTALL,
)
_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


def delimited(data: bytes) -> tuple[bytes, bool]:
    """Return a file whose compressed picture is closed by its delimiter, and whether it was cut.

    Writers leave the delimiter out, or zeros in its place. Cut: the last fragment is shorter than
    it says, and what there is of it is kept; whether the picture is whole, its decoder must say.
    """
    at = 0
    while match := _UNDEFINED.search(data, at):
        at = match.end()
        last = at
        while data[at : at + 4] == _ITEM:
            last, at = at, at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == _DELIMITER:
            continue
        # An icon, whose pixels are not compressed, lies before; behind the film lies nothing.
        if at > len(data):
            rest = data[last + 8 :]
            length = struct.pack("<I", len(rest))
            return data[: last + 4] + length + rest + _DELIMITER + bytes(4), True
        return data[:at] + _DELIMITER + bytes(4), False
    return data, False


def shortened(data: bytes) -> bytes | None:
    """Return a file whose uncompressed pixel data claims no more bytes than there are.

    None where none claims more. Whether a picture needs those that are not there, is not said.
    """
    for match in _DEFINED.finditer(data):
        is_little = match[1] is not None
        length = int.from_bytes(match[1] or match[2], "little" if is_little else "big")
        rest = len(data) - match.end()
        if length != 0xFFFFFFFF and length > rest:
            said = struct.pack("<I" if is_little else ">I", rest)
            return data[: match.end() - 4] + said + data[match.end() :]
    return None


def with_first_kind(data: bytes) -> bytes:
    """Return a file whose first element behind its meta information is of a known kind.

    The reader takes all of it for Implicit VR where that is of none. A value that fits in two
    bytes of length is read as text, whatever it is.
    """
    at = _meta_end(data)
    is_explicit = _EXPLICIT in data[:at] and data[at : at + 1] == b"\x08"
    if not is_explicit or data[at + 4 : at + 6].isupper() or data[at + 7 : at + 8] not in b"\0\1":
        return data
    return data[: at + 4] + b"LO" + data[at + 6 :]

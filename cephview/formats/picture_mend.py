"""Picture files whose decoder stumbles over what is no part of the picture: left out, or mended."""

import struct
import zlib

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_APP1, _APP14, _COMMENT = 0xE1, 0xEE, 0xFE


def mended(data: bytes, kind: str) -> bytes | None:
    """Return the bytes of a picture without comments, profiles and the like; None: no help."""
    mend = {"PNG": _png, "JPEG": _jpeg, "BMP": _bmp}.get(kind)
    return None if mend is None else mend(data)


def _png(data: bytes) -> bytes:
    """Keep the chunks that make the picture, and resolution and orientation where they are sound.

    An ancillary chunk that is damaged, or too long, may be ignored (PNG specification 13.2).
    """
    parts = [_PNG_MAGIC]
    at = len(_PNG_MAGIC)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, chunk = data[at + 4 : at + 8], data[at : at + 12 + length]
        is_sound = zlib.crc32(chunk[4:-4]).to_bytes(4, "big") == chunk[-4:]
        is_useful = (name == b"pHYs" and length == 9) or name == b"eXIf"
        if name in _PNG_CRITICAL or (is_useful and is_sound):
            parts.append(chunk)
        at += 12 + length
    return b"".join(parts)


def _jpeg(data: bytes) -> bytes:
    """Drop application data and comments but Exif, and what Adobe says of the colours."""
    parts = [data[:2]]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        is_adobe = marker == _APP14 and length >= 14
        if marker == _APP1 or is_adobe or not (0xE0 <= marker <= 0xEF or marker == _COMMENT):
            parts.append(data[at : at + 2 + length])
        at += 2 + length
    return b"".join(parts) + data[at:]


def _bmp(data: bytes) -> bytes | None:
    """Take the usual number of colours where the header states more than there can be."""
    if len(data) < 54 or int.from_bytes(data[14:18], "little") < 40:
        return None
    bits, colours = struct.unpack_from("<H", data, 28)[0], struct.unpack_from("<I", data, 46)[0]
    return data[:46] + bytes(4) + data[50:] if colours > 1 << min(bits, 8) else None

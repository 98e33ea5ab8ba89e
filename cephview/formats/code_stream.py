"""What a JPEG, JPEG-LS or JPEG 2000 stream says of itself, before anything decodes it."""

import re
import struct
from dataclasses import dataclass

from pydicom import uid

_EOI = b"\xff\xd9"
_J2K = b"\xff\x4f\xff\x51"
_HIGH_THROUGHPUT = 0x4000

DCT = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
_LOSSLESS = (uid.JPEGLosslessSV1, uid.JPEGLossless)
_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
_WAVELET = (uid.JPEG2000, uid.JPEG2000Lossless, uid.JPEG2000MC, uid.JPEG2000MCLossless)
_WAVELET_HT = (uid.HTJ2K, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL)
# The decoder of the one reads the other.
_FAMILIES = (DCT, _LOSSLESS, _LS, _WAVELET + _WAVELET_HT)


@dataclass(frozen=True)
class CodeStream:
    """The head of a stream: its size in pixels, samples a pixel, bits a sample, transfer syntax.

    start: where its frame header, or its SIZ marker, begins. is_progressive: of several passes,
    each of which makes the whole picture finer.
    """

    columns: int
    rows: int
    samples: int
    bits: int
    syntax: uid.UID
    start: int
    is_progressive: bool = False

    def syntax_like(self, stated: uid.UID) -> uid.UID:
        """Return the stated transfer syntax where its decoder reads this stream, else its own."""
        return (
            stated if any({stated, self.syntax} <= set(each) for each in _FAMILIES) else self.syntax
        )


def code_stream(frame: bytes) -> CodeStream | None:
    """Return what a stream says of itself; None where it is of no known kind, or says nothing.

    A decoder must not be trusted with such a one: it takes the size from the stream.
    """
    if frame.startswith(b"\xff\xd8"):
        return _jpeg(frame)
    at = frame.find(_J2K, 0, 4096)
    if at < 0 or len(frame) < at + 43:
        return None
    profile, x1, y1, x0, y0 = struct.unpack_from(">H4I", frame, at + 6)
    samples = int.from_bytes(frame[at + 40 : at + 42], "big")
    bits = (frame[at + 42] & 0x7F) + 1
    syntax = uid.HTJ2K if profile & _HIGH_THROUGHPUT else uid.JPEG2000
    return CodeStream(x1 - x0, y1 - y0, samples, bits, syntax, at)


def _jpeg(frame: bytes) -> CodeStream | None:
    at = _frame_header(frame)
    if at is None or len(frame) < at + 10:
        return None
    bits, rows, columns, samples = struct.unpack_from(">BHHB", frame, at + 4)
    marker = frame[at + 1]
    syntax = uid.JPEGBaseline8Bit if bits == 8 else uid.JPEGExtended12Bit
    if marker == 0xF7:
        syntax = uid.JPEGLSLossless
    elif marker in (0xC3, 0xC7, 0xCB, 0xCF):
        syntax = uid.JPEGLosslessSV1
    return CodeStream(columns, rows, samples, bits, syntax, at, marker in (0xC2, 0xC6, 0xCA, 0xCE))


def has_thinned_colour(frame: bytes) -> bool:
    """Say whether a JPEG stores its second and third component at a lower resolution."""
    at = _frame_header(frame) if frame.startswith(b"\xff\xd8") else None
    if at is None or len(frame) < at + 19 or frame[at + 9] != 3:
        return False
    return frame[at + 11] != frame[at + 14]


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


_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)


def has_more_scans(stream: bytes, most: int) -> bool:
    """Say whether a JPEG passes over its picture more often; each pass takes as long as a film."""
    count = at = 0
    while match := _MARKER.search(stream, at):
        marker, at = stream[match.start() + 1], match.end()
        if marker == 0xD9:
            break
        at += int.from_bytes(stream[at : at + 2], "big")
        count += marker == 0xDA
        if count > most:
            return True
    return False


def has_end(frame: bytes, stream: CodeStream) -> bool:
    """Say whether a stream has its end marker, wherever padding was put after it."""
    return frame.rfind(_EOI, stream.start) >= 0


def ended(frame: bytes, stream: CodeStream) -> tuple[bytes, bytes] | None:
    """Return two streams with an end marker, of which a whole picture decodes to the same pixels.

    The second has bytes before the marker that a decoder only comes to where the picture itself
    ends early, and then takes for a part of it. None where a stream surely has not all of it.
    """
    if stream.syntax in _WAVELET + _WAVELET_HT:
        whole = _tile_parts_end(frame, stream.start)
        return None if whole is None else (frame[:whole] + _EOI, frame[:whole] + _EOI)
    if stream.is_progressive and not _has_all_scans(frame, stream):
        return None
    # Zeros in number are the padding of a disk or a network, and no picture.
    if frame.endswith(bytes(16)):
        # One is left: it may be the second half of a code.
        frame = frame.rstrip(b"\0") + b"\0"
    frame = frame.rstrip(b"\xff")
    # Of no marker, and of no code that a decoder could take for an even grey.
    surplus = bytes((37 * n * n + 11 * n + 90) % 251 for n in range(256))
    return frame + _EOI, frame + surplus + _EOI


def _has_all_scans(frame: bytes, stream: CodeStream) -> bool:
    """Say whether the scans of a progressive JPEG bring each coefficient to its last bit."""
    wanted = {
        (frame[stream.start + 10 + 3 * n], k) for n in range(stream.samples) for k in range(64)
    }
    at = frame.find(b"\xff\xda", stream.start)
    while at >= 0 and at + 5 < len(frame):
        count = frame[at + 4]
        head = frame[at + 5 : at + 5 + 2 * count + 3]
        if len(head) == 2 * count + 3 and not head[-1] & 0x0F:
            first, last = head[-3], head[-2]
            wanted -= {(c, k) for c in head[: 2 * count : 2] for k in range(first, last + 1)}
        at = frame.find(b"\xff\xda", at + 2)
    return not wanted


def _tile_parts_end(frame: bytes, at: int) -> int | None:
    """Return where the last tile-part of a JPEG 2000 stream ends; None if cut or unsaid."""
    start = at + 2
    while frame[start : start + 2] != b"\xff\x90":
        if start + 4 > len(frame) or frame[start] != 0xFF:
            return None
        start += 2 + int.from_bytes(frame[start + 2 : start + 4], "big")
    while frame[start : start + 2] == b"\xff\x90":
        length = int.from_bytes(frame[start + 6 : start + 10], "big")
        if length < 14 or start + length > len(frame):
            return None
        start += length
    return start

"""DICOM films in every transfer syntax that is read, spoilt element by element."""

import io
import random
import struct
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread, uid
from pydicom.encaps import encapsulate
from specimen import Spoilt, anywhere, number, picture

from cephview.formats.dicom_write import COMPRESSIONS, write_film_dicom

_LONG = (b"OB", b"OW", b"OF", b"OD", b"SQ", b"UN", b"UT", b"UC", b"UR")
_TEXTS = (
    b"", b" ", b"?", b"\\", b"\\\\", b"0", b"-1", b"1e300", b"1e-300", b"nan", b"inf", b"0.1\\100",
    b"500\\500", b"1e-30\\1e-30", b"0\\0", b"-0.1\\-0.1", b"1_000", b"0x10", b"1,5\\1,5",
    b"9" * 300, b"\xff\xfe\x00", b"MONOCHROME1", b"RGB",
    b"PALETTE COLOR", b"../../etc/passwd", b"<b>&</b>",
    b"=cmd()", b"A\nB", "\u202eevil".encode(), b"ISO_IR 192", b"ISO 2022 IR 87", b"\x1b$B" * 9,
)  # fmt: skip
# Of these groups nothing says how the picture is made.
_BESIDE_THE_PICTURE = (0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0032, 0x0040)


def sound() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of films in each transfer syntax."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film.dcm")
        for bits in (8, 12, 16):
            for compression in COMPRESSIONS:
                _write(path, picture(bits), bits, compression)
                yield f"DICOM {compression} {bits} bits", path.read_bytes()
        _write(path, picture(12), 12, "none")
        for name, syntax in (
            ("implicit", uid.ImplicitVRLittleEndian),
            ("big-endian", uid.ExplicitVRBigEndian),
        ):
            read = dcmread(path)
            # A data set that was read keeps its byte order; one with its elements has none yet.
            dataset = Dataset()
            dataset.update({element.tag: element for element in read})
            dataset.file_meta = read.file_meta
            dataset.file_meta.TransferSyntaxUID = syntax
            if not syntax.is_little_endian:
                dataset.PixelData = np.frombuffer(read.PixelData, "<u2").astype(">u2").tobytes()
            out = io.BytesIO()
            dataset.save_as(
                out,
                implicit_vr=syntax.is_implicit_VR,
                little_endian=syntax.is_little_endian,
                enforce_file_format=True,
            )
            yield f"DICOM {name}", out.getvalue()
        _write(path, picture(8), 8, "none")
        yield "DICOM jpeg", _in_jpeg(path)


def _write(path: Path, pixels: NDArray[np.integer], bits: int, compression: str) -> None:
    write_film_dicom(
        path, pixels, bits_stored=bits, imager_pixel_spacing_mm=(1.2, 1.2), magnification=1.1,
        patient_id="X", synthetic=True, compression=compression,
    )  # fmt: skip


def _in_jpeg(path: Path) -> bytes:
    dataset = dcmread(path)
    jpeg = io.BytesIO()
    Image.fromarray(picture(8)).save(jpeg, "JPEG", quality=95)
    dataset.PixelData = encapsulate([jpeg.getvalue()])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


@dataclass(frozen=True)
class _Element:
    """Where an element lies: its start, its value's start and end, and the size of its length."""

    group: int
    number: int
    vr: bytes
    start: int
    value: int
    end: int
    size: int


def spoil(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil a film anywhere or, more often, by its elements."""
    if rng.random() < 0.25:
        return anywhere(rng, data)
    body = 144 + int.from_bytes(data[140:144], "little")
    syntax = _syntax(data[:body])
    head, rest = data[:body], data[body:]
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        rest = zlib.decompress(rest, -15)
        spoilt = _by_elements(rng, rest, syntax)
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(spoilt.data) + packer.flush()
        return Spoilt(head + packed, spoilt.what, spoilt.keeps_picture, spoilt.may_shrink)
    if rng.random() < 0.1:
        spoilt = _by_elements(rng, head[132:], uid.ExplicitVRLittleEndian)
        return Spoilt(head[:132] + spoilt.data + rest, f"meta: {spoilt.what}")
    spoilt = _by_elements(rng, rest, syntax)
    return Spoilt(head + spoilt.data, spoilt.what, spoilt.keeps_picture, spoilt.may_shrink)


def _syntax(head: bytes) -> uid.UID:
    return uid.UID(dcmread(io.BytesIO(head), force=True).file_meta.TransferSyntaxUID)


def _by_elements(rng: random.Random, data: bytes, syntax: uid.UID) -> Spoilt:
    order = "little" if syntax.is_little_endian else "big"
    elements = list(_elements(data, order, syntax.is_implicit_VR))
    one = rng.choice(elements)
    if rng.random() < 0.4:  # what makes the picture is one element in three
        one = rng.choice([e for e in elements if e.group in (0x0028, 0x7FE0)] or elements)
    name = f"({one.group:04x},{one.number:04x})"
    keeps = one.group in _BESIDE_THE_PICTURE
    before, tag = data[: one.start], data[one.start : one.value - one.size]
    value, after = data[one.value : one.end], data[one.end :]

    def element(new: bytes, length: int | None = None, head: bytes = tag) -> bytes:
        count = (len(new) if length is None else length) % (1 << 8 * one.size)
        return head + count.to_bytes(one.size, "big" if order == "big" else "little") + new

    match rng.randrange(10):
        case 0:
            return Spoilt(before + after, f"{name} left out", keeps)
        case 1:
            return Spoilt(before + element(b"") + after, f"{name} empty", keeps)
        case 2 | 3 | 4:
            new = rng.choice(_TEXTS)
            if len(value) in (2, 4, 8) and rng.random() < 0.8:
                new = number(rng, len(value), order)
            new += b" " * (len(new) % 2)
            return Spoilt(before + element(new) + after, f"{name} = {new[:24]!r}", keeps)
        case 5:
            length = rng.choice((len(value) + 1, len(value) * 2, 2**31, 2**32 - 1, 2**32 - 2, 1))
            what = f"{name} of a length of {length} for {len(value)}"
            return Spoilt(before + element(value, length) + after, what)
        case 6:
            vr = rng.choice((b"??", b"SQ", b"UN", b"US", b"DS", b"OW", b"UT", b"AT", b"\0\0"))
            return Spoilt(
                before + tag[:4] + vr + data[one.start + 6 : one.end] + after, f"{name} as {vr!r}"
            )
        case 7:
            times = rng.choice((1, 2, 1000))
            again = data[one.start : one.end] if len(value) < 1000 else b""
            return Spoilt(before + again * times + data[one.start :], f"{name} {times} times more",
                          keeps)  # fmt: skip
        case 8:
            if order == "big" or syntax.is_implicit_VR:
                return anywhere(rng, data)
            depth = rng.choice((1, 50, 2000))
            return Spoilt(before + _nested(depth) + data[one.start :], f"a sequence {depth} deep")
        case _:
            other = rng.choice(elements)
            moved = data[other.start : other.end]
            return Spoilt(before + moved + data[one.start :], f"another element before {name}")


def _elements(data: bytes, order: str, is_implicit: bool) -> Iterator[_Element]:
    mark = "<" if order == "little" else ">"
    at = 0
    while at + 8 <= len(data):
        group, number_ = struct.unpack_from(f"{mark}HH", data, at)
        vr = b"" if is_implicit else data[at + 4 : at + 6]
        size = 4 if is_implicit or vr in _LONG else 2
        value = at + (12 if vr in _LONG else 8)
        length = int.from_bytes(data[value - size : value], "little" if mark == "<" else "big")
        end = len(data) if length == 0xFFFFFFFF else value + length
        yield _Element(group, number_, vr, at, value, end, size)
        at = end


def _nested(depth: int) -> bytes:
    """Return private sequences, each the only item of another."""
    opening = b"\x09\x00\x01\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    closing = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    return opening * depth + closing * depth

"""Which family of formats a file is of: its first bytes decide, and never its name."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cephview.core.film import Film
from cephview.formats.errors import FormatError, shown
from cephview.formats.frames import file_of

FILM_SUFFIXES = (
    ".dcm",
    ".dicom",
    ".png",
    ".jpg",
    ".jpeg",
    ".bmp",
    ".tif",
    ".tiff",
    ".webp",
    ".avif",
)
"""Endings that a file dialog offers; a DICOM film may have any other, or none."""

_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Family:
    """A format family: how its files begin, and who reads them.

    matches gets the first bytes of a file. read gets its bytes, path and digest, and which of its
    pictures is wanted, from 0.
    """

    kind: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes, Path, str, int], Film]


# The readers are imported when first used, so that a window is up before pydicom is loaded.
def _read_dicom(data: bytes, path: Path, sha256: str, frame: int) -> Film:
    from cephview.formats import dicom

    return dicom.read(data, path, sha256, frame)


def _raster(kind: str, matches: Callable[[bytes], bool]) -> Family:
    def read(data: bytes, path: Path, sha256: str, frame: int) -> Film:
        from cephview.formats import raster

        return raster.read(data, path, sha256, kind, frame)

    return Family(kind, matches, read)


def _is_dicom(head: bytes) -> bool:
    if head[128:132] == b"DICM":
        return True
    # Without the preamble, the File Meta Information comes first.
    if head[:6] == b"\x02\x00\x00\x00UL":
        return True
    # Old files have not even that: they begin with group 8, in implicit or explicit form.
    if head[:2] != b"\x08\x00" or head[3:4] != b"\x00" or len(head) < 132:
        return False
    return head[4:6] in (b"UL", b"CS", b"UI", b"DA", b"LO") or head[5:8] == b"\0\0\0"


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 108, 124)


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of a file of the ISO base media format: what it is, and is read as."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[8 : min(int.from_bytes(head[:4], "big"), 128)]
    return {box[at : at + 4] for at in range(0, len(box), 4)}


FAMILIES = (
    Family("DICOM", _is_dicom, _read_dicom),
    _raster("PNG", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    _raster("JPEG", lambda head: head.startswith(b"\xff\xd8\xff")),
    _raster("TIFF", lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    _raster("BMP", _is_bmp),
    _raster("WebP", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    _raster("AVIF", lambda head: bool({b"avif", b"avis"} & _brands(head))),
)
"""Asked in this order: a DICOM preamble may hold anything, also the beginning of a TIFF."""


def looks_like_film(path: Path | str) -> bool:
    """Say whether a file begins like a film; cheap enough for a folder of thousands."""
    path = file_of(Path(path))
    if path.name.upper() == "DICOMDIR":
        return False
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            head = file.read(132)
    except (OSError, ValueError):
        return False
    return any(family.matches(head) for family in FAMILIES)


_NOT_FILMS = (
    (b"%PDF", "a PDF document; export the radiograph itself as DICOM, PNG or TIFF"),
    (b"PK\x03\x04", "a ZIP archive or an office document; unpack it and choose a film in it"),
    (b"Rar!", "an archive; unpack it and choose a film in it"),
    (b"7z\xbc\xaf", "an archive; unpack it and choose a film in it"),
    (b"\x1f\x8b", "a compressed file; unpack it and choose a film in it"),
    (b"GIF8", "a GIF picture; save it as PNG"),
    (b"\0\0\0\x0cjP  ", "a bare JPEG 2000 picture; export it as DICOM or PNG"),
)


def family_of(data: bytes, path: Path) -> Family:
    """Return what reads the bytes of a file. Raises FormatError for what is no film."""
    head = data[:_HEAD_BYTES]
    for family in FAMILIES:
        if family.matches(head):
            return family
    for magic, what in _NOT_FILMS:
        if head.startswith(magic):
            raise FormatError(f"{shown(path)} is not a film but {what}.")
    if {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"} & _brands(head):
        raise FormatError(
            f"{shown(path)} is not a film but a HEIC picture, as telephones take them; "
            "save it as JPEG or PNG."
        )
    suffix = path.suffix.lower()
    if suffix in FILM_SUFFIXES:
        raise FormatError(
            f"{shown(path)} is not a film, though its name ends in {suffix}; "
            "choose a DICOM, PNG, JPEG, BMP, TIFF, WebP or AVIF file."
        )
    raise FormatError(
        f"{shown(path)} is not a film; choose a DICOM, PNG, JPEG, BMP, TIFF, WebP or AVIF file."
    )

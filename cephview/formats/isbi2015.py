"""The points of ISBI 2015 as the challenge gives them out: a text file a film.

A folder a reader, `AnnotationsByMD/400_senior` and `400_junior` (some copies leave out the outer
folder), holds `001.txt` and so on: 19 lines `x,y` in the challenge's order of landmarks, then eight
lines of one whole number each, the classes of eight measurements. A point is a pixel index, x right
and y down. The truth is the mean of both readers (Wang et al., Medical Image Analysis 31, 2016);
many programs cut it to whole pixels, here it is kept as it is, which moves a point by half a pixel
at most. The films are 1935 x 2400 px at 0.1 mm, as the challenge says; the files of films do not.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cephview.core.numbers import FARTHEST_PX, number_of
from cephview.core.tracing import XY
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.known_points import (
    DeclaredScale,
    KnownPoints,
    Reading,
    mean_of_readers,
    small_text,
    table_of,
)

LANDMARKS = (
    "S", "N", "Or", "Po", "A", "B", "Pog", "Me", "Gn", "Go", "LIT", "UIT", "UL", "LL", "Sn", "Pog'",
    "PNS", "ANS", "Ar",
)  # fmt: skip
CLASSES = 8
SCALE = DeclaredScale((0.1, 0.1), "the ISBI 2015 challenge", (1935, 2400))
READERS = {"400_senior": "senior", "400_junior": "junior"}


def is_isbi_folder(folder: Path) -> bool:
    """Say whether a folder holds the challenge's text files, or folders of them by reader."""
    return bool(_reader_folders(folder)) or bool(_files(folder))


def read_isbi_folder(folder: Path) -> KnownPoints:
    """Read one reader's folder, or the mean of both where both are there.

    folder is that of one reader, or one that holds `400_senior` and `400_junior`, directly or in
    `AnnotationsByMD`. Raises FormatError.
    """
    readers = _reader_folders(folder)
    if not readers:
        name = READERS.get(folder.name, "one reader")
        return _known(_reading(folder), f"ISBI 2015, {name}")
    readings = [_reading(place) for place in readers.values()]
    whole = readings[0] if len(readings) == 1 else mean_of_readers(folder, *readings)
    names = " and ".join(readers)
    origin = f"ISBI 2015, mean of {names}" if len(readers) > 1 else f"ISBI 2015, {names}"
    return _known(whole, origin)


def _known(reading: Reading, origin: str) -> KnownPoints:
    return KnownPoints(table_of(reading), origin, dict.fromkeys(reading, SCALE))


def _reader_folders(folder: Path) -> dict[str, Path]:
    for place in (folder, folder / "AnnotationsByMD"):
        found = {name: place / sub for sub, name in READERS.items() if (place / sub).is_dir()}
        if found:
            return found
    return {}


def _files(folder: Path) -> list[Path]:
    """Return the files of points; a text of another name, as a licence, may lie beside them."""
    return sorted(p for p in folder.glob("*.txt") if p.stem.isascii() and p.stem.isdigit())


def _reading(folder: Path) -> Reading:
    try:
        files = _files(folder)
    except OSError as error:
        raise io_error("read", folder, error) from error
    if not files:
        raise FormatError(
            f"{shown(folder)} holds no points in files like 001.txt; choose another folder."
        )
    return {path.stem: _points(path) for path in files}


def _points(path: Path) -> Mapping[str, XY]:
    lines = [line.strip() for line in small_text(path).splitlines() if line.strip()]
    pairs, classes = lines[: len(LANDMARKS)], lines[len(LANDMARKS) :]
    if len(pairs) < len(LANDMARKS):
        raise FormatError(
            f"{shown(path)} has {len(pairs)} lines where ISBI 2015 has {len(LANDMARKS)} points; "
            "copy it again from its source."
        )
    if len(classes) not in (0, CLASSES) or not all(c.isascii() and c.isdigit() for c in classes):
        raise FormatError(
            f"{shown(path)} does not end in the {CLASSES} classes of ISBI 2015 after its "
            f"{len(LANDMARKS)} points; copy it again from its source."
        )
    numbered = zip(LANDMARKS, enumerate(pairs, start=1), strict=True)
    return MappingProxyType({name: _xy(path, i, line) for name, (i, line) in numbered})


def _xy(path: Path, number: int, line: str) -> XY:
    try:
        x, y = (number_of(part, FARTHEST_PX) for part in line.split(","))
    except ValueError:
        x = y = None
    if x is None or y is None:
        raise FormatError(
            f"{shown(path)}, line {number}: {line[:30]!r} is not a point as x,y; correct that line."
        )
    return x, y

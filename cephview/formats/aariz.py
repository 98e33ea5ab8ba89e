"""The points of Aariz (CEPHA29): 1000 films of seven devices, 29 landmarks, a JSON file a film.

The layout, as its own reader has it (github.com/manwaarkhd/aariz-cephalometric-dataset, dataset.py
and config.py; Khalid et al., Scientific Data 2025, arXiv:2302.07797): each of the folders train,
valid and test holds `Cephalograms/<id>.png` and `Annotations/Cephalometric Landmarks/` with the
folders `Senior Orthodontists` and `Junior Orthodontists`, in each `<id>.json` with
`{"landmarks": [{"landmark_id", "title", "symbol", "value": {"x", "y"}}, ...]}`. Beside the three,
`cephalogram_machine_mappings.csv` has the columns cephalogram_id, machine, pixel_size (mm),
image_format and mode; it may begin with a byte order mark.

A landmark is known by its symbol, never by its place in the list: the published table and the files
are in different orders. The truth is the mean of both readers. Its own reader rounds that up to
whole pixels; here it is kept as it is, because rounding up moves every point right and down.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cephview.core.numbers import FARTHEST_PX, number_of, plain_number
from cephview.core.tracing import XY
from cephview.formats.errors import FormatError, io_error, printable, shown
from cephview.formats.json_text import parsed_json
from cephview.formats.known_points import (
    DeclaredScale,
    KnownPoints,
    Reading,
    mean_of_readers,
    small_text,
    table_of,
)

READERS = {"Senior Orthodontists": "senior", "Junior Orthodontists": "junior"}
PIXEL_SIZES = "cephalogram_machine_mappings.csv"
# From the folder of one reader up to the one that holds train, valid and test.
LEVELS_UP = 4
# What a cephalostat's pixel may measure; anything else is another unit.
PIXEL_MM = (0.01, 1.0)

PRODUCT_IDS = MappingProxyType({"Ls": "UL", "Li": "LL", "N`": "N'", "Pog`": "Pog'"})
"""Symbols of Aariz that this program writes differently; all others are the same in both."""


def is_aariz_folder(folder: Path) -> bool:
    """Say whether a folder is Aariz, a part of it, or one reader's folder of JSON files."""
    return bool(_reader_folders(folder)) or any(folder.glob("*.json"))


def read_aariz_folder(folder: Path) -> KnownPoints:
    """Read a reader's folder, or the mean of both below folder; train, valid and test together.

    The size of a pixel is taken from the table of devices in folder or the nearest one above it.
    Raises FormatError.
    """
    places = _reader_folders(folder)
    readings = {name: _reading(folders) for name, folders in places.items()}
    if not readings:
        name = READERS.get(folder.name, "one reader")
        readings = {name: _reading([folder])}
    names = " and ".join(readings)
    if len(readings) == 1:
        (whole,) = readings.values()
        origin = f"Aariz, {names}"
    else:
        whole = mean_of_readers(folder, *readings.values())
        origin = f"Aariz, mean of {names}"
    sizes = _pixel_sizes(folder)
    scale = {film: DeclaredScale((mm, mm), PIXEL_SIZES) for film, mm in sizes.items()}
    return KnownPoints(table_of(whole), origin, scale)


def _reader_folders(folder: Path) -> dict[str, list[Path]]:
    beyond = "Cephalometric Landmarks"
    outer = [folder, folder / beyond, folder / "Annotations" / beyond]
    # The folders of the split are written large or small from one release to the next.
    outer += sorted(folder.glob(f"*/Annotations/{beyond}"))
    found: dict[str, list[Path]] = {}
    for sub, name in READERS.items():
        places = [place / sub for place in outer if (place / sub).is_dir()]
        if places:
            found[name] = places
    return found


def _reading(folders: list[Path]) -> Reading:
    points: dict[str, Mapping[str, XY]] = {}
    for folder in folders:
        try:
            files = sorted(folder.glob("*.json"))
        except OSError as error:
            raise io_error("read", folder, error) from error
        for path in files:
            if path.stem in points:
                raise FormatError(f"{shown(path)} is there twice; keep the one that belongs there.")
            points[path.stem] = _points(path)
    if not points:
        raise FormatError(
            f"{shown(folders[0])} holds no .json files of points; choose another folder."
        )
    return points


def _points(path: Path) -> Mapping[str, XY]:
    try:
        content = parsed_json(small_text(path))
    except ValueError as error:
        raise FormatError(
            f"{shown(path)} is not a JSON file: {error}; copy it again from its source."
        ) from error
    entries = content.get("landmarks") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise FormatError(f"{shown(path)} lists no landmarks as Aariz does; take it out.")
    points: dict[str, XY] = {}
    for number, entry in enumerate(entries, start=1):
        landmark, xy = _entry(path, number, entry)
        if landmark in points:
            raise FormatError(
                f"{shown(path)} holds {printable(landmark)[:40]} twice; copy it again from its "
                "source."
            )
        points[landmark] = xy
    return MappingProxyType(points)


def _entry(path: Path, number: int, entry: Any) -> tuple[str, XY]:
    where = f"{shown(path)}, landmark {number}"
    symbol, value = (entry.get(k) if isinstance(entry, dict) else None for k in ("symbol", "value"))
    if not (isinstance(symbol, str) and symbol.strip() and isinstance(value, dict)):
        raise FormatError(
            f"{where}: it has no symbol with a value of x and y; copy the file again from its "
            "source."
        )
    symbol = symbol.strip()
    x, y = (plain_number(value.get(axis), FARTHEST_PX) for axis in "xy")
    if x is None or y is None:
        axis = "x" if x is None else "y"
        raise FormatError(
            f"{where} (“{printable(symbol)[:20]}”): its {axis} is no number that a place on a film "
            "can be; copy the file again from its source."
        )
    return PRODUCT_IDS.get(symbol, symbol), (x, y)


def _pixel_sizes(folder: Path) -> Mapping[str, float]:
    """Return millimetres a pixel by film; empty where the table of devices is not there."""
    places = [folder, *folder.resolve().parents[:LEVELS_UP]]
    path = next((p / PIXEL_SIZES for p in places if (p / PIXEL_SIZES).is_file()), None)
    if path is None:
        return {}
    try:
        rows = list(csv.DictReader(io.StringIO(small_text(path)), strict=True))
    except csv.Error as error:
        raise FormatError(
            f"{shown(path)} is not a CSV table; copy it again from its source."
        ) from error
    sizes: dict[str, float] = {}
    for number, row in enumerate(rows, start=2):
        film = (row.get("cephalogram_id") or "").strip()
        size = _size(row.get("pixel_size"))
        if not film or size is None or film in sizes:
            raise FormatError(
                f"{shown(path)}, row {number}: it must name a film once, as cephalogram_id, with a "
                "pixel_size in mm; copy the file again from its source."
            )
        sizes[film] = size
    return MappingProxyType(sizes)


def _size(cell: str | None) -> float | None:
    size = number_of(cell or "")
    return size if size is not None and PIXEL_MM[0] <= size <= PIXEL_MM[1] else None

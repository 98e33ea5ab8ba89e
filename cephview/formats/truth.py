"""Truth files: where the landmarks of a set of films really are.

Two layouts are read, told apart by the header:
- wide, as of the ISBI 2015 challenge: `image,S_x,S_y,N_x,N_y,...`, one row a film;
- tidy: columns `film`, `landmark`, `x_px`, `y_px` among any others, one row a film and landmark.
  What export_csv writes is such a file; its rows of an unconfirmed prediction, or of a point its
  reader was unsure of, are left out.

Coordinates are pixel indices, x right, y down, (0, 0) the centre of the top-left pixel. A pair of
empty cells means that the landmark was not placed.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from cephview.core.tracing import XY
from cephview.formats.errors import FormatError, io_error, shown

_TIDY = ("film", "landmark", "x_px", "y_px")


@dataclass(frozen=True)
class TruthTable:
    """Points by film and landmark.

    landmarks: every landmark that the file names, in its order. films: in the file's order, as
    written there. points[film] holds only the landmarks that were placed on that film.
    """

    landmarks: tuple[str, ...]
    films: tuple[str, ...]
    points: Mapping[str, Mapping[str, XY]]

    def __len__(self) -> int:
        return len(self.films)


def read_truth(path: Path | str) -> TruthTable:
    """Read a truth file of either layout. Raises FormatError for anything doubtful."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise io_error("read", path, error) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{shown(path)} is not a text file in UTF-8; save the table as CSV in UTF-8."
        ) from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if any(row)]
    except csv.Error as error:
        raise FormatError(
            f"{shown(path)} is not a CSV table ({error}); export it again."
        ) from error
    if not rows:
        raise FormatError(f"{shown(path)} is empty; choose a table of landmarks.")
    header = [cell.strip() for cell in rows[0]]
    if len(set(header)) != len(header):
        raise FormatError(f"{shown(path)} names a column twice in its first line; correct it.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise FormatError(
                f"{shown(path)}, row {number}: {len(row)} cells where the first line has "
                f"{len(header)}; correct that row."
            )
    if len(rows) == 1:
        raise FormatError(f"{shown(path)} holds no films, only a first line; choose another table.")
    if set(_TIDY) <= set(header):
        return _tidy(path, header, rows[1:])
    return _wide(path, header, rows[1:])


def _wide(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> TruthTable:
    landmarks = tuple(name[:-2] for name in header[1::2])
    wanted = [name for landmark in landmarks for name in (f"{landmark}_x", f"{landmark}_y")]
    if header[0] not in ("image", "film") or not all(landmarks) or list(header[1:]) != wanted:
        raise FormatError(
            f"{shown(path)} is not a truth table: its first line must be image,S_x,S_y,N_x,N_y,... "
            f"or hold the columns {', '.join(_TIDY)}."
        )
    points: dict[str, Mapping[str, XY]] = {}
    for number, row in enumerate(rows, start=2):
        film = _film(path, number, row[0])
        if film in points:
            raise FormatError(
                f"{shown(path)} holds the film {shown(film)} twice; keep one row of it."
            )
        placed = {
            landmark: _xy(path, number, row[1 + 2 * i], row[2 + 2 * i])
            for i, landmark in enumerate(landmarks)
        }
        points[film] = MappingProxyType({k: xy for k, xy in placed.items() if xy is not None})
    return TruthTable(landmarks, tuple(points), MappingProxyType(points))


def _tidy(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> TruthTable:
    film_at, landmark_at, x_at, y_at = (header.index(name) for name in _TIDY)
    state_at = header.index("state") if "state" in header else None
    landmarks: dict[str, None] = {}
    points: dict[str, dict[str, XY]] = {}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, start=2):
        film, landmark = _film(path, number, row[film_at]), row[landmark_at].strip()
        if not landmark:
            raise FormatError(
                f"{shown(path)}, row {number}: no landmark is named; correct that row."
            )
        if (film, landmark) in seen:
            raise FormatError(
                f"{shown(path)} holds {landmark} of the film {shown(film)} twice; "
                "keep one row of it."
            )
        seen.add((film, landmark))
        landmarks.setdefault(landmark)
        placed = points.setdefault(film, {})
        xy = _xy(path, number, row[x_at], row[y_at])
        is_truth = state_at is None or row[state_at].strip() not in (
            "model",
            "not visible",
            "unsure",
        )
        if xy is not None and is_truth:
            placed[landmark] = xy
    frozen = {film: MappingProxyType(placed) for film, placed in points.items()}
    return TruthTable(tuple(landmarks), tuple(points), MappingProxyType(frozen))


def _film(path: Path, number: int, cell: str) -> str:
    if not cell.strip():
        raise FormatError(f"{shown(path)}, row {number}: no film is named; correct that row.")
    return cell.strip()


def _xy(path: Path, number: int, x: str, y: str) -> XY | None:
    if not x.strip() and not y.strip():
        return None
    try:
        xy = float(x), float(y)
    except ValueError:
        xy = math.nan, math.nan
    if not (math.isfinite(xy[0]) and math.isfinite(xy[1])):
        raise FormatError(
            f"{shown(path)}, row {number}: {x.strip()[:20]!r}, {y.strip()[:20]!r} is not a pair of "
            "numbers; correct that row."
        )
    return xy

"""Truth files: where the landmarks of a set of films really are.

Two layouts are read, told apart by the header, in any order of columns:
- wide, as of the ISBI 2015 challenge: `image,S_x,S_y,N_x,N_y,...`, one row a film;
- tidy: columns `film`, `landmark`, `x_px`, `y_px` among any others, one row a film and landmark.
  What export_csv writes is such a file; its rows of an unconfirmed prediction, or of a point its
  reader was unsure of, are left out.

Coordinates are pixel indices, x right, y down, (0, 0) the centre of the top-left pixel. A pair of
empty cells means that the landmark was not placed. A table may tell the films' digests (`sha256`)
and the size of their pixels (`mm_per_px`, or `mm_per_px_x` and `mm_per_px_y`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cephview.core.scale import Provenance, reason_against
from cephview.core.tracing import XY
from cephview.formats.delimited import (
    Numbers,
    Row,
    Table,
    column_key,
    is_no_value,
    read_delimited,
)
from cephview.formats.errors import FormatError, printable, shown
from cephview.formats.table import as_written

_FILM = ("film", "image", "file", "filename", "file_name", "image_name")
_TIDY = ("landmark", "x_px", "y_px")
_SCALE = ("mm_per_px", "mm_per_px_x", "mm_per_px_y")
_NOT_TOLD = (Provenance.UNVERIFIED, Provenance.IMPLAUSIBLE, Provenance.UNKNOWN)
_NO_TRUTH = ("model", "not visible", "unsure")
# Spreadsheets and word processors turn the straight one of Pog' into these.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘′´`", "'"))


@dataclass(frozen=True)
class TruthTable:
    """Points by film and landmark.

    landmarks: every landmark that the file names, in its order. films: in the file's order, as
    written there. points[film] holds only the landmarks that were placed on that film. digests:
    SHA-256 of films, mm_per_px: the size of their pixels, (x, y), where the file tells them.
    """

    landmarks: tuple[str, ...]
    films: tuple[str, ...]
    points: Mapping[str, Mapping[str, XY]]
    digests: Mapping[str, str] = field(default_factory=dict)
    mm_per_px: Mapping[str, XY] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.films)


def read_truth(path: Path | str) -> TruthTable:
    """Read a truth file of either layout. Raises FormatError for anything doubtful."""
    path = Path(path)
    table = read_delimited(path, lambda header: _is_tidy(header) or bool(_wide_landmarks(header)))
    _refuse_columns_alike(path, table)
    return _tidy(path, table) if _is_tidy(table.columns) else _wide(path, table)


def _refuse_columns_alike(path: Path, table: Table) -> None:
    """Refuse two columns that differ in case or spaces alone, either of which might be meant."""
    found: dict[str, str] = {}
    for name in table.columns:
        key = column_key(name)
        if key in found and key in (*_FILM, *_TIDY, *_SCALE, "state", "sha256", "scale"):
            raise FormatError(
                f"{shown(path)} names a column twice in its first line, as {_brief(found[key])} "
                f"and as {_brief(name)}; correct it."
            )
        found[key] = name


def _is_tidy(header: Sequence[str]) -> bool:
    keys = {column_key(name) for name in header}
    return set(_TIDY) <= keys and not keys.isdisjoint(_FILM)


def _wide_landmarks(header: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the landmarks of a wide table with the columns of x and y; none if it is not one."""
    keys = [column_key(name) for name in header]
    if set(keys).isdisjoint(_FILM):
        return {}
    axes: dict[str, dict[str, str]] = {"x": {}, "y": {}}
    for name, key in zip(header, keys, strict=True):
        if key not in _SCALE and key[-2:] in ("_x", "_y"):
            axes[key[-1]][_landmark(name[:-2])] = name
    if axes["x"].keys() != axes["y"].keys() or not all(axes["x"]):
        return {}
    return {landmark: (x, axes["y"][landmark]) for landmark, x in axes["x"].items()}


def _wide(path: Path, table: Table) -> TruthTable:
    landmarks = _wide_landmarks(table.columns)
    numbers = _numbers(path, table, [column for both in landmarks.values() for column in both])
    names = _names(path, table)
    points: dict[str, Mapping[str, XY]] = {}
    for row, film in zip(table.rows, names, strict=True):
        if film in points:
            raise FormatError(
                f"{shown(path)} holds the film {shown(film)} twice; keep one row of it."
            )
        placed = {i: _xy(path, row, x, y, numbers) for i, (x, y) in landmarks.items()}
        points[film] = MappingProxyType({k: xy for k, xy in placed.items() if xy is not None})
    return TruthTable(
        tuple(landmarks), tuple(points), MappingProxyType(points), *_told(path, table, names)
    )


def _tidy(path: Path, table: Table) -> TruthTable:
    landmark_column, x_column, y_column = (table.column(key) or "" for key in _TIDY)
    state_column = table.column("state")
    numbers = _numbers(path, table, [x_column, y_column])
    names = _names(path, table)
    landmarks: dict[str, None] = {}
    points: dict[str, dict[str, XY]] = {}
    seen: set[tuple[str, str]] = set()
    for row, film in zip(table.rows, names, strict=True):
        landmark = _landmark(row.cells[landmark_column])
        if not landmark:
            raise FormatError(
                f"{shown(path)}, row {row.number}: no landmark is named; correct that row."
            )
        if (film, landmark) in seen:
            raise FormatError(
                f"{shown(path)} holds {_brief(landmark)} of the film {shown(film)} twice; "
                "keep one row of it."
            )
        seen.add((film, landmark))
        landmarks.setdefault(landmark)
        placed = points.setdefault(film, {})
        xy = _xy(path, row, x_column, y_column, numbers)
        state = row.cells[state_column].casefold() if state_column else ""
        if xy is not None and state not in _NO_TRUTH:
            placed[landmark] = xy
    frozen = {film: MappingProxyType(placed) for film, placed in points.items()}
    return TruthTable(
        tuple(landmarks), tuple(points), MappingProxyType(frozen), *_told(path, table, names)
    )


def _names(path: Path, table: Table) -> list[str]:
    """Return the film of each row; where one name is of different films, with their digests."""
    film_column, digest_column = table.column(*_FILM) or "", table.column("sha256")
    digests: dict[str, set[str]] = {}
    for row in table.rows:
        film = as_written(row.cells[film_column]).strip()
        if not film:
            raise FormatError(
                f"{shown(path)}, row {row.number}: no film is named; correct that row."
            )
        digest = row.cells[digest_column] if digest_column else ""
        digests.setdefault(film, set()).add("" if is_no_value(digest) else digest)
    return [
        film if len(digests[film]) == 1 else f"{film} ({row.cells[digest_column or ''][:12]})"
        for row in table.rows
        for film in [as_written(row.cells[film_column]).strip()]
    ]


def _told(
    path: Path, table: Table, names: Sequence[str]
) -> tuple[Mapping[str, str], Mapping[str, XY]]:
    """Return the digests and the pixel sizes of films that a table tells."""
    digest_column, scale_column = table.column("sha256"), table.column("scale")
    x_column, y_column = table.column(_SCALE[1], _SCALE[0]), table.column(_SCALE[2], _SCALE[0])
    digests: dict[str, str] = {}
    sizes: dict[str, XY] = {}
    columns = [column for column in (x_column, y_column) if column]
    numbers = _numbers(path, table, columns)
    for row, film in zip(table.rows, names, strict=True):
        if digest_column and not is_no_value(row.cells[digest_column]):
            digests[film] = row.cells[digest_column].lower()
        if not (x_column and y_column):
            continue
        size = _xy(path, row, x_column, y_column, numbers)
        told = row.cells[scale_column] if scale_column else ""
        if size is None or told in _NOT_TOLD:
            continue
        if reason := reason_against(*size):
            raise FormatError(f"{shown(path)}, row {row.number}: {reason}; correct it.")
        if not all(map(math.isclose, sizes.setdefault(film, size), size)):
            raise FormatError(
                f"{shown(path)} tells two pixel sizes of the film {shown(film)}; keep one of them."
            )
    return MappingProxyType(digests), MappingProxyType(sizes)


def _numbers(path: Path, table: Table, columns: Sequence[str]) -> Numbers:
    cells = [row.cells[column] for row in table.rows for column in columns]
    return Numbers(path, cells, table.delimiter)


def _brief(name: str) -> str:
    """Return what a table calls a column or a landmark, fit for a message."""
    return printable(name)[:40]


def _landmark(cell: str) -> str:
    return as_written(cell.strip()).strip().translate(_APOSTROPHES)


def _xy(path: Path, row: Row, x_column: str, y_column: str, numbers: Numbers) -> XY | None:
    cells = {name: row.cells[name] for name in (x_column, y_column)}
    empty = [name for name, cell in cells.items() if is_no_value(cell)]
    if len(empty) == len(cells):
        return None
    where = f"{shown(path)}, row {row.number}"
    if empty:
        filled = next(name for name in cells if name not in empty)
        raise FormatError(
            f"{where}: {_brief(empty[0])} has no value and {_brief(filled)} has one; fill in both, "
            "or leave both empty."
        )
    xy = {name: numbers.read(cell) for name, cell in cells.items()}
    for name, value in xy.items():
        if value is None or not math.isfinite(value):
            raise FormatError(
                f"{where}, column {_brief(name)}: {cells[name][:20]!r} is not a number; correct "
                "that cell."
            )
    return xy[x_column] or 0.0, xy[y_column] or 0.0

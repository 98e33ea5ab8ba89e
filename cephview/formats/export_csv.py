"""Tidy CSV: one row a film and landmark.

Coordinates are pixel indices, x right, y down, (0, 0) the centre of the top-left pixel; one in
millimetres is the index times the pixel size, so that differences of two points are distances.
Columns in millimetres are empty where the film has no trusted scale. Rows of a landmark that is not
visible have no coordinates. Numbers are written as Python prints them, so that reading gives the
very same. state is confirmed, moved, unsure (placed by a reader who doubts it: no truth), not
visible, or model where the model's own points were asked for. by and at are those of the
confirmation where there is one. set is the landmark set by whose convention the point lies.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cephview.core.landmarks import LandmarkSet
from cephview.core.numbers import FARTHEST_PX, number_of
from cephview.core.scale import Provenance
from cephview.core.tracing import State
from cephview.formats.errors import FormatError, io_error, shown, utf8
from cephview.formats.exported import ExportedFilm, ExportedPoint, exported_points
from cephview.formats.table import as_written, to_csv

COLUMNS = (
    "film", "sha256", "landmark", "state", "layer", "x_px", "y_px", "x_mm", "y_mm", "sigma_px",
    "scale", "mm_per_px_x", "mm_per_px_y", "by", "at", "model", "set",
)  # fmt: skip
# Columns that exports of earlier versions lack.
_LATER = {"set": ""}


@dataclass(frozen=True)
class CsvPoint:
    """One row as read back; xy_px is None for a landmark that is not visible."""

    film: str
    sha256: str
    landmark: str
    state: State
    layer: str
    xy_px: tuple[float, float] | None
    sigma_px: float | None
    scale: Provenance
    mm_per_px: tuple[float, float] | None
    by: str
    at: str
    model: str
    landmark_set: str


def encode(
    films: Sequence[ExportedFilm], landmarks: LandmarkSet, include_unconfirmed: bool
) -> bytes:
    """Return the table in UTF-8, films in the order given and landmarks in that of the set."""
    rows = [
        _row(film, exported)
        for film in films
        for exported in exported_points(film, landmarks, include_unconfirmed)
    ]
    return to_csv([COLUMNS, *rows]).encode("utf-8")


def _row(film: ExportedFilm, exported: ExportedPoint) -> list[str]:
    point, placed = exported.point, exported.placed
    size = film.pixel_size.mm_per_px()
    signed = point.hidden or point.unsure or point.confirmed
    by, at = (signed.by, signed.at) if signed else ("", "")
    if placed is not None and not (by and at):
        by, at = placed.by, placed.at
    in_mm = (
        None if placed is None or size is None else (placed.x_px * size[0], placed.y_px * size[1])
    )
    return [
        utf8(film.path),
        film.film_sha256,
        point.landmark,
        exported.state.value,
        exported.layer,
        *_pair(None if placed is None else placed.xy),
        *_pair(in_mm),
        _number(None if placed is None else placed.sigma_px),
        film.pixel_size.provenance.value,
        *_pair(size),
        by,
        at,
        "" if placed is None else placed.model,
        film.tracing.set_of(point.landmark),
    ]


def _pair(xy: tuple[float, float] | None) -> tuple[str, str]:
    return ("", "") if xy is None else (_number(xy[0]), _number(xy[1]))


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def read_csv(path: Path | str) -> tuple[CsvPoint, ...]:
    """Read what encode wrote. Raises FormatError for anything else."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise io_error("read", path, error) from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{shown(path)} is not a table in UTF-8; export it again.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[CsvPoint] = []
    try:
        names = tuple(reader.fieldnames or ())
        if names not in (COLUMNS, tuple(c for c in COLUMNS if c not in _LATER)):
            raise ValueError("the first line is not that of an export")
        for row in reader:
            rows.append(_read_row(_LATER | row))
        return tuple(rows)
    except (csv.Error, ValueError, TypeError, AttributeError) as error:
        raise FormatError(
            f"{shown(path)}, row {len(rows) + 2}: it is not of a table that cephview exported "
            f"({error}); export it again."
        ) from error


def _read_row(row: dict[str, str]) -> CsvPoint:
    return CsvPoint(
        film=as_written(row["film"]),
        sha256=row["sha256"],
        landmark=as_written(row["landmark"]),
        state=State(row["state"]),
        layer=row["layer"],
        xy_px=_read_pair(row["x_px"], row["y_px"]),
        sigma_px=_read_number(row["sigma_px"]) if row["sigma_px"] else None,
        scale=Provenance(row["scale"]),
        mm_per_px=_read_pair(row["mm_per_px_x"], row["mm_per_px_y"]),
        by=as_written(row["by"]),
        at=as_written(row["at"]),
        model=as_written(row["model"]),
        landmark_set=as_written(row["set"]),
    )


def _read_pair(x: str, y: str) -> tuple[float, float] | None:
    if not x and not y:
        return None
    return _read_number(x), _read_number(y)


def _read_number(cell: str) -> float:
    found = number_of(cell, FARTHEST_PX)
    if found is None:
        raise ValueError(f"{cell[:20]!r} is not a number of a film")
    return found

"""What the workspace reads from and writes to its tables, one function a statement or two.

Every function runs within the transaction of the connection it is given. Every row that is read
proves by its checksum that it is the one that was written; what does not raises DamagedRowError.
"""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, bindparam, func, select

from cephview.core.demo import is_demo
from cephview.core.film import Film
from cephview.core.reading import FIRST, Reading, Start
from cephview.core.scale import PixelSize, Provenance, judged
from cephview.core.tracing import Tracing
from cephview.store import journal, rows
from cephview.store.checksums import CHECKSUM, checked
from cephview.store.journal import Kind, Revision
from cephview.store.records import FilmRecord
from cephview.store.rows import Fields
from cephview.store.schema import (
    active_models,
    films,
    landmarks,
    readings,
    revisions,
    scales,
    tracings,
    work,
)

_LOCK = (
    select(films.c.sha256)
    .where(films.c.sha256 == bindparam("film"))
    .with_for_update(key_share=True)
)
_LAST = select(func.max(revisions.c.number)).where(
    revisions.c.film == bindparam("film"), revisions.c.reading == bindparam("its")
)

# Of a film that is neither skipped nor in the bin.
_SHOWN = {"is_skipped": 0, "binned_at": ""}
# What is known of a film beside its file.
_NOT_OF_THE_FILE = ("sha256", "added_at", "is_skipped", "binned_at", CHECKSUM)


def read_film(connection: Connection, sha256: str, reading: int = 0) -> FilmRecord | None:
    """Return the record of a film in a reading, or None for an unknown film."""
    row = rows.read(connection, films, {"sha256": sha256})
    return None if row is None else _record_of(connection, row, reading)


def read_films(connection: Connection, reading: int = 0) -> tuple[FilmRecord, ...]:
    """Return every film in the order in which they came, with how far a reading of it is.

    What is in the bin is left out, and so is the demo film, which earlier releases kept: it is
    nobody's, and no data.
    """
    return tuple(one for one in read_every_film(connection, reading) if not one.binned_at)


def read_every_film(connection: Connection, reading: int = 0) -> tuple[FilmRecord, ...]:
    """Return the films as read_films does, and those in the bin."""
    found = _read(connection, films, select(films).order_by(films.c.added_at, films.c.sha256))
    scale = _read_latest_scales(connection)
    query = select(tracings).where(tracings.c.reading == reading)
    traced = {row["film"]: row for row in _read(connection, tracings, query, reading=reading)}
    spent: dict[str, float] = {row[0]: row[1] for row in connection.execute(_seconds(reading))}
    real = (film for film in found if not is_demo(film["sha256"]))
    return tuple(
        _record(film, scale.get(sha256), traced.get(sha256, {}), spent.get(sha256), n)
        for n, film in enumerate(real, start=1)
        for sha256 in [film["sha256"]]
    )


def read_films_at(connection: Connection, path: Path) -> tuple[FilmRecord, ...]:
    """Return the films that were last seen at a path."""
    query = select(films).where(films.c.path == os.fsencode(path))
    found = _read(connection, films, query)
    return tuple(_record_of(connection, film, 0) for film in found)


def film_values(film: Film, path: Path) -> dict[str, Any]:
    """Return the columns of a film that lies at a path."""
    return {
        "path": os.fsencode(path.absolute()),
        "name": _text(film.name),
        "width": film.width,
        "height": film.height,
        "patient": _text(film.origin.patient_id),
        "file_x_mm": film.pixel_size.x_mm,
        "file_y_mm": film.pixel_size.y_mm,
        "file_provenance": film.pixel_size.provenance.value,
    }


def read_film_values(connection: Connection, sha256: str) -> dict[str, Any] | None:
    """Return the columns of a film as film_values names them, or None for an unknown one."""
    row = rows.read(connection, films, {"sha256": sha256})
    if row is None:
        return None
    return {key: value for key, value in row.items() if key not in _NOT_OF_THE_FILE}


def write_film(connection: Connection, sha256: str, values: dict[str, Any], *, at: str) -> None:
    """Insert a film, or update where it lies and what its file says."""
    if not rows.replace(connection, films, {"sha256": sha256}, values):
        rows.insert(connection, films, {"sha256": sha256, "added_at": at, **_SHOWN, **values})


def mark_films(connection: Connection, sha256s: Collection[str], values: dict[str, Any]) -> None:
    """Write columns of known films that say whether they are skipped, or in the bin."""
    for sha256 in sha256s:
        rows.replace(connection, films, {"sha256": sha256}, values)


def append_scale(
    connection: Connection, sha256: str, size: PixelSize | None, *, by: str, at: str
) -> None:
    """Append what a user says of a film's scale; None goes back to what the file says."""
    values = {
        "film": sha256,
        "x_mm": size.x_mm if size else None,
        "y_mm": size.y_mm if size else None,
        "provenance": size.provenance.value if size else "",
        "author": _text(by),
        "at": at,
    }
    rows.insert(connection, scales, values)


def read_readings(connection: Connection) -> tuple[Reading, ...]:
    """Return every reading of the workspace, the first one first."""
    found = _read(connection, readings, select(readings).order_by(readings.c.id))
    return FIRST, *(Reading(r["id"], r["reader"], Start(r["start"]), r["at"]) for r in found)


def append_reading(
    connection: Connection, reader: str, start: Start, *, by: str, at: str
) -> Reading:
    """Append a reading."""
    values = {"reader": _text(reader), "start": start.value, "author": _text(by), "at": at}
    return Reading(rows.insert(connection, readings, values)["id"], _text(reader), start, at)


def lock_film(connection: Connection, sha256: str) -> None:
    """Let no other connection append to a film until this transaction ends.

    A server locks the row; of SQLite a transaction that writes is alone anyway.
    """
    connection.execute(_LOCK, {"film": sha256})


def last_number(connection: Connection, sha256: str, reading: int) -> int:
    """Return the number of the last revision of a reading of a film, 0 before the first."""
    return connection.execute(_LAST, {"film": sha256, "its": reading}).scalar() or 0


def read_revisions(connection: Connection, sha256: str, reading: int) -> list[Revision]:
    """Return every revision of a reading of a film, oldest first."""
    return [revision for revision, _, _ in read_signed_revisions(connection, sha256, reading)]


def read_signed_revisions(
    connection: Connection, sha256: str, reading: int
) -> list[tuple[Revision, str, str]]:
    """Return every revision of a reading of a film, oldest first, with its author and time."""
    query = select(revisions).where(_of(revisions, sha256, reading)).order_by(revisions.c.number)
    return [
        (Revision(row["number"], Kind(row["kind"]), row["change"]), row["author"], row["at"])
        for row in _read(connection, revisions, query, film=sha256, reading=reading)
    ]


def read_scales(connection: Connection, sha256: str) -> list[Row[Any]]:
    """Return all that users said of a film's scale, oldest first."""
    query = select(scales).where(scales.c.film == sha256).order_by(scales.c.id)
    _read(connection, scales, query, film=sha256)
    return list(connection.execute(query))


def read_work(connection: Connection) -> list[Row[Any]]:
    """Return the stretches of work on all films, oldest first."""
    return _read_all(connection, work)


def append_work(
    connection: Connection, sha256: str, reading: int, *, by: str, at: str, seconds: float
) -> None:
    """Append a stretch of work on a reading of a film that ended at a time."""
    values = {"film": sha256, "author": _text(by), "at": at, "seconds": seconds, "reading": reading}
    rows.insert(connection, work, values)


def read_active_models(connection: Connection) -> list[Row[Any]]:
    """Return every model that was made active, oldest first."""
    return _read_all(connection, active_models)


def read_landmarks(connection: Connection) -> list[Row[Any]]:
    """Return every landmark that was added or retired, oldest first."""
    return _read_all(connection, landmarks)


def append_landmark(
    connection: Connection, symbol: str, kind: str, entry: str, *, by: str, at: str
) -> None:
    """Append that a landmark was added or retired."""
    row = {"symbol": symbol, "kind": kind, "entry": entry, "author": _text(by), "at": at}
    rows.insert(connection, landmarks, row)


def add_to_total(connection: Connection, sha256: str, reading: int, step: int) -> None:
    """Count that many points more to place on a film traced in a reading."""
    key = {"film": sha256, "reading": reading}
    row = rows.read(connection, tracings, key)
    if row is not None:
        rows.replace(connection, tracings, key, {"total": row["total"] + step})


def append_revision(
    connection: Connection,
    sha256: str,
    reading: int,
    revision: Revision,
    present: Tracing,
    *,
    by: str,
    at: str,
) -> None:
    """Append a revision of a reading and replace the present tracing that follows from it.

    A step that changes the scale of the film is followed by append_scale.
    """
    step = {
        "film": sha256,
        "number": revision.number,
        "kind": revision.kind.value,
        "author": _text(by),
        "at": at,
        "change": revision.change,
        "reading": reading,
    }
    rows.insert(connection, revisions, step)
    values = {
        "number": revision.number,
        # The scale is the film's, and may be changed in another reading.
        "present": journal.tracing_to_json(replace(present, scale=None)),
        "updated_at": at,
        **journal.counts(present),
        **journal.view(present),
    }
    key = {"film": sha256, "reading": reading}
    if not rows.replace(connection, tracings, key, values):
        rows.insert(connection, tracings, {**key, **values})


def read_scale(connection: Connection, sha256: str) -> PixelSize | None:
    """Return what users say now of a film's scale, None where the file's counts."""
    query = select(scales).where(scales.c.film == sha256).order_by(scales.c.id.desc()).limit(1)
    found = _read(connection, scales, query, film=sha256)
    return _scale(found[0]) if found else None


def read_tracing(connection: Connection, sha256: str, reading: int) -> Tracing | None:
    """Return the present tracing of a film in a reading, or None where it was never traced."""
    row = rows.read(connection, tracings, {"film": sha256, "reading": reading})
    if row is None:
        return None
    return journal.tracing_from_json(row["present"]).scaled(read_scale(connection, sha256))


def read_present(connection: Connection, sha256: str, reading: int) -> tuple[int, Tracing] | None:
    """Return the number of the last revision of a film with the tracing kept for it, unscaled."""
    row = rows.read(connection, tracings, {"film": sha256, "reading": reading})
    return None if row is None else (row["number"], journal.tracing_from_json(row["present"]))


def read_tracings(connection: Connection, reading: int) -> dict[str, Tracing]:
    """Return the present tracing of every film traced in a reading, by SHA-256."""
    said = _read_latest_scales(connection)
    query = select(tracings).where(tracings.c.reading == reading)
    return {
        row["film"]: journal.tracing_from_json(row["present"]).scaled(said.get(row["film"]))
        for row in _read(connection, tracings, query, reading=reading)
    }


def read_all_tracings(connection: Connection) -> list[tuple[str, int, Tracing]]:
    """Return SHA-256, reading and present tracing of every traced film, in every reading."""
    return [
        (row["film"], row["reading"], journal.tracing_from_json(row["present"]))
        for row in _read(connection, tracings, select(tracings))
    ]


def read_active_model(connection: Connection) -> str:
    """Return the folder of the model made active last, "" where none was."""
    query = select(active_models).order_by(active_models.c.id.desc()).limit(1)
    found = _read(connection, active_models, query)
    return found[0]["folder"] if found else ""


def append_active_model(connection: Connection, folder: str, *, at: str) -> None:
    """Append to the log of active models."""
    rows.insert(connection, active_models, {"folder": _text(folder), "at": at})


def _of(table: Table, sha256: str, reading: int) -> ColumnElement[bool]:
    return and_(table.c.film == sha256, table.c.reading == reading)


def _read(connection: Connection, table: Table, query: Select[Any], **key: Any) -> list[Fields]:
    """Return whole rows of a table. Raises DamagedRowError where one is not as it was written."""
    result = connection.execute(query)
    names = tuple(result.keys())
    found = [dict(zip(names, row, strict=True)) for row in result]
    for row in found:
        checked(table, row, **key)
    return found


def _read_all(connection: Connection, table: Table) -> list[Row[Any]]:
    """Return every row of a table, in the order of their ids. Raises DamagedRowError."""
    found = list(connection.execute(select(table).order_by(table.c.id)))
    for row in found:
        checked(table, row._asdict())
    return found


def _read_latest_scales(connection: Connection) -> dict[str, PixelSize | None]:
    """Return what users say now of the scales of films, by SHA-256."""
    query = select(scales).order_by(scales.c.id)
    return {row["film"]: _scale(row) for row in _read(connection, scales, query)}


def _scale(row: Fields) -> PixelSize | None:
    if not row["provenance"]:
        return None
    return PixelSize(row["x_mm"], row["y_mm"], Provenance(row["provenance"]))


def _seconds(reading: int) -> Select[Any]:
    query = select(work.c.film, func.sum(work.c.seconds)).where(work.c.reading == reading)
    return query.group_by(work.c.film)


def _record_of(connection: Connection, film: Fields, reading: int) -> FilmRecord:
    sha256 = film["sha256"]
    traced = rows.read(connection, tracings, {"film": sha256, "reading": reading})
    spent = connection.execute(_seconds(reading).where(work.c.film == sha256)).first()
    seconds = spent[1] if spent else 0.0
    return _record(film, read_scale(connection, sha256), traced or {}, seconds)


def _record(
    film: Fields, scale: PixelSize | None, traced: Fields, seconds: float | None, number: int = 0
) -> FilmRecord:
    """Make a record of the row of a film and that of its tracing, empty where there is none."""
    provenance = Provenance(film["file_provenance"])
    return FilmRecord(
        sha256=film["sha256"],
        path=Path(os.fsdecode(film["path"])),
        name=film["name"],
        width=film["width"],
        height=film["height"],
        patient=film["patient"],
        pixel_size=judged(
            scale or PixelSize(film["file_x_mm"], film["file_y_mm"], provenance),
            (film["width"], film["height"]),
        ),
        placed=traced.get("placed", 0),
        moved=traced.get("moved", 0),
        confirmed=traced.get("confirmed", 0),
        unsure=traced.get("unsure", 0),
        total=traced.get("total", 0),
        revision=traced.get("number", 0),
        updated_at=traced.get("updated_at") or film["added_at"],
        turn=journal.turn_from_json(traced.get("turn", "")),
        likeness=journal.likeness_from_json(traced.get("likeness", "")),
        doubt=journal.doubt_from_json(traced.get("doubt", "")),
        seconds=seconds or 0.0,
        is_skipped=bool(film["is_skipped"]),
        binned_at=film["binned_at"],
        number=number,
    )


def _text(value: str) -> str:
    """Return text that every database holds: no lone surrogates, no NUL."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")

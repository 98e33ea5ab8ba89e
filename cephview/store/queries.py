"""What the workspace reads from and writes to its tables, one function a statement or two.

Every function runs within the transaction of the connection it is given.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    Table,
    and_,
    func,
    select,
)

from cephview.core.demo import is_demo
from cephview.core.film import Film
from cephview.core.reading import FIRST, Reading, Start
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.store import journal
from cephview.store.journal import Kind, Revision
from cephview.store.records import FilmRecord
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

# What is known of a film beside its file.
_NOT_OF_THE_FILE = ("sha256", "added_at", "is_skipped", "binned_at")


def read_film(connection: Connection, sha256: str, reading: int = 0) -> FilmRecord | None:
    """Return the record of a film in a reading, or None for an unknown film."""
    row = connection.execute(_film_query(reading).where(films.c.sha256 == sha256)).first()
    return None if row is None else _record(row)


def read_films(connection: Connection, reading: int = 0) -> tuple[FilmRecord, ...]:
    """Return every film in the order in which they came, with how far a reading of it is.

    What is in the bin is left out, and so is the demo film, which earlier releases kept: it is
    nobody's, and no data.
    """
    return tuple(one for one in read_every_film(connection, reading) if not one.binned_at)


def read_every_film(connection: Connection, reading: int = 0) -> tuple[FilmRecord, ...]:
    """Return the films as read_films does, and those in the bin."""
    query = _film_query(reading).order_by(films.c.added_at, films.c.sha256)
    rows = connection.execute(query)
    return tuple(_record(row) for row in rows if not is_demo(row.sha256))


def read_films_at(connection: Connection, path: Path) -> tuple[FilmRecord, ...]:
    """Return the films that were last seen at a path."""
    query = _film_query().where(films.c.path == os.fsencode(path))
    return tuple(_record(row) for row in connection.execute(query))


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
    row = connection.execute(select(films).where(films.c.sha256 == sha256)).mappings().first()
    if row is None:
        return None
    return {key: value for key, value in row.items() if key not in _NOT_OF_THE_FILE}


def write_film(connection: Connection, sha256: str, values: dict[str, Any], *, at: str) -> None:
    """Insert a film, or update where it lies and what its file says."""
    changed = connection.execute(films.update().where(films.c.sha256 == sha256).values(values))
    if changed.rowcount == 0:
        connection.execute(films.insert().values(sha256=sha256, added_at=at, **values))


def mark_films(connection: Connection, sha256s: Collection[str], values: dict[str, Any]) -> None:
    """Write columns of known films that say whether they are skipped, or in the bin."""
    for sha256 in sha256s:
        connection.execute(films.update().where(films.c.sha256 == sha256).values(values))


def append_scale(
    connection: Connection, sha256: str, size: PixelSize | None, *, by: str, at: str
) -> None:
    """Append what a user says of a film's scale; None goes back to what the file says."""
    connection.execute(
        scales.insert().values(
            film=sha256,
            x_mm=size.x_mm if size else None,
            y_mm=size.y_mm if size else None,
            provenance=size.provenance.value if size else "",
            author=_text(by),
            at=at,
        )
    )


def read_readings(connection: Connection) -> tuple[Reading, ...]:
    """Return every reading of the workspace, the first one first."""
    rows = connection.execute(select(readings).order_by(readings.c.id))
    return FIRST, *(Reading(row.id, row.reader, Start(row.start), row.at) for row in rows)


def append_reading(
    connection: Connection, reader: str, start: Start, *, by: str, at: str
) -> Reading:
    """Append a reading."""
    values = {"reader": _text(reader), "start": start.value, "author": _text(by), "at": at}
    key = connection.execute(readings.insert().values(values)).inserted_primary_key
    assert key is not None
    return Reading(int(key[0]), _text(reader), start, at)


def lock_film(connection: Connection, sha256: str) -> None:
    """Let no other connection append to a film until this transaction ends.

    A server locks the row; of SQLite a transaction that writes is alone anyway.
    """
    query = select(films.c.sha256).where(films.c.sha256 == sha256)
    connection.execute(query.with_for_update(key_share=True))


def last_number(connection: Connection, sha256: str, reading: int) -> int:
    """Return the number of the last revision of a reading of a film, 0 before the first."""
    query = select(func.max(revisions.c.number)).where(_of(revisions, sha256, reading))
    return connection.execute(query).scalar() or 0


def read_revisions(connection: Connection, sha256: str, reading: int) -> list[Revision]:
    """Return every revision of a reading of a film, oldest first."""
    columns = (revisions.c.number, revisions.c.kind, revisions.c.change)
    query = select(*columns).where(_of(revisions, sha256, reading)).order_by(revisions.c.number)
    return [Revision(row.number, Kind(row.kind), row.change) for row in connection.execute(query)]


def read_signed_revisions(
    connection: Connection, sha256: str, reading: int
) -> list[tuple[Revision, str, str]]:
    """Return every revision of a reading of a film, oldest first, with its author and time."""
    query = select(revisions).where(_of(revisions, sha256, reading)).order_by(revisions.c.number)
    return [
        (Revision(row.number, Kind(row.kind), row.change), row.author, row.at)
        for row in connection.execute(query)
    ]


def read_scales(connection: Connection, sha256: str) -> list[Row[Any]]:
    """Return all that users said of a film's scale, oldest first."""
    query = select(scales).where(scales.c.film == sha256).order_by(scales.c.id)
    return list(connection.execute(query))


def read_work(connection: Connection) -> list[Row[Any]]:
    """Return the stretches of work on all films, oldest first."""
    return list(connection.execute(select(work).order_by(work.c.id)))


def append_work(
    connection: Connection, sha256: str, reading: int, *, by: str, at: str, seconds: float
) -> None:
    """Append a stretch of work on a reading of a film that ended at a time."""
    values = {"film": sha256, "author": _text(by), "at": at, "seconds": seconds, "reading": reading}
    connection.execute(work.insert().values(values))


def read_active_models(connection: Connection) -> list[Row[Any]]:
    """Return every model that was made active, oldest first."""
    return list(connection.execute(select(active_models).order_by(active_models.c.id)))


def read_landmarks(connection: Connection) -> list[Row[Any]]:
    """Return every landmark that was added or retired, oldest first."""
    return list(connection.execute(select(landmarks).order_by(landmarks.c.id)))


def append_landmark(
    connection: Connection, symbol: str, kind: str, entry: str, *, by: str, at: str
) -> None:
    """Append that a landmark was added or retired."""
    row = {"symbol": symbol, "kind": kind, "entry": entry, "author": _text(by), "at": at}
    connection.execute(landmarks.insert().values(row))


def add_to_total(connection: Connection, sha256: str, reading: int, step: int) -> None:
    """Count that many points more to place on a film traced in a reading."""
    row = tracings.update().where(_of(tracings, sha256, reading))
    connection.execute(row.values(total=tracings.c.total + step))


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
    connection.execute(
        revisions.insert().values(
            film=sha256,
            number=revision.number,
            kind=revision.kind.value,
            author=_text(by),
            at=at,
            change=revision.change,
            reading=reading,
        )
    )
    values = {
        "number": revision.number,
        # The scale is the film's, and may be changed in another reading.
        "present": journal.tracing_to_json(replace(present, scale=None)),
        "updated_at": at,
        **journal.counts(present),
        **journal.view(present),
    }
    mine = _of(tracings, sha256, reading)
    changed = connection.execute(tracings.update().where(mine).values(values))
    if changed.rowcount == 0:
        connection.execute(tracings.insert().values(film=sha256, reading=reading, **values))


def read_scale(connection: Connection, sha256: str) -> PixelSize | None:
    """Return what users say now of a film's scale, None where the file's counts."""
    query = select(scales).where(scales.c.film == sha256).order_by(scales.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _scale(row)


def read_tracing(connection: Connection, sha256: str, reading: int) -> Tracing | None:
    """Return the present tracing of a film in a reading, or None where it was never traced."""
    query = select(tracings.c.present).where(_of(tracings, sha256, reading))
    present = connection.execute(query).scalar()
    if present is None:
        return None
    return journal.tracing_from_json(present).scaled(read_scale(connection, sha256))


def read_tracings(connection: Connection, reading: int) -> dict[str, Tracing]:
    """Return the present tracing of every film traced in a reading, by SHA-256."""
    latest = _latest_scales()
    query = (
        select(tracings.c.film, tracings.c.present, latest.c.x_mm, latest.c.y_mm)
        .add_columns(latest.c.provenance)
        .select_from(tracings.outerjoin(latest, latest.c.film == tracings.c.film))
        .where(tracings.c.reading == reading)
    )
    return {
        row.film: journal.tracing_from_json(row.present).scaled(_scale(row))
        for row in connection.execute(query)
    }


def read_all_tracings(connection: Connection) -> list[tuple[str, int, Tracing]]:
    """Return SHA-256, reading and present tracing of every traced film, in every reading."""
    query = select(tracings.c.film, tracings.c.reading, tracings.c.present)
    return [
        (row.film, row.reading, journal.tracing_from_json(row.present))
        for row in connection.execute(query)
    ]


def read_active_model(connection: Connection) -> str:
    """Return the folder of the model made active last, "" where none was."""
    query = select(active_models.c.folder).order_by(active_models.c.id.desc()).limit(1)
    return connection.execute(query).scalar() or ""


def append_active_model(connection: Connection, folder: str, *, at: str) -> None:
    """Append to the log of active models."""
    connection.execute(active_models.insert().values(folder=_text(folder), at=at))


def _of(table: Table, sha256: str | Column[Any], reading: int) -> ColumnElement[bool]:
    return and_(table.c.film == sha256, table.c.reading == reading)


def _latest_scales() -> Subquery:
    last = select(func.max(scales.c.id).label("id")).group_by(scales.c.film).subquery()
    return select(scales).join(last, scales.c.id == last.c.id).subquery()


def _scale(row: Row[Any]) -> PixelSize | None:
    if not row.provenance:
        return None
    return PixelSize(row.x_mm, row.y_mm, Provenance(row.provenance))


def _film_query(reading: int = 0) -> Select[Any]:
    latest = _latest_scales()
    said: Sequence[Any] = (latest.c.x_mm, latest.c.y_mm, latest.c.provenance)
    present = (
        tracings.c.number,
        tracings.c.placed,
        tracings.c.moved,
        tracings.c.confirmed,
        tracings.c.unsure,
        tracings.c.total,
        tracings.c.updated_at,
        tracings.c.turn,
        tracings.c.likeness,
        tracings.c.doubt,
    )
    spent = (
        select(func.sum(work.c.seconds))
        .where(_of(work, films.c.sha256, reading))
        .correlate(films)
        .scalar_subquery()
        .label("seconds")
    )
    return select(films, *said, *present, spent).select_from(
        films.outerjoin(latest, latest.c.film == films.c.sha256).outerjoin(
            tracings, and_(tracings.c.film == films.c.sha256, tracings.c.reading == reading)
        )
    )


def _record(row: Row[Any]) -> FilmRecord:
    of_file = PixelSize(row.file_x_mm, row.file_y_mm, Provenance(row.file_provenance))
    return FilmRecord(
        sha256=row.sha256,
        path=Path(os.fsdecode(row.path)),
        name=row.name,
        width=row.width,
        height=row.height,
        patient=row.patient,
        pixel_size=_scale(row) or of_file,
        placed=row.placed or 0,
        moved=row.moved or 0,
        confirmed=row.confirmed or 0,
        unsure=row.unsure or 0,
        total=row.total or 0,
        revision=row.number or 0,
        updated_at=row.updated_at or row.added_at,
        turn=journal.turn_from_json(row.turn or ""),
        likeness=journal.likeness_from_json(row.likeness or ""),
        doubt=journal.doubt_from_json(row.doubt or ""),
        seconds=row.seconds or 0.0,
        is_skipped=bool(row.is_skipped),
        binned_at=row.binned_at,
    )


def _text(value: str) -> str:
    """Return text that every database holds: no lone surrogates, no NUL."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")

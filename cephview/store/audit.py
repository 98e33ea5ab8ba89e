"""Who changed what, when, from where to where, with which model; and the time each film took."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PureWindowsPath
from typing import Any

from cephview.core.reading import Reading
from cephview.core.tracing import Point, Tracing
from cephview.store import journal, queries
from cephview.store.journal import Revision
from cephview.store.leaving_out import every_film
from cephview.store.records import FilmRecord
from cephview.store.workspace import Workspace

# A longer pause between two steps is no work on the film.
IDLE_S = 60.0


@dataclass(frozen=True)
class Entry:
    """One change of one thing.

    what is point, turn, scale, active model or landmark (its definition). before and after are a
    point's state, else the value in words. Places are pixel indices (x right, y down; 0, 0 is a
    pixel's centre), None where there is none. model is the SHA-256 of the weights that placed
    what is there now, else of those that placed what was there. revision is 0 for what is no step
    of a film. reading is the label of the reading it was done in, empty for what belongs to none.
    """

    film: str
    file: str
    revision: int
    at: str
    author: str
    step: str
    what: str
    landmark: str = ""
    before: str = ""
    before_px: tuple[float, float] | None = None
    after: str = ""
    after_px: tuple[float, float] | None = None
    model: str = ""
    reading: str = ""


@dataclass(frozen=True)
class TimeSpent:
    """The time one author spent on one reading of one film, without pauses.

    is_measured: taken from the hand at work; else only from steps that followed soon on another.
    """

    film: str
    file: str
    author: str
    steps: int
    first_at: str
    last_at: str
    seconds: float
    is_measured: bool
    reading: str


def entries(workspace: Workspace) -> Iterator[Entry]:
    """Yield all that was changed, film by film in the order in which they came, oldest first.

    Every reading is told, each of its own steps alone. Raises StoreError where the workspace cannot
    be read.
    """
    readings = workspace.readings()
    for record in every_film(workspace):
        with workspace.transaction() as connection:
            found = list(_scales(record, queries.read_scales(connection, record.sha256)))
            for reading in readings:
                signed = queries.read_signed_revisions(connection, record.sha256, reading.number)
                found.extend(_steps(record, reading, signed))
        yield from sorted(found, key=lambda entry: entry.at)
    with workspace.transaction() as connection:
        models = queries.read_active_models(connection)
        yield from _landmarks(queries.read_landmarks(connection))
    before = ""
    for row in models:
        # Its name alone: where models lie is told by no table that leaves this computer.
        model = PureWindowsPath(row.folder).name
        yield Entry("", "", 0, row.at, "", "commit", "active model", "", before, after=model)
        before = model


def times(workspace: Workspace) -> Iterator[TimeSpent]:
    """Yield the time spent by film, reading and author. Raises StoreError."""
    measured: dict[tuple[str, int, str], float] = defaultdict(float)
    with workspace.transaction() as connection:
        for row in queries.read_work(connection):
            measured[row.film, row.reading, row.author] += row.seconds
    readings = workspace.readings()
    for record in every_film(workspace):
        for reading in readings:
            with workspace.transaction() as connection:
                signed = queries.read_signed_revisions(connection, record.sha256, reading.number)
            by_author: dict[str, list[str]] = defaultdict(list)
            for _, author, at in signed:
                by_author[author].append(at)
            here = record.sha256, reading.number
            authors = {author for *place, author in measured if tuple(place) == here}
            for author in sorted(authors | set(by_author)):
                moments = by_author[author]
                seconds = measured.get((*here, author))
                yield TimeSpent(
                    film=record.sha256,
                    file=str(record.path),
                    author=author,
                    steps=len(moments),
                    first_at=moments[0] if moments else "",
                    last_at=moments[-1] if moments else "",
                    seconds=active_seconds(moments) if seconds is None else seconds,
                    is_measured=seconds is not None,
                    reading=reading.label,
                )


def active_seconds(at: Iterable[str], idle_s: float = IDLE_S) -> float:
    """Return the time between steps (ISO 8601) in seconds, without pauses longer than idle_s."""
    moments = [datetime.fromisoformat(moment).timestamp() for moment in at]
    gaps = (later - earlier for earlier, later in pairwise(moments))
    return sum(gap for gap in gaps if 0 <= gap <= idle_s)


def _steps(
    record: FilmRecord, reading: Reading, signed: list[tuple[Revision, str, str]]
) -> Iterator[Entry]:
    said = {revision.number: (author, at) for revision, author, at in signed}
    for revision, old, new in journal.walked((r for r, _, _ in signed), [], []):
        author, at = said[revision.number]
        begin = (record.sha256, str(record.path), revision.number, at, author, revision.kind.value)
        for fields in _changes(old, new):
            yield Entry(*begin, **fields, reading=reading.label)


def _changes(old: Tracing, new: Tracing) -> Iterator[dict[str, Any]]:
    if old.turn != new.turn:
        yield {"what": "turn", "before": str(old.turn), "after": str(new.turn)}
    before = {point.landmark: point for point in old}
    for point in new:
        earlier = before.get(point.landmark, Point(point.landmark))
        if point != earlier:
            layers = (point.best, earlier.best)
            yield {
                "what": "point",
                "landmark": point.landmark,
                "before": earlier.state.value,
                "before_px": earlier.best.xy if earlier.best else None,
                "after": point.state.value,
                "after_px": point.best.xy if point.best else None,
                "model": next((layer.model for layer in layers if layer and layer.model), ""),
            }


def _landmarks(rows: Iterable[Any]) -> Iterator[Entry]:
    for row in rows:
        definition = json.loads(row.entry)["definition"]
        is_added = row.kind == "add"
        yield Entry(
            "", "", 0, row.at, row.author, "commit", "landmark", row.symbol,
            before="" if is_added else definition, after=definition if is_added else "",
        )  # fmt: skip


def _scales(record: FilmRecord, rows: Iterable[Any]) -> Iterator[Entry]:
    before = ""
    for row in rows:
        size = f"{row.x_mm} x {row.y_mm} mm ({row.provenance})" if row.provenance else "as on file"
        yield Entry(
            record.sha256, str(record.path), 0, row.at, row.author, "commit", "scale", "", before,
            after=size,
        )  # fmt: skip
        before = size

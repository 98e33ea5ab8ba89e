"""What is left of a workspace in a damaged file, table by table, completed from its backups."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cephview.core.reading import FIRST, Start
from cephview.store.journal import Kind
from cephview.store.landmarks import KINDS as LANDMARK_KINDS
from cephview.store.pages import Row, Value, rows_of
from cephview.store.schema import metadata

_KINDS = tuple(kind.value for kind in Kind)
_STARTS = tuple(start.value for start in Start)
_DIGEST_LENGTH = 64

Fields = dict[str, Any]


@dataclass
class Salvage:
    """Rows by what tells them apart. sequences: the highest row id each table ever gave.

    A revision is told by film, reading and number, a tracing by film and reading.
    """

    films: dict[str, Fields] = field(default_factory=dict)
    revisions: dict[tuple[str, int, int], Fields] = field(default_factory=dict)
    tracings: dict[tuple[str, int], Fields] = field(default_factory=dict)
    readings: dict[int, Fields] = field(default_factory=dict)
    scales: dict[int, Fields] = field(default_factory=dict)
    active_models: dict[int, Fields] = field(default_factory=dict)
    sessions: dict[int, Fields] = field(default_factory=dict)
    work: dict[int, Fields] = field(default_factory=dict)
    landmarks: dict[int, Fields] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def digests(self) -> list[str]:
        """Return every film that anything is known of, in the order in which they came."""
        known = {sha256 for sha256, _ in self.traced} | {*self.films}
        return sorted(known, key=lambda d: (self.films.get(d, {}).get("added_at", ""), d))

    @property
    def traced(self) -> list[tuple[str, int]]:
        """Return every film and reading that a step or a tracing is known of."""
        return sorted({(film, reading) for film, reading, _ in self.revisions} | {*self.tracings})

    @property
    def numbers(self) -> dict[tuple[str, int], list[int]]:
        """Return the numbers of the revisions of every film and reading that has any."""
        found: dict[tuple[str, int], list[int]] = {}
        for film, reading, number in sorted(self.revisions):
            found.setdefault((film, reading), []).append(number)
        return found


def salvaged(path: Path, tell: Callable[[float], None] = lambda share: None) -> Salvage:
    """Collect what a database file and its log still hold. Raises OSError."""
    found = Salvage()
    for row in rows_of(path, tell):
        _take(found, row)
    return found


def completed(found: Salvage, backup: Salvage) -> int:
    """Add what a backup has and a damaged file lost; return how many revisions that were.

    A reading of a film whose revisions differ where both have them went another way since: nothing
    is taken.
    """
    same = {
        key: found.revisions[key]["change"] == fields["change"]
        for key, fields in backup.revisions.items()
        if key in found.revisions
    }
    strangers = {key[:2] for key, is_same in same.items() if not is_same}
    taken = 0
    for key, fields in backup.revisions.items():
        if key not in found.revisions and key[:2] not in strangers:
            found.revisions[key] = fields
            taken += 1
    for film, fields in backup.films.items():
        found.films.setdefault(film, fields)
    for traced, fields in backup.tracings.items():
        if traced not in strangers:
            found.tracings.setdefault(traced, fields)
    for name in ("scales", "active_models", "sessions", "work", "readings", "landmarks"):
        mine = getattr(found, name)
        for row_id, fields in getattr(backup, name).items():
            mine.setdefault(row_id, fields)
    return taken


def _take(found: Salvage, row: Row) -> None:
    values = row.values
    match values:
        case (_, str() as film, int() as number, str() as kind, str(), str(), str(), *more) if (
            _is_digest(film) and kind in _KINDS and _can_be_read(values[6]) and _are_numbers(more)
        ):
            fields = _fields("revisions", row)
            found.revisions[film, fields["reading"], number] = fields
        case (str() as film, bytes(), str(), int(), int(), str(), _, _, str(), str(), *_) if (
            _is_digest(film)
        ):
            found.films[film] = _fields("films", row)
        case (str() as film, int() as number, str(), int(), int(), int(), int(), str(), *_) if (
            _is_digest(film)
        ):
            # A page that was rewritten elsewhere may still hold an older one.
            fields = _fields("tracings", row)
            traced = film, fields["reading"]
            is_newest = number >= found.tracings.get(traced, {}).get("number", 0)
            if is_newest and _can_be_read(values[2]):
                found.tracings[traced] = fields
        case (_, str() as film, x, y, str(), str(), str()) if (
            _is_digest(film) and _is_number(x) and _is_number(y)
        ):
            found.scales[row.id] = _fields("scales", row)
        case (None, str(), str() as start, str(), str()) if start in _STARTS:
            found.readings[row.id] = _fields("readings", row)
        case (None, str() as film, str(), str(), int() | float(), *_) if _is_digest(film):
            found.work[row.id] = _fields("work", row)
        case (None, str(), str() as kind, str() as entry, str(), str()) if (
            kind in LANDMARK_KINDS and _can_be_read(entry)
        ):
            found.landmarks[row.id] = _fields("landmarks", row)
        case (None, str(), str(), str()):
            kept = found.sessions.get(row.id)
            if kept is None or not kept["closed_at"]:
                found.sessions[row.id] = _fields("sessions", row)
        case (None, str(), str()):
            found.active_models[row.id] = _fields("active_models", row)
        case (str() as table, int() as last) if table in metadata.tables:
            found.sequences[table] = max(last, found.sequences.get(table, 0))


def _fields(table: str, row: Row) -> Fields:
    """Return a row by column. An older version's row is shorter; an id stands outside it."""
    columns: Iterable[Any] = metadata.tables[table].columns
    fields = {c.name: value for c, value in zip(columns, row.values, strict=False)}
    if "id" in fields:
        fields["id"] = row.id
    if "reading" in metadata.tables[table].columns:
        # Before readings were told apart, all was of the first.
        fields.setdefault("reading", FIRST.number)
    return fields


def _can_be_read(text: Value) -> bool:
    """Whether a text is empty or JSON; on a spoilt page it is neither."""
    try:
        return text == "" or bool(json.loads(str(text)))
    except ValueError:
        return False


def _is_digest(text: str) -> bool:
    return len(text) == _DIGEST_LENGTH and text.isalnum()


def _is_number(value: Value) -> bool:
    return value is None or isinstance(value, int | float)


def _are_numbers(values: Iterable[Value]) -> bool:
    return all(isinstance(value, int) for value in values)

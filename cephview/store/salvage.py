"""What is left of a workspace in a damaged file, table by table, completed from its backups."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Table

from cephview.core.reading import FIRST, Start
from cephview.store.checksums import CHECKSUM, is_whole
from cephview.store.journal import Kind
from cephview.store.landmarks import KINDS as LANDMARK_KINDS
from cephview.store.pages import Row, Value, rows_of
from cephview.store.rows import Fields, Written
from cephview.store.schema import CHECKED_TABLES, metadata

_KINDS = tuple(kind.value for kind in Kind)
_STARTS = tuple(start.value for start in Start)
_DIGEST_LENGTH = 64
_CHECKSUM_DIGITS = 16


@dataclass
class Salvage:
    """Rows by what tells them apart. sequences: the highest row id each table ever gave.

    A revision is told by film, reading and number, a tracing by film and reading. is_checked: its
    rows have checksums, by which each was proved to be as it was written.
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
    meta: dict[str, str] = field(default_factory=dict)
    is_checked: bool = False

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

    def gaps(self) -> dict[str, int]:
        """Return how many rows are missing of tables to which rows are only ever added."""
        found = {}
        for name in ("scales", "readings", "active_models", "work", "landmarks"):
            rows = getattr(self, name)
            found[name] = max([self.sequences.get(name, 0), *rows]) - len(rows)
        return {name: count for name, count in found.items() if count > 0}


def salvaged(path: Path, tell: Callable[[float], None] = lambda share: None) -> Salvage:
    """Collect what a database file and its log still hold. Raises OSError."""
    proved, guessed = Salvage(), Salvage()
    for row in rows_of(path, tell):
        table = _proved(row)
        if table is not None:
            proved.is_checked = True
            take(proved, table.name, _fields(table.name, row))
            continue
        _take_sequence(proved, row)
        if not proved.is_checked:
            # One of a version without checksums, or damaged.
            _guess(guessed, row)
    return proved if proved.is_checked else guessed


def logged(written: Iterable[Written]) -> Salvage:
    """Collect what a step log holds."""
    found = Salvage(is_checked=True)
    for one in written:
        take(found, one.table, one.fields)
    return found


def with_newest_films(found: Salvage, written: Iterable[Written]) -> None:
    """Put what a step log says of films in the place of what that replaced."""
    for one in written:
        if one.table == "films":
            there = found.films.get(one.fields["sha256"])
            if there is None or there.get(CHECKSUM) == one.before:
                found.films[one.fields["sha256"]] = one.fields


def completed(found: Salvage, other: Salvage) -> tuple[int, dict[tuple[str, int], list[int]]]:
    """Add what a backup or a step log has and a damaged file lost; return how many revisions.

    A reading of a film whose revisions differ where both have them went another way since: nothing
    is taken, and the numbers of those that only the other has are returned as well.
    """
    strangers = {
        key[:2]
        for key, fields in other.revisions.items()
        if key in found.revisions and not is_same_step(found.revisions[key], fields)
    }
    taken = 0
    left: dict[tuple[str, int], list[int]] = {}
    for key, fields in sorted(other.revisions.items()):
        mine = found.revisions.get(key)
        if mine is not None and is_same_step(mine, fields):
            continue
        if key[:2] in strangers:
            left.setdefault(key[:2], []).append(key[2])
        else:
            found.revisions[key] = fields
            taken += 1
    for film, fields in other.films.items():
        found.films.setdefault(film, fields)
    for traced, fields in other.tracings.items():
        # Of two of the same step the one that was there first knows as much, or more.
        there = found.tracings.get(traced, {"number": 0})["number"]
        if traced not in strangers and fields["number"] > there:
            found.tracings[traced] = fields
    for name in ("scales", "active_models", "sessions", "work", "readings", "landmarks"):
        rows = getattr(found, name)
        for row_id, fields in getattr(other, name).items():
            rows.setdefault(row_id, fields)
    found.meta = {**other.meta, **found.meta}
    return taken, left


def is_same_step(one: Fields, other: Fields) -> bool:
    """Whether two rows are the same revision; only of later versions have they a checksum."""
    return all(one[name] == other[name] for name in ("kind", "author", "at", "change"))


def take(found: Salvage, table: str, fields: Fields) -> None:
    """Take a row of which the table is known; of a row that is replaced, the newest is kept."""
    match table:
        case "meta":
            found.meta[fields["key"]] = fields["value"]
        case "films":
            found.films[fields["sha256"]] = fields
        case "revisions":
            found.revisions[fields["film"], fields["reading"], fields["number"]] = fields
        case "tracings":
            # A page that was rewritten elsewhere may still hold an older one.
            traced = fields["film"], fields["reading"]
            if fields["number"] >= found.tracings.get(traced, {}).get("number", 0):
                found.tracings[traced] = fields
        case "sessions":
            kept = found.sessions.get(fields["id"])
            if kept is None or not kept["closed_at"]:
                found.sessions[fields["id"]] = fields
        case name:
            getattr(found, name)[fields["id"]] = fields


def _proved(row: Row) -> Table | None:
    """Return the table that a row proves to be of by its checksum, or None."""
    values = row.values
    if not values or not isinstance(values[-1], str) or len(values[-1]) != _CHECKSUM_DIGITS:
        return None
    for table in CHECKED_TABLES.values():
        columns = table.columns.keys()
        if len(columns) == len(values) and is_whole(table, dict(zip(columns, values, strict=True))):
            return table
    return None


def _take_sequence(found: Salvage, row: Row) -> None:
    match row.values:
        case (str() as table, int() as last) if table in metadata.tables:
            found.sequences[table] = max(last, found.sequences.get(table, 0))


def _guess(found: Salvage, row: Row) -> None:
    """Take a row of a version without checksums, as the kinds of its values tell it."""
    values = row.values
    name = ""
    match values:
        case (_, str() as film, int(), str() as kind, str(), str(), str(), *more) if (
            _is_digest(film) and kind in _KINDS and _can_be_read(values[6]) and _are_numbers(more)
        ):
            name = "revisions"
        case (str() as film, bytes(), str(), int(), int(), str(), _, _, str(), str(), *_) if (
            _is_digest(film)
        ):
            name = "films"
        case (str() as film, int(), str(), int(), int(), int(), int(), str(), *_) if _is_digest(
            film
        ) and _can_be_read(values[2]):
            name = "tracings"
        case (_, str() as film, x, y, str(), str(), str()) if (
            _is_digest(film) and _is_number(x) and _is_number(y)
        ):
            name = "scales"
        case (None, str(), str() as start, str(), str()) if start in _STARTS:
            name = "readings"
        case (None, str() as film, str(), str(), int() | float(), *_) if _is_digest(film):
            name = "work"
        case (None, str(), str() as kind, str() as entry, str(), str()) if (
            kind in LANDMARK_KINDS and _can_be_read(entry)
        ):
            name = "landmarks"
        case (None, str(), str(), str()):
            name = "sessions"
        case (None, str(), str()):
            name = "active_models"
        case _:
            _take_sequence(found, row)
    if name:
        take(found, name, _fields(name, row))


def _fields(table: str, row: Row) -> Fields:
    """Return a row by column. An older version's row is shorter; an id stands outside it."""
    fields = dict(zip(metadata.tables[table].columns.keys(), row.values, strict=False))
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

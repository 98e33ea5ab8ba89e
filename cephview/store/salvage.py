"""What is left of a workspace in a damaged file, table by table, completed from its backups."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cephview.store.journal import Kind
from cephview.store.pages import Row, Value, rows_of
from cephview.store.schema import metadata

_KINDS = tuple(kind.value for kind in Kind)
_DIGEST_LENGTH = 64

Fields = dict[str, Any]


@dataclass
class Salvage:
    """Rows by what tells them apart. sequences: the highest row id each table ever gave."""

    films: dict[str, Fields] = field(default_factory=dict)
    revisions: dict[tuple[str, int], Fields] = field(default_factory=dict)
    tracings: dict[str, Fields] = field(default_factory=dict)
    scales: dict[int, Fields] = field(default_factory=dict)
    active_models: dict[int, Fields] = field(default_factory=dict)
    sessions: dict[int, Fields] = field(default_factory=dict)
    work: dict[int, Fields] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def digests(self) -> list[str]:
        """Return every film that anything is known of, in the order in which they came."""
        known = {sha256 for sha256, _ in self.revisions} | {*self.films, *self.tracings}
        return sorted(known, key=lambda d: (self.films.get(d, {}).get("added_at", ""), d))

    def numbers(self, sha256: str) -> list[int]:
        return sorted(number for film, number in self.revisions if film == sha256)


def salvaged(path: Path) -> Salvage:
    """Collect what a database file and its log still hold. Raises OSError."""
    found = Salvage()
    for row in rows_of(path):
        _take(found, row)
    return found


def completed(found: Salvage, backup: Salvage) -> int:
    """Add what a backup has and a damaged file lost; return how many revisions that were.

    A film whose revisions differ where both have them went another way since: nothing is taken.
    """
    same = {
        key: found.revisions[key]["change"] == fields["change"]
        for key, fields in backup.revisions.items()
        if key in found.revisions
    }
    strangers = {film for (film, _), is_same in same.items() if not is_same}
    taken = 0
    for key, fields in backup.revisions.items():
        if key not in found.revisions and key[0] not in strangers:
            found.revisions[key] = fields
            taken += 1
    for film, fields in backup.films.items():
        found.films.setdefault(film, fields)
    for film, fields in backup.tracings.items():
        if film not in strangers:
            found.tracings.setdefault(film, fields)
    for name in ("scales", "active_models", "sessions", "work"):
        mine = getattr(found, name)
        for row_id, fields in getattr(backup, name).items():
            mine.setdefault(row_id, fields)
    return taken


def _take(found: Salvage, row: Row) -> None:
    values = row.values
    match values:
        case (_, str() as film, int() as number, str() as kind, str(), str(), str()) if (
            _is_digest(film) and kind in _KINDS and _can_be_read(values[6])
        ):
            found.revisions[film, number] = _fields("revisions", row)
        case (str() as film, bytes(), str(), int(), int(), str(), _, _, str(), str()) if _is_digest(
            film
        ):
            found.films[film] = _fields("films", row)
        case (str() as film, int() as number, str(), int(), int(), int(), int(), str(), *_) if (
            _is_digest(film)
        ):
            # A page that was rewritten elsewhere may still hold an older one.
            is_newest = number >= found.tracings.get(film, {}).get("number", 0)
            if is_newest and _can_be_read(values[2]):
                found.tracings[film] = _fields("tracings", row)
        case (_, str() as film, x, y, str(), str(), str()) if (
            _is_digest(film) and _is_number(x) and _is_number(y)
        ):
            found.scales[row.id] = _fields("scales", row)
        case (None, str() as film, str(), str(), int() | float()) if _is_digest(film):
            found.work[row.id] = _fields("work", row)
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

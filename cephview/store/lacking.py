"""What a database file lacks of all that its step log says was kept."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from cephview.store import sqlite, step_log
from cephview.store.checksums import CHECKSUM
from cephview.store.rows import Written
from cephview.store.step_log import Head, StepLog, Traced

Numbers = dict[Traced, list[int]]


@dataclass(frozen=True)
class Lack:
    """What is missing, by film and reading.

    steps are revisions that are not there, apart such of the log that went another way than those
    that are there. nameless counts revisions of films that cannot be told, others rows that are no
    step. doubt says why the log does not tell all, as part of a sentence; empty where it does.
    is_foreign: the log is that of another workspace.
    """

    steps: Numbers = field(default_factory=dict)
    apart: Numbers = field(default_factory=dict)
    nameless: int = 0
    others: int = 0
    doubt: str = ""
    is_foreign: bool = False

    @property
    def count(self) -> int:
        """How many steps are missing."""
        return sum(map(len, self.steps.values())) + self.nameless

    def __bool__(self) -> bool:
        return bool(self.count or self.others)


def lack(path: Path) -> Lack:
    """Compare a file that is whole with its step log; nothing is written. Raises StoreError."""
    log = step_log.read(path)
    place = step_log.place_of(path)
    if log is None:
        return Lack(doubt=f"its step log {place} is missing")
    with closing(sqlite.connect_for_reading(path)) as connection:
        if log.head is not None and log.head.workspace != sqlite.identity_of(path):
            return Lack(doubt=f"its step log {place} is missing", is_foreign=True)
        steps, apart = _steps(connection, log.written)
        last = connection.execute("SELECT coalesce(max(id), 0) FROM revisions").fetchone()[0]
        nameless = 0
        if log.head is not None and not _has(connection, log.head):
            for traced, numbers in _behind(connection, log.head).items():
                steps[traced] = sorted({*steps.get(traced, ()), *numbers})
            if not log.head.of_film:
                nameless = max(0, log.head.last_id - last)
        others = _others(connection, log.written)
        is_told = tells_all(log, lambda first, until: _is_there(connection, first, until))
    doubt = "" if is_told else f"its step log {place} is damaged"
    return Lack(steps, apart, nameless, others, doubt)


def expected(log: StepLog) -> dict[Traced, int]:
    """Return how far each reading of a film was, as far as a step log knows."""
    found = dict(log.head.of_film) if log.head is not None else {}
    for one in log.written:
        if one.table == "revisions":
            traced = one.fields["film"], one.fields["reading"]
            found[traced] = max(found.get(traced, 0), one.fields["number"])
    return found


def tells_all(log: StepLog, is_there: Callable[[int, int], bool]) -> bool:
    """Whether a step log tells all that was kept, although a part of it may be damaged.

    is_there(first, until) says whether all steps of these ids are in the database: then the lines
    that cannot be read say nothing that is not there.
    """
    if not log.is_damaged:
        return True
    ids = [one.fields["id"] for one in log.written if one.table == "revisions"]
    if log.head is not None:
        ids.append(log.head.last_id)
    return bool(ids) and is_there(min(ids) + 1, max(ids) + log.unread)


def _steps(connection: sqlite3.Connection, written: Iterable[Written]) -> tuple[Numbers, Numbers]:
    logged: dict[Traced, dict[int, str]] = {}
    for one in written:
        if one.table == "revisions":
            row = one.fields
            traced = row["film"], row["reading"]
            logged.setdefault(traced, {})[row["number"]] = row[CHECKSUM]
    missing: Numbers = {}
    apart: Numbers = {}
    for traced, numbers in logged.items():
        query = f"SELECT number, {CHECKSUM} FROM revisions WHERE film = ? AND reading = ?"
        there = dict(connection.execute(f"{query} AND number >= ?", (*traced, min(numbers))))
        gone = [number for number in sorted(numbers) if number not in there]
        other = [n for n, found in sorted(numbers.items()) if there.get(n, found) != found]
        if other:
            apart[traced] = sorted(other + gone)
        elif gone:
            missing[traced] = gone
    return missing, apart


def _has(connection: sqlite3.Connection, head: Head) -> bool:
    """Whether the last step of a head is in the database, and so all before it."""
    if not head.last_id:
        return True
    query = f"SELECT {CHECKSUM} FROM revisions WHERE id = ?"
    row = connection.execute(query, (head.last_id,)).fetchone()
    return row is not None and row[0] == head.checksum


def _behind(connection: sqlite3.Connection, head: Head) -> Numbers:
    query = "SELECT coalesce(max(number), 0) FROM revisions WHERE film = ? AND reading = ?"
    found = {}
    for traced, number in head.of_film.items():
        last = connection.execute(query, traced).fetchone()[0]
        if last < number:
            found[traced] = list(range(last + 1, number + 1))
    return found


def _others(connection: sqlite3.Connection, written: Iterable[Written]) -> int:
    """Count rows of the log that are no step and are not in the database."""
    count = 0
    films: dict[str, list[Written]] = {}
    for one in written:
        if one.table == "films":
            films.setdefault(one.fields["sha256"], []).append(one)
        elif one.table != "revisions":
            query = f"SELECT 1 FROM {one.table} WHERE id = ?"
            count += connection.execute(query, (one.fields["id"],)).fetchone() is None
    for sha256, states in films.items():
        query = f"SELECT {CHECKSUM} FROM films WHERE sha256 = ?"
        row = connection.execute(query, (sha256,)).fetchone()
        # Another than any that the log knows is newer than the log.
        older = {one.before for one in states} | {one.fields[CHECKSUM] for one in states[:-1]}
        newest = states[-1].fields[CHECKSUM]
        count += row is None or (row[0] != newest and row[0] in older)
    return count


def _is_there(connection: sqlite3.Connection, first: int, until: int) -> bool:
    query = "SELECT count(*) FROM revisions WHERE id BETWEEN ? AND ?"
    found: int = connection.execute(query, (first, until)).fetchone()[0]
    return found == until - first + 1

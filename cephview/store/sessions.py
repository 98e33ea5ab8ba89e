"""Sessions: each begins with its first write; one that never closed was ended from outside."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from cephview.store import rows, sqlite
from cephview.store.schema import sessions

# A second window of one process must not take the first for dead.
_begun_here: set[tuple[str, int]] = set()


def begin(connection: Connection, place: str, *, author: str, at: str) -> int:
    """Append a session and return its number."""
    values = {"author": author, "opened_at": at, "closed_at": ""}
    number = int(rows.insert(connection, sessions, values)["id"])
    _begun_here.add((place, number))
    return number


def end(connection: Connection, place: str, number: int, *, at: str) -> None:
    """Say that a session was closed."""
    rows.replace(connection, sessions, {"id": number}, {"closed_at": at})
    forget(place, number)


def forget(place: str, number: int) -> None:
    _begun_here.discard((place, number))


def end_lost(connection: Connection, numbers: tuple[int, ...], *, at: str) -> None:
    """Close sessions that were ended from outside, so that each is told once."""
    for number in numbers:
        rows.replace(connection, sessions, {"id": number}, {"closed_at": at})


def lost_sessions(path: Path) -> tuple[int, ...]:
    """Return the sessions of a file that never closed, where no window can still be in them."""
    found = tuple(n for n in unclosed(path) if (str(path), n) not in _begun_here)
    try:
        return () if not found or sqlite.is_open_elsewhere(path) else found
    except OSError:
        # Where nothing can be locked nobody knows, and nothing can be written either.
        return ()


def unclosed(path: Path) -> tuple[int, ...]:
    """Return the sessions of a file that never closed, or are under way."""
    with closing(sqlite.connect_for_reading(path)) as connection:
        found = connection.execute("SELECT id FROM sessions WHERE closed_at = ''").fetchall()
    return tuple(number for (number,) in found)


def told(path: Path, numbers: tuple[int, ...], doubt: str) -> str:
    """Return a sentence on sessions that were ended from outside.

    doubt says why it is not known whether all their steps are here, empty where they are.
    """
    with closing(sqlite.connect_for_reading(path)) as connection:
        (opened_at,) = connection.execute(
            "SELECT opened_at FROM sessions WHERE id = ?", (min(numbers),)
        ).fetchone()
        # From the end: to count by time alone would read every step that was ever made.
        (before,) = connection.execute(
            "SELECT coalesce((SELECT id FROM revisions WHERE at < ? ORDER BY id DESC LIMIT 1), 0)",
            (opened_at,),
        ).fetchone()
        steps = connection.execute(
            "SELECT count(*) FROM revisions WHERE id > ?", (before,)
        ).fetchone()[0]
        last = connection.execute(
            "SELECT name, r.at FROM revisions r JOIN films ON sha256 = film "
            "WHERE r.id > ? ORDER BY r.id DESC LIMIT 1",
            (before,),
        ).fetchone()
    begun = "The last session was ended before it could close"
    more = f"; whether there were more cannot be known, since {doubt}" if doubt else ""
    if last is None:
        if doubt:
            return f"{begun}; no step of it is here{more}."
        return f"{begun}; no step was made in it."
    name, at = last
    if doubt:
        here = "one step of it is" if steps == 1 else f"{steps} steps of it are"
    else:
        here = "its one step is" if steps == 1 else f"all its {steps} steps are"
    return f"{begun}; {here} here, the last on {name} at {clock(at)}{more}."


def clock(at: str) -> str:
    """Return a time (ISO 8601) as people here write it."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%H:%M on %Y-%m-%d")
    except ValueError:
        return at

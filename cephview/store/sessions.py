"""Sessions: each begins with its first write; one that never closed was ended from outside."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from cephview.store import sqlite
from cephview.store.schema import sessions

# A second window of one process must not take the first for dead.
_begun_here: set[tuple[str, int]] = set()


def begin(connection: Connection, place: str, *, author: str, at: str) -> int:
    """Append a session and return its number."""
    values = {"author": author, "opened_at": at, "closed_at": ""}
    key = connection.execute(sessions.insert().values(values)).inserted_primary_key
    assert key is not None
    number = int(key[0])
    _begun_here.add((place, number))
    return number


def end(connection: Connection, place: str, number: int, *, at: str) -> None:
    """Say that a session was closed."""
    connection.execute(sessions.update().where(sessions.c.id == number).values(closed_at=at))
    forget(place, number)


def forget(place: str, number: int) -> None:
    _begun_here.discard((place, number))


def end_lost(connection: Connection, numbers: tuple[int, ...], *, at: str) -> None:
    """Close sessions that were ended from outside, so that each is told once."""
    connection.execute(sessions.update().where(sessions.c.id.in_(numbers)).values(closed_at=at))


def lost_sessions(path: Path) -> tuple[int, ...]:
    """Return the sessions of a file that never closed, where no window can still be in them."""
    with closing(sqlite.connect_for_reading(path)) as connection:
        rows = connection.execute("SELECT id FROM sessions WHERE closed_at = ''").fetchall()
    found = tuple(number for (number,) in rows if (str(path), number) not in _begun_here)
    try:
        return () if not found or sqlite.is_open_elsewhere(path) else found
    except OSError:
        # Where nothing can be locked nobody knows, and nothing can be written either.
        return ()


def told(path: Path, numbers: tuple[int, ...]) -> str:
    """Return a sentence on sessions that were ended from outside."""
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
    if last is None:
        return f"{begun}; no step was made in it."
    name, at = last
    counted = "its one step is" if steps == 1 else f"all its {steps} steps are"
    return f"{begun}; {counted} here, the last on {name} at {_clock(at)}."


def _clock(at: str) -> str:
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%H:%M on %Y-%m-%d")
    except ValueError:
        return at

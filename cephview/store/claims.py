"""Who is at work on which film: claims, each kept alive by its window and given up with it.

A claim keeps nobody out. It says in the list of films of a shared workspace who is there, so that a
team spreads over the films; work on one film is brought together all the same (store.merging).
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, DateTime, func, or_, select
from sqlalchemy.exc import IntegrityError

from cephview.store.schema import claims

# A window that gave no sign for so long is gone.
STALE_S = 60.0


def claim(connection: Connection, sha256: str, *, window: str, author: str) -> str | None:
    """Claim a film for a window; return None, else who has it.

    What the window claimed before is given up: a hand is at one film.
    """
    release(connection, window, but=sha256)
    now = _now(connection)
    values = {"window": window, "author": author, "at": now.isoformat()}
    is_mine = claims.c.window == window
    mine = claims.update().where(claims.c.film == sha256, or_(is_mine, _is_stale(now)))
    if connection.execute(mine.values(values)).rowcount:
        return None
    try:
        with connection.begin_nested():
            connection.execute(claims.insert().values(film=sha256, **values))
    except IntegrityError:
        query = select(claims.c.author).where(claims.c.film == sha256)
        return str(connection.execute(query).scalar() or "")
    return None


def release(connection: Connection, window: str, *, but: str = "") -> None:
    """Give up what a window claimed, but for one film."""
    connection.execute(claims.delete().where(claims.c.window == window, claims.c.film != but))


def read_others(connection: Connection, window: str) -> dict[str, str]:
    """Return who is at work on which film, other than a window: film -> author."""
    fresh = ~_is_stale(_now(connection))
    query = select(claims.c.film, claims.c.author).where(claims.c.window != window, fresh)
    return {row.film: row.author for row in connection.execute(query)}


def _is_stale(now: datetime) -> ColumnElement[bool]:
    return claims.c.at < (now - timedelta(seconds=STALE_S)).isoformat()


def _now(connection: Connection) -> datetime:
    """Return the database's own time: clocks of a team differ."""
    found: datetime = connection.execute(
        select(func.current_timestamp(type_=DateTime(timezone=True)))
    ).scalar_one()
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)

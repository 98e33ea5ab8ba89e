"""What two readings of a workspace have in common."""

from collections.abc import Collection

from cephview.core.comparison import ReadTwice, pairs
from cephview.store import queries
from cephview.store.workspace import Workspace


def films_read_twice(
    workspace: Workspace, first: int, second: int, only: Collection[str] | None = None
) -> tuple[ReadTwice, ...]:
    """Return the films with points that the readers of both readings stand for, as they came.

    only: the SHA-256 of the films to look at, all where None. Raises StoreError.
    """
    with workspace.transaction() as connection:
        records = queries.read_films(connection)
        mine = queries.read_tracings(connection, first)
        theirs = queries.read_tracings(connection, second)
    found = [
        ReadTwice(record.pixel_size, mine[record.sha256], theirs[record.sha256])
        for record in records
        if record.sha256 in mine
        and record.sha256 in theirs
        and (only is None or record.sha256 in only)
    ]
    return tuple(film for film in found if pairs(film.first, film.second, film.size))

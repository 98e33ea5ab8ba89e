"""Films that are skipped, or in the bin: still known with all their steps, and no longer data."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from cephview.store import queries
from cephview.store.records import FilmRecord

if TYPE_CHECKING:
    from cephview.store.workspace import Workspace


def set_skipped(workspace: "Workspace", films: Collection[str], *, is_skipped: bool) -> None:
    """Let no model learn from films, by SHA-256, and no export hold them; or take that back."""
    with workspace.writing() as connection:
        queries.mark_films(connection, films, {"is_skipped": int(is_skipped)})


def put_in_bin(workspace: "Workspace", films: Collection[str], *, at: str) -> None:
    """Take films out of the workspace, by SHA-256; all that is known of them stays in its bin."""
    with workspace.writing() as connection:
        queries.mark_films(connection, films, {"binned_at": at})


def take_from_bin(workspace: "Workspace", films: Collection[str]) -> None:
    """Put films back among those of the workspace, by SHA-256, as they were."""
    with workspace.writing() as connection:
        queries.mark_films(connection, films, {"binned_at": ""})


def films_in_bin(workspace: "Workspace") -> tuple[FilmRecord, ...]:
    """Return what is in the bin, what came last first."""
    binned = (record for record in every_film(workspace) if record.binned_at)
    return tuple(sorted(binned, key=lambda record: record.binned_at, reverse=True))


def every_film(workspace: "Workspace") -> tuple[FilmRecord, ...]:
    """Return every film in the order in which they came, those in the bin, too."""
    with workspace.transaction() as connection:
        return queries.read_every_film(connection)

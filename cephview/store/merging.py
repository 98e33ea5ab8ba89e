"""A step made without sight of another window's, brought together with what is there now."""

from dataclasses import dataclass

from sqlalchemy import Connection

from cephview.core import merging
from cephview.core.merging import Merged
from cephview.core.tracing import Tracing
from cephview.store import journal, queries
from cephview.store.errors import StoreError
from cephview.store.journal import Kind, Revision


@dataclass(frozen=True)
class Appended:
    """What became of a step. number is the film's last revision now, merged what both made."""

    number: int
    merged: Merged


def append_merged(
    connection: Connection,
    sha256: str,
    reading: int,
    before: Tracing,
    after: Tracing,
    *,
    by: str,
    at: str,
) -> Appended:
    """Append the step from before to after onto whatever a reading of a film is now.

    What contests another's word is appended, too, and undone at once: the film shows the other's,
    and the step is in the journal for ever, one redo away. Raises StoreError for another landmark
    set.
    """
    queries.lock_film(connection, sha256)
    number = queries.last_number(connection, sha256, reading)
    present = queries.read_tracing(connection, sha256, reading)
    scale = queries.read_scale(connection, sha256)
    if present is None:
        present = journal.blank(after).scaled(scale)
    if present.landmark_set != after.landmark_set:
        raise StoreError(
            f"A film was traced with the landmark set {present.landmark_set} in another window, "
            f"not with {after.landmark_set}: choose that set to go on.",
            is_conflict=True,
        )
    found = merging.merged(before.aligned(after), after, present.aligned(after))

    def append(kind: Kind, new: Tracing) -> bool:
        nonlocal number, present, scale
        assert present is not None
        change = ""
        if kind is Kind.COMMIT:
            change = journal.difference(present, new)
            if not change:
                return False
            change = change if number else journal.first_difference(new, scale)
        number += 1
        signed = journal.author_of(present, new) or by
        revision = Revision(number, kind, change)
        queries.append_revision(connection, sha256, reading, revision, new, by=signed, at=at)
        if new.scale != scale:
            queries.append_scale(connection, sha256, new.scale, by=signed, at=at)
        present, scale = new, new.scale
        return True

    append(Kind.COMMIT, found.tracing)
    shown = present
    if append(Kind.COMMIT, found.mine):
        append(Kind.UNDO, shown)
    return Appended(number, found)

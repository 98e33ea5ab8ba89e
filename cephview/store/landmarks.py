"""What a workspace adds to its landmark set: landmarks of other sets, or of the user's own.

Every addition and every retirement is a row that is never changed. A landmark stays known for ever,
since films may have points of it; one that was added again comes back as it was.
"""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cephview.core.landmarks import Landmark, LandmarkSet
from cephview.core.tracing import Point
from cephview.store import queries
from cephview.store.errors import StoreError

if TYPE_CHECKING:
    from cephview.store.workspace import Workspace


class Kind(StrEnum):
    ADD = "add"
    RETIRE = "retire"


KINDS = tuple(kind.value for kind in Kind)


def landmark_set(workspace: "Workspace", base: LandmarkSet) -> LandmarkSet:
    """Return a set with what the workspace added to it. Raises StoreError."""
    with workspace.transaction() as connection:
        return _read(connection, base)


def add_landmark(
    workspace: "Workspace", base: LandmarkSet, landmark: Landmark, *, by: str, at: str
) -> LandmarkSet:
    """Add a landmark to the set of a workspace, and so to every film; return the new set.

    Raises StoreError where its symbol is taken, or the workspace cannot be written.
    """
    with workspace.writing() as connection:
        return _append(connection, base, Kind.ADD, landmark, by, at)


def retire_landmark(
    workspace: "Workspace", base: LandmarkSet, landmark: str, *, by: str, at: str
) -> LandmarkSet:
    """Take an added landmark out of the set; films that have a point of it keep that.

    Raises StoreError for one that was not added, or where the workspace cannot be written.
    """
    with workspace.writing() as connection:
        known = _read(connection, base)
        if landmark not in known:
            raise StoreError(f"{landmark} is not one of the landmarks that were added.")
        return _append(connection, base, Kind.RETIRE, known[landmark], by, at)


def _append(
    connection: Connection, base: LandmarkSet, kind: Kind, landmark: Landmark, by: str, at: str
) -> LandmarkSet:
    before = _read(connection, base)
    try:
        after = _changed(before, kind, landmark)
    except ValueError as error:
        raise StoreError(str(error)) from error
    entry = json.dumps(asdict(landmark), sort_keys=True)
    queries.append_landmark(connection, landmark.id, kind.value, entry, by=by, at=at)
    _count_anew(connection, landmark.id, 1 if kind is Kind.ADD else -1)
    return after


def _read(connection: Connection, base: LandmarkSet) -> LandmarkSet:
    made = base
    for row in queries.read_landmarks(connection):
        try:
            made = _changed(made, Kind(row.kind), Landmark(**json.loads(row.entry)))
        except ValueError:
            # The set that ships may have grown to hold it since.
            if row.symbol not in base:
                raise
        except TypeError as error:
            raise ValueError(f"landmark {row.symbol!r}: {error}") from error
    return made


def _changed(before: LandmarkSet, kind: Kind, landmark: Landmark) -> LandmarkSet:
    if kind is Kind.ADD:
        return before.with_added(landmark)
    return before.with_retired(landmark.id)


def _count_anew(connection: Connection, landmark: str, step: int) -> None:
    """Count a landmark as one more, or one less, to place on films that have no point of it."""
    for film, reading, tracing in queries.read_all_tracings(connection):
        points = {point.landmark: point for point in tracing}
        if points.get(landmark, Point(landmark)) == Point(landmark):
            queries.add_to_total(connection, film, reading, step)

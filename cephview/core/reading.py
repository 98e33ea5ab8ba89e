"""Readings: one person's tracing of some films, blind to what others made of the same films."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cephview.core.tracing import Point, Tracing


class Start(StrEnum):
    """What a reading of a film begins with.

    MODEL: the model's layers as they are in the first reading, never its human points. NOTHING: no
    point at all. DECISIONS: not a reading but what was decided where readers differ.
    """

    MODEL = "model"
    NOTHING = "nothing"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Reading:
    """A reading of a workspace. number 0 is the first one, which every workspace has.

    reader is empty for the first, whose points say themselves who placed them, and for decisions.
    begun_at is UTC, ISO 8601.
    """

    number: int
    reader: str = ""
    start: Start = Start.MODEL
    begun_at: str = ""

    @property
    def is_first(self) -> bool:
        return self.number == 0

    @property
    def is_decisions(self) -> bool:
        return self.start is Start.DECISIONS

    @property
    def label(self) -> str:
        """Return what tells it apart, as a user reads it."""
        if self.is_first:
            return "first reading"
        return "adjudicated" if self.is_decisions else self.reader


FIRST = Reading(0)


def beginning(start: Start, first: Tracing | None, empty: Tracing) -> Tracing:
    """Return what a further reading of a film begins with, given the first one of it.

    How the film is turned is taken over in any case: it is a fact of the film.
    """
    if first is None or first.landmark_set != empty.landmark_set:
        return empty
    if start is Start.MODEL:
        return first.by_model()
    return replace(empty, turn=first.turn)


def is_decided(point: Point) -> bool:
    """Whether a point of the decisions says something: a place, sure or unsure, or not visible."""
    return point.truth is not None or point.hidden is not None or point.unsure is not None


def with_decisions(first: Tracing, decisions: Tracing) -> Tracing:
    """Return the first reading of a film with what was decided in the place of its own points."""
    decided = {point.landmark: point for point in decisions if is_decided(point)}
    first = first.aligned(decisions)
    points = tuple(
        replace(
            point,
            human=decided[point.landmark].human,
            confirmed=decided[point.landmark].confirmed,
            hidden=decided[point.landmark].hidden,
            unsure=decided[point.landmark].unsure,
        )
        if point.landmark in decided
        else point
        for point in first
    )
    return replace(first, points=points)

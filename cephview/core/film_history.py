"""The history of one film's tracing: what it was about, and the same under another landmark set."""

from collections.abc import Iterable

from cephview.core.history import History
from cephview.core.landmarks import LandmarkSet
from cephview.core.tracing import Point, Tracing


def was_traced(history: History[Tracing]) -> bool:
    """Say whether a film was ever more than turned."""
    return bool(_said((*history.past, history.present)))


def aligned_history(
    history: History[Tracing], landmarks: LandmarkSet
) -> tuple[LandmarkSet, History[Tracing]]:
    """Return a history whose every step has the points of a set, and of what is retired those that
    any step has something to say of; before it the set, with a stand-in for what it does not know.

    A history of another landmark set stays as it is.
    """
    steps = (*history.past, history.present, *history.future)
    others = {i for step in steps for i in step.ids} - set(landmarks.ids)
    if others:
        landmarks = landmarks.knowing(sorted(others))
    empty = Tracing.of(landmarks.covering(_said(steps) & others) if others else landmarks)
    if empty.landmark_set != history.present.landmark_set:
        return landmarks, history
    return landmarks, History(
        history.present.aligned(empty),
        tuple(step.aligned(empty) for step in history.past),
        tuple(step.aligned(empty) for step in history.future),
    )


def _said(steps: Iterable[Tracing]) -> set[str]:
    return {p.landmark for step in steps for p in step if p != Point(p.landmark)}

"""The history of one film's tracing: what it was about, and the same under another landmark set,
or on a film whose scale was changed elsewhere.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from cephview.core.history import History
from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing


def was_traced(history: History[Tracing]) -> bool:
    """Say whether a film was ever more than turned."""
    return bool(_said((*history.past, history.present)))


def aligned_history(
    history: History[Tracing], landmarks: LandmarkSet
) -> tuple[LandmarkSet, History[Tracing]]:
    """Return a history whose every step has the points of a set, and of what is retired those that
    any step up to now has something to say of; before it the set, with a stand-in for what it does
    not know. A step that was undone keeps what it alone says of a retired landmark.

    A history of another landmark set stays as it is.
    """
    steps = (*history.past, history.present, *history.future)
    others = {i for step in steps for i in step.ids} - set(landmarks.ids)
    if others:
        landmarks = landmarks.knowing(sorted(others))
    made = (*history.past, history.present)
    empty = Tracing.of(landmarks.covering(_said(made) & others) if others else landmarks)
    if empty.landmark_set != history.present.landmark_set:
        return landmarks, history
    return landmarks, History(
        history.present.aligned(empty),
        tuple(step.aligned(empty) for step in history.past),
        tuple(step.aligned(empty) for step in history.future),
    )


def on_scale(history: History[Tracing], scale: PixelSize | None) -> History[Tracing]:
    """Return a history on a film whose user's scale is now another than its last step left it.

    That belongs to the film, so another reading may have changed it. The steps around the present
    take it over as far as none of them changed the scale; beyond, what was measured stays.
    """
    was = history.present.scale
    if was == scale:
        return history
    past = rescaled(tuple(reversed(history.past)), was, scale)
    return History(
        history.present.scaled(scale),
        tuple(reversed(past)),
        rescaled(history.future, was, scale),
    )


def rescaled(
    steps: tuple[Tracing, ...], was: PixelSize | None, scale: PixelSize | None
) -> tuple[Tracing, ...]:
    """Return steps with another scale up to the first that has another one than was."""
    same = [replace(s, scale=scale) for s in takewhile(lambda step: step.scale == was, steps)]
    return (*same, *steps[len(same) :])


def _said(steps: Iterable[Tracing]) -> set[str]:
    return {p.landmark for step in steps for p in step if p != Point(p.landmark)}

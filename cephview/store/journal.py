"""Revisions as values: what changed between two tracings, and the history that replays them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from cephview.core.detection import Likeness, Turn
from cephview.core.film_history import rescaled
from cephview.core.history import History
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, State, Tracing, least_certain, likeness_of, scale_of
from cephview.core.turning import AS_ON_FILE
from cephview.core.uncertainty import Covariance

T = TypeVar("T")

UNDO_STEPS = 500

_LAYERS = ("coarse", "refined", "human")
_SIGNATURES = ("confirmed", "hidden", "unsure")


class Kind(StrEnum):
    COMMIT = "commit"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True)
class Revision:
    """One appended step. change is empty for undo and redo."""

    number: int
    kind: Kind
    change: str


def tracing_to_json(tracing: Tracing) -> str:
    """Return a tracing as JSON without what is empty in it."""
    return _json(
        {
            "landmark_set": tracing.landmark_set,
            "points": {point.landmark: _point_entry(point) for point in tracing},
            **_view_entry(tracing, AS_ON_FILE, None),
            **_added_entry(tracing, ()),
            **({"scale": asdict(tracing.scale)} if tracing.scale else {}),
        }
    )


def tracing_from_json(text: str) -> Tracing:
    """Read what tracing_to_json gave. Raises ValueError for anything else."""
    data = _loads(text)
    tracing = _seen(_tracing(data.get("landmark_set"), data.get("points")), data)
    return replace(_with_added(tracing, data), scale=_read(scale_of, data.get("scale")))


def difference(old: Tracing, new: Tracing) -> str:
    """Return as JSON what a commit of new over old changes; "" where nothing does.

    Holds the new state of each changed point, the order of landmarks and the sets of added ones
    where they are others, turn and likeness where they are, and the scale before and after where
    it changes: the scale is the film's, so another reading may have set the one before.
    Raises ValueError where new is of another landmark set or drops a point that old has something
    to say of: such a commit would lose work.
    """
    if new.landmark_set != old.landmark_set:
        raise ValueError(f"a tracing of {old.landmark_set} cannot become {new.landmark_set}")
    if new == aligned(old, new):
        return ""
    before = {point.landmark: point for point in old}
    after = {point.landmark: point for point in new}
    lost = sorted(i for i, point in before.items() if i not in after and point != Point(i))
    if lost:
        raise ValueError(f"the new tracing has lost {', '.join(lost)}")
    change: dict[str, Any] = {
        "points": {i: _point_entry(p) for i, p in after.items() if p != before.get(i, Point(i))}
    }
    if tuple(before) != tuple(after):
        change["order"] = list(after)
    change |= _view_entry(new, old.turn, old.likeness) | _added_entry(new, old.added)
    return _json(change | _scale_entry(old.scale, new.scale))


def first_difference(new: Tracing, scale: PixelSize | None = None) -> str:
    """Return the change of a film's first commit: it names the landmark set and the order too.

    scale is what users had said of the film's scale before.
    """
    change = {
        "landmark_set": new.landmark_set,
        "order": [point.landmark for point in new],
        "points": {p.landmark: _point_entry(p) for p in new if p != Point(p.landmark)},
        **_view_entry(new, AS_ON_FILE, None),
        **_added_entry(new, ()),
        **_scale_entry(scale, new.scale),
    }
    return _json(change)


def replay(revisions: Iterable[Revision]) -> History[Tracing] | None:
    """Rebuild the history that the revisions of one film tell, or None where there are none.

    Raises ValueError where they do not follow from each other.
    """
    past: list[Tracing] = []
    future: list[Tracing] = []
    tracings = [new for _, _, new in walked(revisions, past, future)]
    if not tracings:
        return None
    return History(tracings[-1], tuple(past), tuple(reversed(future)))


def check(
    revisions: Sequence[Revision],
    history: History[Tracing] | None,
    kept: tuple[int, Tracing] | None,
) -> None:
    """Compare a history with the tracing that is kept beside it, and the number that has.

    Raises ValueError where that is not the one that the last revision led to.
    """
    if history is None or kept is None:
        is_same = history is None and kept is None
    else:
        is_same = kept[0] == revisions[-1].number and _said_by(kept[1]) == _said_by(history.present)
    if not is_same:
        raise ValueError("the tracing that is kept is not that of the last revision")


def _said_by(tracing: Tracing) -> tuple[Any, ...]:
    """Return what a tracing says, whatever the order of its landmarks; the scale is the film's."""
    points = {p.landmark: p for p in tracing if p != Point(p.landmark)}
    return tracing.landmark_set, points, tracing.turn, tracing.likeness


def walked(
    revisions: Iterable[Revision], past: list[Tracing], future: list[Tracing]
) -> Iterator[tuple[Revision, Tracing, Tracing]]:
    """Yield each revision with the tracing before and after it, from empty lists.

    past and future hold, after each, what can be undone and redone, the nearest last. Raises
    ValueError where a revision does not follow from those before.
    """
    present: Tracing | None = None
    for revision in revisions:
        if present is None:
            before, present = _begun(revision)
            past.append(before)
        elif revision.kind is Kind.COMMIT:
            change = _loads(revision.change)
            before = _on_ground(present, change, past)
            past.append(before)
            present = _changed(before, change)
            future.clear()
        else:
            before = present
            source, target = (past, future) if revision.kind is Kind.UNDO else (future, past)
            if not source:
                raise ValueError(f"revision {revision.number}: nothing to {revision.kind}")
            target.append(before)
            present = source.pop()
        yield revision, before, present


def begun_like(change: str) -> str:
    """Return a commit's change as a first one of some landmark set, to see whether it can be read.

    Raises ValueError for what is no change.
    """
    return _json({"landmark_set": "any", "order": [], **_loads(change)})


def bounded(history: History[Tracing], steps: int) -> History[Tracing]:
    """Return a history that remembers only the last steps of its past."""
    return replace(history, past=history.past[-steps:] if steps else ())


def aligned(tracing: Tracing, other: Tracing) -> Tracing:
    """Return a tracing in the order of another (Tracing.aligned)."""
    return tracing.aligned(other)


def blank(tracing: Tracing) -> Tracing:
    """Return the empty tracing of the same landmarks."""
    empty = Tracing.empty(tracing.landmark_set, tuple(point.landmark for point in tracing))
    return replace(empty, added=tracing.added)


def counts(tracing: Tracing) -> dict[str, int]:
    """Return how many points are in which state, and how many there are to place."""
    states = [point.state for point in tracing]
    return {
        "placed": sum(s not in (State.MISSING, State.NOT_VISIBLE) for s in states),
        "moved": states.count(State.MOVED),
        "confirmed": states.count(State.CONFIRMED),
        "unsure": states.count(State.UNSURE),
        "total": sum(s is not State.NOT_VISIBLE for s in states),
    }


def view(tracing: Tracing) -> dict[str, str]:
    """Return turn, likeness and the largest doubt as JSON, "" for what there is nothing of."""
    doubt = least_certain(tracing)
    return {
        "turn": _json(asdict(tracing.turn)) if tracing.turn else "",
        "likeness": _json(asdict(tracing.likeness)) if tracing.likeness else "",
        "doubt": _json(vars(doubt)) if doubt else "",
    }


def turn_from_json(text: str) -> Turn:
    """Read a turn of view(). Raises ValueError for anything else."""
    return _read(lambda entry: Turn(**entry), _loads(text)) if text else AS_ON_FILE


def likeness_from_json(text: str) -> Likeness | None:
    """Read a likeness of view(). Raises ValueError for anything else."""
    return _read(likeness_of, _loads(text)) if text else None


def doubt_from_json(text: str) -> Covariance | None:
    """Read a doubt of view(). Raises ValueError for anything else."""
    return _read(lambda entry: Covariance(**entry), _loads(text)) if text else None


def author_of(old: Tracing, new: Tracing) -> str:
    """Return who signed the latest of what new says and old did not; "" where nobody did."""
    fresh = _signatures(new) - _signatures(old)
    return max(fresh)[-1] if fresh else ""


def _signatures(tracing: Tracing) -> set[tuple[str, str, str]]:
    return {
        (said.at, point.landmark, said.by)
        for point in tracing
        for said in _said(point)
        if said is not None
    }


def _said(point: Point) -> Iterator[Any]:
    return (getattr(point, name) for name in (*_LAYERS, *_SIGNATURES))


def _begun(revision: Revision) -> tuple[Tracing, Tracing]:
    change = _loads(revision.change) if revision.kind is Kind.COMMIT else {}
    landmark_set, order = change.get("landmark_set"), change.get("order")
    if not isinstance(landmark_set, str) or not isinstance(order, list):
        raise ValueError(f"revision {revision.number} does not begin a tracing")
    base = _with_added(Tracing.empty(landmark_set, tuple(order)), change)
    base = _on_ground(base, change, [])
    return base, _changed(base, change)


def _on_ground(present: Tracing, change: Mapping[str, Any], past: list[Tracing]) -> Tracing:
    """Return the tracing before a change, by the scale that the film had then; past follows."""
    if "scale" not in change:
        return present
    scale = _read(lambda said: scale_of(said["before"]), change["scale"])
    if scale != present.scale:
        past[:] = reversed(rescaled(tuple(reversed(past)), present.scale, scale))
    return replace(present, scale=scale)


def _changed(tracing: Tracing, change: Mapping[str, Any]) -> Tracing:
    new = _tracing(tracing.landmark_set, change.get("points"))
    points = {p.landmark: p for p in tracing} | {p.landmark: p for p in new}
    order = change.get("order", [p.landmark for p in tracing])
    changed = replace(tracing, points=tuple(points.get(i, Point(i)) for i in order))
    changed = _with_added(_seen(changed, change), change)
    if "scale" not in change:
        return changed
    return replace(changed, scale=_read(lambda said: scale_of(said["after"]), change["scale"]))


def _scale_entry(before: PixelSize | None, after: PixelSize | None) -> dict[str, Any]:
    if before == after:
        return {}
    sizes = {"before": before, "after": after}
    return {"scale": {name: size and asdict(size) for name, size in sizes.items()}}


def _added_entry(tracing: Tracing, before: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the sets of added landmarks where they are not what they were."""
    return {} if tracing.added == before else {"added": dict(tracing.added)}


def _with_added(tracing: Tracing, entry: Mapping[str, Any]) -> Tracing:
    """Return a tracing with the sets of added landmarks of an entry, where it has them."""
    if "added" not in entry:
        return tracing
    added = _read(lambda said: tuple(dict(said).items()), entry["added"])
    return replace(tracing, added=added)


def _view_entry(tracing: Tracing, turn: Turn, likeness: Likeness | None) -> dict[str, Any]:
    """Return turn and likeness where they are not what they were."""
    entry: dict[str, Any] = {}
    if tracing.turn != turn:
        entry["turn"] = asdict(tracing.turn)
    if tracing.likeness != likeness:
        entry["likeness"] = asdict(tracing.likeness) if tracing.likeness else None
    return entry


def _seen(tracing: Tracing, entry: Mapping[str, Any]) -> Tracing:
    """Return a tracing with the turn and the likeness of an entry, where it has them."""
    if "turn" in entry:
        tracing = replace(tracing, turn=_read(lambda said: Turn(**said), entry["turn"]))
    if "likeness" in entry:
        tracing = replace(tracing, likeness=_read(likeness_of, entry["likeness"]))
    return tracing


def _read(made: Callable[[Any], T], entry: Any) -> T:
    try:
        return made(entry)
    except (TypeError, KeyError) as error:
        raise ValueError(f"not how a film is seen: {error!r}") from error


def _point_entry(point: Point) -> dict[str, Any]:
    # Not asdict: its deep copies would take most of the time of a commit.
    return {
        name: {
            key: vars(value) if key == "covariance" else value
            for key, value in vars(said).items()
            if value is not None and value != ""
        }
        for name in (*_LAYERS, *_SIGNATURES)
        if (said := getattr(point, name)) is not None
    }


def _tracing(landmark_set: object, points: object) -> Tracing:
    if not isinstance(landmark_set, str) or not isinstance(points, dict):
        raise ValueError("not a tracing: it lacks its landmark set or its points")
    nothing = dict.fromkeys((*_LAYERS, *_SIGNATURES))
    try:
        entries = [{"landmark": i, **nothing, **_completed(e)} for i, e in points.items()]
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a tracing: {error!r}") from error
    return Tracing.from_dict({"landmark_set": landmark_set, "points": entries})


def _completed(entry: Mapping[str, Any]) -> dict[str, Any]:
    unsigned = {"by": "", "at": ""}
    return {name: {**unsigned, **said} for name, said in entry.items()}


_ENCODER = json.JSONEncoder(
    # float: a model's coordinates may be NumPy's.
    ensure_ascii=True,
    allow_nan=False,
    separators=(",", ":"),
    default=float,
)


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _loads(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("a revision holds a JSON object")
    return data

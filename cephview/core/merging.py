"""Two people's work on one film, brought together point by point."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from cephview.core.tracing import Placed, Point, Tracing

T = TypeVar("T")

# Two runs of one model may differ by rounding; nobody sees so little.
_SAME_PX = 0.05
_MODEL = ("coarse", "refined")
_HUMAN = tuple(f.name for f in fields(Point) if f.name not in ("landmark", *_MODEL))


@dataclass(frozen=True)
class Merged:
    """tracing is what both made of a film; where they said different things of one point, theirs.

    mine is the same with my word at those points, which contested names, in how the film is turned
    and in its scale; equal to tracing where nothing is contested.
    """

    tracing: Tracing
    mine: Tracing
    contested: tuple[str, ...] = ()

    @property
    def is_contested(self) -> bool:
        return self.mine != self.tracing


def merged(base: Tracing, mine: Tracing, theirs: Tracing) -> Merged:
    """Bring together what two hands made of one base; theirs was there first.

    A point only one of them touched is as that one left it, and so with its model's layers and its
    human ones, each for itself. What both did alike is no contest. A point that one of them
    confirmed, or doubted, stays where that was said of it.
    """
    was, my, their = ({p.landmark: p for p in t} for t in (base, mine, theirs))
    names = (*their, *(name for name in my if name not in their))
    both, own = [], []
    for name in names:
        nothing = Point(name)
        before = was.get(name, nothing)
        point, claimed = _merged_point(before, my.get(name, before), their.get(name, nothing))
        both.append(point)
        own.append(claimed)
    contested = tuple(a.landmark for a, b in zip(both, own, strict=True) if a != b)
    turn, my_turn = _one_of(base.turn, mine.turn, theirs.turn)
    scale, my_scale = _one_of(base.scale, mine.scale, theirs.scale)
    # What a model says of the film is nobody's work: the first word stands.
    is_first = theirs.likeness == base.likeness
    likeness = mine.likeness if is_first else theirs.likeness
    added = tuple((dict(mine.added) | dict(theirs.added)).items())
    together = replace(
        theirs, points=tuple(both), turn=turn, likeness=likeness, added=added, scale=scale
    )
    claimed_by_me = replace(together, points=tuple(own), turn=my_turn, scale=my_scale)
    return Merged(together, claimed_by_me, contested)


def _one_of(base: T, mine: T, theirs: T) -> tuple[T, T]:
    """Return what stands of something both may have changed, and the same with my word."""
    if mine == base:
        return theirs, theirs
    return (mine if theirs == base else theirs), mine


def _merged_point(base: Point, mine: Point, theirs: Point) -> tuple[Point, Point]:
    """Return the point of both, and the same with my word where we disagree."""
    model, is_model_contested = _side(base, mine, theirs, _MODEL)
    human, is_human_contested = _side(base, mine, theirs, _HUMAN)
    point = _composed(model, human)
    if not (is_model_contested or is_human_contested):
        return point, point
    own = _composed(mine if is_model_contested else model, mine if is_human_contested else human)
    return point, own


def _side(base: Point, mine: Point, theirs: Point, layers: tuple[str, ...]) -> tuple[Point, bool]:
    """Return whose layers stand, and whether the other disagrees."""
    before, my, their = (tuple(getattr(p, name) for name in layers) for p in (base, mine, theirs))
    if my in (before, their):
        return theirs, False
    if their == before:
        return mine, False
    return theirs, not _says_the_same(mine, theirs, layers)


def _says_the_same(mine: Point, theirs: Point, layers: tuple[str, ...]) -> bool:
    if layers == _HUMAN:
        return mine.state == theirs.state and _xy(mine.best) == _xy(theirs.best)
    return all(_is_close(getattr(mine, name), getattr(theirs, name)) for name in layers)


def _is_close(mine: Placed | None, theirs: Placed | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return mine.model == theirs.model and all(
        abs(a - b) < _SAME_PX for a, b in zip(mine.xy, theirs.xy, strict=True)
    )


def _composed(model: Point, human: Point) -> Point:
    """Return one side's model layers under what the other's human said."""
    layers: dict[str, Any] = {name: getattr(model, name) for name in _MODEL}
    point = replace(human, **layers)
    said = human.confirmed or human.unsure
    if said is not None and human.best is not None and _xy(point.best) != _xy(human.best):
        point = replace(point, human=Placed(*human.best.xy, by=said.by, at=said.at))
    return point


def _xy(placed: Placed | None) -> tuple[float, float] | None:
    return None if placed is None else placed.xy

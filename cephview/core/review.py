"""In which order a reader looks at the points of a tracing, and places those it lacks."""

from dataclasses import dataclass

from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, State, Tracing

_JUDGED = (State.CONFIRMED, State.UNSURE, State.NOT_VISIBLE)


def is_checked(point: Point, *, moved_counts: bool = False) -> bool:
    """Say whether somebody looked at a point: confirmed or doubted it, or could not see it.

    moved_counts: to have placed it by hand is to have looked at it.
    """
    return point.state in _JUDGED or (moved_counts and point.state is State.MOVED)


def is_to_check(point: Point, *, moved_counts: bool = False) -> bool:
    """Say whether a point is placed and nobody looked at it (is_checked)."""
    return point.best is not None and not is_checked(point, moved_counts=moved_counts)


def review_order(
    tracing: Tracing, size: PixelSize | None = None, *, moved_counts: bool = False
) -> tuple[str, ...]:
    """Return every landmark in the order in which one looks at them: what is not checked first.

    Of that the most uncertain first, by the model's spread in millimetres where size is trusted,
    else in pixels; what was moved by hand, and then what is checked, last. Else the set's order.
    """
    mm = None if size is None else size.mm_per_px()

    def urgency(point: Point) -> tuple[bool, bool, bool, float]:
        seen = is_checked(point, moved_counts=moved_counts)
        is_sure = seen and point.state is not State.UNSURE
        return seen, is_sure, point.state is State.MOVED, -_sigma(point, mm)

    return tuple(point.landmark for point in sorted(tracing, key=urgency))


def is_all_checked(tracing: Tracing, *, moved_counts: bool = False) -> bool:
    """Say whether there are points, and a human looked at each."""
    return any(point.best is not None for point in tracing) and not any(
        is_to_check(point, moved_counts=moved_counts) for point in tracing
    )


@dataclass(frozen=True)
class Walk:
    """The way from point to point of a tracing, in an order of its landmarks.

    The end is followed by the beginning. moved_counts as for is_checked.
    """

    tracing: Tracing
    order: tuple[str, ...]
    moved_counts: bool = False

    def to_check(self) -> tuple[str, ...]:
        """Return the landmarks that are left to check."""
        points = (self.tracing[landmark] for landmark in self.order)
        counts = self.moved_counts
        return tuple(p.landmark for p in points if is_to_check(p, moved_counts=counts))

    def next_to_check(self, selection: str) -> str:
        """Return the landmark to check after the selected one, or ""."""
        return self._step(self.to_check(), selection, 1)

    def next(self, selection: str, step: int) -> str:
        """Return the landmark after (step 1) or before (step -1) the selected one, or "".

        Of those left to check, and where nothing is, of all placed points.
        """
        placed = tuple(n for n in self.order if self.tracing[n].best is not None)
        return self._step(self.to_check() or placed, selection, step)

    def _step(self, stops: tuple[str, ...], selection: str, step: int) -> str:
        if not stops:
            return ""
        places = {landmark: n for n, landmark in enumerate(self.order)}
        at = places.get(selection, -1 if step > 0 else len(places))
        if step > 0:
            return next((stop for stop in stops if places[stop] > at), stops[0])
        return next((stop for stop in reversed(stops) if places[stop] < at), stops[-1])


def next_missing(tracing: Tracing, selection: str) -> str:
    """Return the landmark to place: the selected one if it is missing, else the first, else ""."""
    missing = [point.landmark for point in tracing if point.state is State.MISSING]
    if selection in missing:
        return selection
    return missing[0] if missing else ""


def missing_after(tracing: Tracing, landmark: str, step: int) -> str:
    """Return the landmark without a point after (1) or before (-1) one, in the set's order, or "".

    The end is followed by the beginning; a landmark alone follows itself.
    """
    ids = tracing.ids
    missing = [n for n, point in enumerate(tracing) if point.state is State.MISSING]
    if not missing:
        return ""
    at = ids.index(landmark) if landmark in ids else (-1 if step > 0 else len(ids))
    if step > 0:
        return ids[next((n for n in missing if n > at), missing[0])]
    return ids[next((n for n in reversed(missing) if n < at), missing[-1])]


def _sigma(point: Point, mm: tuple[float, float] | None) -> float:
    model = point.refined or point.coarse
    spread = None if model is None else model.spread
    if spread is None:
        return 0.0
    return spread.sigma if mm is None else spread.scaled(*mm).sigma

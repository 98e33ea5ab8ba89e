"""In which order a reader looks at the points of a tracing, and places those it lacks."""

from cephview.core.tracing import Point, State, Tracing


def review_order(tracing: Tracing) -> tuple[str, ...]:
    """Return the placed landmarks nobody confirmed, the most uncertain first.

    Points moved by hand come last, among themselves by the same order; what no model placed is
    after what one did, in the set's order. So the table of points has them, too.
    """
    waiting = [point for point in tracing if point.state in (State.MODEL, State.MOVED)]

    def urgency(point: Point) -> tuple[bool, float]:
        model = point.refined or point.coarse
        spread = model.spread if model is not None else None
        return point.state is State.MOVED, -spread.sigma if spread is not None else 0.0

    waiting.sort(key=urgency)
    return tuple(point.landmark for point in waiting)


def is_all_checked(tracing: Tracing) -> bool:
    """Say whether there are points, and a human looked at each."""
    return any(point.best is not None for point in tracing) and not review_order(tracing)


def next_to_check(tracing: Tracing, selection: str) -> str:
    """Return the landmark to check after the selected one, or ""."""
    return _step(review_order(tracing), selection, 1)


def next_on_walk(tracing: Tracing, selection: str, step: int) -> str:
    """Return the landmark after (step 1) or before (step -1) the selected one, or "".

    The walk is over what is left to check, and where nothing is, over all placed points.
    """
    placed = tuple(point.landmark for point in tracing if point.best is not None)
    return _step(review_order(tracing) or placed, selection, step)


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


def _step(order: tuple[str, ...], selection: str, step: int) -> str:
    if not order:
        return ""
    if selection not in order:
        return order[0] if step > 0 else order[-1]
    return order[(order.index(selection) + step) % len(order)]

"""A judged fine-tune in words and numbers, as its card shows them."""

import math
from dataclasses import dataclass

from cephview.core.learning import Accuracy, FinetuneResult, Kept

# tan of an eighth of a quarter turn's two: beyond it a way is called by both its directions.
_BOTH = math.tan(math.radians(22.5))


@dataclass(frozen=True)
class Row:
    """One figure before and after, as text. change is empty where there is none to tell.

    is_gain: whether the change is for the better, None for no change that is worth a word. before
    and after are in what the rows of a table have in common, None for no bar.
    """

    name: str
    texts: tuple[str, str, str]
    is_gain: bool | None = None
    before: float | None = None
    after: float | None = None


def figure_rows(result: FinetuneResult) -> list[Row]:
    """Return the mean error, and the shares of points within 2, 2.5, 3 and 4 mm."""
    before, after = result.before, result.after
    rows = [_error_row(f"Mean, {after.unit}", before.mre, after.mre)]
    for key in sorted(after.sdr.keys() & before.sdr.keys(), key=float):
        old, new = before.sdr[key], after.sdr[key]
        texts = f"{old:.1f} %", f"{new:.1f} %", _signed(new - old, 1)
        rows.append(Row(f"Within {key} mm", texts, _gain(new - old, 0.05)))
    return rows


def landmark_rows(result: FinetuneResult) -> list[Row]:
    """Return the mean error of each landmark; those that got worse first, for they need eyes."""
    before, after = result.before.per_landmark, result.after.per_landmark
    shared = sorted(after.keys() & before.keys(), key=lambda i: (before[i] - after[i], i))
    return [_error_row(name, before[name], after[name]) for name in shared]


def moved_rows(result: FinetuneResult) -> list[tuple[str, str]]:
    """Return (landmark, by how much and where to) of what was moved on every film, most first."""
    far = sorted(result.moved.items(), key=lambda item: -math.hypot(*item[1]))
    return [(name, f"{math.hypot(*xy):.1f} mm {way(xy)}") for name, xy in far]


def way(xy: tuple[float, float]) -> str:
    """Say where to on a head that looks to the right; x right, y down, not both 0."""
    x, y = xy
    across = "forward" if x > 0 else "back"
    along = "down" if y > 0 else "up"
    if abs(y) < _BOTH * abs(x):
        return across
    if abs(x) < _BOTH * abs(y):
        return along
    return f"{along} and {across}"


def kept_sentence(kept: Kept) -> str:
    """Say what the new model makes of films that are not the clinic's."""
    films = f"{kept.films} {kept.what}"
    if kept.network == kept.before:
        said = "The network itself is as it was, so nothing is forgotten."
        if kept.after == kept.before:
            return said
        return (
            f"{said} What was moved is moved on every film: by their own points, {films} go from "
            f"{kept.before:.2f} to {kept.after:.2f} mm."
        )
    said = f"On {films} the network went from {kept.before:.2f} to {kept.network:.2f} mm"
    if kept.after == kept.network:
        return f"{said}."
    return f"{said}; with what was moved on every film, to {kept.after:.2f} mm."


def judged_on(result: FinetuneResult) -> str:
    """Say what the judgement rests on."""
    on = f"on {result.films_held_out} others"
    if result.is_cross_validated:
        on = "on the same, each by what the others taught"
    device = "graphics card" if result.device == "cuda" else "processor"
    return (
        f"Learnt from {result.films_trained} films, judged {on} ({result.after.points} points), "
        f"in {time_left(result.seconds)} on the {device}."
    )


def time_left(seconds: float) -> str:
    """Return a length of time as one says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def total_sentence(before: Accuracy, after: Accuracy) -> str:
    """Say in a few words how the mean error changed."""
    return f"{before.mre:.2f} to {after.mre:.2f} {after.unit}"


def _error_row(name: str, before: float, after: float) -> Row:
    change = after - before
    texts = f"{before:.2f}", f"{after:.2f}", _signed(change, 2)
    return Row(name, texts, _gain(-change, 0.005), before, after)


def _gain(gain: float, least: float) -> bool | None:
    return None if abs(gain) < least else gain > 0


def _signed(change: float, digits: int) -> str:
    if round(change, digits) == 0:
        return "0"
    sign = "\u2212" if change < 0 else "+"
    return f"{sign}{abs(change):.{digits}f}"

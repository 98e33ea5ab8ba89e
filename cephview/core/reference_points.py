"""Whether given points can be where they are said to be on a film, before anything goes by them.

Coordinates are pixel indices, x right, y down; a film of w x h pixels reaches from -0.5 to w - 0.5
and h - 0.5.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cephview.core.head import PLACES

XY = tuple[float, float]
Points = NDArray[np.float64]

# The average head on an average film: where sella lies, and the film's width and height, in mm.
_SELLA_MM = (81.0, 104.0)
_FILM_MM = (193.5, 240.0)
# So many points that belong to one film tell its size.
FEWEST = 5
# Beyond the spread of heads over 300 films (0.87 to 1.18) a film's points are of another size.
_ANOTHER = 1.25
# Of how far points lie from where they should, so much at most may another size leave.
_LEFT_OVER = 0.25
# No head is so small on a film that all of it lies in the top left quarter.
_QUARTER = 0.5
# Two landmarks of one film may share a pixel; this many that do are a value filled in.
_FILLED_IN = 3


def impossible(points: Mapping[str, XY], size: tuple[int, int]) -> str:
    """Return why points cannot be of a film of (width, height) pixels, naming one; "" if they can.

    The answer continues a sentence that begins with the film's name.
    """
    if not points:
        return ""
    places = np.array(list(points.values()), dtype=np.float64)
    size_told = f"{size[0]} x {size[1]} pixels"
    if min(size) > 4 and (places >= 0).all() and (places <= 1).all() and (places % 1 != 0).any():
        return (
            f"has points between 0 and 1 ({_named(points, 0)}), which are shares of its size; "
            "multiply them by its width and height in pixels"
        )
    for i, (x, y) in enumerate(places):
        if x == 0 and y == 0:
            return (
                f"has {_named(points, i)}, where nothing is; leave the cells of a landmark that "
                "was not placed empty"
            )
    outside = [
        i
        for i, (x, y) in enumerate(places)
        if not (-0.5 <= x <= size[0] - 0.5 and -0.5 <= y <= size[1] - 0.5)
    ]
    if outside:
        fit = another_size(places, expected(points, size), _LEFT_OVER * 2)
        more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
        return (
            f"has {_named(points, outside[0])}{more} outside its {size_told}; "
            f"{_told(fit, size, about=True) or 'correct the point, or leave its cells empty'}"
        )
    known = [i for i in points if i in PLACES]
    if len(known) >= FEWEST and (places.max(0) < _QUARTER * np.array(size)).all():
        fit = another_size(places, expected(points, size), _LEFT_OVER * 2)
        if fit is not None:
            return f"has all its points in the top left of its {size_told}; " + _told(
                fit, size, about=True
            )
    same = {xy: list(points.values()).count(xy) for xy in points.values()}
    if len(points) > _FILLED_IN and max(same.values()) >= _FILLED_IN:
        place = max(same, key=lambda xy: same[xy])
        first = list(points.values()).index(place)
        return (
            f"has {same[place]} landmarks in one place, {_named(points, first)} among them; leave "
            "the cells of a landmark that was not placed empty"
        )
    return ""


def of_another_size(points: Points, found: Points, size: tuple[int, int]) -> str:
    """Return in what size of the same film points fit what a detector found; "" where they are not.

    points, found: (landmarks, 2), NaN where not known. The answer is as of impossible.
    """
    known = np.isfinite(points).all(-1) & np.isfinite(found).all(-1)
    if known.sum() < FEWEST:
        return ""
    fit = another_size(points[known], found[known], _LEFT_OVER)
    return "" if fit is None else f"has points that do not fit it: {_told(fit, size)}"


def another_size(points: Points, there: Points, left_over: float) -> tuple[float, float] | None:
    """Return by how much, (x, y), points are larger than where they should be; None where not.

    points, there: (landmarks, 2), the same landmarks. left_over: the share of the distance between
    the two that may remain, once the size is another.
    """
    known = np.isfinite(there).all(-1)
    if known.sum() < FEWEST:
        return None
    # The corner of a film, not the middle of its first pixel, stays where it is in every size.
    here, should = points[known] + 0.5, there[known] + 0.5
    k = (here * should).sum(0) / (should * should).sum(0)
    if (k <= 0).any() or np.abs(np.log(k)).max() < math.log(_ANOTHER):
        return None
    rest = np.sqrt(((here / k - should) ** 2).sum(-1).mean())
    apart = np.sqrt(((here - should) ** 2).sum(-1).mean())
    spread = np.hypot(*np.ptp(should, axis=0))
    if rest > left_over * apart or rest > left_over * spread:
        return None
    return float(k[0]), float(k[1])


def expected(points: Mapping[str, XY], size: tuple[int, int]) -> Points:
    """Return where an average head has the landmarks, (landmarks, 2), NaN where nobody knows.

    The face looks to that side on which the given points have it.
    """
    there = np.array([PLACES.get(i, (np.nan, np.nan)) for i in points])
    there = (there + _SELLA_MM) / _FILM_MM
    places = np.array(list(points.values()), dtype=np.float64)
    known = np.isfinite(there).all(-1)
    mean, middle = there[known].sum(0), places[known].sum(0)
    count = max(1, int(known.sum()))
    across = (there[known, 0] - mean[0] / count) @ (places[known, 0] - middle[0] / count)
    if across < 0:
        there[:, 0] = 1 - there[:, 0]
    return np.asarray(there * np.array(size) - 0.5)


def _told(fit: tuple[float, float] | None, size: tuple[int, int], about: bool = False) -> str:
    if fit is None:
        return ""
    word = "about " if about else ""
    if math.isclose(*fit, rel_tol=0.1 if about else 0.02):
        mean = math.sqrt(fit[0] * fit[1])
        times = f"{word}{mean:.1f}" if about else f"{mean:.2f}"
        how = f"{times} times its size"
    else:
        how = f"{word}{fit[0]:.2f} times its width and {fit[1]:.2f} times its height"
    pixels = "" if about else f" ({fit[0] * size[0]:.0f} x {fit[1] * size[1]:.0f} pixels)"
    return f"they fit the same film at {how}{pixels}; give points in the pixels of this file"


def _named(points: Mapping[str, XY], index: int) -> str:
    landmark, (x, y) = list(points.items())[index]
    return f"{landmark} at ({x:g}, {y:g})"

"""The average head laid over the points of a film: where what lies between them may be expected.

Every place is (x, y), y down, in one frame of square pixels: the screen, or the film as it is seen.
"""

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from cephview.core.detection import Turn
from cephview.core.head import PLACES
from cephview.core.turning import film_direction, seen_direction

XY = tuple[float, float]
Points = NDArray[np.float64]
Field = Callable[[Points], Points]

# Within this distance a point takes the outline along, in mm of the average head.
_REACH_MM = 45.0
_FEWEST = 2


def is_facing_left(places: Mapping[str, XY]) -> bool:
    """Say whether a face looks to the left, as far as its points tell; else to the right."""
    ids = [i for i in PLACES if i in places]
    if len(ids) <= _FEWEST:
        return False
    here = _complex([places[i] for i in ids])
    there = _complex([PLACES[i] for i in ids])
    misfits = [np.abs(here - _similar(head, here)(head)).sum() for head in (there, -there.conj())]
    return bool(misfits[1] < misfits[0])


def fitted(
    places: Mapping[str, XY], anchors: Collection[str] = PLACES, *, is_left: bool = False
) -> Field | None:
    """Return what carries places of the average head to where they lie among these points.

    anchors are the landmarks to go by. Turned, sized and moved as they are all in all, then drawn
    after each of them: exactly there, and less with distance (exponential kernel). None where fewer
    than two anchors are present, or all lie in one place.
    """
    ids = [i for i in PLACES if i in places and i in anchors]
    if len(ids) < _FEWEST:
        return None
    here = _complex([places[i] for i in ids])
    if np.ptp(here.real) == 0 and np.ptp(here.imag) == 0:
        return None
    head = _headed(_complex([PLACES[i] for i in ids]), is_left)
    roughly = _similar(head, here)
    weights = np.linalg.solve(_kernel(head, head), here - roughly(head))

    def carry(points: Points) -> Points:
        at = _headed(_complex(points), is_left)
        found = roughly(at) + _kernel(at, head) @ weights
        return np.column_stack([found.real, found.imag])

    return carry


def expected(landmark: str, places: Mapping[str, XY], turn: Turn, aspect: float = 1.0) -> XY | None:
    """Return where a landmark may be expected on a film, in pixel indices, from those placed there.

    places are pixel indices of the film as it is on file; aspect is a pixel's height over its
    width. None where too few are placed, or nobody knows where the landmark lies on a head.
    """
    if landmark not in PLACES:
        return None
    seen = {
        i: seen_direction(turn, (x, y * aspect)) for i, (x, y) in places.items() if i != landmark
    }
    carry = fitted(seen, is_left=is_facing_left(seen))
    if carry is None:
        return None
    ((x, y),) = carry(np.array([PLACES[landmark]]))
    x, y = film_direction(turn, (float(x), float(y)))
    return x, y / aspect


def _complex(points: Points | list[XY]) -> NDArray[np.complex128]:
    pairs = np.asarray(points, dtype=float).reshape(-1, 2)
    return np.asarray(pairs[:, 0] + 1j * pairs[:, 1])


def _headed(points: NDArray[np.complex128], is_left: bool) -> NDArray[np.complex128]:
    return -points.conj() if is_left else points


def _similar(
    head: NDArray[np.complex128], here: NDArray[np.complex128]
) -> Callable[[NDArray[np.complex128]], NDArray[np.complex128]]:
    """Return the turn, size and shift that carries one set of points closest to another."""
    middle, centre = head.mean(), here.mean()
    spread = head - middle
    factor = (spread.conj() @ (here - centre)) / (spread.conj() @ spread)
    return lambda points: np.asarray(centre + factor * (points - middle))


def _kernel(a: NDArray[np.complex128], b: NDArray[np.complex128]) -> Points:
    return np.asarray(np.exp(-np.abs(a[:, None] - b[None]) / _REACH_MM))

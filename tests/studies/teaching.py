"""An order in which to correct films: the surest first, each unlike those before it.

What is learnt first is a mean over films: by how much a hand places each landmark elsewhere. A film
of which the model is unsure should say less of that mean, since its own error is larger; and films
of one kind of face should say the same thing again. asking_order.py tells what that is worth.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# A film counts as its distance from the others times its doubt to this power: chosen by simulation
# on films 001-150 of ISBI 2015 (asking_order.py --simulate).
DOUBT = -8.0
# Beyond so many, films follow by doubt alone: what nobody corrects in a round need not be spread.
SPREAD = 200
_ROUNDS = 3

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Flags = NDArray[np.bool_]


def teaching_order(
    points: Floats, doubt: Floats, taught: Sequence[int] = (), *, weight: float = DOUBT
) -> tuple[int, ...]:
    """Return the places of the films not taught yet, in the order in which they should be.

    points: (films, landmarks, 2), where the model sees them, in one scale of any unit; NaN where it
    sees none. doubt: (films, landmarks), standard deviations in the same unit. taught: the places
    of the films corrected already.
    """
    films = len(points)
    if not films:
        return ()
    excess = excess_doubt(doubt)
    shapes = aligned(points)
    trust = np.exp(weight * excess)
    left = np.ones(films, dtype=bool)
    left[list(taught)] = False
    nearest = np.full(films, np.inf)
    for film in taught:
        nearest = np.minimum(nearest, _apart(shapes, film))
    order: list[int] = []
    for _ in range(min(SPREAD, int(left.sum()))):
        # The first of all is the one it is surest of.
        worth = trust * np.where(np.isfinite(nearest), nearest, 1.0)
        film = int(np.argmax(np.where(left, worth, -1.0)))
        order.append(film)
        left[film] = False
        nearest = np.minimum(nearest, _apart(shapes, film))
    rest = np.flatnonzero(left)
    return (*order, *(int(film) for film in rest[np.argsort(excess[rest], kind="stable")]))


def excess_doubt(doubt: Floats) -> Floats:
    """Return (films,): the logarithm of a film's doubt over what is usual of its landmarks."""
    known = np.isfinite(doubt) & (doubt > 0)
    logs = np.log(np.where(known, doubt, 1.0))
    usual = np.zeros(doubt.shape[1])
    for i in np.flatnonzero(known.any(axis=0)):
        usual[i] = np.median(logs[known[:, i], i])
    total = np.where(known, logs - usual, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(known.sum(axis=1), 1))


def aligned(points: Floats) -> Floats:
    """Return films' points moved, turned and scaled onto their mean, as (films, 2 landmarks).

    A point that is not known lies where it does in the mean.
    """
    known = np.asarray(np.isfinite(points).all(axis=-1))
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    z = _centred(np.nan_to_num(points) @ np.array([1, 1j]), known, count)
    size = (np.abs(z) ** 2).sum(axis=1, keepdims=True)
    mean = z[int(np.argmax(known.sum(axis=1)))]
    seen = np.maximum(known.sum(axis=0), 1)
    for _ in range(_ROUNDS):
        mean = mean / max(float(np.sqrt((np.abs(mean) ** 2).mean())), 1e-12)
        middle = np.where(known, mean, 0.0).sum(axis=1, keepdims=True) / count
        turn = (z.conj() * mean).sum(axis=1, keepdims=True) / np.where(size > 0, size, 1.0)
        laid = np.where(known, z * turn + middle, mean)
        mean = np.where(known, laid, 0.0).sum(axis=0) / seen
    return np.concatenate([laid.real, laid.imag], axis=1)


def _centred(z: Complex, known: Flags, count: Floats) -> Complex:
    middle = np.where(known, z, 0.0).sum(axis=1, keepdims=True) / count
    return np.asarray(np.where(known, z - middle, 0.0))


def _apart(shapes: Floats, film: int) -> Floats:
    return np.asarray(np.sqrt(((shapes - shapes[film]) ** 2).mean(axis=1)))

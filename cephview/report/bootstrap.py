"""How far figures would wander were other films measured: the bootstrap, drawn by film.

Points of one film share its quality, its patient and its reader, so whole films are drawn again,
never points (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]

DRAWS = 2000
CONFIDENCE = 0.95
_AT_ONCE = 100


def drawn_counts(groups: Sequence[str], seed: int, draws: int = DRAWS) -> Floats:
    """Return how often each film is drawn, (draws, films); films of a group come together."""
    names, member = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return np.asarray(counts[:, member], dtype=np.float64)


def interval(values: Floats) -> Interval | None:
    """Return the middle 95 per cent of drawn values, or None where none is finite."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(finite, (outside, 1 - outside))
    return float(low), float(high)


def drawn_means(values: Floats, counts: Floats) -> Floats:
    """Return the mean over all known values of each draw.

    values: (films, landmarks), NaN where unknown; counts: (draws, films). NaN where a draw holds no
    known value.
    """
    known = np.isfinite(values)
    sums = counts @ np.where(known, values, 0.0).sum(axis=1)
    sizes = counts @ known.sum(axis=1)
    return np.asarray(np.divide(sums, sizes, out=np.full(len(counts), np.nan), where=sizes > 0))


def drawn_medians(values: Floats, counts: Floats) -> Floats:
    """Return the median over all known values of each draw; shapes as for drawn_means."""
    known = np.isfinite(values)
    flat, film = values[known], np.nonzero(known)[0]
    order = np.argsort(flat)
    flat, film = flat[order], film[order]
    medians = np.full(len(counts), np.nan)
    for start in range(0, len(counts), _AT_ONCE):
        reached = np.cumsum(counts[start : start + _AT_ONCE, film], axis=1)
        if not reached.size:
            continue
        total = reached[:, -1]
        # The two middle ones of as many values as were drawn; they are one where the number is odd.
        low = (reached >= np.ceil(total / 2)[:, None]).argmax(axis=1)
        high = (reached >= (np.floor(total / 2) + 1)[:, None]).argmax(axis=1)
        middle = (flat[low] + flat[high]) / 2
        medians[start : start + _AT_ONCE] = np.where(total > 0, middle, np.nan)
    return medians

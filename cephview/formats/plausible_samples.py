"""Whether decoded samples are what their header says, told by neighbours: films are smooth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# An exchanged width shears a picture, and what is one above the other is no neighbour any more.
_SHEARED_RATIO = 3.0
_LINES = 64


def are_deeper_than(stored: int, raw: NDArray[Any]) -> bool:
    """Say whether grey samples have more bits than Bits Stored says, and not something else there.

    raw: (rows, columns), unsigned, or of colours, which are never deeper. Above the samples old
    devices kept overlays; what belongs to the samples makes them go on smoothly where it changes.
    """
    if raw.ndim != 2:
        return False
    high = raw >> stored
    changes = high[:, 1:] != high[:, :-1]
    if not changes.any():
        return False
    with_high, without = (
        np.abs(np.diff(each.astype(np.int32), axis=1)[changes])
        for each in (raw, raw & ((1 << stored) - 1))
    )
    return bool(np.median(with_high) < np.median(without))


def are_sides_exchanged(raw: NDArray[Any]) -> bool:
    """Say whether samples make a film only with their rows for columns; colours alike.

    raw: (rows, columns) or (rows, columns, samples), samples of a pixel together.
    """
    rows, columns = raw.shape[:2]
    if rows == columns:
        return False
    as_said, exchanged = _step_down(raw), _step_down(with_sides_exchanged(raw))
    return as_said > _SHEARED_RATIO * exchanged


def with_sides_exchanged(raw: NDArray[Any]) -> NDArray[Any]:
    """Return the same samples in lines as many as there were columns."""
    return raw.reshape((raw.shape[1], raw.shape[0], *raw.shape[2:]))


def _step_down(raw: NDArray[Any]) -> float:
    """Return the mean difference of a sample from that below it, on lines spread over a picture."""
    lines = np.unique(np.linspace(0, len(raw) - 2, _LINES).astype(int))
    return float(np.abs(raw[lines].astype(np.int32) - raw[lines + 1]).mean())

"""Grey values to brightness: a view of the film, never a conversion of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cephview.core.film import Levels

SMALLEST_WIDTH = 1.0


def lookup_table(
    levels: Levels, dtype: np.dtype[Any], *, inverted: bool = False, gamma: float = 1.0
) -> NDArray[np.uint8]:
    """Return the brightness of every grey value of a film: (256,) or (65536,), uint8.

    Raises ValueError for a gamma that is not positive or a dtype that is neither uint8 nor uint16.
    """
    if gamma <= 0:
        raise ValueError(f"gamma must be positive, not {gamma}")
    if dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a film is uint8 or uint16, not {dtype}")
    values = np.arange(np.iinfo(dtype).max + 1, dtype=np.float32)
    share = (values - levels.low) / max(levels.width, SMALLEST_WIDTH)
    share = np.clip(share, 0.0, 1.0) ** np.float32(1 / gamma)
    if inverted:
        share = 1 - share
    table: NDArray[np.uint8] = np.rint(share * 255).astype(np.uint8)
    return table


def automatic_levels(pixels: NDArray[Any]) -> Levels:
    """Return the window between the 0.5th and 99.5th percentile of a film's grey values."""
    return _between(pixels, 0.5, 99.5)


def _between(pixels: NDArray[Any], low_percent: float, high_percent: float) -> Levels:
    step = max(1, int(np.sqrt(pixels.size / 250_000)))
    low, high = np.percentile(pixels[::step, ::step], (low_percent, high_percent))
    if high - low < SMALLEST_WIDTH:
        return Levels(float(low), float(low) + SMALLEST_WIDTH)
    return Levels(float(low), float(high))


@dataclass(frozen=True)
class Preset:
    """A window between two percentiles of a film's grey values, bone being bright."""

    low: float
    high: float


# Air and collimation are the darkest; a third of a usual film is air.
PRESETS = {
    "soft-tissue": Preset(2.0, 62.0),
    "bone": Preset(35.0, 99.7),
    "teeth": Preset(65.0, 99.95),
}


def preset_levels(pixels: NDArray[Any], preset: Preset, *, is_negative: bool = False) -> Levels:
    """Return the window of a preset for a film; is_negative says that its bone is dark."""
    low, high = preset.low, preset.high
    if is_negative:
        low, high = 100 - high, 100 - low
    return _between(pixels, low, high)


def dragged_levels(start: Levels, dx: float, dy: float, reference_width: float) -> Levels:
    """Return the window after a drag: to the right widens, upwards brightens.

    dx and dy are screen pixels from the press; 400 of them are one reference_width.
    """
    step = reference_width / 400
    width = max(start.width + dx * step, reference_width / 200, SMALLEST_WIDTH)
    centre = start.centre + dy * step
    return Levels(centre - width / 2, centre + width / 2)

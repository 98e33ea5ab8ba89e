"""Grey values: colour to grey, a first display window, and a small picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cephview.core.film import Levels

Grey = NDArray[np.uint8] | NDArray[np.uint16]

_SAMPLE_PX = 500_000
_STRIP_ROWS = 256


def luma(colour: NDArray[Any]) -> Grey:
    """Turn (height, width, 3 or more) red, green, blue into grey of the same unsigned type.

    The weights are those of ITU-R BT.601. Where the three are equal the grey is that very value.
    Works in strips, so that a film of 95 megapixels needs no second copy in floating point.
    """
    grey: Grey = np.empty(colour.shape[:2], colour.dtype.newbyteorder("="))
    for top in range(0, colour.shape[0], _STRIP_ROWS):
        strip = colour[top : top + _STRIP_ROWS, :, :3].astype(np.uint64)
        mixed = strip[..., 0] * 19595 + strip[..., 1] * 38470 + strip[..., 2] * 7471 + 32768
        grey[top : top + _STRIP_ROWS] = mixed >> 16
    return grey


def levels_of(pixels: Grey) -> Levels:
    """Return a first display window: 0.5 to 99.5 per cent of the greys, the flat borders left out.

    A border is the darkest or the brightest value: collimation, burned-in letters, padding.
    """
    step = max(1, int(np.sqrt(pixels.size / _SAMPLE_PX)))
    sample = pixels[::step, ::step]
    darkest, brightest = int(sample.min()), int(sample.max())
    inner = sample[(sample > darkest) & (sample < brightest)]
    if inner.size < sample.size // 20:
        inner = sample.ravel()
    low, high = (float(v) for v in np.percentile(inner, (0.5, 99.5)))
    return Levels(low, high) if high > low else Levels(float(darkest), float(darkest + 1))


def shrunk(pixels: Grey, levels: Levels, side_px: int) -> NDArray[np.uint8]:
    """Return the film as shown through levels, no side longer than side_px, 8 bit."""
    height, width = pixels.shape
    scale = min(1.0, side_px / max(height, width))
    step = max(1, int(0.5 / scale))
    coarse = pixels[::step, ::step].astype(np.float32)
    shown = np.clip((coarse - levels.low) * (255.0 / levels.width), 0, 255).astype(np.uint8)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(shown).resize(size, Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8)

"""Local contrast and sharpness as a view of a film: other pixels to look at, never other data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cephview.ui.canvas.pyramid import Pyramid

# More than this would take seconds and gigabytes; a larger film is enhanced at half its size or
# less, and is as sharp as that.
MAX_PIXELS = 6_000_000
# Skimage's own defaults for the first; stronger turns noise of a flat film into structure.
CLIP_LIMIT = 0.01
SHARPEN_RADIUS_PX = 3.0
SHARPEN_AMOUNT = 1.0


@dataclass(frozen=True)
class Enhancement:
    """What is done to the pixels before they are shown."""

    has_local_contrast: bool = False
    is_sharpened: bool = False

    def __bool__(self) -> bool:
        return self.has_local_contrast or self.is_sharpened


def first_level(pyramid: Pyramid) -> int:
    """Return the finest level of a film that is small enough to be enhanced."""
    level = 0
    while pyramid.level(level).size > MAX_PIXELS:
        level += 1
    return level


def enhanced(pyramid: Pyramid, wanted: Enhancement) -> Pyramid:
    """Return a pyramid of enhanced pixels in the film's own grey values and dtype.

    Local contrast is CLAHE (Zuiderveld, Graphics Gems IV, 1994) of the whole film, so that a place
    looks the same however it is come by; sharpness is an unsharp mask. It may take seconds, so it
    is not for the window's thread.
    """
    # Skimage takes longer to import than a window to open.
    from skimage.exposure import equalize_adapthist
    from skimage.filters import unsharp_mask

    level = first_level(pyramid)
    cells = pyramid.level(level)
    low, high = int(cells.min()), int(cells.max())
    # A film of one grey value has no contrast to raise.
    if low == high:
        return Pyramid(cells, first=level)
    share: NDArray[Any] = (cells.astype(np.float32) - low) / (high - low)
    if wanted.has_local_contrast:
        share = equalize_adapthist(share, clip_limit=CLIP_LIMIT)
    if wanted.is_sharpened:
        radius = max(1.0, SHARPEN_RADIUS_PX / (1 << level))
        share = unsharp_mask(share, radius=radius, amount=SHARPEN_AMOUNT)
    grey = np.rint(low + np.clip(share, 0.0, 1.0) * (high - low))
    return Pyramid(grey.astype(cells.dtype), first=level)

"""A film at half, a quarter, an eighth... of its size, each level made when it is first needed."""

import math
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from cephview.core.film import Film

Grey = NDArray[Any]

# About what a view shows of a whole film.
ENOUGH_PIXELS = 1_500_000


def halved(pixels: Grey) -> Grey:
    """Return 2 x 2 means, rounded, in the same dtype; an odd last row or column is doubled."""
    height, width = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2)), mode="edge")
    wide = np.uint16 if pixels.dtype == np.uint8 else np.uint32
    total = np.add(pixels[0::2, 0::2], pixels[0::2, 1::2], dtype=wide)
    total += pixels[1::2, 0::2]
    total += pixels[1::2, 1::2]
    total += 2
    total >>= 2
    return total.astype(pixels.dtype)


class Pyramid:
    """Level k holds means of 2^k x 2^k pixels.

    Its cell i covers the film's indices from i 2^k - 0.5 to (i + 1) 2^k - 0.5. first is the finest
    level there is: that of the pixels it is made from.
    """

    def __init__(self, pixels: Grey, first: int = 0) -> None:
        self._levels: list[Grey] = [pixels]
        self.first = first

    @property
    def pixels(self) -> Grey:
        """Return the pixels of the finest level."""
        return self._levels[0]

    def level(self, index: int) -> Grey:
        """Return a level, making what lies between; beyond a single cell, the last one.

        Raises IndexError for one finer than the first.
        """
        if index < self.first:
            raise IndexError(f"the finest level is {self.first}, not {index}")
        place = index - self.first
        while len(self._levels) <= place and max(self._levels[-1].shape) > 1:
            self._levels.append(halved(self._levels[-1]))
        return self._levels[min(place, len(self._levels) - 1)]


_pyramids: WeakKeyDictionary[Film, Pyramid] = WeakKeyDictionary()


def pyramid_of(film: Film) -> Pyramid:
    """Return the one pyramid of a film, as long as the film is held."""
    return _pyramids.setdefault(film, Pyramid(film.pixels))


def prepared(film: Film) -> Film:
    """Return a film after the levels that show all of it were made.

    For the thread that reads the film: of 95 megapixels they take a third of a second, in which the
    window would stand still.
    """
    pyramid, level = pyramid_of(film), 0
    while pyramid.level(level).size > ENOUGH_PIXELS:
        level += 1
    return film


def level_for(device_px_per_film_px: float) -> int:
    """Return the coarsest level that still has a cell for every device pixel; 0 when magnified."""
    if device_px_per_film_px >= 1:
        return 0
    return math.floor(math.log2(1 / device_px_per_film_px) + 1e-9)

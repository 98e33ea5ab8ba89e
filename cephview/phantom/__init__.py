"""A synthetic lateral film made from a random head shape, with exact landmark positions."""

import numpy as np

from cephview.phantom.render import FILM_MM, Phantom, render
from cephview.phantom.shape import LANDMARKS, HeadShape, random_shape
from cephview.phantom.style import FilmStyle, random_style

__all__ = [
    "LANDMARKS",
    "FilmStyle",
    "HeadShape",
    "Phantom",
    "make_phantom",
    "random_shape",
    "random_style",
    "render",
]


def make_phantom(
    seed: int,
    *,
    size_px: tuple[int, int] = (1935, 2400),
    bits: int = 12,
    mm_per_px: float | None = None,
    style: FilmStyle | None = None,
    has_label: bool = True,
) -> Phantom:
    """Make the film of a seed: the same seed gives the same head at any size.

    size_px is (width, height). Without mm_per_px the film covers at least 193.5 x 240 mm, so that
    the whole head is on it. Without a style a device is drawn at random too. Raises ValueError for
    sizes that make no film.
    """
    streams = np.random.SeedSequence(seed).spawn(3)
    shape_rng, style_rng, film_rng = (np.random.default_rng(stream) for stream in streams)
    if mm_per_px is None:
        mm_per_px = max(FILM_MM[0] / size_px[0], FILM_MM[1] / size_px[1])
    return render(
        random_shape(shape_rng),
        size_px=size_px,
        mm_per_px=mm_per_px,
        bits=bits,
        style=style if style is not None else random_style(style_rng),
        rng=film_rng,
        has_label=has_label,
    )

"""The closer look: a crop of the film around its points."""

import numpy as np

from cephview.network.frame import Floats

Box = tuple[float, float, float, float]

# How much of the box's longer side is shown beyond the points, on each side: in training, before
# zoom and shift are varied; by networks so trained, and by the others, as each reads it best on its
# validation films.
LEARNT_MARGIN = 0.12
CLOSE_MARGIN = 0.2
WIDE_MARGIN = 0.5


def close_box(points_px: Floats, film_size: tuple[int, int], aspect: float, margin: float) -> Box:
    """Return the box around points, (left, top, right, bottom) in film indices, kept on the film.

    points_px: (landmarks, 2), film indices, NaN where unknown. film_size is (width, height) in
    pixels; aspect is the height of a film pixel over its width; margin is a share of the longer
    side of the box that just holds the points. All of the film where fewer than two points are
    known or the box would be smaller than 32 pixels.
    """
    width, height = film_size
    whole = (-0.5, -0.5, width - 0.5, height - 0.5)
    known = points_px[np.isfinite(points_px).all(axis=-1)]
    if len(known) < 2:
        return whole
    low, high = known.min(axis=0), known.max(axis=0)
    beyond = margin * max(high[0] - low[0], (high[1] - low[1]) * aspect)
    left, right = max(low[0] - beyond, whole[0]), min(high[0] + beyond, whole[2])
    top = max(low[1] - beyond / aspect, whole[1])
    bottom = min(high[1] + beyond / aspect, whole[3])
    if right - left < 32 or bottom - top < 32:
        return whole
    return float(left), float(top), float(right), float(bottom)

"""Predicted ellipses: how large one is, and which one a true point lies on.

A two-dimensional normal distribution with covariance C holds the share 1 - exp(-q / 2) within the
ellipse e' C^-1 e = q (the chi-squared distribution with two degrees of freedom).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cephview.core.uncertainty import Covariance

Floats = NDArray[np.float64]


class Ellipse(NamedTuple):
    """Half axes, the longer first, and the direction of the longer from x towards y, in degrees."""

    major: float
    minor: float
    angle_deg: float


def ellipse_of(covariance: Floats, share: float) -> Ellipse | None:
    """Return the ellipse that holds a share, in (0, 1), of the distribution.

    covariance: (2, 2), symmetric. The half axes are in its unit, less the square. None where no
    ellipse has that covariance.
    """
    try:
        xx, xy, yy = (float(covariance[i]) for i in ((0, 0), (0, 1), (1, 1)))
        major, minor, angle = Covariance(xx, xy, yy).ellipse(share)
    except ValueError:
        return None
    return Ellipse(major, minor, math.degrees(angle))


def share_at(errors: Floats, covariances: Floats) -> Floats:
    """Return the share of the distribution within the ellipse through each error.

    errors: (..., 2); covariances: (..., 2, 2), both of one unit. Uniform in [0, 1] where what was
    predicted is true. NaN where the error is, or where the covariance has no inverse.
    """
    xx, yy, xy = covariances[..., 0, 0], covariances[..., 1, 1], covariances[..., 0, 1]
    x, y = errors[..., 0], errors[..., 1]
    determinant = xx * yy - xy * xy
    usable = np.isfinite(determinant) & (determinant > 0)
    squared = (yy * x * x - 2 * xy * x * y + xx * y * y) / np.where(usable, determinant, np.nan)
    return np.asarray(-np.expm1(-squared / 2))


def spread_of(covariances: Floats) -> Floats:
    """Return one number for the size of each: the standard deviation of a circle of its area.

    covariances: (..., 2, 2) to (...).
    """
    xx, yy, xy = covariances[..., 0, 0], covariances[..., 1, 1], covariances[..., 0, 1]
    return np.asarray(np.maximum(xx * yy - xy * xy, 0.0) ** 0.25)

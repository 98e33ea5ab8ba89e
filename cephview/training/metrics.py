"""Errors of predicted points, as papers report them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.core.learning import Accuracy

THRESHOLDS_MM = (2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True)
class FilmError:
    """Signed errors of one film, prediction minus truth, (landmarks, 2) in pixels; NaN unknown.

    sigma_px: (landmarks,) predicted. mm_per_px is (x, y) or None.
    """

    film: str
    error_px: NDArray[np.float64]
    sigma_px: NDArray[np.float64]
    mm_per_px: tuple[float, float] | None

    def signed(self, unit: str) -> NDArray[np.float64]:
        if unit == "px":
            return self.error_px
        assert self.mm_per_px is not None
        return self.error_px * np.asarray(self.mm_per_px)


def common_unit(errors: Sequence[FilmError]) -> str:
    """Return "mm" where every film has a scale, else "px"."""
    return "mm" if all(e.mm_per_px is not None for e in errors) else "px"


def radial(errors: Sequence[FilmError], unit: str) -> NDArray[np.float64]:
    """Return (films, landmarks) distances, NaN where unknown."""
    return np.stack([np.hypot(*e.signed(unit).T) for e in errors])


def accuracy(errors: Sequence[FilmError], landmarks: Sequence[str]) -> Accuracy:
    """Summarise errors: mean radial error and success detection rates (radial error <= threshold).

    Wang et al., Medical Image Analysis 31, 2016, section 3. Raises ValueError without any film.
    """
    if not errors:
        raise ValueError("no film to measure")
    unit = common_unit(errors)
    distances = radial(errors, unit)
    known = distances[np.isfinite(distances)]
    rates = {}
    if unit == "mm":
        rates = {f"{t:g}": 100.0 * float((known <= t).mean()) for t in THRESHOLDS_MM}
    per_landmark = {
        name: float(np.nanmean(distances[:, i]))
        for i, name in enumerate(landmarks)
        if np.isfinite(distances[:, i]).any()
    }
    mean = float(known.mean()) if known.size else math.nan
    return Accuracy(mean, unit, int(known.size), len(errors), rates, per_landmark)


def calibration_factor(distances: NDArray[np.float64], scales: NDArray[np.float64]) -> float:
    """Return what to multiply predicted scales with, so that they become standard deviations.

    Chosen so that 95 % of the radial errors lie within 2.448 standard deviations of one coordinate,
    the 95 % radius of a round two-dimensional normal distribution.
    """
    ratio = distances / scales
    return float(np.quantile(ratio[np.isfinite(ratio)], 0.95) / 2.4477)

"""A check that catches printed and rescaled films: how far sella is from nasion."""

import math
from collections.abc import Iterable, Mapping

from cephview.core.scale import PixelSize, Provenance, reason_against
from cephview.core.tracing import Tracing

SELLA_NASION_MM = (50, 90)
_NO_SIZE = (Provenance.ASPECT, Provenance.UNKNOWN)


def scale_to_judge_by(tracing: Tracing, size: PixelSize) -> PixelSize:
    """Return the scale by which an uncertainty is small or large; unknown where it is in doubt.

    By a scale that is far too small every point would look certain.
    """
    return PixelSize() if scale_doubt(tracing, size) else size


def scale_doubt(tracing: Tracing, size: PixelSize) -> str:
    """Return a sentence where sella to nasion has a length that people do not have.

    Empty where all is well, where a point is missing, or without a trusted scale.
    """
    placed = {point.landmark: point.best.xy for point in tracing if point.best is not None}
    return scale_doubt_of(placed, size)


def film_scale_doubt(size: PixelSize, size_px: tuple[int, int]) -> str:
    """Return a sentence where no film of size_px (width, height) has such a scale; else empty."""
    if size.x_mm is None or size.y_mm is None or size.provenance in _NO_SIZE:
        return ""
    reason = reason_against(size.x_mm, size.y_mm, size_px)
    if not reason:
        return ""
    if size.provenance is Provenance.RULER:
        return f"By this ruler, {reason}: look at its ends and its length."
    return f"The scale of this film is not used: {reason}. Measure on a ruler in the film instead."


def scale_doubt_of(points: Mapping[str, tuple[float, float]], size: PixelSize) -> str:
    """Return the same of points by their symbols, (x, y) in pixel indices."""
    length = _odd_length(points, size)
    if not length:
        return ""
    low, high = SELLA_NASION_MM
    return (
        f"Sella to nasion measures {length}, outside the {low} to {high} mm of people: "
        "the scale of this film is wrong, or one of the two points."
    )


def scale_doubts(films: Iterable[tuple[str, Mapping[str, tuple[float, float]], PixelSize]]) -> str:
    """Return one sentence on all films, by their names, of which that is so; "" for none."""
    odd = [(name, length) for name, at, size in films if (length := _odd_length(at, size))]
    if not odd:
        return ""
    (name, length), more = odd[0], len(odd) - 1
    others = f", and is as odd on {more} more film{'s' if more > 1 else ''}" if more else ""
    low, high = SELLA_NASION_MM
    return (
        f"{name}: Sella to nasion measures {length}, outside the {low} to {high} mm of people"
        f"{others}: the pixel size is wrong there, or one of the two points."
    )


def _odd_length(points: Mapping[str, tuple[float, float]], size: PixelSize) -> str:
    if "S" not in points or "N" not in points:
        return ""
    length = size.distance_mm(points["S"], points["N"])
    low, high = SELLA_NASION_MM
    if length is None or math.isnan(length) or low <= length <= high:
        return ""
    return f"{length:.0f} mm" if length >= 1 else f"{length:.2g} mm"

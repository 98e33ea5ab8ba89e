"""A check that catches printed and rescaled films: how far sella is from nasion."""

from collections.abc import Mapping

from cephview.core.scale import PixelSize
from cephview.core.tracing import Tracing

SELLA_NASION_MM = (50, 90)


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


def scale_doubt_of(points: Mapping[str, tuple[float, float]], size: PixelSize) -> str:
    """Return the same of points by their symbols, (x, y) in pixel indices."""
    if "S" not in points or "N" not in points:
        return ""
    length = size.distance_mm(points["S"], points["N"])
    low, high = SELLA_NASION_MM
    if length is None or low <= length <= high:
        return ""
    said = f"{length:.0f}" if length >= 1 else f"{length:.2g}"
    return (
        f"Sella to nasion measures {said} mm, outside the {low} to {high} mm of people: "
        "the scale of this film is wrong, or one of the two points."
    )

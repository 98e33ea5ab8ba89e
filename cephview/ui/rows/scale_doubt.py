"""A check that catches printed and rescaled films: how far sella is from nasion."""

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
    ends = [point.best for point in tracing if point.landmark in ("S", "N")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return ""
    length = size.distance_mm(ends[0].xy, ends[1].xy)
    low, high = SELLA_NASION_MM
    if length is None or low <= length <= high:
        return ""
    return (
        f"Sella to nasion measures {length:.0f} mm, outside the {low} to {high} mm of people: "
        "the scale of this film is wrong, or one of the two points."
    )

"""What is exported of a tracing, whatever the format."""

from collections.abc import Iterator
from dataclasses import dataclass

from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize
from cephview.core.tracing import Placed, Point, State, Tracing


@dataclass(frozen=True)
class ExportedFilm:
    """A film with its tracing. width and height in pixels; path as it is to be written."""

    path: str
    film_sha256: str
    width: int
    height: int
    pixel_size: PixelSize
    tracing: Tracing


@dataclass(frozen=True)
class ExportedPoint:
    """One landmark as it is exported. placed is None where a human said it cannot be seen.

    layer is human, refined or coarse: the layer that placed is of.
    """

    point: Point
    placed: Placed | None
    layer: str

    @property
    def state(self) -> State:
        return self.point.state


def exported_points(
    film: ExportedFilm, landmarks: LandmarkSet, include_unconfirmed: bool
) -> Iterator[ExportedPoint]:
    """Yield what of a tracing is to be exported, in the order of the landmark set."""
    points = {point.landmark: point for point in film.tracing}
    for point in (points[i] for i in landmarks.ids if i in points):
        if point.state is State.NOT_VISIBLE:
            yield ExportedPoint(point, None, "")
            continue
        placed = point.truth or (point.best if include_unconfirmed else None)
        if placed is not None:
            yield ExportedPoint(point, placed, _layer(point))


def _layer(point: Point) -> str:
    if point.human is not None:
        return "human"
    return "refined" if point.refined is not None else "coarse"

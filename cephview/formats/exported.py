"""What is exported of a tracing, whatever the format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize
from cephview.core.tracing import Placed, Point, State, Tracing


@dataclass(frozen=True)
class ExportedFilm:
    """A film with its tracing. width and height in pixels.

    path: where it lies; what encodes it gets the name instead that is to be written. number: its
    place among all films of its workspace, from 1; 0 where there is none.
    """

    path: str
    film_sha256: str
    width: int
    height: int
    pixel_size: PixelSize
    tracing: Tracing
    number: int = 0


class Record(Protocol):
    """What a workspace knows of a film."""

    @property
    def path(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def pixel_size(self) -> PixelSize: ...
    @property
    def number(self) -> int: ...


def exported_film(record: Record, tracing: Tracing) -> ExportedFilm:
    """Return a film of a workspace as an export takes it."""
    return ExportedFilm(
        str(record.path),
        record.sha256,
        record.width,
        record.height,
        record.pixel_size,
        tracing,
        record.number,
    )


@dataclass(frozen=True)
class ExportedPoint:
    """One landmark as it is exported. placed is None where a human said it cannot be seen.

    What a reader is unsure of is always exported, in that state: a place that is no truth.

    layer is human, refined or coarse: the layer that placed is of.
    """

    point: Point
    placed: Placed | None
    layer: str

    @property
    def state(self) -> State:
        return self.point.state


@dataclass(frozen=True)
class Written:
    """What an export holds: films, and points by what stands behind them.

    truths: placed or confirmed by a human. hidden: marked as not visible. unsure: placed and
    doubted by a human. unchecked: the model's alone. left_out counts the model's points that
    are not in it.
    """

    films: int
    truths: int
    hidden: int
    unchecked: int
    left_out: int
    unsure: int = 0


def exported_points(
    film: ExportedFilm, landmarks: LandmarkSet, include_unconfirmed: bool
) -> Iterator[ExportedPoint]:
    """Yield what of a tracing is to be exported, in the order of the landmark set."""
    points = {point.landmark: point for point in film.tracing}
    for point in (points[i] for i in landmarks.ids if i in points):
        if point.state is State.NOT_VISIBLE:
            yield ExportedPoint(point, None, "")
            continue
        is_told = include_unconfirmed or point.state is State.UNSURE
        placed = point.truth or (point.best if is_told else None)
        if placed is not None:
            yield ExportedPoint(point, placed, _layer(point))


def exported_films(
    films: Sequence[ExportedFilm], landmarks: LandmarkSet, include_unconfirmed: bool
) -> tuple[ExportedFilm, ...]:
    """Return the films of which anything is exported; the others are in no export."""
    return tuple(
        film for film in films if any(exported_points(film, landmarks, include_unconfirmed))
    )


def count_exported(
    films: Sequence[ExportedFilm], landmarks: LandmarkSet, include_unconfirmed: bool
) -> Written:
    """Count what an export of these films holds and what it leaves out."""
    points = [e for film in films for e in exported_points(film, landmarks, include_unconfirmed)]
    every = [e for film in films for e in exported_points(film, landmarks, True)]
    truths = sum(e.point.truth is not None for e in points)
    hidden = sum(e.placed is None for e in points)
    unsure = sum(e.state is State.UNSURE for e in points)
    return Written(
        films=len(exported_films(films, landmarks, include_unconfirmed)),
        truths=truths,
        hidden=hidden,
        unsure=unsure,
        unchecked=len(points) - truths - hidden - unsure,
        left_out=len(every) - len(points),
    )


def _layer(point: Point) -> str:
    if point.human is not None:
        return "human"
    return "refined" if point.refined is not None else "coarse"

"""The registry of export formats, and how an export is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cephview.core.landmarks import LandmarkSet
from cephview.core.tracing import Point
from cephview.formats import export_coco, export_csv
from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
from cephview.formats.errors import FormatError, shown
from cephview.formats.exported import (
    ExportedFilm,
    Written,
    count_exported,
    exported_film,
    exported_films,
)
from cephview.formats.film_names import Names, film_names, pseudonym

__all__ = [
    "EXPORTERS",
    "ExportedFilm",
    "Exporter",
    "Names",
    "Written",
    "exported_film",
    "what_is_written",
]

Encode = Callable[[Sequence[ExportedFilm], LandmarkSet, bool], bytes]


@dataclass(frozen=True)
class Exporter:
    """An export format. encode takes films, their landmark set, and include_unconfirmed."""

    id: str
    name: str
    suffix: str
    encode: Encode

    def write(
        self,
        path: Path | str,
        films: Sequence[ExportedFilm],
        landmarks: LandmarkSet,
        *,
        include_unconfirmed: bool,
        names: Names = Names.RELATIVE,
    ) -> Written:
        """Write an export, whole or not at all, and return what it holds.

        Films are called as film_names calls them.

        Only what a human stands for is written (Point.truth), and what a human marked as not
        visible. include_unconfirmed adds the model's points, marked as such. A film of which
        nothing is written is not in the export; retired landmarks are where a film has a point of
        them. Raises FormatError, also where path is a film.
        """
        refuse_to_overwrite_films(path, (film.path for film in films))
        landmarks = _covering(landmarks, films)
        for film in films:
            if film.tracing.landmark_set != landmarks.id:
                raise FormatError(
                    f"{shown(film.path)} is traced with the landmark set "
                    f"{film.tracing.landmark_set}, not {landmarks.id}; export it on its own."
                )
        written = exported_films(films, landmarks, include_unconfirmed)
        called: Sequence[str]
        if names is Names.PSEUDONYM and all(film.number for film in written):
            called = [pseudonym(film.number) for film in written]
        else:
            called = film_names([film.path for film in written], names)
        named = [replace(film, path=name) for film, name in zip(written, called, strict=True)]
        write_atomically(path, self.encode(named, landmarks, include_unconfirmed))
        return count_exported(films, landmarks, include_unconfirmed)


def what_is_written(
    films: Sequence[ExportedFilm], landmarks: LandmarkSet, *, include_unconfirmed: bool
) -> Written:
    """Count what an export of films would hold, before it is written."""
    return count_exported(films, _covering(landmarks, films), include_unconfirmed)


def _covering(landmarks: LandmarkSet, films: Sequence[ExportedFilm]) -> LandmarkSet:
    placed = [p.landmark for film in films for p in film.tracing if p != Point(p.landmark)]
    return landmarks.knowing(placed).covering(placed)


EXPORTERS: dict[str, Exporter] = {
    exporter.id: exporter
    for exporter in (
        Exporter("csv", "Tidy CSV table", ".csv", export_csv.encode),
        Exporter("coco", "COCO keypoints", ".json", export_coco.encode),
    )
}
"""Export formats by id; a new one is a module with encode and a line above."""

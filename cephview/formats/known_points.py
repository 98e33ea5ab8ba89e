"""The known points of a set of films, by one reader or as the mean of two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from cephview.core.tracing import XY
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.truth import TruthTable

Reading = Mapping[str, Mapping[str, XY]]
"""One reader's points in pixel indices, by film and landmark."""

# No file of one film's points comes near this; a larger one is something else.
MAX_TEXT_BYTES = 1_000_000


@dataclass(frozen=True)
class KnownPoints:
    """A table of points and where it comes from.

    origin says in words what was read ("ISBI 2015, mean of senior and junior"). is_by_stem: the
    films are named without an ending. mm_per_px is the size of a pixel where the source says it.
    """

    table: TruthTable
    origin: str
    is_by_stem: bool = False
    mm_per_px: Mapping[str, float] = field(default_factory=dict)

    def of(self, film: str) -> Mapping[str, XY]:
        """Return the points of a film file: by its whole name, else by the name less its ending."""
        if film in self.table.points:
            return self.table.points[film]
        return self.table.points.get(self._by_stem.get(Path(film).stem, ""), {})

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        stems: dict[str, list[str]] = {}
        for film in self.table.films:
            stems.setdefault(film if self.is_by_stem else Path(film).stem, []).append(film)
        # Two films that differ in their endings alone cannot be told apart by the rest.
        return {stem: films[0] for stem, films in stems.items() if len(films) == 1}


def table_of(reading: Reading) -> TruthTable:
    """Return a reading as a table, landmarks in the order in which they first appear."""
    landmarks = dict.fromkeys(name for points in reading.values() for name in points)
    return TruthTable(tuple(landmarks), tuple(reading), MappingProxyType(dict(reading)))


def mean_of_readers(folder: Path, first: Reading, second: Reading) -> Reading:
    """Return the mean of two readings, point by point, not rounded.

    Raises FormatError where only one of them has a film or a landmark: the mean of some points and
    one reader's word for others would be two truths in one table.
    """
    for film in sorted(first.keys() ^ second.keys()):
        raise FormatError(
            f"{shown(folder)} has {shown(film)} from one reader alone; choose the folder of one "
            "reader, or add what is missing."
        )
    means: dict[str, Mapping[str, XY]] = {}
    for film, points in first.items():
        for landmark in sorted(points.keys() ^ second[film].keys()):
            raise FormatError(
                f"{shown(folder)} has {landmark} of {shown(film)} from one reader alone; choose "
                "the folder of one reader, or add what is missing."
            )
        means[film] = MappingProxyType(
            {
                landmark: ((x + second[film][landmark][0]) / 2, (y + second[film][landmark][1]) / 2)
                for landmark, (x, y) in points.items()
            }
        )
    return means


def small_text(path: Path) -> str:
    """Return the text of a small file. Raises FormatError where it is large or not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT_BYTES + 1)
        if len(data) > MAX_TEXT_BYTES:
            raise FormatError(f"{shown(path)} is too large to hold points; take it out.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise io_error("read", path, error) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{shown(path)} is not a text file in UTF-8; copy it again from its source."
        ) from error

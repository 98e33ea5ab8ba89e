"""The known points of a set of films, by one reader or as the mean of two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cephview.core.tracing import XY
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.pairing import Pairing, pair, sha256_of
from cephview.formats.truth import TruthTable

Reading = Mapping[str, Mapping[str, XY]]
"""One reader's points in pixel indices, by film and landmark."""

# No file of one film's points comes near this; a larger one is something else.
MAX_TEXT_BYTES = 1_000_000


@dataclass(frozen=True)
class DeclaredScale:
    """The size of a pixel, (x, y) in mm, as something says that is no film.

    by says what does, for a user. size_px is the (width, height) of the films it is said of, where
    that is known: it holds for no copy of another size.
    """

    mm_per_px: XY
    by: str
    size_px: tuple[int, int] | None = None


@dataclass(frozen=True)
class KnownPoints:
    """A table of points and where it comes from.

    origin says in words what was read ("ISBI 2015, mean of senior and junior"). scale is that of
    films of which the source tells one.
    """

    table: TruthTable
    origin: str
    scale: Mapping[str, DeclaredScale] = field(default_factory=dict)

    def of(self, film: Path | str) -> Mapping[str, XY]:
        """Return the points of a film file; none where no row, or more than one, means it."""
        return next((self.table.points[row] for row in self.paired_with([Path(film)]).pairs), {})

    def paired_with(self, films: Sequence[Path]) -> Pairing:
        """Pair the films of the table with film files, which are opened for their digests alone."""
        return pair(self.table.films, films, digests=self.table.digests, digest_of=sha256_of)


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

"""Which films a command takes: those of a table of points that are there and were asked for."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cephview.core.numbers import plain_number
from cephview.core.scale import reason_against
from cephview.formats.errors import FormatError, io_error
from cephview.formats.families import FILM_SUFFIXES, looks_like_film
from cephview.formats.json_text import read_json
from cephview.formats.known_points import MAX_TEXT_BYTES, DeclaredScale, KnownPoints
from cephview.formats.open_truth import open_truth
from cephview.formats.pairing import Pairing, distinct_names, pair, sha256_of, without_ending
from cephview.formats.patterns import is_pattern, matching
from cephview.training import TrainingError
from cephview.training.labelled import DataSet, LabelledFilm

# So many names are told of a kind; of the rest their number.
NAMED = 5


@dataclass(frozen=True)
class Chosen:
    """The films to take and what the truth is.

    absent is the number of films that the truth knows and the folder of films does not hold,
    refused that of those that are there and yet not taken. told: what was left out and why, a
    sentence each, films named. scale: what says how large a film's pixels are, by its name, where
    it is not the film itself.
    """

    data: DataSet
    origin: str
    absent: int = 0
    refused: int = 0
    told: tuple[str, ...] = ()
    scale: Mapping[str, DeclaredScale] = field(default_factory=dict)

    def fold(self, names: Iterable[str]) -> "Chosen":
        """Keep the films of a fold, and tell which of it are not there."""
        names = list(names)
        missing = self.data.not_there(names)
        told = (f"{counted(missing)} of the fold are not there: {listed(missing)}.",)
        return replace(self, data=self.data.only(names), told=self.told + (told if missing else ()))

    @property
    def duplicates(self) -> int:
        """Return how many of the films show a radiograph that another of them shows, too."""
        counts = Counter(film.group for film in self.data.films)
        return sum(count for count in counts.values() if count > 1)

    def scale_told(self) -> tuple[str, ...]:
        """Say who declares the size of pixels, a sentence each."""
        by = Counter(self.scale[film.name] for film in self.data.films if film.name in self.scale)
        return tuple(
            f"Pixel size {' x '.join(f'{mm:g}' for mm in dict.fromkeys(scale.mm_per_px))} mm, "
            f"as {scale.by} says: {count} film{'' if count == 1 else 's'}."
            for scale, count in by.items()
        )


def choose_films(
    folder: Path,
    truth: Path,
    *,
    mm_per_px: float | None = None,
    only: str | None = None,
    leave_out: str | None = None,
) -> Chosen:
    """Pair the films of a folder with their known points.

    Films lie in folder/images, in folder, or anywhere below it; folder may be a pattern of files.
    What of the truth is not there, or cannot be told apart, is left out and told. only and
    leave_out choose by the number that a film's name ends with. mm_per_px goes before what the
    truth or the data set declares of the size of a pixel. splits.json, beside the films or the
    truth, may name pairs of films that are one radiograph ("duplicate_pairs"), which share a group,
    and declare the size of a pixel ("mm_per_px"). No film is opened, but for its digest where the
    truth tells digests. Raises TrainingError, FormatError.
    """
    if mm_per_px is not None and (reason := reason_against(mm_per_px, mm_per_px)):
        raise TrainingError(f"--mm-per-px {mm_per_px:g} is no size of a pixel of films ({reason}).")
    known = open_truth(truth)
    base, films = _films_of(folder, known.table.films)
    wanted = parse_numbers(only) if only else None
    unwanted = parse_numbers(leave_out) if leave_out else frozenset()
    splits = next((p / "splits.json" for p in (folder, truth.parent) if _has_splits(p)), None)
    groups, split_scale = _read_splits(splits)
    found = pair(known.table.films, films, base, digests=known.table.digests, digest_of=sha256_of)
    rows = [
        row
        for row in known.table.films
        if (wanted is None or film_number(row) in wanted) and film_number(row) not in unwanted
    ]
    names = distinct_names([found.pairs[row] for row in rows if row in found.pairs])
    declared = None if mm_per_px is None else DeclaredScale((mm_per_px, mm_per_px), "--mm-per-px")
    labelled: list[LabelledFilm] = []
    scales: dict[str, DeclaredScale] = {}
    for row in rows:
        path = found.pairs.get(row)
        if path is None:
            continue
        name, number = names[path], film_number(row)
        scale = declared or known.scale.get(row) or split_scale
        if scale is not None:
            scales[name] = scale
        labelled.append(
            LabelledFilm(
                path,
                _points(known, row),
                None if scale is None else scale.mm_per_px,
                name if number is None else groups.get(number, name),
                sha256=known.table.digests.get(row, ""),
                label=name,
            )
        )
    told = _told(found, rows, truth, base, wanted is None and not unwanted)
    if not labelled:
        raise TrainingError(
            " ".join([f"no film of {truth} is left to use; check the choice of films.", *told[:3]])
        )
    return Chosen(
        DataSet(known.table.landmarks, tuple(labelled)),
        known.origin,
        absent=sum(row in found.absent for row in rows),
        refused=sum(row in found.ambiguous or row in found.changed for row in rows),
        told=told,
        scale=scales,
    )


def parse_numbers(choice: str) -> frozenset[int]:
    """Read "151-300" or "1-150,201" as a set of numbers. Raises TrainingError."""
    numbers: set[int] = set()
    for part in choice.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise TrainingError(f"{choice!r} is not a choice of films; write 151-300 or 1-150,201.")
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


def film_number(name: str) -> int | None:
    """Return the number that a film's name ends with, as 12 of "012.jpg"; None without one."""
    name = without_ending(name)
    digits = name[len(name.rstrip("0123456789")) :]
    return int(digits) if digits else None


def listed(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def first_of(sentences: Sequence[str]) -> list[str]:
    """Return the first of some sentences, and how many more there are."""
    more = len(sentences) - NAMED
    return [*sentences[:NAMED], *([f"And {more} more like these."] if more > 0 else [])]


def counted(films: Collection[object]) -> str:
    return f"{len(films)} film{'' if len(films) == 1 else 's'}"


def _told(
    found: Pairing, rows: Sequence[str], truth: Path, base: Path, is_whole: bool
) -> tuple[str, ...]:
    """Say what was not paired, of the rows that were asked for; unused films where all were."""
    told = []
    absent = [row for row in rows if row in found.absent]
    if absent:
        are = "is" if len(absent) == 1 else "are"
        told.append(
            f"{counted(absent)} of {truth.name} {are} not in {base}: {listed(absent)}; put them "
            "there or leave them out of the table."
        )
    told += first_of([_ambiguity(r, found.ambiguous[r]) for r in rows if r in found.ambiguous])
    told += first_of(
        [
            f"{row} is another film now than the one that {truth.name} was written of; it is left "
            "out."
            for row in rows
            if row in found.changed
        ]
    )
    alone = [row for row in rows if row in found.by_name_alone]
    if alone:
        told.append(
            f"{counted(alone)} of {truth.name} found by name alone, in another folder than it says:"
            f" {listed([f'{row} is {found.pairs[row]}' for row in alone])}."
        )
    numbered = [row for row in rows if row in found.by_number_alone]
    if numbered:
        told.append(
            f"{counted(numbered)} of {truth.name} found by number, without the noughts that its "
            f"name begins with: {listed([f'{row} is {found.pairs[row]}' for row in numbered])}."
        )
    if found.unused and is_whole:
        names = distinct_names(found.unused)
        told.append(
            f"{counted(found.unused)} of {base} not in {truth.name}: "
            f"{listed([names[film] for film in found.unused])}."
        )
    return tuple(told)


def _ambiguity(row: str, films: Sequence[Path]) -> str:
    if len(films) == 1:
        return f"{row} and another row of the table both name {films[0]}; neither is taken."
    return (
        f"{row} is the name of {len(films)} films, {films[0]} and {films[1]} among them; name its "
        "folder in the table, or choose a folder that holds one of them."
    )


def _points(known: KnownPoints, film: str) -> np.ndarray:
    points = np.full((len(known.table.landmarks), 2), np.nan)
    for i, landmark in enumerate(known.table.landmarks):
        if landmark in known.table.points[film]:
            points[i] = known.table.points[film][landmark]
    return points


def _films_of(folder: Path, rows: Sequence[str]) -> tuple[Path, list[Path]]:
    """Return the folder that films lie in, and all films there, whatever their endings."""
    try:
        files: Sequence[Path]
        if is_pattern(folder):
            base, files = matching(folder)
        else:
            base = folder / "images" if (folder / "images").is_dir() else folder
            if not base.is_dir():
                raise TrainingError(f"{folder} is not a folder of films; choose another.")
            files = sorted(base.rglob("*"))
    except OSError as error:
        raise io_error("read", folder, error) from error
    named = {without_ending(row) for row in rows}
    return base, [
        path
        for path in files
        if path.is_file()
        and (
            path.suffix.lower() in FILM_SUFFIXES
            # A film without an ending, or one that is spoilt but that a row names.
            or (path.name in named or looks_like_film(path))
        )
    ]


def _has_splits(folder: Path) -> bool:
    return (folder / "splits.json").is_file()


def _read_splits(path: Path | None) -> tuple[Mapping[int, str], DeclaredScale | None]:
    """Return a group for the number of each film in a duplicate pair, and the scale declared."""
    if path is None:
        return {}, None
    try:
        content = read_json(path, MAX_TEXT_BYTES)
        pairs = content.get("duplicate_pairs", [])
        groups = {
            int(number): f"same radiograph as {int(pair[0])}" for pair in pairs for number in pair
        }
        told = content.get("mm_per_px")
        if told is None:
            return groups, None
        x, y = told if isinstance(told, list) else (told, told)
        size = plain_number(x), plain_number(y)
        if size[0] is None or size[1] is None:
            raise ValueError("a pixel size that is no number")
        if reason := reason_against(size[0], size[1]):
            raise ValueError(reason)
        return groups, DeclaredScale((size[0], size[1]), path.name)
    except (FormatError, OverflowError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise TrainingError(
            f"{path} does not list pairs of films as duplicate_pairs, or a pixel size as mm_per_px "
            f"({error}); correct it or take it away."
        ) from error

"""Which films an evaluation measures: those of the truth that are there and were asked for."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cephview.formats.known_points import KnownPoints
from cephview.formats.open_truth import open_truth
from cephview.formats.opening import FILM_SUFFIXES
from cephview.training import TrainingError
from cephview.training.dataset import DataSet, LabelledFilm, film_number, parse_numbers

# Of the ISBI 2015 films, whose files say nothing of their scale.
ISBI_MM_PER_PX = 0.1


@dataclass(frozen=True)
class Chosen:
    """The films to measure and what the truth is.

    absent is the number of films that the truth knows and the folder of films does not hold.
    """

    data: DataSet
    origin: str
    absent: int = 0

    def fold(self, names: Iterable[str]) -> "Chosen":
        """Keep the films of a fold; where no whole name fits, names less their endings."""
        names = list(names)
        kept = self.data.only(names)
        if not kept.films:
            stems = {Path(name).stem for name in names}
            films = tuple(f for f in self.data.films if Path(f.name).stem in stems)
            kept = replace(self.data, films=films)
        return replace(self, data=kept)

    @property
    def duplicates(self) -> int:
        """Return how many of the films show a radiograph that another of them shows, too."""
        counts = Counter(film.group for film in self.data.films)
        return sum(count for count in counts.values() if count > 1)


def choose_films(
    folder: Path,
    truth: Path,
    *,
    mm_per_px: float | None = None,
    only: str | None = None,
    leave_out: str | None = None,
) -> Chosen:
    """Pair the films of a folder with their known points.

    Films lie in folder/images, in folder, or anywhere below it. A CSV table must find all its
    films; of a data set given as a folder those that are there are taken. only and leave_out choose
    by the number that a film's name ends with. mm_per_px goes before what the truth says of the
    size of a pixel. Duplicates that splits.json beside the films or the truth names ("duplicate
    pairs") share a group. Raises TrainingError, FormatError.
    """
    known = open_truth(truth)
    base = folder / "images" if (folder / "images").is_dir() else folder
    wanted = parse_numbers(only) if only else None
    unwanted = parse_numbers(leave_out) if leave_out else frozenset()
    splits = next((p / "splits.json" for p in (folder, truth.parent) if _has_splits(p)), None)
    groups = _groups(splits)
    by_stem = _films_by_stem(base)
    films: list[LabelledFilm] = []
    missing: list[str] = []
    for name in known.table.films:
        number = film_number(f"{name}.film" if known.is_by_stem else name)
        if (wanted is not None and number not in wanted) or number in unwanted:
            continue
        path = _film_of(base, by_stem, name, known.is_by_stem)
        if path is None:
            missing.append(name)
            continue
        size = mm_per_px or known.mm_per_px.get(name)
        if size is None and (splits is not None or known.origin.startswith("ISBI 2015")):
            size = ISBI_MM_PER_PX
        spacing = None if size is None else (size, size)
        group = groups.get(number if number is not None else -1, path.name)
        films.append(LabelledFilm(path, _points(known, name), spacing, group))
    if missing and not known.is_by_stem:
        raise TrainingError(
            f"{len(missing)} films of {truth.name} are not in {base}, the first is {missing[0]}; "
            "put them there or leave them out of the table."
        )
    if not films:
        raise TrainingError(f"no film of {truth} is left to use; check the choice of films.")
    return Chosen(DataSet(known.table.landmarks, tuple(films)), known.origin, len(missing))


def _points(known: KnownPoints, film: str) -> np.ndarray:
    points = np.full((len(known.table.landmarks), 2), np.nan)
    for i, landmark in enumerate(known.table.landmarks):
        if landmark in known.table.points[film]:
            points[i] = known.table.points[film][landmark]
    return points


def _films_by_stem(base: Path) -> Mapping[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(base.rglob("*")):
        if path.suffix.lower() in FILM_SUFFIXES and path.is_file():
            found.setdefault(path.stem, []).append(path)
    return found


def _film_of(
    base: Path, by_stem: Mapping[str, list[Path]], name: str, is_stem: bool
) -> Path | None:
    """Return the film of a name: the file of just that name, else the one with another ending."""
    if not is_stem and (base / name).is_file():
        return base / name
    paths = by_stem.get(name if is_stem else Path(name).stem, [])
    if len(paths) > 1:
        raise TrainingError(
            f"{name} is the name of {len(paths)} films, {paths[0]} and {paths[1]} among them; "
            "choose a folder that holds one of them."
        )
    return paths[0] if paths else None


def _has_splits(folder: Path) -> bool:
    return (folder / "splits.json").is_file()


def _groups(path: Path | None) -> dict[int, str]:
    """Return a group for the number of each film in a duplicate pair of splits.json."""
    if path is None:
        return {}
    try:
        pairs = json.loads(path.read_text(encoding="utf-8")).get("duplicate_pairs", [])
        return {
            int(number): f"same radiograph as {int(pair[0])}" for pair in pairs for number in pair
        }
    except (OSError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise TrainingError(
            f"{path} does not list pairs of films as duplicate_pairs ({error}); correct it or take "
            "it away."
        ) from error

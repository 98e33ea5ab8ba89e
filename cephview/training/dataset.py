"""Films with true points, and their cache of pre-resized pictures."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.scale import PixelSize
from cephview.core.turning import AS_ON_FILE
from cephview.formats import open_film
from cephview.formats.truth import read_truth
from cephview.network.closeup import LEARNT_MARGIN, close_box
from cephview.network.frame import Frame, View, normalised
from cephview.training import TrainingError

# Pictures are kept a little larger than the network's input, so that turning and zooming them in
# training does not blur.
CACHE_OVERSIZE = 1.25


@dataclass(frozen=True)
class LabelledFilm:
    """A film file with its true points.

    points_px: (landmarks, 2), film indices, NaN where a landmark is not labelled. mm_per_px is
    (x, y) or None. Films of one group (a patient, a film scanned twice) never part. turn is how the
    film is looked at; all else is of the film as it is on file.
    """

    path: Path
    points_px: NDArray[np.float64]
    mm_per_px: tuple[float, float] | None
    group: str
    turn: Turn = AS_ON_FILE

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class DataSet:
    landmarks: tuple[str, ...]
    films: tuple[LabelledFilm, ...]

    def only(self, names: Iterable[str]) -> "DataSet":
        wanted = set(names)
        return replace(self, films=tuple(f for f in self.films if f.name in wanted))

    def without(self, names: Iterable[str]) -> "DataSet":
        unwanted = set(names)
        return replace(self, films=tuple(f for f in self.films if f.name not in unwanted))

    def without_landmarks(self, landmarks: Iterable[str]) -> "DataSet":
        """Leave landmarks out. Raises TrainingError for one that is not there."""
        unwanted = set(landmarks)
        if unknown := unwanted - set(self.landmarks):
            raise TrainingError(f"{', '.join(sorted(unknown))} is not a landmark of the data.")
        kept = [i for i, name in enumerate(self.landmarks) if name not in unwanted]
        films = tuple(replace(film, points_px=film.points_px[kept]) for film in self.films)
        return DataSet(tuple(self.landmarks[i] for i in kept), films)

    @property
    def digest(self) -> str:
        """SHA-256 of the films' names and points: the same digest, the same training data."""
        content = hashlib.sha256(json.dumps(self.landmarks).encode())
        for film in sorted(self.films, key=lambda f: f.name):
            content.update(film.name.encode())
            content.update(np.nan_to_num(film.points_px, nan=-1.0).astype("<f4").tobytes())
        return content.hexdigest()


def load_folder(
    folder: Path,
    *,
    truth: Path | None = None,
    mm_per_px: float | None = None,
    only: str | None = None,
    skip_missing: bool = False,
) -> DataSet:
    """Read a data-set folder: images, a table of points, and splits.json where there is one.

    Images lie in folder/images or in the folder itself. The table is truth, or landmarks_mean.csv,
    or landmarks.csv. only is a choice of films as "151-300" or "1-150,201" by the number in their
    names. splits.json, beside the images or the table, may name pairs of films that are one
    radiograph ("duplicate_pairs"). A film of the table that is not there is an error, unless
    skip_missing. Raises TrainingError, FormatError.
    """
    table_path = truth or _first(folder / n for n in ("landmarks_mean.csv", "landmarks.csv"))
    if table_path is None:
        raise TrainingError(
            f"{folder} holds neither landmarks_mean.csv nor landmarks.csv; "
            "name the table of points."
        )
    table = read_truth(table_path)
    images = folder / "images" if (folder / "images").is_dir() else folder
    numbers = parse_numbers(only) if only else None
    splits = _first(place / "splits.json" for place in (folder, table_path.parent))
    groups = _duplicate_groups(splits)
    if mm_per_px is None and splits is not None:
        mm_per_px = 0.1  # the ISBI 2015 films, whose files say nothing of their scale
    spacing = None if mm_per_px is None else (mm_per_px, mm_per_px)
    films, missing = [], []
    for name in table.films:
        if numbers is not None and film_number(name) not in numbers:
            continue
        path = images / name
        if not path.is_file():
            missing.append(name)
            continue
        points = np.full((len(table.landmarks), 2), np.nan)
        for i, landmark in enumerate(table.landmarks):
            if landmark in table.points[name]:
                points[i] = table.points[name][landmark]
        films.append(LabelledFilm(path, points, spacing, groups.get(film_number(name) or -1, name)))
    if missing and not skip_missing:
        raise TrainingError(
            f"{len(missing)} films of {table_path.name} are not in {images}, the first is "
            f"{missing[0]}; put them there or leave them out of the table."
        )
    if not films:
        raise TrainingError(f"no film of {table_path} is left to use; check the choice of films.")
    return DataSet(tuple(table.landmarks), tuple(films))


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
    """Return the number that a file name ends with, as 12 of "012.jpg"; None without one."""
    stem = Path(name).stem
    digits = stem[len(stem.rstrip("0123456789")) :]
    return int(digits) if digits else None


def opened(labelled: LabelledFilm) -> tuple[Film, LabelledFilm]:
    """Open a film as it is looked at, its points and its scale with it. Raises FormatError."""
    film = open_film(labelled.path)
    if not labelled.turn:
        return film, labelled
    view = View.of(film, labelled.turn)
    size, mm_per_px = film.pixel_size, labelled.mm_per_px
    if labelled.turn.quarters % 2:
        size = PixelSize(size.y_mm, size.x_mm, size.provenance)
        mm_per_px = mm_per_px and mm_per_px[::-1]
    return (
        replace(film, pixels=view.pixels, pixel_size=size),
        replace(labelled, points_px=view.from_film(labelled.points_px), mm_per_px=mm_per_px),
    )


def split_by_group(data: DataSet, counts: Sequence[int], seed: int) -> tuple[tuple[str, ...], ...]:
    """Draw folds of about so many films each, whole groups only; the last fold is the rest.

    Returns the names of each fold's films, len(counts) + 1 folds.
    """
    groups: dict[str, list[str]] = {}
    for film in data.films:
        groups.setdefault(film.group, []).append(film.name)
    order = sorted(groups)
    np.random.default_rng(seed).shuffle(order)
    folds: list[list[str]] = [[] for _ in range(len(counts) + 1)]
    fold = 0
    for group in order:
        while fold < len(counts) and len(folds[fold]) >= counts[fold]:
            fold += 1
        folds[fold].extend(groups[group])
    return tuple(tuple(sorted(names)) for names in folds)


@dataclass(frozen=True)
class Pictures:
    """Pre-resized pictures, (films, height, width) uint8 on disk, and points in their pixels."""

    grey: NDArray[np.uint8]
    points: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.grey)


def load_pictures(
    data: DataSet,
    input_size: tuple[int, int],
    cache: Path,
    *,
    close: bool = False,
    quiet: bool = False,
) -> Pictures:
    """Return the films at the network's size times CACHE_OVERSIZE, made once and kept in cache.

    close: as a second look sees them, cropped around their points. Grey values are stretched as the
    detector does it. The cache is a memory map, so a data set may be larger than memory.
    """
    width, height = (round(side * CACHE_OVERSIZE) for side in input_size)
    frames: list[Frame] = []
    paths = "\n".join(
        f"{f.path.resolve()} {f.path.stat().st_mtime_ns}{f.turn or ''}" for f in data.films
    )
    key = hashlib.sha256(paths.encode()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    grey_path = cache / f"{key}-{width}x{height}{'-close' if close else ''}.npy"
    frame_path = grey_path.with_suffix(".json")
    if not frame_path.is_file():
        grey = np.lib.format.open_memmap(
            grey_path, mode="w+", dtype=np.uint8, shape=(len(data.films), height, width)
        )
        bar = tqdm(data.films, desc="films to cache", unit="film", disable=quiet)
        for i, labelled in enumerate(bar):
            film, seen = opened(labelled)
            film_size, aspect = (film.width, film.height), film.pixel_size.aspect
            frame = Frame.fit(film_size, (width, height), aspect=aspect)
            if close:
                box = close_box(seen.points_px, film_size, aspect, LEARNT_MARGIN)
                frame = Frame.of_box(box, (width, height), aspect=aspect)
            stretched = normalised(frame.picture(film.pixels)) * 0.502 + 0.498
            grey[i] = (stretched * 255).round().clamp(0, 255).byte().numpy()
            frames.append(frame)
        grey.flush()
        frame_path.write_text(json.dumps([(f.scale, f.shift) for f in frames]), encoding="utf-8")
    frames = [
        Frame(tuple(scale), tuple(shift), (width, height))
        for scale, shift in json.loads(frame_path.read_text(encoding="utf-8"))
    ]
    # Few films are turned, so the size of those is read again rather than kept.
    seen_films = [opened(film)[1] if film.turn else film for film in data.films]
    points = np.stack(
        [frame.to_input(film.points_px) for frame, film in zip(frames, seen_films, strict=True)]
    )
    return Pictures(np.load(grey_path, mmap_mode="r"), points)


def _duplicate_groups(path: Path | None) -> dict[int, str]:
    """Return a group name for the number of each film in a duplicate pair of splits.json."""
    if path is None:
        return {}
    pairs = json.loads(path.read_text(encoding="utf-8")).get("duplicate_pairs", [])
    return {number: f"same radiograph as {pair[0]}" for pair in pairs for number in pair}


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)

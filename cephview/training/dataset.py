"""Data-set folders, their folds, and the cache of pre-resized pictures."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from cephview.network.closeup import LEARNT_MARGIN, close_box
from cephview.network.frame import Frame, normalised
from cephview.training import TrainingError
from cephview.training.choosing import Chosen, choose_films
from cephview.training.labelled import DataSet, LabelledFilm, opened

__all__ = [
    "DataSet",
    "LabelledFilm",
    "Pictures",
    "choose_folder",
    "load_folder",
    "load_pictures",
    "opened",
    "split_by_group",
]

# Pictures are kept a little larger than the network's input, so that turning and zooming them in
# training does not blur.
CACHE_OVERSIZE = 1.25
# The tables of points that a data-set folder may hold, the first that is there.
TABLES = ("landmarks_mean.csv", "landmarks.csv")


def choose_folder(
    folder: Path,
    *,
    truth: Path | None = None,
    mm_per_px: float | None = None,
    only: str | None = None,
) -> Chosen:
    """Read a data-set folder: films, and the table truth or one of TABLES; see choose_films.

    Raises TrainingError, FormatError.
    """
    table = truth or next((folder / n for n in TABLES if (folder / n).is_file()), None)
    if table is None:
        raise TrainingError(
            f"{folder} holds neither landmarks_mean.csv nor landmarks.csv; "
            "name the table of points."
        )
    return choose_films(folder, table, mm_per_px=mm_per_px, only=only)


def load_folder(
    folder: Path,
    *,
    truth: Path | None = None,
    mm_per_px: float | None = None,
    only: str | None = None,
) -> DataSet:
    """Return the films of choose_folder that have points, none of them opened yet."""
    return choose_folder(folder, truth=truth, mm_per_px=mm_per_px, only=only).data


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
        f"{f.sha256 or f'{f.path.resolve()} {f.path.stat().st_mtime_ns}'}{f.turn or ''}"
        for f in data.films
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

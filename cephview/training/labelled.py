"""Films with true points."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.scale import PixelSize
from cephview.core.turning import AS_ON_FILE
from cephview.formats import open_film
from cephview.formats.errors import FormatError, shown
from cephview.formats.pairing import pair, sha256_of
from cephview.network.frame import View
from cephview.training import TrainingError

# Before a film's digest, where it stands for its name.
DIGEST = "sha256:"


@dataclass(frozen=True)
class LabelledFilm:
    """A film file with its true points.

    points_px: (landmarks, 2), film indices, NaN where a landmark is not labelled. mm_per_px is
    (x, y) or None. Films of one group (a patient, a film scanned twice) never part. turn is how the
    film is looked at; all else is of the film as it is on file. sha256 is the digest of the file
    that the points were placed on, empty where nobody knows; label tells films of one name apart.
    """

    path: Path
    points_px: NDArray[np.float64]
    mm_per_px: tuple[float, float] | None
    group: str
    turn: Turn = AS_ON_FILE
    sha256: str = ""
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or self.path.name


@dataclass(frozen=True)
class DataSet:
    landmarks: tuple[str, ...]
    films: tuple[LabelledFilm, ...]

    def only(self, names: Iterable[str]) -> "DataSet":
        """Keep the films that are named, also by another ending or from another folder."""
        wanted = self._meant(names)
        return replace(self, films=tuple(f for f in self.films if f.path in wanted))

    def without(self, names: Iterable[str]) -> "DataSet":
        """Leave out the films that only would keep."""
        unwanted = self._meant(names)
        return replace(self, films=tuple(f for f in self.films if f.path not in unwanted))

    def not_there(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of these names that no film of the data bears."""
        names = list(dict.fromkeys(names))
        by_digest = self._by_digest(names)
        names = [n for n in names if n not in by_digest]
        known = {film.name for film in self.films}
        pairs = pair(names, [film.path for film in self.films]).pairs
        return tuple(name for name in names if name not in known and name not in pairs)

    def without_names(self, names: Iterable[str]) -> list[str]:
        """Return names of these films that say nothing of who is on them, which only takes.

        A model is handed on where its films are not: it lists them by the digests of their files.
        """
        return [f"{DIGEST}{_digest_of(film)}" for film in self.only(names).films]

    def _by_digest(self, names: Iterable[str]) -> dict[str, Path]:
        """Return the films that are named by the digest of their file."""
        wanted = {name for name in names if name.startswith(DIGEST)}
        if not wanted:
            return {}
        found = {f"{DIGEST}{_digest_of(film)}": film.path for film in self.films}
        return {name: found[name] for name in wanted if name in found}

    def _meant(self, names: Iterable[str]) -> set[Path]:
        names = set(names)
        by_digest = self._by_digest(names)
        names -= set(by_digest)
        exact = {film.path for film in self.films if film.name in names}
        left = sorted(names - {film.name for film in self.films})
        others = [film.path for film in self.films if film.path not in exact]
        exact |= set(by_digest.values())
        return exact | set(pair(left, others).pairs.values())

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


def _digest_of(film: LabelledFilm) -> str:
    return film.sha256 or sha256_of(film.path)


def opened(labelled: LabelledFilm) -> tuple[Film, LabelledFilm]:
    """Open a film as it is looked at, its points and its scale with it.

    Raises FormatError, also where another film lies under the name of that which the points are of.
    """
    film = open_film(labelled.path)
    if labelled.sha256 and labelled.sha256 != film.sha256:
        raise FormatError(
            f"{shown(labelled.name)} is no longer the film that its points were placed on: another "
            "was written under its name; put the old file back, or place points on the new one."
        )
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

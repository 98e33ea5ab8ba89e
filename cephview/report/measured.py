"""What an evaluation measured, in plain arrays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cephview.core.detection import Likeness

Floats = NDArray[np.float64]
LayerName = Literal["coarse", "refined"]
LAYERS: tuple[LayerName, ...] = ("coarse", "refined")


@dataclass(frozen=True)
class LayerPoints:
    """The points that one layer predicts on a film.

    places_px: (landmarks, 2), pixel indices. covariance_px: (landmarks, 2, 2), predicted, of the
    error in x and y, in px squared.
    """

    places_px: Floats
    covariance_px: Floats


@dataclass(frozen=True)
class MeasuredFilm:
    """A film with its true and its predicted points.

    truth_px: (landmarks, 2), NaN where a landmark is not known; other_px the same by a second
    reader. mm_per_px and size_px are (x, y). Films of one group are not independent of each other.
    path is where the film's picture lies; it is read, never written down. likeness is how like the
    films trained on the model finds it, None where it cannot tell.
    """

    name: str
    group: str
    size_px: tuple[int, int]
    mm_per_px: tuple[float, float] | None
    truth_px: Floats
    coarse: LayerPoints
    refined: LayerPoints
    path: Path | None = None
    other_px: Floats | None = None
    likeness: Likeness | None = None

    def layer(self, name: LayerName) -> LayerPoints:
        return self.refined if name == "refined" else self.coarse


@dataclass(frozen=True)
class Measured:
    """Films measured on the same landmarks, in the same order. Holds one film at least."""

    landmarks: tuple[str, ...]
    films: tuple[MeasuredFilm, ...]

    @property
    def unit(self) -> str:
        """Return "mm" where every film has a scale, else "px"."""
        return "mm" if all(film.mm_per_px is not None for film in self.films) else "px"

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(film.group for film in self.films)

    @property
    def has_other_reader(self) -> bool:
        return any(film.other_px is not None for film in self.films)

    def scales(self) -> Floats:
        """Return what turns pixels into the unit, (films, 2)."""
        if self.unit == "px":
            return np.ones((len(self.films), 2))
        return np.array([film.mm_per_px for film in self.films], dtype=np.float64)

    def errors(self, layer: LayerName) -> Floats:
        """Return prediction minus truth in the unit, (films, landmarks, 2), NaN where unknown."""
        off = [film.layer(layer).places_px - film.truth_px for film in self.films]
        return np.asarray(np.stack(off) * self.scales()[:, None])

    def covariances(self, layer: LayerName) -> Floats:
        """Return the predicted covariances in the unit squared, (films, landmarks, 2, 2)."""
        stacked = np.stack([film.layer(layer).covariance_px for film in self.films])
        scales = self.scales()
        return np.asarray(stacked * (scales[:, :, None] * scales[:, None, :])[:, None])

    def other_errors(self) -> Floats:
        """Return second reader minus truth in the unit, (films, landmarks, 2), NaN if unknown."""
        unknown = np.full((len(self.landmarks), 2), np.nan)
        off = [
            unknown if film.other_px is None else film.other_px - film.truth_px
            for film in self.films
        ]
        return np.asarray(np.stack(off) * self.scales()[:, None])


@dataclass(frozen=True)
class About:
    """What was measured, by name: no paths, so that a report can be passed on.

    films_folder and truth are the names of a folder and of a table or data set. seed is that of the
    model's training. fold names the part of a split that was measured, or is empty. not_known are
    landmarks of the truth that the model does not have, not_true those of the model that the truth
    lacks. absent films are in the truth, not in the folder. duplicates show a radiograph that
    another of the measured films shows, too. unscaled films have no pixel size. refused films
    cannot be opened or told apart, or cannot have the points of the truth. scale: sentences on who
    declares the size of pixels, where the films themselves do not.
    """

    program: str
    model: str
    model_sha256: str
    landmark_set: str
    seed: int
    films_folder: str
    truth: str
    passes: int
    device: str
    seconds_per_film: float
    date: str
    fold: str = ""
    choice: str = ""
    other_reader: str = ""
    not_known: tuple[str, ...] = ()
    not_true: tuple[str, ...] = ()
    absent: int = 0
    duplicates: int = 0
    unscaled: int = 0
    refused: int = 0
    scale: tuple[str, ...] = ()

    def remarks(self) -> tuple[str, ...]:
        """Return what a reader of the figures must know, a sentence each."""
        said = []
        if self.duplicates:
            said.append(
                f"{self.duplicates} of the films are duplicates of one another: the same "
                "radiographs, scanned twice."
            )
        if self.not_known:
            said.append(f"Left out, unknown to the model: {', '.join(self.not_known)}.")
        if self.not_true:
            said.append(f"Left out, not in the truth: {', '.join(self.not_true)}.")
        if self.absent:
            said.append(f"Not measured, not in the folder of films: {_films(self.absent)}.")
        if self.refused:
            said.append(
                "Not measured, as they cannot be opened or told apart, or cannot have the points "
                f"given: {_films(self.refused)}."
            )
        if self.unscaled:
            said.append(
                f"Without a pixel size, so that all is in pixels: {_films(self.unscaled)}; "
                "give one with --mm-per-px."
            )
        return (*said, *self.scale)


def _films(count: int) -> str:
    return f"{count} film{'' if count == 1 else 's'}"

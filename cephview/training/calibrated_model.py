"""Write a copy of a model with ellipses and a likeness, its weights untouched."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from cephview.core.model_info import ModelInfo
from cephview.formats.film_names import without_whole_paths
from cephview.formats.learning_files import read_folds
from cephview.network.detector import Detector
from cephview.network.likeness import MEASURES, LikenessModel
from cephview.network.uncertainty import Ellipses
from cephview.network.weights import load_model, save_model
from cephview.training import TrainingError
from cephview.training.calibration import Calibrated, fit_ellipses
from cephview.training.dataset import DataSet, load_pictures
from cephview.training.likeness import fit_likeness
from cephview.training.looks import look_at_films, look_at_pictures, together
from cephview.training.phantoms import phantom_pictures

# Each film that was not trained on is looked at as it is, and in so many variations.
VARIATIONS = 3


@dataclass(frozen=True)
class Report:
    """What a calibration found on films that were not trained on, by cross-validation."""

    info: ModelInfo
    films: int
    ellipses: Ellipses
    quality: Calibrated
    likeness: LikenessModel

    def text(self) -> str:
        quality, likeness = self.quality, self.likeness
        usual = ", ".join(
            f"{name} {a:.2f} ({b:.2f})"
            for name, a, b in zip(MEASURES, likeness.usual, likeness.limits, strict=True)
        )
        return "\n".join(
            [
                f"{self.films} films not trained on, {quality.points} points, cross-validated:",
                f"inside their 95 % ellipse      {100 * quality.inside:.1f} %",
                f"rank correlation, size, error  {quality.ranks:.2f}",
                f"within a landmark, mean        {quality.ranks_within:.2f}",
                f"films called unlike            {100 * likeness.false_alarms:.1f} %",
                f"usual measures (limits)        {usual}",
            ]
        )


def read_split(path: Path) -> Mapping[str, Sequence[str]]:
    """Return the films kept from training, by fold. Raises TrainingError."""
    try:
        split = read_folds(path)
        return {name: split[name] for name in ("validation", "reserve")}
    except (ValueError, KeyError) as error:
        raise TrainingError(
            f"{path} does not say which films were kept from training ({error}); name the "
            "split.json of the training."
        ) from error


def write_split(path: Path, data: DataSet, split: Mapping[str, Sequence[str]]) -> None:
    """Write the films of each fold by their digests; those that are not there, by no whole path."""
    folds = {
        fold: [*data.without_names(names), *without_whole_paths(data.not_there(names))]
        for fold, names in split.items()
    }
    path.write_text(json.dumps(folds, indent=1) + "\n", encoding="utf-8")


def calibrate_model(
    folder: Path,
    out: Path,
    data: DataSet,
    split: Mapping[str, Sequence[str]],
    *,
    phantoms: int,
    cache: Path,
    seed: int = 0,
    device: str = "auto",
) -> Report:
    """Fit on the validation films and on those trained on, and save to out.

    The films of the fold "reserve" are not looked at. Raises TrainingError, ModelError,
    FormatError.
    """
    if (out / "model.toml").exists():
        raise TrainingError(f"{out} already holds a model; choose another folder.")
    detector = Detector.load(folder, device)
    info = detector.info
    if info.added:
        raise TrainingError(
            f"{folder} has landmarks that were added to a calibrated model "
            f"({', '.join(info.added)}); calibrate the model it was made from, then add them."
        )
    data = ordered(data, info.landmarks)
    validation = data.only(split["validation"])
    learnt = data.without([*split["validation"], *split["reserve"]])
    rng = np.random.default_rng(seed)
    pictures = load_pictures(learnt, info.input_size, cache)
    groups = [film.group for film in learnt.films]
    known = look_at_pictures(detector, pictures, groups, rng, _bar("films trained on"))
    unseen = look_at_films(detector, validation, _bar("films kept"))
    ellipses, quality = fit_ellipses(known, unseen)
    kept = load_pictures(validation, info.input_size, cache)
    kept_groups = [film.group for film in validation.films]
    varied = [
        look_at_pictures(detector, kept, kept_groups, rng, _bar("films kept, varied"))
        for _ in range(VARIATIONS)
    ]
    greys: list[NDArray[np.uint8]] = [pictures.grey]
    if phantoms:
        drawn = phantom_pictures(info.landmarks, phantoms, info.input_size, seed, cache)
        greys.append(drawn.grey)
    likeness = fit_likeness(
        detector,
        ellipses,
        greys,
        pictures.points,
        unseen,
        together(*varied),
        rng,
        _bar("thumbnails"),
    )
    table = {**info.calibration, "ellipses": ellipses.to_table(info.landmarks)}
    metrics = {
        **info.metrics,
        "validation.ellipse.inside_percent": round(100 * quality.inside, 2),
        "validation.ellipse.ranks": round(quality.ranks, 4),
        "validation.ellipse.ranks_within": round(quality.ranks_within, 4),
        "validation.likeness.false_alarms_percent": round(100 * likeness.false_alarms, 2),
    }
    calibrated = replace(info, calibration=table, metrics=metrics)
    new = save_model(out, detector.network, calibrated, likeness)
    return Report(new, len(validation.films), ellipses, quality, likeness)


def with_ellipses_of(giver: Path, folder: Path, out: Path) -> ModelInfo:
    """Save the model of a folder to out with the ellipses of another, and no likeness.

    For a network that went on from giver with every film: none is left to fit its own by. Its
    sense of what is unlike cannot be taken over, being of another trunk. Raises TrainingError,
    and ModelError, also where out holds a model.
    """
    network, info = load_model(folder)
    _, known = load_model(giver)
    if "ellipses" not in known.calibration:
        raise TrainingError(f"{giver} is not calibrated; calibrate it first.")
    if (known.landmark_set, known.landmarks) != (info.landmark_set, info.landmarks):
        raise TrainingError(f"{giver} and {folder} have not the same landmarks.")
    table = {**info.calibration, "ellipses": known.calibration["ellipses"]}
    return save_model(out, network, replace(info, calibration=table))


def ordered(data: DataSet, landmarks: tuple[str, ...]) -> DataSet:
    """Return a data set with the landmarks of a model. Raises TrainingError if one is missing."""
    missing = [landmark for landmark in landmarks if landmark not in data.landmarks]
    if missing:
        raise TrainingError(f"the table of points lacks {', '.join(missing)}, which the model has.")
    columns = [data.landmarks.index(landmark) for landmark in landmarks]
    films = tuple(replace(film, points_px=film.points_px[columns]) for film in data.films)
    return DataSet(landmarks, films)


def _bar(what: str) -> Callable[[Sequence[Any]], Iterable[Any]]:
    return lambda items: tqdm(items, desc=what, unit="film")

"""Measure a detector on films with true points."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.learning import Accuracy
from cephview.formats.known_points import KnownPoints
from cephview.network.detector import Detector
from cephview.report.measured import LayerName, LayerPoints, Measured, MeasuredFilm
from cephview.training import TrainingError
from cephview.training.dataset import DataSet, LabelledFilm, opened
from cephview.training.metrics import FilmError, accuracy


@dataclass(frozen=True)
class Evaluation:
    """Both layers of a detector over the same films.

    films holds ((width, height), aspect) of each: its size in pixels, and a pixel's height over its
    width. labelled are the films with their true points, detections what was found on them, both of
    the landmarks measured alone and in their order.
    """

    coarse: Accuracy
    refined: Accuracy
    coarse_errors: tuple[FilmError, ...]
    refined_errors: tuple[FilmError, ...]
    seconds_per_film: float
    passes: int
    device: str
    films: tuple[tuple[tuple[int, int], float], ...] = ()
    landmarks: tuple[str, ...] = ()
    labelled: tuple[LabelledFilm, ...] = ()
    detections: tuple[Detection, ...] = ()


def evaluate(
    detector: Detector,
    data: DataSet,
    *,
    passes: int = 1,
    progress: Callable[[Sequence[LabelledFilm]], Iterable[LabelledFilm]] | None = None,
) -> Evaluation:
    """Detect every film as it is looked at, and compare.

    Raises TrainingError where model and truth share no landmark, or no point is known.
    """
    landmarks = tuple(i for i in detector.info.landmarks if i in data.landmarks)
    if not landmarks:
        raise TrainingError("the model and the table of points have no landmark in common.")
    columns = [data.landmarks.index(i) for i in landmarks]
    if not any(np.isfinite(film.points_px[columns]).any() for film in data.films):
        raise TrainingError("the truth holds no point of any film that is to be measured.")
    rows = [detector.info.landmarks.index(i) for i in landmarks]
    coarse: list[FilmError] = []
    refined: list[FilmError] = []
    seconds: list[float] = []
    sizes: list[tuple[tuple[int, int], float]] = []
    measured: list[LabelledFilm] = []
    detections: list[Detection] = []
    for labelled in progress(data.films) if progress else data.films:
        film, seen = opened(labelled)
        found = detector.detect(film, passes)
        seconds.append(found.seconds)
        sizes.append(((film.width, film.height), film.pixel_size.aspect))
        truth = seen.points_px[columns]
        size = seen.mm_per_px or film.pixel_size.mm_per_px()
        points = [found.points[i] for i in rows]
        measured.append(replace(seen, points_px=truth))
        detections.append(replace(found, points=tuple(points)))
        for errors, places, sigmas in (
            (coarse, [p.coarse_px for p in points], [p.coarse_sigma_px for p in points]),
            (refined, [p.refined_px for p in points], [p.refined_sigma_px for p in points]),
        ):
            errors.append(
                FilmError(labelled.name, np.array(places) - truth, np.array(sigmas), size)
            )
    return Evaluation(
        accuracy(coarse, landmarks),
        accuracy(refined, landmarks),
        tuple(coarse),
        tuple(refined),
        float(np.median(seconds)),
        passes,
        detector.device.type,
        tuple(sizes),
        landmarks,
        tuple(measured),
        tuple(detections),
    )


def part_of(found: Evaluation, films: Sequence[int], landmarks: Sequence[str]) -> Evaluation:
    """Return the evaluation of some of the films, by their places; landmarks are those measured."""
    coarse = tuple(found.coarse_errors[i] for i in films)
    refined = tuple(found.refined_errors[i] for i in films)
    return replace(
        found,
        coarse=accuracy(coarse, landmarks),
        refined=accuracy(refined, landmarks),
        coarse_errors=coarse,
        refined_errors=refined,
        films=tuple(found.films[i] for i in films),
        labelled=tuple(found.labelled[i] for i in films),
        detections=tuple(found.detections[i] for i in films),
    )


def covariance_px(point: DetectedPoint, layer: LayerName) -> NDArray[np.float64]:
    """Return the predicted covariance of the error of a point, (2, 2) in px squared."""
    if layer == "refined" and (known := point.refined_covariance) is not None:
        return np.array([[known.xx, known.xy], [known.xy, known.yy]])
    sigma = point.refined_sigma_px if layer == "refined" else point.coarse_sigma_px
    return np.asarray(sigma**2 * np.eye(2))


def measured_of(found: Evaluation, other: KnownPoints | None = None) -> Measured:
    """Return an evaluation as the report wants it; other is a second reader's table."""
    seconds = _points_of(other, found) if other else {}
    films = [
        MeasuredFilm(
            name=labelled.name,
            group=labelled.group,
            size_px=size_px,
            mm_per_px=error.mm_per_px,
            truth_px=labelled.points_px,
            coarse=layer_points(detection.points, "coarse"),
            refined=layer_points(detection.points, "refined"),
            path=labelled.path,
            other_px=None if other is None else seconds[labelled.path],
            likeness=detection.likeness,
        )
        for labelled, detection, error, (size_px, _) in zip(
            found.labelled, found.detections, found.refined_errors, found.films, strict=True
        )
    ]
    return Measured(found.landmarks, tuple(films))


def layer_points(points: Sequence[DetectedPoint], layer: LayerName) -> LayerPoints:
    """Return one layer of a detection as arrays."""
    places = [p.refined_px if layer == "refined" else p.coarse_px for p in points]
    return LayerPoints(np.array(places), np.stack([covariance_px(p, layer) for p in points]))


def _points_of(other: KnownPoints, found: Evaluation) -> dict[Path, NDArray[np.float64]]:
    """Return another reader's points of each film, all unknown where there are none."""
    paths = [labelled.path for labelled in found.labelled]
    pairs = other.paired_with(paths).pairs
    points = {path: other.table.points[row] for row, path in pairs.items()}
    unknown = (np.nan, np.nan)
    return {
        path: np.array([points.get(path, {}).get(i, unknown) for i in found.landmarks])
        for path in paths
    }


def with_bar(films: Sequence[LabelledFilm]) -> Sequence[LabelledFilm]:
    """Show a progress bar over films on the terminal."""
    return tqdm(films, desc="films", unit="film")


def table(evaluation: Evaluation) -> str:
    """Return the figures as text: overall, then a line a landmark."""
    unit = evaluation.refined.unit
    lines = [
        f"{evaluation.refined.films} films, {evaluation.refined.points} points, "
        f"{evaluation.passes} pass{'es' if evaluation.passes > 1 else ''}, {evaluation.device}, "
        f"{evaluation.seconds_per_film:.2f} s a film",
        f"{'':<10}{'MRE ' + unit:>10}"
        + "".join(f"{'<= ' + t + ' mm':>11}" for t in evaluation.refined.sdr),
    ]
    for name, figures in (("coarse", evaluation.coarse), ("refined", evaluation.refined)):
        rates = "".join(f"{rate:>10.2f}%" for rate in figures.sdr.values())
        lines.append(f"{name:<10}{figures.mre:>10.3f}{rates}")
    lines.append("")
    lines.append(f"{'landmark':<10}{'coarse':>10}{'refined':>10}  {unit}")
    for landmark, error in evaluation.refined.per_landmark.items():
        coarse = evaluation.coarse.per_landmark[landmark]
        lines.append(f"{landmark:<10}{coarse:>10.3f}{error:>10.3f}")
    return "\n".join(lines)

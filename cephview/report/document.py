"""An evaluation as plain values for other programs: keep the names, and raise SCHEMA on a change.

Every point is in it, so that a study can be computed from the file without the model or the films.
A value that is not known is null. Pixels are indices, x right and y down; errors are prediction
minus truth.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cephview.core.detection import Likeness
from cephview.report.bootstrap import CONFIDENCE, DRAWS
from cephview.report.figures import SEED, SHARES, Figures, LayerFigures, film_means, radial_of
from cephview.report.measured import LAYERS, About, Measured, MeasuredFilm

SCHEMA = "cephview.evaluation/1"

Floats = NDArray[np.float64]


def document(about: About, measured: Measured, figures: Figures) -> dict[str, Any]:
    """Return what a JSON file of an evaluation holds; films with the largest error come first."""
    means = film_means(figures)
    order = sorted(range(len(measured.films)), key=lambda i: (-np.nan_to_num(means[i]), i))
    errors = {name: measured.errors(name) for name in LAYERS}
    return {
        "schema": SCHEMA,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in asdict(about).items()},
        "unit": figures.unit,
        "landmarks": list(measured.landmarks),
        "coarse": _layer(figures.coarse, measured, figures.unit),
        "refined": _layer(figures.refined, measured, figures.unit),
        "calibration_expected": list(SHARES),
        "bootstrap": {"seed": SEED, "draws": DRAWS, "confidence": CONFIDENCE, "drawn": "films"},
        "reader": _reader(figures),
        "film_scores": None if figures.film_scores is None else asdict(figures.film_scores),
        "films": [
            _film(measured.films[i], measured.landmarks, {k: e[i] for k, e in errors.items()})
            | {"refined_mre": number(means[i])}
            for i in order
        ],
    }


def as_json(content: dict[str, Any]) -> bytes:
    """Return a document as the bytes of a file, a line a film: indented it is thrice as long."""
    head = {name: value for name, value in content.items() if name != "films"}
    films = ",\n".join(json.dumps(film, allow_nan=False) for film in content["films"])
    opened = json.dumps(head, indent=1, allow_nan=False).removesuffix("\n}")
    return f'{opened},\n "films": [\n{films}\n ]\n}}\n'.encode()


def number(value: float) -> float | None:
    """Return a value as JSON can say it: rounded to a millionth, null where it is not finite."""
    return round(float(value), 6) if np.isfinite(value) else None


def _layer(layer: LayerFigures, measured: Measured, unit: str) -> dict[str, Any]:
    head = layer.headline
    return {
        "mre": head.mre,
        "unit": unit,
        "points": head.points,
        "films": len(measured.films),
        "sdr": dict(head.sdr),
        "per_landmark": {row.landmark: row.mre for row in layer.landmarks},
        "sd": head.sd,
        "median": head.median,
        "intervals": {name: list(both) for name, both in head.intervals.items()},
        "landmark_figures": [asdict(row) | {"bias": list(row.bias)} for row in layer.landmarks],
        "calibration_observed": list(layer.observed),
        "spearman": asdict(layer.ranks),
    }


def _reader(figures: Figures) -> dict[str, Any] | None:
    if figures.reader is None:
        return None
    return {
        "overall": asdict(figures.reader),
        "landmark_figures": [asdict(row) for row in figures.reader_rows],
    }


def _film(
    film: MeasuredFilm, landmarks: tuple[str, ...], errors: Mapping[str, Floats]
) -> dict[str, Any]:
    return {
        "film": film.name,
        "group": film.group,
        "size_px": list(film.size_px),
        "mm_per_px": None if film.mm_per_px is None else list(film.mm_per_px),
        "likeness": None if film.likeness is None else _likeness(film.likeness),
        "points": [
            {"landmark": landmark, "true_px": _pair(film.truth_px[i])}
            | ({} if film.other_px is None else {"other_reader_px": _pair(film.other_px[i])})
            | {
                name: {
                    "px": _pair(film.layer(name).places_px[i]),
                    "sigma_px": _sigmas(film.layer(name).covariance_px[i]),
                    "covariance_px": [_pair(row) for row in film.layer(name).covariance_px[i]],
                    "error": _pair(errors[name][i]),
                    "radial_error": number(float(radial_of(errors[name][i]))),
                }
                for name in LAYERS
            }
            for i, landmark in enumerate(landmarks)
        ],
    }


def _likeness(likeness: Likeness) -> dict[str, Any]:
    return {
        "score": number(likeness.score),
        "false_alarms": number(likeness.false_alarms),
        "is_unlike": likeness.is_unlike,
        "reason": likeness.reason,
    }


def _sigmas(covariance: Floats) -> list[float | None]:
    """Return the standard deviation in x and in y."""
    return _pair(np.sqrt(np.diagonal(covariance)))


def _pair(values: Floats) -> list[float | None]:
    return [number(value) for value in values]

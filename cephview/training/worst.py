"""The films on which a candidate is worst, with every point before and after."""

import numpy as np

from cephview.core.learning import FilmChange, PointChange
from cephview.network.frame import Floats, View
from cephview.training.evaluate import Evaluation
from cephview.training.metrics import radial

WORST_FILMS = 4


def worst_films(before: Evaluation, after: Evaluation) -> tuple[FilmChange, ...]:
    """Return the films with the largest mean errors after, worst first.

    before and after are of the same films and landmarks.
    """
    unit = after.refined.unit
    old = np.nanmean(radial(before.refined_errors, unit), axis=1)
    new = np.nanmean(radial(after.refined_errors, unit), axis=1)
    return tuple(
        FilmChange(
            str(after.labelled[i].path),
            float(old[i]),
            float(new[i]),
            _points(before, after, int(i)),
            after.labelled[i].turn,
        )
        for i in np.argsort(-new)[:WORST_FILMS]
    )


def _points(before: Evaluation, after: Evaluation, film: int) -> dict[str, PointChange]:
    labelled = after.labelled[film]
    (width, height), aspect = after.films[film]
    view = View(np.broadcast_to(np.uint8(0), (height, width)), aspect, labelled.turn)
    truth = labelled.points_px
    places = [
        view.to_film(points)
        for points in (
            truth,
            truth + before.refined_errors[film].error_px,
            truth + after.refined_errors[film].error_px,
        )
    ]
    return {
        name: PointChange(*(_xy(layer[i]) for layer in places))
        for i, name in enumerate(after.landmarks)
        if np.isfinite(truth[i]).all()
    }


def _xy(place: Floats) -> tuple[float, float]:
    return round(float(place[0]), 2), round(float(place[1]), 2)

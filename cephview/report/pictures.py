"""The worst films as pictures: the film around its points, and where truth and prediction lie."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cephview.formats import open_film
from cephview.formats.grey import shrunk
from cephview.report.ellipse import Ellipse, ellipse_of
from cephview.report.figures import Figures, film_means
from cephview.report.measured import Measured, MeasuredFilm

Floats = NDArray[np.float64]

WORST_FILMS = 10
NAMED_POINTS = 4
ELLIPSE_SHARE = 0.95
VIEW_WIDTH = 640.0
_PIXELS_HIGH = 900
_QUALITY = 82
_MARGIN = 0.07
_LABEL_HEIGHT, _LETTER_WIDTH = 22.0, 11.0


@dataclass(frozen=True)
class Mark:
    """A point on a picture: true and predicted place. ellipse is that of the prediction, or None.

    error is radial, in the unit of the report; label is empty, or names the landmark at label_at.
    """

    landmark: str
    true: tuple[float, float]
    predicted: tuple[float, float]
    error: float
    ellipse: Ellipse | None = None
    label: str = ""
    label_at: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class FilmPicture:
    """A film's picture. image is a data URI, empty without a film; worst are its worst points.

    is_unlike: the model called the film unlike those it was trained on.
    """

    name: str
    mre: float
    width: float
    height: float
    image: str
    marks: tuple[Mark, ...]
    worst: tuple[Mark, ...]
    is_unlike: bool = False


@dataclass(frozen=True)
class View:
    """A part of a film (left, top, right, bottom, whole pixels, ends not in it) and its scale."""

    box: tuple[int, int, int, int]
    scale: tuple[float, float]

    @property
    def size(self) -> tuple[float, float]:
        left, top, right, bottom = self.box
        return (right - left) * self.scale[0], (bottom - top) * self.scale[1]

    def place(self, point_px: Floats) -> tuple[float, float]:
        """Return where a pixel index lies in the view; its pixel's centre is half a pixel in."""
        x = (point_px[0] - self.box[0] + 0.5) * self.scale[0]
        y = (point_px[1] - self.box[1] + 0.5) * self.scale[1]
        return round(float(x), 2), round(float(y), 2)


def worst_pictures(
    measured: Measured, figures: Figures, count: int = WORST_FILMS
) -> tuple[FilmPicture, ...]:
    """Return the films with the largest mean refined error, the worst first. Raises FormatError."""
    means = film_means(figures)
    order = [i for i in np.argsort(-means, kind="stable") if np.isfinite(means[i])]
    return tuple(
        picture_of(measured.films[i], measured.landmarks, figures.refined.radial[i])
        for i in order[:count]
    )


def picture_of(film: MeasuredFilm, landmarks: Sequence[str], radial: Floats) -> FilmPicture:
    """Draw one film. radial: (landmarks,), refined errors in the unit, NaN where unknown."""
    known = [int(i) for i in np.flatnonzero(np.isfinite(radial))]
    view = view_of(film, np.concatenate([film.truth_px[known], film.refined.places_px[known]]))
    named = sorted(known, key=lambda i: -radial[i])[:NAMED_POINTS]
    taken: list[tuple[float, float]] = []
    marks = []
    for i in known:
        true, predicted = view.place(film.truth_px[i]), view.place(film.refined.places_px[i])
        ellipse, label, at = None, "", (0.0, 0.0)
        if i in named:
            scale = np.array(view.scale)
            covariance = film.refined.covariance_px[i] * np.outer(scale, scale)
            ellipse = ellipse_of(covariance, ELLIPSE_SHARE)
            label = landmarks[i]
            at = _label_place(label, true, predicted, taken, view.size)
            taken.append(at)
        marks.append(Mark(landmarks[i], true, predicted, float(radial[i]), ellipse, label, at))
    worst = sorted((m for m in marks if m.label), key=lambda m: -m.error)
    mean = float(radial[known].mean())
    return FilmPicture(
        name=film.name,
        mre=mean,
        width=view.size[0],
        height=view.size[1],
        image=_image(film, view),
        marks=tuple(marks),
        worst=tuple(worst),
        is_unlike=film.likeness is not None and film.likeness.is_unlike,
    )


def view_of(film: MeasuredFilm, points_px: Floats) -> View:
    """Return the part of a film that shows the points, with a margin, VIEW_WIDTH wide."""
    width, height = film.size_px
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    margin = _MARGIN * float(max(*(high - low), 32.0))
    left, top = (max(0, int(v - margin)) for v in low)
    right = min(width, int(high[0] + margin) + 2)
    bottom = min(height, int(high[1] + margin) + 2)
    # Points wholly beside the film leave nothing of it to show but the film itself.
    if right - left < 2 or bottom - top < 2:
        left, top, right, bottom = 0, 0, width, height
    x_mm, y_mm = film.mm_per_px or (1.0, 1.0)
    scale = VIEW_WIDTH / (right - left)
    return View((left, top, right, bottom), (scale, scale * y_mm / x_mm))


def _image(film: MeasuredFilm, view: View) -> str:
    if film.path is None:
        return ""
    opened = open_film(film.path)
    left, top, right, bottom = view.box
    grey = shrunk(opened.pixels[top:bottom, left:right], opened.levels, _PIXELS_HIGH)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _label_place(
    label: str,
    true: tuple[float, float],
    predicted: tuple[float, float],
    taken: Sequence[tuple[float, float]],
    size: tuple[float, float],
) -> tuple[float, float]:
    """Return where a label begins: beside the point, on the film, under labels already there."""
    long = _LETTER_WIDTH * len(label)
    x = max(true[0], predicted[0]) + 14
    if x + long > size[0]:
        x = min(true[0], predicted[0]) - 14 - long
    y = (true[1] + predicted[1]) / 2 + 6
    for _ in taken:
        for other in taken:
            if abs(other[0] - x) < max(long, 60) and abs(other[1] - y) < _LABEL_HEIGHT:
                y = other[1] + _LABEL_HEIGHT
    y = min(max(y, _LABEL_HEIGHT), size[1] - 6)
    return round(max(x, 2.0), 2), round(y, 2)

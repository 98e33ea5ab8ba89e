"""The points of a detection as a table, which other programs rely on: keep its columns."""

import math
from collections.abc import Iterable
from pathlib import Path

from cephview.core.detection import Detection
from cephview.core.film_warning import orientation_of, warnings_of
from cephview.core.scale import PixelSize
from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
from cephview.formats.film_names import Names, film_names
from cephview.formats.table import to_csv

COLUMNS = (
    "film", "landmark", "layer", "x_px", "y_px", "sigma_px", "x_mm", "y_mm", "sigma_mm", "scale",
    "model", "landmark_set", "ood_score", "orientation", "turned", "warning",
)  # fmt: skip


def write_points_csv(
    path: Path | str,
    rows: Iterable[tuple[str, PixelSize, Detection]],
    names: Names = Names.RELATIVE,
) -> None:
    """Write one row a film, landmark and layer: the coarse point, then the refined one.

    rows: the film's path, its pixel size, and its detection; names says what films are called,
    and "relative" that they are so to the folder common to them. Pixels are indices (x right, y
    down, (0, 0) the centre of the top-left pixel), millimetres are indices times the pixel
    size, and empty without a trusted scale; sigma in millimetres takes the geometric mean of
    both sizes. landmark_set is the set by whose definitions the point lies. ood_score tells how
    unlike the model's training films the film is, more than 1 being out of distribution, and is
    empty where the model cannot tell; orientation is how the film lies on file, turned ("yes"
    or "no") whether it was turned for the model; warning holds all sentences on the film.
    Raises FormatError where the file cannot be written or is a film.
    """
    rows = list(rows)
    refuse_to_overwrite_films(path, (film for film, _, _ in rows))
    called = film_names([film for film, _, _ in rows], names)
    table = [
        [
            name,
            point.landmark,
            layer,
            *(f"{v:.3f}" for v in (*xy, sigma)),
            *_in_mm(xy, sigma, pixel_size),
            pixel_size.provenance.value,
            detection.model,
            detection.set_of(point.landmark),
            *of_film,
        ]
        for name, (_, pixel_size, detection) in zip(called, rows, strict=True)
        for of_film in [_of_film(detection, pixel_size)]
        for point in detection.points
        for layer, xy, sigma in (
            ("coarse", point.coarse_px, point.coarse_sigma_px),
            ("refined", point.refined_px, point.refined_sigma_px),
        )
    ]
    # A path as the user gave it may hold bytes that are not UTF-8; they are written back as such.
    write_atomically(path, to_csv([COLUMNS, *table]).encode("utf-8", "surrogateescape"))


def _of_film(detection: Detection, pixel_size: PixelSize) -> tuple[str, str, str, str]:
    likeness = detection.likeness
    return (
        "" if likeness is None else f"{likeness.score:.3f}",
        orientation_of(detection),
        "yes" if detection.turn else "no",
        " ".join(warnings_of(detection, pixel_size)),
    )


def _in_mm(xy: tuple[float, float], sigma: float, pixel_size: PixelSize) -> tuple[str, str, str]:
    size = pixel_size.mm_per_px()
    if size is None:
        return "", "", ""
    in_mm = xy[0] * size[0], xy[1] * size[1], sigma * math.sqrt(size[0] * size[1])
    return f"{in_mm[0]:.3f}", f"{in_mm[1]:.3f}", f"{in_mm[2]:.3f}"

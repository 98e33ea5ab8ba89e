"""What commands say of films whose scale, or whose way of lying, is in doubt."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cephview.core.scale import PixelSize, Provenance
from cephview.core.scale_check import scale_doubts

if TYPE_CHECKING:
    from cephview.core.learning import CorrectedFilm
    from cephview.formats.export import ExportedFilm
    from cephview.training.evaluate import Evaluation


def doubts_of_evaluation(found: "Evaluation") -> list[str]:
    """Return sentences on films that were measured by an odd scale, or lie the wrong way."""
    from cephview.training.choosing import listed

    films = [
        (
            labelled.name,
            {i: (float(x), float(y)) for i, (x, y) in zip(found.landmarks, points, strict=True)},
            _size(error.mm_per_px),
        )
        for labelled, error in zip(found.labelled, found.refined_errors, strict=True)
        for points in [labelled.points_px]
    ]
    said = [scale_doubts(films)]
    wrong_way = [
        labelled.name
        for labelled, detection in zip(found.labelled, found.detections, strict=True)
        if detection.likeness is not None and detection.likeness.better is not None
    ]
    if wrong_way:
        said.append(
            "Measured as on file, though the model would have them mirrored, turned or inverted: "
            f"{listed(wrong_way)}."
        )
    return [sentence for sentence in said if sentence]


def doubts_of_corrections(films: "Iterable[CorrectedFilm]") -> list[str]:
    """Return a sentence on films whose corrections contradict their scale."""
    said = scale_doubts((film.path, film.points, _size(film.mm_per_px)) for film in films)
    return [said] if said else []


def doubts_of_export(films: "Iterable[ExportedFilm]") -> list[str]:
    """Return a sentence on films whose tracings contradict their scale."""
    said = scale_doubts(
        (
            film.path,
            {p.landmark: p.best.xy for p in film.tracing if p.best is not None},
            film.pixel_size,
        )
        for film in films
    )
    return [said] if said else []


def _size(mm_per_px: tuple[float, float] | None) -> PixelSize:
    return PixelSize() if mm_per_px is None else PixelSize(*mm_per_px, Provenance.DECLARED)

"""Films looked at before any work is done on them: is it there, is it that film, can it be so?

What cannot be used is left out and told, film by film; the others go on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cephview.core.film import Film
from cephview.core.reference_points import impossible, of_another_size
from cephview.core.scale import reason_against
from cephview.formats import FormatError
from cephview.formats.errors import shown
from cephview.training import TrainingError
from cephview.training.choosing import NAMED, Chosen, counted, first_of
from cephview.training.evaluate import Evaluation
from cephview.training.labelled import LabelledFilm, opened

Bar = Callable[[Sequence[LabelledFilm]], Iterable[LabelledFilm]]


def screened(chosen: Chosen, bar: Bar | None = None) -> Chosen:
    """Return the films that open, are those that the points are of, and can have these points.

    A scale that is declared of films of another size, or that none of this size has, is not taken.
    Raises TrainingError where no film is left.
    """
    kept: list[LabelledFilm] = []
    told: list[str] = []
    unscaled: list[str] = []
    for labelled in (bar or with_bar)(chosen.data.films):
        try:
            film, _ = opened(labelled)
        except FormatError as error:
            told.append(str(error))
            continue
        if reason := _impossible(labelled, chosen.data.landmarks, film):
            told.append(f"{shown(labelled.name)} {reason}.")
            continue
        scale = chosen.scale.get(labelled.name)
        size_px = film.width, film.height
        if scale is not None and (
            scale.size_px not in (None, size_px) or reason_against(*scale.mm_per_px, size_px)
        ):
            unscaled.append(labelled.name)
            labelled = replace(labelled, mm_per_px=None)
        kept.append(labelled)
    if not kept:
        raise TrainingError(" ".join(["no film is left to use.", *told[:NAMED]]))
    return replace(
        chosen,
        data=replace(chosen.data, films=tuple(kept)),
        refused=chosen.refused + len(told),
        told=(*chosen.told, *left_out(told), *_unscaled(chosen, unscaled)),
        scale={name: scale for name, scale in chosen.scale.items() if name not in unscaled},
    )


def left_out(reasons: Sequence[str]) -> tuple[str, ...]:
    """Say how many films are left out, and why."""
    if not reasons:
        return ()
    return (f"{counted(reasons)} left out:", *first_of(reasons))


def fitting(found: Evaluation) -> tuple[list[int], tuple[str, ...]]:
    """Return the films whose points are of their size by what a model found, and say what others.

    A table of another size of the same films is no way of placing landmarks.
    """
    reasons = {}
    for i, (labelled, error) in enumerate(zip(found.labelled, found.refined_errors, strict=True)):
        size = found.films[i][0]
        points = labelled.points_px
        if reason := of_another_size(points, points + error.error_px, size):
            reasons[i] = f"{shown(labelled.name)} {reason}."
    kept = [i for i in range(len(found.labelled)) if i not in reasons]
    return kept, left_out(tuple(reasons.values()))


def with_bar(films: Sequence[LabelledFilm]) -> Iterable[LabelledFilm]:
    """Show a progress bar on a terminal where there are enough films to wait for."""
    return tqdm(films, desc="films to check", unit="film", disable=len(films) < 20, leave=False)


def _impossible(labelled: LabelledFilm, landmarks: Sequence[str], film: Film) -> str:
    points = {
        landmark: (float(x), float(y))
        for landmark, (x, y) in zip(landmarks, labelled.points_px, strict=True)
        if np.isfinite(x) and np.isfinite(y)
    }
    return impossible(points, (film.width, film.height))


def _unscaled(chosen: Chosen, names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    scale = chosen.scale[names[0]]
    if scale.size_px is None:
        return (
            f"{counted(names)} cannot have the {' x '.join(f'{v:g}' for v in scale.mm_per_px)} mm "
            f"a pixel that {scale.by} tells, so they have no scale ({Path(names[0]).name} first): "
            "no head would fit.",
        )
    width, height = scale.size_px
    return (
        f"{counted(names)} of another size than the {width} x {height} pixels of which {scale.by} "
        f"tells a scale, so they have none ({Path(names[0]).name} first); give one with "
        "--mm-per-px.",
    )

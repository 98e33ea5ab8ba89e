"""Which corrected films are of one patient: by name, or because they show one head.

A film that was scanned twice, or saved anew, has other bytes and often another name. The points a
model sees on it are the same, to within a third of a millimetre, once the head is laid on itself;
on films of different heads of ISBI 2015 they differ by 1.6 mm and more.

A PatientID that many films bear is often that of a collection made anonymous. Heads of one person
differ by growth and treatment, so that an ID is overruled only where nearly all of its films differ
as those of different people do: by 3.8 mm and more in three quarters of the pairs of ISBI 2015,
once they are of one size.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cephview.core.learning import SHARED_ID, CorrectedFilm, TrainingProgress
from cephview.network.detector import Detector
from cephview.training import Stopped
from cephview.training.candidates import ShouldStop, Tell
from cephview.training.convention import MM_PER_HEIGHT, Moves
from cephview.training.dataset import DataSet, LabelledFilm, opened
from cephview.training.evaluate import Evaluation

SAME_HEAD_MM = 1.2
# A model that sees all heads alike tells none apart: beyond this share of how far nine tenths of
# the pairs are apart at most, two films are not one head.
SAME_SHARE = 0.2
DIFFERENT_HEADS_MM = 2.5

Floats = NDArray[np.float64]


def by_heads(
    films: Sequence[CorrectedFilm], detector: Detector, on_progress: Tell, should_stop: ShouldStop
) -> tuple[tuple[CorrectedFilm, ...], tuple[str, ...]]:
    """Take the patient off films whose shared PatientID their heads contradict, and say so.

    The films are there and open. Raises Stopped, FormatError.
    """
    often = Counter(film.patient for film in films if film.patient)
    made, told = list(films), []
    for patient, count in often.items():
        if count < SHARED_ID:
            continue
        mine = [i for i, film in enumerate(films) if film.patient == patient]
        points = []
        for done, i in enumerate(mine):
            if should_stop():
                raise Stopped
            film, _ = opened(_plain(films[i]))
            found = detector.detect(film)
            scale = np.array([1.0, film.pixel_size.aspect]) * MM_PER_HEIGHT / film.height
            points.append(np.array([p.refined_px for p in found.points]) * scale)
            on_progress(TrainingProgress(done + 1, count, 0.0, None, 0.0, "comparing"))
        if are_different_people(np.array(points)):
            told.append(
                f"{count} films bear one PatientID but show different heads, so each head counts "
                "as a patient."
            )
            for i in mine:
                made[i] = replace(films[i], patient="")
    return tuple(made), tuple(told)


def are_different_people(points: Floats) -> bool:
    """Say whether the heads of films differ as those of different people; points as of distances.

    Sizes are set aside: films have them of their own.
    """
    z = points @ np.array([1, 1j])
    sizes = np.sqrt((np.abs(z - z.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    apart = distances(points * (sizes.mean() / sizes)[:, None, None])
    pairs = apart[np.triu_indices(len(apart), 1)]
    return bool(np.quantile(pairs, 0.25) > DIFFERENT_HEADS_MM)


def _plain(film: CorrectedFilm) -> LabelledFilm:
    nothing = np.full((1, 2), np.nan)
    return LabelledFilm(
        Path(film.path), nothing, film.mm_per_px, film.group, film.turn, film.digest
    )


def with_one_head_in_one_group(data: DataSet, found: Evaluation, moves: Moves) -> DataSet:
    """Return the films, those of one head in one group; found and moves are of the same films."""
    refined = np.array([[p.refined_px for p in film.points] for film in found.detections])
    groups = groups_by_head(
        [film.group for film in data.films],
        refined / moves.px_per_share[:, None] * MM_PER_HEIGHT,
    )
    return replace(
        data,
        films=tuple(replace(f, group=g) for f, g in zip(data.films, groups, strict=True)),
    )


def groups_by_head(groups: Sequence[str], points: Floats) -> list[str]:
    """Return the groups of films, those of one head in one; points: (films, landmarks, 2), mm."""
    apart = distances(points)
    pairs = apart[np.triu_indices(len(apart), 1)]
    limit = min(SAME_HEAD_MM, SAME_SHARE * float(np.quantile(pairs, 0.9))) if len(pairs) else 0.0
    made = list(groups)
    for i, j in np.argwhere(np.triu(apart < limit, 1)):
        # The same name in every run, whichever film came first.
        keep, go = sorted((made[i], made[j]))
        made = [keep if group == go else group for group in made]
    return made


def distances(points: Floats) -> Floats:
    """Return how far films' points are apart, root mean square, each head laid on the other.

    points: (films, landmarks, 2). Returns (films, films); heads are moved and turned, not scaled.
    """
    z = points @ np.array([1, 1j])
    z = z - z.mean(axis=1, keepdims=True)
    across = np.abs(z.conj() @ z.T)
    size = (np.abs(z) ** 2).sum(axis=1)
    return np.asarray(
        np.sqrt(np.maximum(0.0, size[:, None] + size[None] - 2 * across) / points.shape[1])
    )

"""Which corrected films are of one patient: by name, or because they show one head.

A film that was scanned twice, or saved anew, has other bytes and often another name. The points a
model sees on it are the same, to within a third of a millimetre, once the head is laid on itself;
on films of different heads of ISBI 2015 they differ by 1.6 mm and more.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cephview.training.convention import MM_PER_HEIGHT, Moves
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation

SAME_HEAD_MM = 1.2
# A model that sees all heads alike tells none apart: beyond this share of how far nine tenths of
# the pairs are apart at most, two films are not one head.
SAME_SHARE = 0.2

Floats = NDArray[np.float64]


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

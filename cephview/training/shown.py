"""What a network sees of films, kept for landmarks that learn to look at it.

The network does not change while they learn, so each picture is shown to it once. Of the map they
look at, a piece around the truth is kept, in half precision: some hundred kilobytes a picture.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cephview.core.turning import AS_ON_FILE
from cephview.network.attention import Said
from cephview.network.detector import Detector
from cephview.network.finetune_encoder import STRIDE, FineMap
from cephview.network.frame import Frame, View, normalised
from cephview.training.augment import Augmentation, augment
from cephview.training.convention import MM_PER_HEIGHT
from cephview.training.dataset import CACHE_OVERSIZE, DataSet, LabelledFilm, opened

# Around the truth: a window with all by which its middle is put aside in learning.
REACH_MM = 24.0
# Films are varied so often that about so many pictures are shown in all, each within these bounds.
PICTURES = 240
FEWEST_VARIATIONS, MOST_VARIATIONS = 1, 8
HOW = Augmentation(rotation_deg=8, log_scale=0.1)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """Pictures as the network saw them, a row each, and the places of new landmarks on them.

    cells: (pictures, new, side, side, fine), pieces of the map; first: (pictures, new, 2), where on
    it they begin. queries, places: (layers, pictures, landmarks, width), what the network's own
    said. own: (pictures, landmarks, 2), their refined points; truth: (pictures, new, 2), NaN where
    not known; input pixels. film: (pictures,), the film of each. is_plain: the film itself, not a
    variation. size: (width, height) of the input.
    """

    cells: Tensor
    first: Tensor
    queries: Tensor
    places: Tensor
    own: Tensor
    truth: Tensor
    film: NDArray[np.int64]
    is_plain: NDArray[np.bool_]
    size: tuple[int, int]

    def look(self, pictures: NDArray[np.int64], new: int) -> tuple[FineMap, list[Said]]:
        """Return what the finetune encoder is to look at for one of the new landmarks."""
        rows = torch.as_tensor(pictures, device=self.cells.device)
        cells, first = self.cells[rows, new].float(), self.first[rows, new]
        said = [Said(q[rows], p[rows]) for q, p in zip(self.queries, self.places, strict=True)]
        return FineMap(cells, first, 2.0 * max(self.size)), said


def variations(films: int) -> int:
    """Return how often each of so many films is varied."""
    return int(np.clip(round(PICTURES / max(1, films)), FEWEST_VARIATIONS, MOST_VARIATIONS))


def show(
    detector: Detector,
    data: DataSet,
    seed: int,
    each: Callable[[Sequence[LabelledFilm]], Iterable[LabelledFilm]],
    varied: int | None = None,
) -> Shown:
    """Show films to the network, as they are and varied.

    data: films with the points of the new landmarks alone. each: gives the films one after the
    other, and may stop or tell how far it is. Raises FormatError.
    """
    count = variations(len(data.films)) if varied is None else varied
    size = detector.info.input_size
    rows: list[dict[str, Tensor]] = []
    for i, labelled in enumerate(each(data.films)):
        rng = np.random.default_rng([seed, i])
        plain = plain_look(labelled, size)
        view, frame, truth = plain.view, plain.frame, plain.truth
        rows.append(_seen(detector, normalised(frame.picture(view.pixels)), truth))
        larger = (round(size[0] * CACHE_OVERSIZE), round(size[1] * CACHE_OVERSIZE))
        whole = Frame.fit(view.size, larger, aspect=view.aspect)
        grey = normalised(whole.picture(view.pixels))[None] * 0.502 + 0.498
        points = whole.to_input(frame.to_film(truth))[None]
        for _ in range(count):
            picture, moved = augment(grey.to(detector.device), points, size, HOW, rng)
            rows.append(_seen(detector, picture[0, 0], moved[0].double().cpu().numpy()))
    names = ("cells", "first", "own", "truth")
    stacked = {name: torch.stack([row[name] for row in rows]) for name in names}
    said = {name: torch.stack([row[name] for row in rows], 1) for name in ("queries", "places")}
    number = np.arange(len(rows))
    film, is_plain = number // (count + 1), number % (count + 1) == 0
    return Shown(**stacked, **said, film=film, is_plain=is_plain, size=size)


class PlainLook(NamedTuple):
    """A film as the detector looks at it; labelled, too, is of the film as it is turned.

    truth: (landmarks, 2), input pixels.
    """

    view: View
    frame: Frame
    labelled: LabelledFilm
    truth: Floats


def plain_look(labelled: LabelledFilm, size: tuple[int, int]) -> PlainLook:
    film, seen = opened(labelled)
    view = View.of(film, AS_ON_FILE)  # turned already
    frame = view.first_look(size)
    return PlainLook(view, frame, seen, frame.to_input(seen.points_px))


@torch.inference_mode()
def _seen(detector: Detector, picture: Tensor, truth: Floats) -> dict[str, Tensor]:
    """Show a picture, (height, width), normalised, with points, (new, 2), input pixels."""
    shown = picture.to(detector.device)[None, None]
    seen = detector.network.see(shown.contiguous(memory_format=torch.channels_last))
    cells = seen.fine_map.cells[0]
    reach = round(REACH_MM / MM_PER_HEIGHT * picture.shape[0] / STRIDE)
    side = min(2 * max(reach, *detector.network.config.windows), *cells.shape[:2])
    limit = np.array([cells.shape[1] - side, cells.shape[0] - side])
    first = np.clip(np.nan_to_num(truth / STRIDE).round() - side // 2, 0, limit).astype(int)
    pieces = [cells[y : y + side, x : x + side].half() for x, y in first]
    return {
        "cells": torch.stack(pieces),
        "first": torch.from_numpy(first).to(detector.device),
        "queries": torch.stack([said.queries[0] for said in seen.fine_said]),
        "places": torch.stack([said.place[0] for said in seen.fine_said]),
        "own": seen.points.refined[-1].xy[0].clone(),
        "truth": torch.from_numpy(truth).float().to(detector.device),
    }

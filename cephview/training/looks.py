"""What the network shows of films whose true points are known, to calibrate by."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray

from cephview.core.turning import AS_ON_FILE
from cephview.network.detector import Detector
from cephview.network.frame import Frame, View
from cephview.network.likeness import features, thumbnails
from cephview.network.uncertainty import signs_of
from cephview.training.appearance import Appearance
from cephview.training.augment import Augmentation, augment
from cephview.training.dataset import DataSet, LabelledFilm, Pictures, opened

Floats = NDArray[np.float64]

# Pictures that were trained on are varied so far that the network cannot know them by heart.
MILD = Augmentation(
    rotation_deg=8,
    log_scale=0.12,
    log_aspect=0.01,
    shift=0.03,
    wide_share=0,
    warp=0,
    appearance=Appearance(covers=0, collimated=0, noise=0.04),
)


@dataclass(frozen=True)
class Looks:
    """Looks at films, a row each; input pixels.

    signs: (looks, landmarks, signs) and spread: (looks, landmarks, 2, 2), as of Signs. errors and
    points: (looks, landmarks, 2) of the refined points, errors NaN where the truth is not known.
    seen: (looks, features) of the thumbnail. shown: (looks, 4), the box that shows the film, as of
    Look. groups: (looks,), of the film's patient.
    """

    signs: Floats
    spread: Floats
    errors: Floats
    points: Floats
    seen: Floats
    shown: Floats
    groups: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.errors)

    def rows(self, which: NDArray[np.bool_]) -> "Looks":
        return Looks(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def radial(self) -> Floats:
        """(looks, landmarks), input px."""
        return np.asarray(np.hypot(self.errors[..., 0], self.errors[..., 1]))


def together(*parts: Looks) -> Looks:
    """Return the rows of all parts."""
    return Looks(
        *(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Looks))
    )


def look_at_films(
    detector: Detector,
    data: DataSet,
    progress: Callable[[Sequence[LabelledFilm]], Iterable[LabelledFilm]] | None = None,
) -> Looks:
    """Look at films as the detector does, turned as they are looked at. Raises FormatError."""
    info = detector.info
    rows = []
    for labelled in progress(data.films) if progress else data.films:
        film, as_seen = opened(labelled)
        view = View.of(film, AS_ON_FILE)
        look = detector.look(view, view.first_look(info.input_size))
        whole = Frame.fit(view.size, info.input_size, aspect=view.aspect)
        truth = look.frame.to_input(as_seen.points_px - detector.convention_px(whole))
        seen = features(detector.network.backbone, thumbnails(look.film_picture))[0]
        xy, signs = look.refined_xy, look.signs
        rows.append((signs.values, signs.spread, xy - truth, xy, seen, look.shown, labelled.group))
    return _looks(rows)


@torch.inference_mode()
def look_at_pictures(
    detector: Detector,
    pictures: Pictures,
    groups: Sequence[str],
    rng: np.random.Generator,
    progress: Callable[[Sequence[str]], Iterable[str]] | None = None,
    how: Augmentation = MILD,
) -> Looks:
    """Look at a variation of each picture."""
    rows = []
    for i, group in enumerate(progress(groups) if progress else groups):
        grey = torch.from_numpy(np.array(pictures.grey[i : i + 1])).float() / 255
        picture, truth = augment(
            grey, pictures.points[i : i + 1], detector.info.input_size, how, rng
        )
        picture = picture.to(detector.device)
        found = detector.network(picture.contiguous(memory_format=torch.channels_last))
        signs = signs_of(found)[0]
        xy = found.refined[-1].xy[0].double().cpu().numpy()
        error = xy - truth[0].double().numpy()
        seen = features(detector.network.backbone, thumbnails(picture[0, 0]))[0]
        box = (0, 0, *detector.info.input_size)
        rows.append((signs.values, signs.spread, error, xy, seen, box, group))
    return _looks(rows)


def _looks(rows: Sequence[tuple[object, ...]]) -> Looks:
    return Looks(*(np.array(column) for column in zip(*rows, strict=True)))

"""What a candidate forgot: it and its parent on films that are not the clinic's.

The films are phantoms, whose points are known exactly, drawn from seeds that no training uses. They
are a few, the same in every run, and of one kind: they show that a network was spoilt, not that it
is as good as it was on every device.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cephview.core.film import Film
from cephview.core.learning import Kept, TrainingProgress
from cephview.core.model_info import ModelInfo
from cephview.core.scale import PixelSize, Provenance
from cephview.network.detector import Detector
from cephview.network.frame import Frame
from cephview.network.model import DualEncoder
from cephview.phantom import make_phantom
from cephview.training import Stopped

WHAT = "synthetic films"
FILMS = 12
# Drawing a larger one takes longer than looking at it.
_SIZE_PX = (480, 600)
_FIRST_SEED = 77_000_000

Floats = NDArray[np.float64]


def kept_by(
    parent: Detector,
    network: DualEncoder,
    info: ModelInfo,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Kept | None:
    """Measure a candidate's network and its parent; None where no phantom has their landmarks.

    A network that is its parent's looks at nothing twice: only the convention differs then, and
    what it adds is arithmetic. Raises Stopped.
    """
    names = [name for name in parent.info.landmarks if name in info.landmarks]
    films = [_film(seed) for seed in range(FILMS)]
    names = [name for name in names if name in films[0][1]]
    if not names:
        return None
    # Neither is asked how like its own films a phantom is.
    before = Detector(parent.network, parent.info, parent.device)
    plain = replace(info, convention=_convention(parent.info, info))
    is_same = is_same_network(parent.network, network)
    after = before if is_same else Detector(network, plain, parent.device)
    started = time.monotonic()
    errors = np.zeros((3, FILMS, len(names)))
    for i, (film, points) in enumerate(films):
        if should_stop():
            raise Stopped
        truth = np.array([points[name] for name in names])
        mm_per_px = np.array(film.pixel_size.mm_per_px())
        old = _places(before, film, names)
        new = old if is_same else _places(after, film, names)
        moved = new + _added_px(film, parent.info, info, names)
        for row, places in enumerate((old, new, moved)):
            errors[row, i] = np.hypot(*((places - truth) * mm_per_px).T)
        left = (time.monotonic() - started) / (i + 1) * (FILMS - i - 1)
        on_progress(TrainingProgress(i + 1, FILMS, 0.0, None, left, f"looking at {WHAT}"))
    means = (float(row.mean()) for row in errors)
    return Kept(WHAT, FILMS, *means)


def is_same_network(one: DualEncoder, other: DualEncoder) -> bool:
    """Whether two networks have the same weights."""
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(
        mine[name].shape == theirs[name].shape and bool((mine[name] == theirs[name]).all())
        for name in mine
    )


@cache
def _film(number: int) -> tuple[Film, dict[str, tuple[float, float]]]:
    phantom = make_phantom(_FIRST_SEED + number, size_px=_SIZE_PX, bits=8, has_label=False)
    size = PixelSize(phantom.mm_per_px, phantom.mm_per_px, Provenance.DETECTOR)
    return Film(phantom.pixels, "0" * 64, f"phantom {number + 1}", size), dict(phantom.points)


def _places(detector: Detector, film: Film, names: list[str]) -> Floats:
    found = {point.landmark: point.refined_px for point in detector.detect(film).points}
    return np.array([found[name] for name in names])


def _convention(parent: ModelInfo, info: ModelInfo) -> dict[str, tuple[float, float]]:
    """Return the convention of the landmarks both know as the parent has it, else the new one."""
    known = {name: parent.convention.get(name, (0.0, 0.0)) for name in parent.landmarks}
    return {name: known.get(name, info.convention.get(name, (0.0, 0.0))) for name in info.landmarks}


def _added_px(film: Film, parent: ModelInfo, info: ModelInfo, names: list[str]) -> Floats:
    """Return what the new convention adds to the parent's on a film, (landmarks, 2)."""
    frame = Frame.fit((film.width, film.height), info.input_size, aspect=film.pixel_size.aspect)
    none = (0.0, 0.0)
    shares = np.array([
        np.subtract(info.convention.get(name, none), parent.convention.get(name, none))
        for name in names
    ])  # fmt: skip
    return np.asarray(shares * info.input_size[1] / np.array(frame.scale))

"""Two ways to a candidate: by where the clinic places landmarks, and by steps of its encoders."""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from cephview import scratch
from cephview.core.learning import Taught, TrainingProgress
from cephview.core.model_info import ModelInfo
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.training import Stopped
from cephview.training.augment import Augmentation
from cephview.training.convention import (
    MM_PER_HEIGHT,
    Floats,
    Moves,
    cross_validated,
    far_landmarks,
    shift_of,
    shifted,
    unmoved,
    with_shift,
)
from cephview.training.dataset import DataSet, LabelledFilm, Pictures, load_pictures
from cephview.training.devices import make_fabric
from cephview.training.evaluate import Evaluation, evaluate, part_of
from cephview.training.judging import hold_out, judge, worse_landmarks
from cephview.training.loop import Step, train
from cephview.training.memory import within_memory
from cephview.training.recipe import Recipe

Tell = Callable[[TrainingProgress], None]
ShouldStop = Callable[[], bool]

BATCH = 4
# The hold-out is measured so many times in a run, to be looked at: it chooses nothing.
CHECKS = 8
# The run is kept on disk every so many steps: a killed one loses half a minute on a processor.
KEPT_EVERY = 10


@dataclass(frozen=True)
class Candidate:
    """A taught model with what it and its parent measure on the same films, and the verdict.

    shift: what was added to the parent's convention, (landmarks, 2) in shares of the height.
    settings: how it was taught. taught: landmarks that its parent does not know.
    """

    network: DualEncoder
    info: ModelInfo
    before: Evaluation
    after: Evaluation
    learnt_from: DataSet
    is_better: bool
    sentence: str
    shift: Floats
    settings: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    is_cross_validated: bool = False
    taught: tuple[Taught, ...] = ()

    def moved_mm(self) -> dict[str, tuple[float, float]]:
        """Return by how much landmarks were moved, those alone that were."""
        rows = zip(self.info.landmarks, self.shift * MM_PER_HEIGHT, strict=True)
        return {name: (float(xy[0]), float(xy[1])) for name, xy in rows if np.any(xy != 0)}


def compare(
    detector: Detector, data: DataSet, on_progress: Tell, should_stop: ShouldStop
) -> Evaluation:
    """Look at every film with the model in use, telling how far it is. Raises Stopped."""
    started = time.monotonic()

    def told(films: Sequence[LabelledFilm]) -> Iterator[LabelledFilm]:
        for i, film in enumerate(films):
            if should_stop():
                raise Stopped
            yield film
            left = (time.monotonic() - started) / (i + 1) * (len(films) - i - 1)
            on_progress(TrainingProgress(i + 1, len(films), 0.0, None, left, "comparing"))

    return evaluate(detector, data, progress=told)


@dataclass(frozen=True)
class LearntConvention:
    """A shift, (landmarks, 2), in shares, with what films measure under what the others show.

    kept: landmarks that stay although a shift was read off them, since it makes others worse.
    """

    shift: Floats
    after: Evaluation
    is_better: bool
    sentence: str
    kept: tuple[str, ...]


def learn_convention(found: Evaluation, moves: Moves, landmarks: Sequence[str]) -> LearntConvention:
    """Learn where the hand places landmarks; judged by what the other patients teach."""
    raw = cross_validated(found, moves, landmarks)
    worse = worse_landmarks(found, raw, moves.groups)
    after, shift = unmoved(raw, found, worse, landmarks), shift_of(moves)
    shift[list(worse)] = 0.0
    # That they are left out was seen on the same films, so chance is asked with them in.
    is_better, sentence = judge(
        found, after, groups=moves.groups, is_cross_validated=True, tested=raw
    )
    return LearntConvention(shift, after, is_better, sentence, tuple(landmarks[i] for i in worse))


def by_convention(detector: Detector, data: DataSet, found: Evaluation, moves: Moves) -> Candidate:
    """Learn where the hand places landmarks, and nothing else."""
    learnt = learn_convention(found, moves, data.landmarks)
    notes = [_far_note(moves, data.landmarks)]
    if learnt.kept:
        keep = "keeps its place" if len(learnt.kept) == 1 else "keep their places"
        notes.append(f"{', '.join(learnt.kept)} {keep}: what some films show makes others worse.")
    return Candidate(
        detector.network,
        with_shift(detector.info, learnt.shift),
        found,
        learnt.after,
        data,
        learnt.is_better,
        learnt.sentence,
        learnt.shift,
        {"way": "convention", "patients": len(set(moves.groups))},
        " ".join(note for note in notes if note),
        is_cross_validated=True,
    )


def by_steps(
    detector: Detector,
    data: DataSet,
    found: Evaluation,
    moves: Moves,
    steps: int,
    seed: int,
    on_progress: Tell,
    should_stop: ShouldStop,
    checkpoint: Path | None = None,
) -> Candidate:
    """Learn the convention and then the films; judged on patients never learnt from.

    The convention alone is a candidate, too: where the steps add nothing to it, it is the one. The
    two are judged twice as strictly as one would be. The steps are not stopped early. To choose the
    best of the checks by the patients held out would make these judge what they chose; to choose by
    others needs a third of the patients kept from learning besides, and of 30 patients so few would
    be left to choose by that noise did. What keeps the last step from being the worst is a low rate
    that falls to nothing, the moving average, and the gate. Raises Stopped.
    """
    learning, held_out = hold_out(data, seed)
    is_held = {film.path for film in held_out.films}
    inside = [i for i, film in enumerate(data.films) if film.path not in is_held]
    outside = [i for i, film in enumerate(data.films) if film.path in is_held]
    before, seen = part_of(found, outside, data.landmarks), moves.only(inside)
    shift = shift_of(seen)
    info = with_shift(detector.info, shift)
    groups = [film.group for film in held_out.films]
    alone = shifted(before, moves.only(outside), shift[None], data.landmarks)
    measured: list[float] = [alone.refined.mre]
    notes: list[str] = [note] if (note := _far_note(seen, data.landmarks)) else []
    batch = BATCH

    def on_step(step: Step) -> None:
        on_progress(
            TrainingProgress(
                step.number,
                step.steps,
                step.loss,
                measured[-1],
                step.seconds_left,
                "learning" if batch == BATCH else f"learning, {batch} at a time",
                before.refined.unit,
            )
        )

    def on_check(current: DualEncoder, step: int) -> None:
        now = evaluate(Detector(current, info, detector.device), held_out)
        measured.append(now.refined.mre)

    def on_less(fewer: int) -> None:
        nonlocal batch
        batch = fewer
        films = "1 film" if fewer == 1 else f"{fewer} films"
        notes.append(f"Memory was short, so it learnt from {films} at a time.")

    recipe = Recipe(
        steps=steps,
        batch=batch,
        head_rate=1e-4,
        warm_up=10,
        average=0.97,
        seed=seed,
        augmentation=Augmentation(rotation_deg=8, log_scale=0.1),
    )
    untaught = copy.deepcopy(detector.network)
    detector.network.backbone.requires_grad_(False)
    with scratch.folder() as cache:
        pictures = _pictures(learning, info, cache)
        network = within_memory(
            lambda films: train(
                detector.network.train(),
                [(pictures, 1.0)],
                info.input_size,
                replace(recipe, batch=films),
                make_fabric(detector.device.type),
                every=max(1, steps // CHECKS),
                keep_every=KEPT_EVERY,
                checkpoint=checkpoint,
                on_check=on_check,
                on_step=on_step,
                should_stop=should_stop,
            ),
            batch,
            on_less,
        )
    network = network.half().float()  # judged as it will be saved
    after = evaluate(Detector(network, info, detector.device), held_out)
    settings: dict[str, Any] = {
        "way": "steps",
        "patients": len(set(moves.groups)),
        "layers": "all but the trunk",
        "steps": steps,
        "batch": batch,
        "head_rate": recipe.head_rate,
        "average": recipe.average,
    }
    is_better, sentence = judge(before, after, groups=groups, candidates=2)
    if not is_better or after.refined.mre > alone.refined.mre:
        is_alone_better, alone_sentence = judge(before, alone, groups=groups, candidates=2)
        if is_alone_better:
            notes.append("Steps of the encoders added nothing to where landmarks are placed.")
            settings = {"way": "convention", "patients": settings["patients"]}
            network, after = untaught, alone
            is_better, sentence = True, alone_sentence
    return Candidate(
        network, info, before, after, learning, is_better, sentence, shift, settings,
        " ".join(notes),
    )  # fmt: skip


def _pictures(data: DataSet, info: ModelInfo, cache: Path) -> Pictures:
    """Return the films with the points where the network is to find them: less the convention."""
    pictures = load_pictures(data, info.input_size, cache, quiet=True)
    shares = np.array([info.convention.get(i, (0.0, 0.0)) for i in data.landmarks])
    return replace(pictures, points=pictures.points - shares * pictures.grey.shape[1])


def _far_note(moves: Moves, landmarks: Sequence[str]) -> str:
    far = far_landmarks(moves, landmarks)
    if not far:
        return ""
    keep = "keeps its place" if len(far) == 1 else "keep their places"
    return f"{', '.join(far)} {keep}: the corrections lie further off than a convention."

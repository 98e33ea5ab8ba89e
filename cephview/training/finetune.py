"""Teach a model a clinic's corrections, and judge it on films it did not learn from.

From few films it learns where the clinic puts each landmark (convention); from more, its encoders
learn the clinic's films as well.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from cephview.core.learning import CorrectedFilm, FinetuneResult, TrainingProgress
from cephview.core.model_info import ModelInfo
from cephview.network.detector import Detector, choose_device
from cephview.network.model import DualEncoder
from cephview.network.weights import load_likeness, load_model, save_model
from cephview.training import Stopped
from cephview.training.augment import Augmentation
from cephview.training.convention import cross_validated, moves_of, shift_of, with_shift
from cephview.training.dataset import DataSet, LabelledFilm, Pictures, load_pictures
from cephview.training.devices import make_fabric
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.judging import group_count, hold_out, judge
from cephview.training.loop import Step, train
from cephview.training.recipe import Recipe

# From fewer patients, gradient steps gain nothing over the convention alone and make single
# landmarks worse.
FILMS_FOR_STEPS = 20

Tell = Callable[[TrainingProgress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Candidate:
    """A taught model with what it and its parent measure on the same films."""

    network: DualEncoder
    info: ModelInfo
    before: Evaluation
    after: Evaluation
    learnt_from: DataSet


def steps_for(groups: int) -> int:
    """Return how many gradient steps so many patients are worth: about 40 looks at each film."""
    return 0 if groups < FILMS_FOR_STEPS else int(np.clip(10 * groups, 200, 400))


def finetune(
    films: Sequence[CorrectedFilm],
    parent_dir: Path,
    out_dir: Path,
    *,
    device: str = "auto",
    seed: int = 0,
    on_progress: Tell = lambda progress: None,
    should_stop: ShouldStop = lambda: False,
    name: str | None = None,
    steps: int | None = None,
) -> FinetuneResult:
    """Teach a candidate and save it to out_dir.

    Few films are judged by cross-validation: each under what the other patients taught. With
    gradient steps a quarter of the patients is held out, the same in every run. The candidate is
    saved whether it is better or not; is_better says whether it may be adopted. steps: None chooses
    by the number of patients. Raises TrainingError, ModelError, FormatError, Stopped.
    """
    started = time.monotonic()
    network, parent = load_model(parent_dir)
    data = _corrections(films, parent.landmarks)
    groups = group_count(data)
    steps = steps_for(groups) if steps is None else steps
    detector = Detector(network, parent, choose_device(device))
    if steps:
        candidate = _by_steps(detector, data, steps, seed, on_progress, should_stop)
    else:
        candidate = _by_convention(detector, data, on_progress, should_stop)
    is_better, sentence = judge(candidate.before, candidate.after, is_cross_validated=not steps)
    # The trunk does not learn, so what its features were on films like those holds on.
    info = save_model(
        out_dir,
        candidate.network,
        _described(candidate, parent, name, seed),
        load_likeness(parent_dir),
    )
    return FinetuneResult(
        model_dir=str(out_dir),
        model_name=info.name,
        before=candidate.before.refined,
        after=candidate.after.refined,
        films_trained=len(candidate.learnt_from.films),
        films_held_out=candidate.before.refined.films,
        is_better=is_better,
        sentence=sentence,
        seconds=time.monotonic() - started,
        device=detector.device.type,
        is_cross_validated=not steps,
    )


def _by_convention(
    detector: Detector, data: DataSet, on_progress: Tell, should_stop: ShouldStop
) -> Candidate:
    started = time.monotonic()

    def told(films: Sequence[LabelledFilm]) -> Iterator[LabelledFilm]:
        for i, film in enumerate(films):
            if should_stop():
                raise Stopped
            yield film
            left = (time.monotonic() - started) / (i + 1) * (len(films) - i - 1)
            on_progress(TrainingProgress(i + 1, len(films), 0.0, None, left, "comparing"))

    before = evaluate(detector, data, progress=told)
    moves = moves_of(detector, data, before)
    after = cross_validated(before, moves, data.landmarks)
    info = with_shift(detector.info, shift_of(moves.shares))
    return Candidate(detector.network, info, before, after, data)


def _by_steps(
    detector: Detector,
    data: DataSet,
    steps: int,
    seed: int,
    on_progress: Tell,
    should_stop: ShouldStop,
) -> Candidate:
    learning, held_out = hold_out(data, seed)
    before = evaluate(detector, held_out)
    moves = moves_of(detector, learning, evaluate(detector, learning))
    info = with_shift(detector.info, shift_of(moves.shares))
    measured: list[float] = [before.refined.mre]

    def on_step(step: Step) -> None:
        on_progress(
            TrainingProgress(
                step.number,
                step.steps,
                step.loss,
                measured[-1],
                step.seconds_left,
                "learning",
                before.refined.unit,
            )
        )

    def on_check(current: DualEncoder, step: int) -> None:
        now = evaluate(Detector(current, info, detector.device), held_out)
        measured.append(now.refined.mre)

    detector.network.backbone.requires_grad_(False)
    with tempfile.TemporaryDirectory(prefix="cephview-") as cache:
        network = train(
            detector.network.train(),
            [(_pictures(learning, info, Path(cache)), 1.0)],
            info.input_size,
            Recipe(
                steps=steps,
                batch=4,
                head_rate=1e-4,
                warm_up=10,
                average=0.97,
                seed=seed,
                augmentation=Augmentation(rotation_deg=8, log_scale=0.1),
            ),
            make_fabric(detector.device.type),
            every=max(1, steps // 4),
            on_check=on_check,
            on_step=on_step,
            should_stop=should_stop,
        )
    network = network.half().float()  # judged as it will be saved
    after = evaluate(Detector(network, info, detector.device), held_out)
    return Candidate(network, info, before, after, learning)


def _pictures(data: DataSet, info: ModelInfo, cache: Path) -> Pictures:
    """Return the films with the points where the network is to find them: less the convention."""
    pictures = load_pictures(data, info.input_size, cache, quiet=True)
    shares = np.array([info.convention.get(i, (0.0, 0.0)) for i in data.landmarks])
    return replace(pictures, points=pictures.points - shares * pictures.grey.shape[1])


def _corrections(films: Sequence[CorrectedFilm], landmarks: tuple[str, ...]) -> DataSet:
    labelled = []
    for film in films:
        points = np.full((len(landmarks), 2), np.nan)
        for i, landmark in enumerate(landmarks):
            if landmark in film.points:
                points[i] = film.points[landmark]
        if np.isfinite(points).any():
            labelled.append(
                LabelledFilm(Path(film.path), points, film.mm_per_px, film.group, film.turn)
            )
    return DataSet(landmarks, tuple(labelled))


def _described(candidate: Candidate, parent: ModelInfo, name: str | None, seed: int) -> ModelInfo:
    figures = candidate.after.refined
    count = len(candidate.learnt_from.films)
    return replace(
        candidate.info,
        name=name or f"{parent.name}+{count}",
        sha256="",
        parent=parent.sha256,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
        trained_on=f"{parent.trained_on} Then fine-tuned on {count} corrected films.".strip(),
        data_digest=candidate.learnt_from.digest,
        seed=seed,
        metrics={
            **{k: v for k, v in parent.metrics.items() if k.startswith("validation.")},
            "holdout.films": float(figures.films),
            f"holdout.refined.mre_{figures.unit}": round(figures.mre, 4),
            f"holdout.coarse.mre_{figures.unit}": round(candidate.after.coarse.mre, 4),
        },
    )

"""Train a model further on a clinic's corrections, and judge it on films held out."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon

from cephview.core.learning import Accuracy, CorrectedFilm, FinetuneResult, TrainingProgress
from cephview.core.model_info import ModelInfo
from cephview.formats import open_film
from cephview.network.detector import Detector, choose_device
from cephview.network.frame import Frame
from cephview.network.model import DualEncoder
from cephview.network.weights import load_model, save_model
from cephview.training import TrainingError
from cephview.training.augment import Augmentation
from cephview.training.dataset import DataSet, LabelledFilm, Pictures, load_pictures
from cephview.training.devices import make_fabric
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.loop import Step, train
from cephview.training.metrics import common_unit, radial
from cephview.training.recipe import Recipe

HOLD_OUT_SHARE = 0.25
MINIMUM_FILMS = 5
PRIOR_FILMS = 5
# A candidate is adopted only where its gain on the held-out points is this unlikely to be chance.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Settings:
    """How a fine-tune learns; rates as in Recipe.

    learns: "readouts" are the queries and what turns attention into a place, enough to learn where
    a clinic puts a point on a structure the network finds already; "encoders" are both encoders
    and the fusion, too. The trunk is left as it is.
    """

    steps: int
    batch: int
    learns: str = "encoders"
    head_rate: float = 2e-4
    checks: int = 4


def settings_for(films: int) -> Settings:
    """Choose settings by the number of films to learn from: about 40 looks at each of few films."""
    return Settings(steps=int(np.clip(10 * films, 80, 400)), batch=4)


def finetune(
    films: Sequence[CorrectedFilm],
    parent_dir: Path,
    out_dir: Path,
    *,
    device: str = "auto",
    seed: int = 0,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
    name: str | None = None,
    steps: int | None = None,
) -> FinetuneResult:
    """Train a candidate from a parent model and save it to out_dir.

    A quarter of the films, whole patients, is held out: never trained on, the same films in every
    run. The candidate is saved whether it is better or not; is_better says whether it may be
    adopted. steps: None chooses by the number of films. Raises TrainingError, ModelError,
    FormatError, Stopped.
    """
    started = time.monotonic()
    network, parent = load_model(parent_dir)
    data = _corrections(films, parent.landmarks)
    learning, held_out = hold_out(data, seed)
    where = choose_device(device)
    fabric = make_fabric(device)
    settings = settings_for(len(learning.films))
    if steps is not None:
        settings = replace(settings, steps=steps)
    before = evaluate(Detector(network, parent, where), held_out)
    measured: list[float] = [before.refined.mre]
    info = replace(parent, convention=learn_convention(Detector(network, parent, where), learning))

    def on_step(step: Step) -> None:
        on_progress(
            TrainingProgress(
                step.number, step.steps, step.loss, measured[-1], step.seconds_left, "learning"
            )
        )

    def on_check(current: DualEncoder, step: int) -> None:
        measured.append(evaluate(Detector(current, info, where), held_out).refined.mre)

    choose_learning(network, settings.learns)
    with tempfile.TemporaryDirectory(prefix="cephview-") as cache:
        candidate = train(
            network.train(),
            [(_pictures(learning, info, Path(cache)), 1.0)],
            parent.input_size,
            Recipe(
                steps=settings.steps,
                batch=settings.batch,
                head_rate=settings.head_rate,
                warm_up=10,
                average=0.97,
                attention_end=0.02,
                seed=seed,
                augmentation=Augmentation(rotation_deg=8, log_scale=0.1),
            ),
            fabric,
            every=max(1, settings.steps // settings.checks),
            on_check=on_check,
            on_step=on_step,
            should_stop=should_stop,
        )
    candidate = candidate.half().float()
    after = evaluate(Detector(candidate, info, where), held_out)
    is_better, sentence = judge(before, after)
    info = save_model(out_dir, candidate, _describe(info, parent, learning, after, name, seed))
    return FinetuneResult(
        model_dir=str(out_dir),
        model_name=info.name,
        before=before.refined,
        after=after.refined,
        films_trained=len(learning.films),
        films_held_out=len(held_out.films),
        is_better=is_better,
        sentence=sentence,
        seconds=time.monotonic() - started,
        device=where.type,
    )


def choose_learning(network: DualEncoder, learns: str) -> None:
    """Freeze all but what a fine-tune learns, as Settings says."""
    for name, parameter in network.named_parameters():
        is_readout = ".readout." in name or ".point_ask." in name or name == "reference.queries"
        in_trunk = name.startswith("backbone.")
        parameter.requires_grad_(is_readout if learns == "readouts" else not in_trunk)


def learn_convention(detector: Detector, data: DataSet) -> dict[str, tuple[float, float]]:
    """Return where the corrections put each landmark beside where the network finds it.

    The median of what a human moved the refined points by, as a share of the height of the first
    look, added to the model's own convention. It is drawn towards no change as if PRIOR_FILMS more
    films had shown none, so that one film's slip does not become a rule.
    """
    width, height = detector.info.input_size
    moved = []
    for film, error in zip(data.films, evaluate(detector, data).refined_errors, strict=True):
        opened = open_film(film.path)
        frame = Frame.fit(
            (opened.width, opened.height), (width, height), aspect=opened.pixel_size.aspect
        )
        moved.append(-error.error_px * np.array(frame.scale) / height)
    shares = np.stack(moved)
    convention = {}
    for i, landmark in enumerate(data.landmarks):
        known = shares[np.isfinite(shares[:, i]).all(-1), i]
        x, y = detector.info.convention.get(landmark, (0.0, 0.0))
        if len(known):
            shift = np.median(known, axis=0) * len(known) / (len(known) + PRIOR_FILMS)
            x, y = x + float(shift[0]), y + float(shift[1])
        convention[landmark] = (x, y)
    return convention


def hold_out(data: DataSet, seed: int) -> tuple[DataSet, DataSet]:
    """Split into films to learn from and films held out, whole groups, the same in every run.

    A group's place is decided by a digest of its name, so that a film held out once stays held out
    when films are added. Raises TrainingError where too few groups are there to do both.
    """
    draw = {film.group: _share(film.group, seed) for film in data.films}
    order = sorted(draw, key=lambda group: draw[group])
    if len(order) < MINIMUM_FILMS:
        raise TrainingError(
            f"{len(order)} corrected films of different patients are too few to learn from and "
            f"to judge by; correct at least {MINIMUM_FILMS}."
        )
    least = max(2, round(len(order) * HOLD_OUT_SHARE / 2))
    kept = set(order[:least]) | {group for group in order if draw[group] < HOLD_OUT_SHARE}
    kept = set(sorted(kept, key=lambda group: draw[group])[: len(order) - 3])
    return (
        replace(data, films=tuple(f for f in data.films if f.group not in kept)),
        replace(data, films=tuple(f for f in data.films if f.group in kept)),
    )


def judge(before: Evaluation, after: Evaluation) -> tuple[bool, str]:
    """Say whether a candidate is better by more than chance, in a sentence.

    The refined errors of the same held-out points are compared by a one-sided Wilcoxon signed-rank
    test.
    """
    unit = common_unit(before.refined_errors)
    old = radial(before.refined_errors, unit).ravel()
    new = radial(after.refined_errors, unit).ravel()
    known = np.isfinite(old) & np.isfinite(new)
    change = new[known] - old[known]
    chance = 1.0
    if np.any(change != 0):
        chance = float(wilcoxon(change, alternative="less").pvalue)
    gain = float(old[known].mean() - new[known].mean())
    is_better = gain > 0 and chance < SIGNIFICANCE
    films = before.refined.films
    figures = (
        f"on {films} held-out film{'s' if films > 1 else ''} ({int(known.sum())} points) the mean "
        f"error went from {_spoken(before.refined)} to {_spoken(after.refined)}"
    )
    if is_better:
        return True, f"Better: {figures}, more than chance explains (p = {chance:.3g})."
    if gain > 0:
        reason = f"which may be chance (p = {chance:.2g}); correct more films and try again"
    else:
        reason = "so the model in use stays"
    return False, f"Not better: {figures}, {reason}."


def _spoken(figures: Accuracy) -> str:
    return f"{figures.mre:.2f} {figures.unit}"


def _share(group: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


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
            labelled.append(LabelledFilm(Path(film.path), points, film.mm_per_px, film.group))
    return DataSet(landmarks, tuple(labelled))


def _describe(
    info: ModelInfo,
    parent: ModelInfo,
    learning: DataSet,
    after: Evaluation,
    name: str | None,
    seed: int,
) -> ModelInfo:
    unit = after.refined.unit
    count = len(learning.films)
    return replace(
        info,
        name=name or f"{parent.name}+{count}",
        sha256="",
        parent=parent.sha256,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
        trained_on=f"{parent.trained_on} Then fine-tuned on {count} corrected films.".strip(),
        data_digest=learning.digest,
        seed=seed,
        metrics={
            **{k: v for k, v in parent.metrics.items() if k.startswith("validation.")},
            "holdout.films": float(after.refined.films),
            f"holdout.refined.mre_{unit}": round(after.refined.mre, 4),
            f"holdout.coarse.mre_{unit}": round(after.coarse.mre, 4),
        },
    )

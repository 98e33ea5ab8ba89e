"""Teach a model a clinic's corrections, and judge it on films it did not learn from.

From few films it learns where the clinic puts each landmark (convention); from more, its encoders
learn the clinic's films as well.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from cephview.core.judged import FILE as JUDGED
from cephview.core.judged import to_json
from cephview.core.learning import (
    MINIMUM_FILMS,
    PATIENTS_FOR_STEPS,
    CorrectedFilm,
    FinetuneResult,
    Kept,
)
from cephview.core.model_info import ModelInfo
from cephview.core.unfinished import FILE, Unfinished
from cephview.formats.learning_files import read_unfinished
from cephview.network.detector import Detector, choose_device
from cephview.network.weights import load_likeness, load_model, save_model
from cephview.training import TrainingError
from cephview.training.candidates import (
    Candidate,
    ShouldStop,
    Tell,
    by_convention,
    by_steps,
    compare,
)
from cephview.training.convention import moves_of
from cephview.training.dataset import DataSet, LabelledFilm
from cephview.training.evaluate import part_of
from cephview.training.forgetting import kept_by
from cephview.training.judging import group_count
from cephview.training.landmark_sets import refuse_other_sets, sets_of_added
from cephview.training.patients import by_heads, with_one_head_in_one_group
from cephview.training.plausible import check
from cephview.training.present import present_films
from cephview.training.screening import fitting
from cephview.training.teaching import lesson_films, teach, with_lessons
from cephview.training.worst import worst_films

CHECKPOINT = "unfinished.pt"
_MODEL = ("model.toml", "model.safetensors")


def steps_for(groups: int) -> int:
    """Return how many gradient steps so many patients are worth: about 40 looks at each film."""
    return 0 if groups < PATIENTS_FOR_STEPS else int(np.clip(10 * groups, 200, 400))


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
    by the number of patients. A run that was killed goes on where it was when it is asked for
    again with the same out_dir. The judgement stays in the folder, too, for whoever looks at the
    model later. name: that of out_dir if not given, which no two models of a place can share.
    Landmarks that the model does not know and enough patients show are taught last, and leave the
    others as they are; a killed run begins that anew, in a minute or two. Raises TrainingError,
    ModelError, FormatError, Stopped; where the corrections cannot be a way of placing landmarks,
    TrainingError says why. A film that is gone, broken or overwritten by another is left out; the
    result's note names it.
    """
    started = time.monotonic()
    network, parent = load_model(parent_dir)
    refuse_other_sets(films, parent)
    _begin(out_dir, Unfinished(tuple(films), str(parent_dir), parent.sha256, seed, steps))
    present = None
    try:
        present = present_films(films, should_stop)
        checkpoint = out_dir / CHECKPOINT
        is_whole = len(present.films) == len(films)
        if not is_whole:
            # Another set of films than that of the note: its run is not gone on with.
            checkpoint.unlink(missing_ok=True)
        detector = Detector(network, parent, choose_device(device))
        there, told = by_heads(present.films, detector, on_progress, should_stop)
        candidate = _learnt(
            there, detector, parent_dir, steps, seed, on_progress, should_stop,
            checkpoint if is_whole else None,
        )  # fmt: skip
    except TrainingError as error:
        _forget(out_dir)
        if present is not None and present.note and present.note not in str(error):
            raise TrainingError(f"{error} {present.note}") from error
        raise
    kept = kept_by(
        Detector.load(parent_dir, device),
        candidate.network,
        candidate.info,
        on_progress,
        should_stop,
    )
    seconds = time.monotonic() - started
    info = _described(candidate, parent, name or out_dir.absolute().name, seed, kept, seconds)
    info = replace(info, added_sets=sets_of_added(info, candidate.network.own, films))
    result = FinetuneResult(
        model_dir=str(out_dir),
        model_name=info.name,
        before=candidate.before.refined,
        after=candidate.after.refined,
        films_trained=len(candidate.learnt_from.films),
        films_held_out=candidate.before.refined.films,
        is_better=candidate.is_better,
        sentence=candidate.sentence,
        seconds=seconds,
        device=candidate.before.device,
        is_cross_validated=candidate.is_cross_validated,
        moved=candidate.moved_mm(),
        worst=worst_films(candidate.before, candidate.after),
        note=" ".join(filter(None, (present.note, *told, candidate.note))),
        kept=kept,
        taught=candidate.taught,
    )
    # First, so that a folder with a model always has it.
    (out_dir / JUDGED).write_text(to_json(result), encoding="utf-8")
    # The trunk does not learn, so what its features were on films like those holds on.
    save_model(out_dir, candidate.network, info, load_likeness(parent_dir))
    # Whole only once its note is gone: until then a killed run goes on from the checkpoint.
    for left_over in (FILE, CHECKPOINT):
        (out_dir / left_over).unlink(missing_ok=True)
    return result


def _learnt(
    films: Sequence[CorrectedFilm],
    detector: Detector,
    parent_dir: Path,
    steps: int | None,
    seed: int,
    on_progress: Tell,
    should_stop: ShouldStop,
    checkpoint: Path | None,
) -> Candidate:
    """Learn where the clinic has the landmarks that the model knows, then those it does not."""
    parent, device = detector.info, detector.device
    data = _corrections(films, parent.landmarks)
    unknown = dict.fromkeys(i for f in films for i in f.points if i not in parent.landmarks)
    new, few = lesson_films(_corrections(films, tuple(unknown)).films, tuple(unknown))
    candidate = None
    if not new.landmarks or len({film.group for film in data.films}) >= MINIMUM_FILMS:
        if few and not data.films:
            raise TrainingError(" ".join(few))
        group_count(data)
        candidate = _taught(detector, data, steps, seed, on_progress, should_stop, checkpoint)
    if new.landmarks:
        if candidate is not None and candidate.is_better:
            detector = Detector(candidate.network, candidate.info, device)
        else:
            # Anew, since steps have changed the network they began with.
            detector = Detector(*load_model(parent_dir), device)
        lessons = teach(detector, new, seed, on_progress, should_stop)
        candidate = with_lessons(candidate, lessons)
    assert candidate is not None
    return replace(candidate, note=" ".join([*filter(None, [candidate.note]), *few]))


def _taught(
    detector: Detector,
    data: DataSet,
    steps: int | None,
    seed: int,
    on_progress: Tell,
    should_stop: ShouldStop,
    checkpoint: Path | None,
) -> Candidate:
    found = compare(detector, data, on_progress, should_stop)
    fit, unfit = fitting(found)
    if not fit:
        raise TrainingError(" ".join(["no film is left to learn from.", *unfit]))
    if unfit:
        found = part_of(found, fit, data.landmarks)
        data = replace(data, films=tuple(data.films[i] for i in fit))
        checkpoint = None
    data = with_one_head_in_one_group(data, found, moves_of(detector, data, found))
    moves = moves_of(detector, data, found)
    groups = group_count(data)
    check(found, moves)
    steps = steps_for(groups) if steps is None else steps
    if not steps:
        candidate = by_convention(detector, data, found, moves)
    else:
        candidate = by_steps(
            detector, data, found, moves, steps, seed, on_progress, should_stop, checkpoint
        )
    return replace(candidate, note=" ".join(filter(None, [candidate.note, *unfit])))


def _begin(out_dir: Path, run: Unfinished) -> None:
    """Note what is begun. Raises TrainingError where out_dir holds a run that is another."""
    note = out_dir / FILE
    try:
        if note.exists() and not _is_same(note, run):
            raise TrainingError(
                f"{out_dir} holds an unfinished run on other corrections; choose another folder, "
                "or remove it to begin anew."
            )
        if note.exists():
            # Killed between the model and the end of its note.
            for name in _MODEL:
                (out_dir / name).unlink(missing_ok=True)
        out_dir.mkdir(parents=True, exist_ok=True)
        note.write_text(run.to_json(), encoding="utf-8")
    except OSError as error:
        raise TrainingError(
            f"{out_dir} cannot be written ({error.strerror}); choose another folder."
        ) from error


def _is_same(note: Path, run: Unfinished) -> bool:
    try:
        return read_unfinished(note) == run
    except ValueError:
        return False


def _forget(out_dir: Path) -> None:
    """Leave nothing to go on with of a run that would be refused again."""
    with contextlib.suppress(OSError):
        for left_over in (FILE, CHECKPOINT):
            (out_dir / left_over).unlink(missing_ok=True)
        if not any(out_dir.iterdir()):
            out_dir.rmdir()


def _corrections(films: Sequence[CorrectedFilm], landmarks: tuple[str, ...]) -> DataSet:
    labelled = []
    for film in films:
        points = np.full((len(landmarks), 2), np.nan)
        for i, landmark in enumerate(landmarks):
            if landmark in film.points:
                points[i] = film.points[landmark]
        if np.isfinite(points).any():
            labelled.append(
                LabelledFilm(
                    Path(film.path), points, film.mm_per_px, film.group, film.turn, film.digest
                )
            )
    return DataSet(landmarks, tuple(labelled))


def _described(
    candidate: Candidate,
    parent: ModelInfo,
    name: str,
    seed: int,
    kept: Kept | None,
    seconds: float,
) -> ModelInfo:
    before, after = candidate.before.refined, candidate.after.refined
    count = len(candidate.learnt_from.films)
    learnt = [f"{one.landmark} on {one.films}" for one in candidate.taught if one.is_learnt]
    more = f" Taught {', '.join(learnt)} of them." if learnt else ""
    return replace(
        candidate.info,
        name=name,
        sha256="",
        parent=parent.sha256,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        trained_on=f"{parent.trained_on} Then fine-tuned on {count} corrected films.{more}".strip(),
        data_digest=candidate.learnt_from.digest,
        seed=seed,
        settings={
            **candidate.settings,
            "device": candidate.before.device,
            "seconds": round(seconds, 1),
            "verdict": candidate.sentence,
            "moved_mm": {k: [round(v, 3) for v in xy] for k, xy in candidate.moved_mm().items()},
        },
        metrics={
            **{
                k: v
                for k, v in candidate.info.metrics.items()
                if k.startswith(("validation.", "taught."))
            },
            "holdout.films": float(after.films),
            f"holdout.parent.refined.mre_{before.unit}": round(before.mre, 4),
            f"holdout.refined.mre_{after.unit}": round(after.mre, 4),
            f"holdout.coarse.mre_{after.unit}": round(candidate.after.coarse.mre, 4),
            **{f"holdout.parent.refined.sdr_{k}mm": round(v, 2) for k, v in before.sdr.items()},
            **{f"holdout.refined.sdr_{k}mm": round(v, 2) for k, v in after.sdr.items()},
            **_kept_figures(kept),
        },
    )


def _kept_figures(kept: Kept | None) -> dict[str, float]:
    if kept is None:
        return {}
    return {
        "kept.films": float(kept.films),
        "kept.parent.refined.mre_mm": round(kept.before, 4),
        "kept.network.refined.mre_mm": round(kept.network, 4),
        "kept.refined.mre_mm": round(kept.after, 4),
    }

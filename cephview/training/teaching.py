"""Teach a model landmarks that it does not know, and judge what it learnt.

Each is judged on films it did not learn from, by whole patients, against where its neighbours alone
have it; only one that is found better than that, by more than chance, becomes part of the model.
All that the model knew stays as it was.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from cephview.core.learning import MINIMUM_FILMS, Taught, TrainingProgress
from cephview.core.model_info import ModelInfo
from cephview.network.added import AddedLandmarks
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder, with_added
from cephview.training import Stopped
from cephview.training.candidates import Candidate
from cephview.training.convention import MM_PER_HEIGHT
from cephview.training.dataset import DataSet, LabelledFilm
from cephview.training.evaluate import Evaluation
from cephview.training.judging import SIGNIFICANCE, by_patient, chance_of_gain
from cephview.training.metrics import FilmError, accuracy, common_unit, radial
from cephview.training.patients import groups_by_head
from cephview.training.rows import STEPS, folds_of, learn_rows
from cephview.training.shown import PlainLook, plain_look, show
from cephview.training.taught_doubt import with_doubt

Tell = Callable[[TrainingProgress], None]
ShouldStop = Callable[[], bool]
Floats = NDArray[np.float64]
# As of Evaluation.films.
Sizes = tuple[tuple[tuple[int, int], float], ...]

# More films than so many are not learnt from: the network is to look at each, several times.
MOST_FILMS = 150


@dataclass(frozen=True)
class Lesson:
    """A landmark that learnt: the row to keep, and what was found with the rows to judge by.

    expected_px, refined_px: (films, 2) errors in pixels of the film, NaN where no hand placed it.
    signs, spread, errors: of the same films, in input pixels, as of Looks.
    """

    landmark: str
    row: AddedLandmarks
    expected_px: Floats
    refined_px: Floats
    signs: Floats
    spread: Floats
    errors: Floats


@dataclass(frozen=True)
class Lessons:
    """A model with what it learnt, beside what was found of each landmark it was to learn.

    before is where the neighbours have the landmarks, after where the rows that did not learn from
    a film found them; of those that were learnt, or of all where none was.
    """

    network: DualEncoder
    info: ModelInfo
    taught: tuple[Taught, ...]
    before: Evaluation
    after: Evaluation
    data: DataSet

    @property
    def learnt(self) -> tuple[Taught, ...]:
        return tuple(one for one in self.taught if one.is_learnt)


def teach(
    detector: Detector,
    data: DataSet,
    seed: int,
    on_progress: Tell = lambda progress: None,
    should_stop: ShouldStop = lambda: False,
) -> Lessons:
    """Teach the landmarks of data, none of which the model knows. Raises Stopped, FormatError."""
    data = _fewer(data, seed)
    network = detector.network.requires_grad_(False)

    def told(what: str) -> Callable[[Sequence[LabelledFilm]], Iterator[LabelledFilm]]:
        return lambda films: _told(films, what, on_progress, should_stop)

    shown = show(detector, data, seed, told("looking at the films"))
    own = shown.own[torch.from_numpy(shown.is_plain)].double().cpu().numpy()
    groups = groups_by_head(
        [film.group for film in data.films], own / shown.size[1] * MM_PER_HEIGHT
    )
    data = replace(
        data,
        films=tuple(replace(f, group=g) for f, g in zip(data.films, groups, strict=True)),
    )
    rows, places = [], []
    for new, landmark in enumerate(data.landmarks):
        has_it = [bool(np.isfinite(film.points_px[new]).all()) for film in data.films]
        parts = folds_of([g for g, has in zip(groups, has_it, strict=True) if has], seed)
        folds = np.full(len(groups), -1)
        folds[has_it] = parts

        def tell(step: int, loss: float, seconds: float, landmark: str = landmark) -> None:
            note = f"learning {landmark}"
            on_progress(TrainingProgress(step, STEPS, loss, None, seconds, note))

        rows.append(learn_rows(network, shown, new, folds, seed, tell, should_stop))
        places.append(folds)
    lessons, looks = _judged(detector, data, rows, places, told("judging"))
    data = replace(data, films=tuple(look.labelled for look in looks))
    sizes = tuple((look.view.size, look.view.aspect) for look in looks)
    return _kept(detector, data, lessons, sizes)


def _fewer(data: DataSet, seed: int) -> DataSet:
    """Return at most MOST_FILMS of the films, whole groups, drawn alike in every run."""
    groups = sorted({film.group for film in data.films})
    np.random.default_rng(seed).shuffle(groups)
    chosen: list[LabelledFilm] = []
    for group in groups:
        films = [film for film in data.films if film.group == group]
        if len(chosen) + len(films) <= MOST_FILMS:
            chosen += films
    names = {film.path for film in chosen}
    return replace(data, films=tuple(film for film in data.films if film.path in names))


def _told(
    films: Sequence[LabelledFilm], what: str, on_progress: Tell, should_stop: ShouldStop
) -> Iterator[LabelledFilm]:
    started = time.monotonic()
    for i, film in enumerate(films):
        if should_stop():
            raise Stopped
        yield film
        left = (time.monotonic() - started) / (i + 1) * (len(films) - i - 1)
        on_progress(TrainingProgress(i + 1, len(films), 0.0, None, left, what))


def _judged(
    detector: Detector,
    data: DataSet,
    rows: Sequence[AddedLandmarks],
    folds: Sequence[NDArray[np.int64]],
    each: Callable[[Sequence[LabelledFilm]], Iterator[LabelledFilm]],
) -> tuple[tuple[Lesson, ...], tuple[PlainLook, ...]]:
    """Look at each film with the rows that did not learn from it, as the detector does."""
    network = detector.network
    for row in rows:
        network = with_added(network, row)
    counts = [row.count for row in rows]
    names = tuple(f"{i} of row {k}" for i, count in enumerate(counts) for k in range(count))
    info = replace(detector.info, landmarks=(*detector.info.landmarks, *names), calibration={})
    looking = Detector(network.half().float(), info, detector.device)  # as it will be saved
    first = np.cumsum([len(detector.info.landmarks), *counts])
    seen: list[list[tuple[Floats, ...]]] = [[] for _ in rows]
    looks = []
    for i, labelled in enumerate(each(data.films)):
        plain = plain_look(labelled, info.input_size)
        looks.append(plain)
        look, truth = looking.look(plain.view, plain.frame), plain.truth
        coarse = look.found.coarse[-1].xy[0].double().cpu().numpy()
        for new, films in enumerate(seen):
            part = folds[new][i]
            place = first[new] + (part if part >= 0 else counts[new] - 1)
            expected, refined = coarse[place] - truth[new], look.refined_xy[place] - truth[new]
            scale = np.array(plain.frame.scale)
            signs, spread = look.signs.values[place], look.signs.spread[place]
            films.append((expected / scale, refined / scale, signs, spread, refined))
    lessons = tuple(
        Lesson(
            landmark,
            rows[new].taken([counts[new] - 1]),
            *(np.stack(column) for column in zip(*seen[new], strict=True)),
        )
        for new, landmark in enumerate(data.landmarks)
    )
    return lessons, tuple(looks)


def _kept(detector: Detector, data: DataSet, lessons: Sequence[Lesson], sizes: Sizes) -> Lessons:
    """Put into the model what is better than its neighbours say."""
    network, info, taught = detector.network, detector.info, []
    others = len(info.landmarks)
    for lesson in lessons:
        one = _taught(lesson, data, others)
        taught.append(one)
        if one.is_learnt:
            network = with_added(network, lesson.row)
            info = _with_landmark(info, network, lesson, one)
    is_any = any(one.is_learnt for one in taught)
    shown = [i for i, one in enumerate(taught) if one.is_learnt or not is_any]
    before, after = (
        _evaluation(detector, data, sizes, shown, [getattr(lessons[i], name) for i in shown])
        for name in ("expected_px", "refined_px")
    )
    return Lessons(network, info, tuple(taught), before, after, data)


def _taught(lesson: Lesson, data: DataSet, others: int) -> Taught:
    name = lesson.landmark
    expected, found = (
        _errors(data, [errors]) for errors in (lesson.expected_px, lesson.refined_px)
    )
    unit = common_unit(found)
    change = radial(found, unit) - radial(expected, unit)
    rows = by_patient(change, [film.group for film in data.films])[:, 0]
    chance = chance_of_gain(rows[np.isfinite(rows)])
    after, before = accuracy(found, [name]), accuracy(expected, [name])
    films = int(np.isfinite(change).sum())
    figures = f"{after.mre:.1f} {unit}"
    is_learnt = after.mre < before.mre and chance < SIGNIFICANCE
    if is_learnt:
        sentence = (
            f"{name}: learnt from {films} films, {figures} where its neighbours alone give "
            f"{before.mre:.1f} {unit}; the other {others} points stay exactly where they were."
        )
    else:
        sentence = (
            f"{name} was not learnt from {films} films: {figures}, and its neighbours alone give "
            f"{before.mre:.1f} {unit}, which may be chance; place it on more films and try again."
        )
    return Taught(name, films, after.mre, before.mre, unit, after.sdr.get("2"), is_learnt, sentence)


def _with_landmark(
    info: ModelInfo, network: DualEncoder, lesson: Lesson, taught: Taught
) -> ModelInfo:
    name = lesson.landmark
    known = np.isfinite(lesson.errors).all(-1)
    calibration = with_doubt(
        info.calibration, name, lesson.signs[known], lesson.spread[known], lesson.errors[known]
    )
    figures = {f"taught.{name}.films": float(taught.films)}
    figures |= {f"taught.{name}.mre_{taught.unit}": round(taught.error, 4)}
    figures |= {f"taught.{name}.neighbours.mre_{taught.unit}": round(taught.expected, 4)}
    return replace(
        info,
        landmarks=(*info.landmarks, name),
        network=network.config.to_dict(),
        calibration=calibration,
        metrics={**info.metrics, **figures},
    )


def _errors(data: DataSet, columns: Sequence[Floats]) -> tuple[FilmError, ...]:
    stacked = np.stack(columns, axis=1)
    return tuple(
        FilmError(film.name, errors, np.ones(len(errors)), film.mm_per_px)
        for film, errors in zip(data.films, stacked, strict=True)
    )


def _evaluation(
    detector: Detector,
    data: DataSet,
    sizes: Sizes,
    which: Sequence[int],
    columns: Sequence[Floats],
) -> Evaluation:
    names = tuple(data.landmarks[i] for i in which)
    errors = _errors(data, columns)
    known = [i for i, error in enumerate(errors) if np.isfinite(error.error_px).any()]
    errors = tuple(errors[i] for i in known)
    figures = accuracy(errors, names)
    labelled = tuple(
        replace(data.films[i], points_px=data.films[i].points_px[list(which)]) for i in known
    )
    return Evaluation(
        figures, figures, errors, errors, 0.0, 1, detector.device.type,
        tuple(sizes[i] for i in known), names, labelled,
    )  # fmt: skip


def lesson_films(
    films: Sequence[LabelledFilm], landmarks: Sequence[str]
) -> tuple[DataSet, tuple[str, ...]]:
    """Return the films with those landmarks that enough patients show, and sentences on the rest.

    films: with points of all landmarks, in their order.
    """
    patients = [
        len({film.group for film in films if np.isfinite(film.points_px[i]).all()})
        for i in range(len(landmarks))
    ]
    enough = [i for i, count in enumerate(patients) if count >= MINIMUM_FILMS]
    few = tuple(
        f"{name} is placed on films of {count} patient{'s' if count > 1 else ''}: on "
        f"{MINIMUM_FILMS - count} more, and the model can learn it."
        for name, count in zip(landmarks, patients, strict=True)
        if 0 < count < MINIMUM_FILMS
    )
    kept = tuple(
        replace(film, points_px=film.points_px[enough])
        for film in films
        if np.isfinite(film.points_px[enough]).all(-1).any()
    )
    return DataSet(tuple(landmarks[i] for i in enough), kept), few


def with_lessons(candidate: Candidate | None, lessons: Lessons) -> Candidate:
    """Return a candidate with the landmarks that were learnt.

    lessons: of the candidate's own network where it is better than its parent, else of the parent,
    which is then what they are laid upon. None: there was nothing else to learn.
    """
    told = [one.sentence for one in lessons.taught]
    learnt = [one.sentence for one in lessons.learnt]
    settings = {
        "taught": [one.landmark for one in lessons.learnt],
        "taught_digest": lessons.data.digest,
    }
    count = len(lessons.info.landmarks)
    if candidate is None:
        return Candidate(
            lessons.network, lessons.info, lessons.before, lessons.after, lessons.data,
            bool(learnt), " ".join(learnt or told), np.zeros((count, 2)),
            {"way": "landmarks", **settings},
            " ".join(text for text in told if text not in learnt and learnt),
            is_cross_validated=True, taught=lessons.taught,
        )  # fmt: skip
    note = [candidate.note, *(text for text in told if text not in learnt)]
    if learnt and not candidate.is_better:
        note.insert(0, candidate.sentence)
        shift = np.zeros((count, 2))
        candidate = replace(
            candidate, after=candidate.before, is_better=True, sentence="", shift=shift
        )
    elif learnt:
        more = np.zeros((count - len(candidate.shift), 2))
        candidate = replace(candidate, shift=np.concatenate([candidate.shift, more]))
    if learnt:
        candidate = replace(candidate, network=lessons.network, info=lessons.info)
    return replace(
        candidate,
        sentence=" ".join(filter(None, [candidate.sentence, *learnt])),
        settings={**candidate.settings, **settings},
        note=" ".join(filter(None, note)),
        taught=lessons.taught,
    )

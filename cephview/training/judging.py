"""Whether a candidate is better than the model it comes from, on films it did not learn from."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from cephview.core.learning import MINIMUM_FILMS, Accuracy
from cephview.training import TrainingError
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation
from cephview.training.metrics import common_unit, radial

HOLD_OUT_SHARE = 0.25
# A candidate may be adopted only where its gain is this unlikely to be chance.
SIGNIFICANCE = 0.05
# And where it is worth a change of model at all: with many points, a gain that nobody would notice
# can be beyond chance. A share of the error before.
WORTH = 0.01
# A single landmark that becomes worse by more than this, and more surely than that, forbids it.
WORSE_MM = 0.1
WORSE_SIGNIFICANCE = 0.01
# Up to so many patients every flip of signs is counted, beyond it so many are drawn.
COUNTED_PATIENTS = 14
DRAWN_FLIPS = 20_000

Floats = NDArray[np.float64]


def group_count(data: DataSet) -> int:
    """Return the number of patients. Raises TrainingError where they are too few to learn from."""
    count = len({film.group for film in data.films})
    if count < MINIMUM_FILMS <= len(data.films):
        raise TrainingError(
            f"the {len(data.films)} corrected films are of {count} patient"
            f"{'' if count == 1 else 's'}, as their PatientID and their heads say, and of so few "
            "nothing can be learnt and judged; correct films of at least "
            f"{MINIMUM_FILMS} patients."
        )
    if count < MINIMUM_FILMS:
        raise TrainingError(
            f"{count} corrected films of different patients are too few to learn from and to "
            f"judge by; correct at least {MINIMUM_FILMS}."
        )
    return count


def hold_out(data: DataSet, seed: int) -> tuple[DataSet, DataSet]:
    """Split into films to learn from and films held out, whole groups, the same in every run.

    A group's place is decided by a digest of its name, so that a film held out once stays held out
    when films are added.
    """
    draw = {film.group: _share(film.group, seed) for film in data.films}
    order = sorted(draw, key=lambda group: draw[group])
    least = max(2, round(len(order) * HOLD_OUT_SHARE / 2))
    kept = set(order[:least]) | {group for group in order if draw[group] < HOLD_OUT_SHARE}
    kept = set(sorted(kept, key=lambda group: draw[group])[: max(1, len(order) - 3)])
    return (
        replace(data, films=tuple(f for f in data.films if f.group not in kept)),
        replace(data, films=tuple(f for f in data.films if f.group in kept)),
    )


def judge(
    before: Evaluation,
    after: Evaluation,
    *,
    groups: Sequence[str] = (),
    is_cross_validated: bool = False,
    candidates: int = 1,
    tested: Evaluation | None = None,
) -> tuple[bool, str]:
    """Say whether a candidate is better by more than chance, in a sentence.

    The refined errors of the same points are compared patient by patient, since the points of one
    film are right or wrong together. groups: the patient of each film, by default each its own.
    candidates: so many are judged, and the chance that one of them passes is kept what it was. A
    landmark that surely became worse forbids a candidate. tested: what is asked for chance in place
    of after, where after was chosen by what it shows.
    """
    unit = common_unit(before.refined_errors)
    change = radial(after.refined_errors, unit) - radial(before.refined_errors, unit)
    groups = groups or [str(i) for i in range(len(change))]
    asked = tested or after
    rows = by_patient(
        radial(asked.refined_errors, unit) - radial(before.refined_errors, unit), groups
    )
    means = np.array([row[np.isfinite(row)].mean() for row in rows if np.isfinite(row).any()])
    chance = chance_of_gain(means)
    gain = before.refined.mre - after.refined.mre
    films, points = before.refined.films, int(np.isfinite(change).sum())
    judged = f"on {films} held-out film{'s' if films > 1 else ''} ({points} points)"
    if is_cross_validated:
        judged = f"on {points} points of {films} films, each judged by what the others taught,"
    figures = (
        f"{judged} the mean error went from {_spoken(before.refined)} to {_spoken(after.refined)}"
    )
    worse = ""
    for i in worse_landmarks(before, after, groups):
        name = before.landmarks[i]
        old, new = before.refined.per_landmark[name], after.refined.per_landmark[name]
        worse = worse or f"{name} became worse, from {old:.2f} to {new:.2f} {unit}"
    is_worth_it = gain > WORTH * before.refined.mre
    if is_worth_it and chance < SIGNIFICANCE / candidates and not worse:
        return True, f"Better: {figures}, more than chance explains (p = {chance:.2g})."
    if not np.any(change[np.isfinite(change)] != 0):
        reason = "as no landmark is moved by all alike; the model in use stays"
    elif gain > 0 and worse:
        reason = f"but {worse}; the model in use stays"
    elif gain > 0 and not is_worth_it:
        reason = "too little to change the model for"
    elif gain > 0:
        reason = f"which may be chance (p = {chance:.2g}); correct more films and try again"
    else:
        reason = "so the model in use stays"
    return False, f"Not better: {figures}, {reason}."


def chance_of_gain(changes: Floats) -> float:
    """Return how likely chance alone makes the mean of paired changes as low: Fisher's test.

    Under chance the sign of each patient's change is as likely the other. All flips of signs are
    counted, or so many drawn that the answer repeats.
    """
    if not np.any(changes != 0):
        return 1.0
    if len(changes) <= COUNTED_PATIENTS:
        signs = np.array(list(product((1.0, -1.0), repeat=len(changes))))
    else:
        drawn = np.random.default_rng(0).integers(0, 2, (DRAWN_FLIPS, len(changes)))
        signs = np.concatenate([np.ones((1, len(changes))), drawn * 2.0 - 1.0])
    sums = signs @ changes
    return float((sums <= changes.sum() + 1e-12 * np.abs(changes).sum()).mean())


def by_patient(change: Floats, groups: Sequence[str]) -> Floats:
    """Return the mean change of each patient's landmarks, (patients, landmarks)."""
    rows = []
    for group in dict.fromkeys(groups):
        films = change[[g == group for g in groups]]
        known = np.isfinite(films)
        total = np.where(known, films, 0.0).sum(0)
        rows.append(np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan))
    return np.stack(rows)


def worse_landmarks(
    before: Evaluation, after: Evaluation, groups: Sequence[str]
) -> tuple[int, ...]:
    """Return the places of the landmarks that surely became worse; none without a scale."""
    unit = common_unit(before.refined_errors)
    if unit != "mm":
        return ()
    change = radial(after.refined_errors, unit) - radial(before.refined_errors, unit)
    worse = []
    for i, changes in enumerate(by_patient(change, groups).T):
        known = changes[np.isfinite(changes)]
        if len(known) and known.mean() > WORSE_MM and chance_of_gain(-known) < WORSE_SIGNIFICANCE:
            worse.append(i)
    return tuple(worse)


def _spoken(figures: Accuracy) -> str:
    return f"{figures.mre:.2f} {figures.unit}"


def _share(group: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64

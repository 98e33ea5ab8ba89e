"""Whether a candidate is better than the model it comes from, on films it did not learn from."""

import hashlib
from dataclasses import replace

import numpy as np
from scipy.stats import wilcoxon

from cephview.core.learning import MINIMUM_FILMS, Accuracy
from cephview.training import TrainingError
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation
from cephview.training.metrics import common_unit, radial

HOLD_OUT_SHARE = 0.25
# A candidate may be adopted only where its gain is this unlikely to be chance.
SIGNIFICANCE = 0.05


def group_count(data: DataSet) -> int:
    """Return the number of patients. Raises TrainingError where they are too few to learn from."""
    count = len({film.group for film in data.films})
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
    before: Evaluation, after: Evaluation, *, is_cross_validated: bool = False
) -> tuple[bool, str]:
    """Say whether a candidate is better by more than chance, in a sentence.

    The refined errors of the same points are compared by a one-sided Wilcoxon signed-rank test.
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
    points = int(known.sum())
    judged = f"on {films} held-out film{'s' if films > 1 else ''} ({points} points)"
    if is_cross_validated:
        judged = f"on {points} points of {films} films, each judged by what the others taught,"
    figures = (
        f"{judged} the mean error went from {_spoken(before.refined)} to {_spoken(after.refined)}"
    )
    if is_better:
        return True, f"Better: {figures}, more than chance explains (p = {chance:.2g})."
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

"""Study: what steps of the encoders add to a convention, from so many films that they are taken.

From 30 patients on a fine-tune holds a quarter of them out and takes steps on the rest. Here the
steps are taken as the program takes them, on the senior's labels (or, with device_shift.py, on
films of another device), and the taught network is measured on films that are neither learnt from
nor held out: without steps, with all of them, and with shares of the way from the weights before to
those after.

    python tests/studies/learning_steps.py --data isbi2015 --model p1 --only 151-300 \
        --leave-out 173,201,... --films 50 --test 80
"""

import argparse
import copy
import time
from dataclasses import replace

import numpy as np
from convention_shift import chosen, draw, labels, parser

from cephview.core.learning import TrainingProgress
from cephview.network.detector import Detector
from cephview.training.candidates import by_steps, compare, learn_convention
from cephview.training.convention import moves_of, shift_of, shifted, with_shift
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.finetune import steps_for
from cephview.training.judging import group_count, hold_out
from cephview.training.patients import with_one_head_in_one_group

SHARES = (0.25, 0.5, 0.75, 1.0)


def main() -> None:
    args = options(parser(__doc__)).parse_args()
    data = chosen(args)
    hand = labels(args.data / "landmarks_senior.csv", data)
    data = replace(
        data, films=tuple(replace(f, points_px=p) for f, p in zip(data.films, hand, strict=True))
    )
    for seed in range(args.draw, args.draw + args.seeds):
        taught, tested = draw(data, args.films, args.test, seed)
        take_steps(part(data, taught), part(data, tested), args, seed)


def take_steps(learning: DataSet, tested: DataSet, args: argparse.Namespace, seed: int) -> None:
    """Teach from some films, by steps, and print what others measure before and after."""
    detector = Detector.load(args.model, "cpu")
    before = evaluate(detector, tested)
    found = compare(detector, learning, lambda _: None, lambda: False)
    learning = with_one_head_in_one_group(learning, found, moves_of(detector, learning, found))
    moves = moves_of(detector, learning, found)
    held = {film.path for film in hold_out(learning, 0)[1].films}
    inside = [i for i, film in enumerate(learning.films) if film.path not in held]
    place = moves_of(detector, tested, before)
    alone = shifted(before, place, shift_of(moves.only(inside))[None], tested.landmarks)
    whole = learn_convention(found, moves, learning.landmarks)
    all_films = shifted(before, place, whole.shift[None], tested.landmarks)
    steps = args.steps or steps_for(group_count(learning))
    print(
        f"\ndraw {seed}: {len(learning.films)} films, {len(held)} of them held out, {steps} steps; "
        f"tested on {len(tested.films)} others",
        flush=True,
    )
    first = copy.deepcopy(detector.network.state_dict())
    started = time.monotonic()
    shown: list[float] = []

    def told(progress: TrainingProgress) -> None:
        if progress.holdout_mre not in shown[-1:]:
            shown.append(progress.holdout_mre)
            print(
                f"  before step {progress.step}: loss {progress.loss:.2f}, held out "
                f"{shown[-1]:.3f} mm",
                flush=True,
            )

    candidate = by_steps(detector, learning, found, moves, steps, 0, told, lambda: False)
    print(f"{time.monotonic() - started:.0f} s; the program says: {candidate.sentence}")
    print(f"it keeps the {candidate.settings['way']}; {candidate.note}")
    tell("before", before, before)
    tell("convention of the films not held out", alone, before)
    tell("convention of all", all_films, before)
    last = copy.deepcopy(detector.network.state_dict())
    info = with_shift(detector.info, shift_of(moves.only(inside)))
    for share in SHARES:
        mixed = {k: torch_mix(first[k], last[k], share) for k in last}
        detector.network.load_state_dict(mixed)
        after = evaluate(Detector(detector.network, info, detector.device), tested)
        tell(f"and steps, {share:g} of the way", after, before)
    table(before, alone, after)


def torch_mix(a, b, share):
    return a + (b - a) * share if a.is_floating_point() else b


def tell(name: str, now: Evaluation, before: Evaluation) -> None:
    change = [now.refined.per_landmark[i] - before.refined.per_landmark[i] for i in now.landmarks]
    worst = int(np.argmax(change))
    print(
        f"  {name:<40}{now.refined.mre:7.3f} mm {now.refined.sdr['2']:6.1f} % within 2 mm, coarse "
        f"{now.coarse.mre:.3f}; worst {now.landmarks[worst]} {change[worst]:+.2f}",
        flush=True,
    )


def table(before: Evaluation, alone: Evaluation, after: Evaluation) -> None:
    print("  landmark   before  convention   all steps")
    for name in before.landmarks:
        row = (found.refined.per_landmark[name] for found in (before, alone, after))
        print(f"  {name:<8}" + "".join(f"{value:11.2f}" for value in row), flush=True)


def part(data: DataSet, films: list[int]) -> DataSet:
    return replace(data, films=tuple(data.films[i] for i in films))


def options(known: argparse.ArgumentParser) -> argparse.ArgumentParser:
    known.add_argument("--films", type=int, default=50, help="films to teach from")
    known.add_argument("--draw", type=int, default=0, help="which draw of the films is the first")
    known.add_argument("--steps", type=int, help="as the program would if not given")
    return known


if __name__ == "__main__":
    main()

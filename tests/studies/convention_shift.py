"""Study: what a fine-tune makes of another hand, and whether it refuses what is none.

A model trained on the mean of two doctors is taught the senior's labels on N films and measured
against the senior on others, neither of which it was trained on; by cross-validation and the gate
of the program, as from its button, for several draws of the films. Then corrections that are no
convention. What the network sees on a film is looked up once and kept, so each fine-tune takes
seconds.

    python tests/studies/convention_shift.py --data isbi2015 --model p1 --only 151-300 \
        --leave-out 173,201,...
    python tests/studies/convention_shift.py --data isbi2015 --model models/isbi19-base \
        --split models/isbi19-base/split.json --counts 5,10,20 --test 20
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cephview.formats.truth import read_truth
from cephview.network.detector import Detector
from cephview.training import TrainingError
from cephview.training.candidates import learn_convention
from cephview.training.choosing import film_number, parse_numbers
from cephview.training.convention import Moves, moves_from, shifted
from cephview.training.dataset import DataSet, load_folder
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.metrics import FilmError, accuracy, radial
from cephview.training.plausible import check

NEXT_FILMS = 20


@dataclass(frozen=True)
class Seen:
    """What a model sees on the films of data: (films, landmarks, 2), px, and their sizes."""

    data: DataSet
    coarse: np.ndarray
    refined: np.ndarray
    sizes: tuple[tuple[tuple[int, int], float], ...]
    input_size: tuple[int, int]

    def against(self, truth: np.ndarray, films: list[int]) -> tuple[Evaluation, Moves]:
        """Return the evaluation and the moves of some films against points, (landmarks, 2) each."""

        of = [self.data.films[i] for i in films]

        def errors(points: np.ndarray) -> tuple[FilmError, ...]:
            return tuple(
                FilmError(film.name, points[i] - xy, np.ones(len(xy)), film.mm_per_px)
                for i, film, xy in zip(films, of, truth, strict=True)
            )

        coarse, refined = errors(self.coarse), errors(self.refined)
        labelled = tuple(
            replace(self.data.films[i], points_px=xy) for i, xy in zip(films, truth, strict=True)
        )
        found = Evaluation(
            accuracy(coarse, self.data.landmarks), accuracy(refined, self.data.landmarks),
            coarse, refined, 0.0, 1, "cpu", tuple(self.sizes[i] for i in films),
            self.data.landmarks, labelled,
        )  # fmt: skip
        groups = tuple(self.data.films[i].group for i in films)
        return found, moves_from(found, self.input_size, groups)


def main() -> None:
    args = parser(__doc__).parse_args()
    data = chosen(args)
    seen = look(args, data)
    senior = labels(args.data / "landmarks_senior.csv", data)
    print(f"{args.model.name}: {len(data.films)} films it was not trained on")
    for count in [int(n) for n in args.counts.split(",")]:
        if count + NEXT_FILMS <= len(data.films):
            convention_shift(seen, senior, count, args)
    if args.trials:
        no_harm(seen, senior, args.trials)


def convention_shift(seen: Seen, senior: np.ndarray, count: int, args: argparse.Namespace) -> None:
    """Teach the senior's hand from count films, in several draws, and print what comes of it."""
    mean = np.stack([film.points_px for film in seen.data.films])
    rows, changes, moved, befores = [], [], [], []
    for seed in range(args.seeds):
        taught, tested = draw(seen.data, count, args.test, seed)
        found, moves = seen.against(senior[taught], taught)
        is_better, _, shift = learn(found, moves, seen.data)
        before, after_moves = seen.against(senior[tested], tested)
        shift = shift if is_better else shift * 0
        after = shifted(before, after_moves, shift[None], seen.data.landmarks)
        own, _ = seen.against(mean[tested], tested)
        known = cross_validated_by_mean(before, after_moves, seen.data)
        old, new = before.refined, after.refined
        by_landmark = np.array(
            [new.per_landmark[i] - old.per_landmark[i] for i in new.per_landmark]
        )
        rows.append((
            old.mre, new.mre, old.sdr["2"], new.sdr["2"],
            (old.mre - new.mre) / (old.mre - own.refined.mre),
            (old.mre - new.mre) / (old.mre - known.refined.mre),
            by_landmark.max(), is_better, by_hand(before), by_hand(after), len(tested),
        ))  # fmt: skip
        befores.append([old.per_landmark[i] for i in old.per_landmark])
        changes.append(by_landmark)
        moved.append((shift != 0).any(-1))
    table = np.array(rows, dtype=float)
    print(
        f"\nN = {count}, {args.seeds} draws, tested on {table[0, -1]:.0f} others; mean (worst draw)"
    )
    print(f"  adopted               {table[:, 7].sum():.0f} of {len(table)}")
    print(f"  MRE mm                {table[:, 0].mean():.3f} -> {table[:, 1].mean():.3f}")
    print(f"  within 2 mm %         {table[:, 2].mean():.1f} -> {table[:, 3].mean():.1f}")
    print(
        "  excess gone %         "
        f"{100 * table[:, 4].mean():.0f} ({100 * table[:, 4].min():.0f}) of the error against the "
        "senior above that against the mean"
    )
    print(
        "                        "
        f"{100 * table[:, 5].mean():.0f} ({100 * table[:, 5].min():.0f}) of what knowing the shift "
        "from the other tested films would take away"
    )
    print(f"  worst landmark mm     {table[:, 6].mean():+.3f} ({table[:, 6].max():+.3f})")
    print(
        f"  to move by over 2 mm  {table[:, 8].mean():.1f} -> {table[:, 9].mean():.1f} "
        f"points a film of the next {NEXT_FILMS}"
    )
    if count in (10, 20):
        print("  landmark   before   after   worst draw   moved in draws")
        names = seen.data.landmarks
        for i, name in enumerate(names):
            first, change = np.mean(befores, 0)[i], np.array(changes)[:, i]
            print(
                f"  {name:<8}{first:9.2f}{first + change.mean():8.2f}{change.max():+11.2f}"
                f"{sum(m[i] for m in moved):12d}"
            )


def no_harm(seen: Seen, senior: np.ndarray, trials: int, count: int = 10) -> None:
    """Print how often corrections that are none are refused, and the sentences it says."""
    print(f"\nno harm: {trials} trials of {count} films each")
    for kind, spoil in KINDS.items():
        refused, sentences = 0, []
        for trial in range(trials):
            rng = np.random.default_rng([trial, 1])
            taught, _ = draw(seen.data, count, 0, trial)
            found, moves = seen.against(spoil(senior[taught].copy(), rng, seen.data), taught)
            is_better, sentence, _ = learn(found, moves, seen.data)
            refused += not is_better
            sentences.append(sentence)
            if is_better:
                print(f"    adopted in trial {trial}: {sentence}")
        print(f"  {kind:<40} refused {refused} of {trials}; as: {sentences[0][:150]}")


def anywhere(points: np.ndarray, rng: np.random.Generator, _: DataSet) -> np.ndarray:
    low, high = points.min((0, 1)), points.max((0, 1))
    return rng.uniform(low, high, points.shape)


def scattered(mm: float):
    def spoil(points: np.ndarray, rng: np.random.Generator, _: DataSet) -> np.ndarray:
        return points + rng.normal(0, mm / 0.1, points.shape)

    return spoil


def shifted_by_10(points: np.ndarray, rng: np.random.Generator, _: DataSet) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    return points + 100 * np.array([np.cos(angle), np.sin(angle)])


def mirrored(points: np.ndarray, _rng: np.random.Generator, _: DataSet) -> np.ndarray:
    return np.stack([1934 - points[..., 0], points[..., 1]], axis=-1)


def swapped(points: np.ndarray, rng: np.random.Generator, data: DataSet) -> np.ndarray:
    a, b = rng.choice(len(data.landmarks), 2, replace=False)
    points[:, [a, b]] = points[:, [b, a]]
    return points


KINDS = {
    "points anywhere on the head": anywhere,
    "points scattered by 10 mm": scattered(10),
    "points scattered by 5 mm": scattered(5),
    "all shifted by 10 mm, any direction": shifted_by_10,
    "mirrored": mirrored,
    "two landmarks swapped, any two": swapped,
}


def learn(found: Evaluation, moves: Moves, data: DataSet) -> tuple[bool, str, np.ndarray]:
    """Return whether the program would adopt what it learns, its sentence, and the shift."""
    nothing = np.zeros((len(data.landmarks), 2))
    try:
        check(found, moves)
    except TrainingError as error:
        return False, str(error), nothing
    learnt = learn_convention(found, moves, data.landmarks)
    return learnt.is_better, learnt.sentence, learnt.shift


def cross_validated_by_mean(found: Evaluation, moves: Moves, data: DataSet) -> Evaluation:
    """Return what films would measure under the plain mean shift of all the others of them."""
    total, films = moves.shares.sum(0), len(moves.shares)
    return shifted(found, moves, (total - moves.shares) / (films - 1), data.landmarks)


def by_hand(found: Evaluation) -> float:
    """Return how many points of a film lie over 2 mm from where the hand wants them."""
    return float((radial(found.refined_errors[:NEXT_FILMS], "mm") > 2).sum(1).mean())


def draw(data: DataSet, count: int, tested: int, seed: int) -> tuple[list[int], list[int]]:
    """Draw the films to test on and then those to teach, whole groups only."""
    groups: dict[str, list[int]] = {}
    for i, film in enumerate(data.films):
        groups.setdefault(film.group, []).append(i)
    order = sorted(groups)
    np.random.default_rng(seed).shuffle(order)
    films = [i for group in order for i in groups[group]]
    least = min(tested, len(films) - count)
    test = films[:least]
    inside = {data.films[i].group for i in test}
    rest = [i for i in films[least:] if data.films[i].group not in inside]
    return rest[:count], test


def labels(path: Path, data: DataSet) -> np.ndarray:
    table = read_truth(path)
    return np.array([[table.points[f.name][i] for i in data.landmarks] for f in data.films])


def look(args: argparse.Namespace, data: DataSet) -> Seen:
    """Return what the model sees, from the folder of what it saw before where that is there."""
    args.cache.mkdir(parents=True, exist_ok=True)
    detector = Detector.load(args.model, "cpu")
    kept = args.cache / f"seen-{detector.info.sha256[:16]}-{data.digest[:16]}.npz"
    if not kept.is_file():
        found = evaluate(detector, data, progress=lambda films: tqdm(films, unit="film"))
        truth = np.stack([film.points_px for film in data.films])
        np.savez(
            kept,
            coarse=truth + np.stack([e.error_px for e in found.coarse_errors]),
            refined=truth + np.stack([e.error_px for e in found.refined_errors]),
            sizes=json.dumps(found.films),
        )
    arrays = np.load(kept)
    sizes = tuple((tuple(size), aspect) for size, aspect in json.loads(str(arrays["sizes"])))
    return Seen(data, arrays["coarse"], arrays["refined"], sizes, detector.info.input_size)


def chosen(args: argparse.Namespace) -> DataSet:
    """Return the films with the mean of the doctors as their points."""
    data = load_folder(args.data, truth=args.data / "landmarks_mean.csv", mm_per_px=0.1)
    names = set()
    if args.split:
        split = json.loads(args.split.read_text(encoding="utf-8"))
        names |= {*split["validation"], *split["reserve"]}
    if args.only:
        numbers = parse_numbers(args.only)
        names |= {f.name for f in data.films if film_number(f.name) in numbers}
    if args.leave_out:
        numbers = parse_numbers(args.leave_out)
        names = {name for name in names if film_number(name) not in numbers}
    return data.only(names)


def parser(description: str) -> argparse.ArgumentParser:
    """Return what every study of what is learnt takes."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of ISBI 2015")
    parser.add_argument("--model", type=Path, default=Path("models/isbi19-base"))
    parser.add_argument("--split", type=Path, help="take the films this split keeps")
    parser.add_argument("--only", help="and these films, by number")
    parser.add_argument("--leave-out", help="but not these, by number")
    parser.add_argument("--counts", default="5,10,20,50,100")
    parser.add_argument(
        "--test", type=int, default=100, help="films to test on, if so many are left"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--cache", type=Path, default=Path("runs/seen"))
    return parser


if __name__ == "__main__":
    main()

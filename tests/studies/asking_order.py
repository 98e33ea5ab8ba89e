"""Study: which films should be corrected first?

A model trained on the mean of two doctors is taught the senior's labels on films chosen in an
order, and measured against the senior on a fixed part of the others. An order sees what the window
has of a film after a batch: the model's points and its doubt of each. What is learnt is the
convention alone, through the program's gate below 30 films; from there on the program holds films
out and takes steps, too (learning_steps.py).

--simulate draws the model's errors anew, from those on the films of --split, around the labels of
the other films of --only: for choosing an order without looking at the films it is measured on.

    python tests/studies/asking_order.py --data isbi2015 --model p1 --only 151-300 \
        --leave-out 173,201,... --draws 10
    python tests/studies/asking_order.py ... --only 1-150 --split p1/split.json --simulate

--whole asks for something else: the error left in the folder itself, where a corrected film has
none and the others have what the model, taught by those corrected, makes of them.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from convention_shift import chosen, labels, learn, parser
from teaching import aligned, excess_doubt, teaching_order
from tqdm import tqdm

from cephview.core.learning import PATIENTS_FOR_STEPS
from cephview.network.detector import Detector
from cephview.network.frame import Frame
from cephview.training.convention import Moves, moves_from, shift_of
from cephview.training.dataset import DataSet
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.metrics import FilmError, accuracy

COUNTS = (5, 10, 15, 20, 30, 50)
TESTED = 1 / 3

Order = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Asked:
    """What a model sees on films, px: points, and covariances as (xx, xy, yy)."""

    data: DataSet
    points: np.ndarray
    covariances: np.ndarray
    px_per_share: np.ndarray
    sizes: tuple[tuple[tuple[int, int], float], ...]
    input_size: tuple[int, int]

    def only(self, films: np.ndarray) -> "Asked":
        return replace(
            self,
            data=replace(self.data, films=tuple(self.data.films[i] for i in films)),
            points=self.points[films],
            covariances=self.covariances[films],
            px_per_share=self.px_per_share[films],
            sizes=tuple(self.sizes[i] for i in films),
        )

    @property
    def doubt(self) -> np.ndarray:
        return np.sqrt((self.covariances[..., 0] + self.covariances[..., 2]) / 2)

    def moves(self, hand: np.ndarray) -> Moves:
        groups = tuple(film.group for film in self.data.films)
        return Moves((hand - self.points) / self.px_per_share[:, None], self.px_per_share, groups)

    def against(self, hand: np.ndarray) -> tuple[Evaluation, Moves]:
        errors = tuple(
            FilmError(film.name, off, np.ones(len(off)), film.mm_per_px)
            for film, off in zip(self.data.films, self.points - hand, strict=True)
        )
        labelled = tuple(
            replace(film, points_px=xy) for film, xy in zip(self.data.films, hand, strict=True)
        )
        figures = accuracy(errors, self.data.landmarks)
        found = Evaluation(
            figures, figures, errors, errors, 0.0, 1, "cpu", self.sizes, self.data.landmarks,
            labelled,
        )  # fmt: skip
        return found, moves_from(found, self.input_size, tuple(f.group for f in self.data.films))


def random(points: np.ndarray, doubt: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(len(points))


def unsure(points: np.ndarray, doubt: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return np.argsort(-excess_doubt(doubt))


def by_worst_point(points: np.ndarray, doubt: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """As the list's order by uncertainty has them: by the least certain point of a film."""
    return np.argsort(-doubt.max(1))


def sure(points: np.ndarray, doubt: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return np.argsort(excess_doubt(doubt))


def typical(points: np.ndarray, doubt: np.ndarray, _: np.random.Generator) -> np.ndarray:
    shapes = aligned(points)
    return np.argsort(((shapes - shapes.mean(0)) ** 2).mean(1))


def spread(weight: float) -> Order:
    """Each film far from those before it, its distance times e^(weight x doubt)."""

    def order(points: np.ndarray, doubt: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.array(teaching_order(points, doubt, weight=weight))

    return order


ORDERS: dict[str, Order] = {
    "random": random,
    "least sure first": unsure,
    "least certain point first": by_worst_point,
    "surest first": sure,
    "most usual face first": typical,
    "spread": spread(0.0),
    "spread, times doubt^2": spread(2.0),
    "spread, over doubt^2": spread(-2.0),
    "spread, over doubt^4": spread(-4.0),
    "spread, over doubt^8": spread(-8.0),
}


def main() -> None:
    known = parser(__doc__)
    known.add_argument("--draws", type=int, default=10, help="draws of pool and tested films")
    known.add_argument("--orders", help="some of the orders, apart by |; random is always there")
    known.add_argument("--ungated", action="store_true", help="take every shift, without the gate")
    known.add_argument("--simulate", action="store_true")
    known.add_argument("--whole", action="store_true", help="the error left in all of the pool")
    args = known.parse_args()
    data = chosen(args)
    asked = look(args, data)
    senior = labels(args.data / "landmarks_senior.csv", data)
    simulate = None
    if args.simulate:
        kept = json.loads(args.split.read_text(encoding="utf-8"))["validation"]
        simulate = errors_drawn_anew(asked, kept)
    orders = {
        name: order
        for name, order in ORDERS.items()
        if not args.orders or name in ("random", *args.orders.split("|"))
    }
    errors: dict[str, list[list[float]]] = {name: [] for name in orders}
    before, is_ungated = [], args.simulate or args.ungated
    for draw in tqdm(range(args.draws), unit="draw"):
        rng = np.random.default_rng(draw)
        seen = asked if simulate is None else replace(asked, points=simulate(rng))
        drawn = rng.permutation(len(data.films))
        cut = round(TESTED * len(drawn))
        groups = {data.films[i].group for i in drawn[:cut]}
        pool = np.array([i for i in drawn[cut:] if data.films[i].group not in groups])
        tested, hand = seen.only(drawn[:cut]), senior[drawn[:cut]]
        before.append(
            left_in(seen, senior, pool, 0, 0.0) if args.whole else error_mm(tested, hand, 0.0)
        )
        for name, order in orders.items():
            part = seen.only(pool)
            # Points of films of one scale: px will do.
            chosen_first = pool[order(part.points, part.doubt, rng)]
            counts = [n for n in COUNTS if n <= len(pool)]
            shifts = [taught(seen, senior, chosen_first[:n], is_ungated) for n in counts]
            errors[name].append([
                left_in(seen, senior, chosen_first, n, shift)
                if args.whole
                else error_mm(tested, hand, shift)
                for n, shift in zip(counts, shifts, strict=True)
            ])  # fmt: skip
    report(args, len(data.films), before, errors)


def taught(seen: Asked, senior: np.ndarray, films: np.ndarray, is_ungated: bool) -> np.ndarray:
    """Return the shift that films teach; through the gate by which few films are judged."""
    part = seen.only(films)
    if is_ungated or len(films) >= PATIENTS_FOR_STEPS:
        return shift_of(part.moves(senior[films]))
    is_better, _, shift = learn(*part.against(senior[films]), part.data)
    return shift * is_better


def error_mm(seen: Asked, hand: np.ndarray, shift: np.ndarray | float) -> float:
    off = seen.points + shift * seen.px_per_share[:, None] - hand
    size = np.array([film.mm_per_px[0] for film in seen.data.films])
    return float((np.linalg.norm(off, axis=-1) * size[:, None]).mean())


def left_in(
    seen: Asked, senior: np.ndarray, films: np.ndarray, corrected: int, shift: np.ndarray | float
) -> float:
    """Return the mean error of all the films, mm, when the first of them are corrected."""
    rest = films[corrected:]
    return error_mm(seen.only(rest), senior[rest], shift) * len(rest) / len(films)


def report(
    args: argparse.Namespace, films: int, before: list[float], errors: dict[str, list[list[float]]]
) -> None:
    print(
        f"{args.model.name}, {films} films, {'two thirds' if args.whole else 'a third'} of them "
        f"{'to be put right' if args.whole else 'tested on'}, {args.draws} draws"
        f"{', errors drawn anew' if args.simulate else ''}; before {np.mean(before):.3f} mm\n"
        "mm after N films (beside: against random, its standard error over the draws)"
    )
    base = np.array(errors["random"])
    shown = COUNTS[: base.shape[1]]
    print(f"{'order':<24}" + "".join(f"{'N = ' + str(n):>18}" for n in shown))
    for name, rows in errors.items():
        table = np.array(rows)
        apart = table - base
        cells = [
            f"{now:.3f} {off:+.3f} ({wide:.3f})"
            for now, off, wide in zip(
                table.mean(0), apart.mean(0), apart.std(0) / np.sqrt(len(table)), strict=True
            )
        ]
        print(f"{name:<24}" + "".join(f"{cell:>22}" for cell in cells))
    print("films needed for what so many random ones reach, in the mean:")
    for name, rows in errors.items():
        mean = np.minimum.accumulate(np.array(rows).mean(0))
        needs = [
            f"{np.interp(-goal, -mean, shown):.0f}" if mean[-1] <= goal <= mean[0]
            else ("<5" if goal > mean[0] else ">")
            for goal in np.minimum.accumulate(base.mean(0))
        ]  # fmt: skip
        print(f"{name:<24}" + "".join(f"{need:>8}" for need in needs))


def errors_drawn_anew(asked: Asked, kept: list[str]) -> Callable[[np.random.Generator], np.ndarray]:
    """Return what draws points: labels with the errors of the kept films, by each point's doubt."""
    truth = np.stack([film.points_px for film in asked.data.films])
    c = asked.covariances
    roots = np.linalg.cholesky(np.stack([c[..., :2], c[..., 1:]], axis=-2))
    whole = np.linalg.solve(roots, (asked.points - truth)[..., None])[..., 0]
    white = whole[[i for i, film in enumerate(asked.data.films) if film.name in kept]]

    def draw(rng: np.random.Generator) -> np.ndarray:
        drawn = white[rng.integers(len(white), size=len(truth))]
        return truth + (roots @ drawn[..., None])[..., 0]

    return draw


def look(args: argparse.Namespace, data: DataSet) -> Asked:
    """Return what the model sees, from the folder of what it saw before where that is there."""
    args.cache.mkdir(parents=True, exist_ok=True)
    detector = Detector.load(args.model, "cpu")
    kept = args.cache / f"asked-{detector.info.sha256[:16]}-{data.digest[:16]}.npz"
    if not kept.is_file():
        found = evaluate(detector, data, progress=lambda films: tqdm(films, unit="film"))
        points = [[p.refined_px for p in one.points] for one in found.detections]
        doubts = [[p.refined_covariance for p in one.points] for one in found.detections]
        np.savez(
            kept,
            points=points,
            covariances=[[(c.xx, c.xy, c.yy) for c in row] for row in doubts],
            sizes=json.dumps(found.films),
        )
    arrays = np.load(kept)
    sizes = tuple((tuple(size), aspect) for size, aspect in json.loads(str(arrays["sizes"])))
    size = detector.info.input_size
    frames = [Frame.fit(film, size, aspect=aspect) for film, aspect in sizes]
    px_per_share = np.array([size[1] / np.array(frame.scale) for frame in frames])
    return Asked(data, arrays["points"], arrays["covariances"], px_per_share, sizes, size)


if __name__ == "__main__":
    main()

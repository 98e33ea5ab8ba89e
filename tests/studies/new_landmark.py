"""Study: what a model makes of a landmark that it was never taught, from a few films of it.

A model trained without a landmark (cephview train --hold-back) is taught it from N films and
measured on others, neither of which it was trained on; several draws of the films. What the network
sees on a film is looked up once, so that each lesson takes what it takes in the program, less that.

    python tests/studies/new_landmark.py --data isbi2015 --model h1 --landmark "Pog'" \
        --only 151-300 --leave-out 173,201,...
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from convention_shift import chosen, draw
from torch import Tensor

from cephview.formats import open_film
from cephview.network.added import AddedLandmarks
from cephview.network.attention import Said
from cephview.network.detector import Detector
from cephview.network.finetune_encoder import FineMap
from cephview.network.frame import normalised
from cephview.network.model import DualEncoder, Points, with_added
from cephview.network.reference_encoder import STRIDE, CoarseMap
from cephview.network.uncertainty import Ellipses, Signs, signs_of
from cephview.training.calibration import mahalanobis
from cephview.training.dataset import DataSet, LabelledFilm
from cephview.training.evaluate import with_bar
from cephview.training.judging import SIGNIFICANCE, chance_of_gain
from cephview.training.rows import folds_of, learn_rows
from cephview.training.shown import Shown, plain_look, show, variations
from cephview.training.taught_doubt import with_doubt

# The 95 % radius in two dimensions.
RADIUS = 2.4477
# Films on which the other points are looked at before and after.
STILL = 10


@dataclass(frozen=True)
class Plain:
    """A film as the detector sees it, without the points. scale: of the input, px per mm."""

    cells: Tensor
    said: list[Said]
    own: Tensor
    truth: np.ndarray
    scale: float


@dataclass(frozen=True)
class Found:
    """Errors, (films, 2), input px, expected by the neighbours and refined, and what they show."""

    expected: np.ndarray
    refined: np.ndarray
    signs: list[Signs]


def main() -> None:
    args = arguments()
    data = chosen(args)
    new = DataSet(
        (args.landmark,),
        tuple(
            replace(f, points_px=f.points_px[[data.landmarks.index(args.landmark)]])
            for f in data.films
        ),
    )
    detector = Detector.load(args.model, "cpu")
    detector.network.requires_grad_(False)
    print(f"{args.model.name}: {len(data.films)} films it was not trained on, {args.landmark}")
    plans = [tuple(int(n) for n in plan.split(":")) for plan in args.counts]
    taught = sorted(
        {i for n, draws in plans for seed in range(draws) for i in draw(new, n, args.test, seed)[0]}
    )
    started = time.process_time()
    only = replace(new, films=tuple(new.films[i] for i in taught))
    shown = show(detector, only, 0, with_bar, args.variations)
    each = (time.process_time() - started) / len(shown.film)
    plain = [see(detector, film) for film in with_bar(new.films)]
    print(f"showing a picture: {each:.2f} s of a processor")
    shown = replace(shown, film=np.array(taught)[shown.film])
    for count, draws in plans:
        lesson(detector, new, shown, plain, count, draws, args, each)


def lesson(
    detector: Detector,
    data: DataSet,
    shown: Shown,
    plain: list[Plain],
    count: int,
    draws: int,
    args: argparse.Namespace,
    each: float,
) -> None:
    """Teach from count films in several draws, and print what comes of it."""
    network, table = detector.network, []
    for seed in range(draws):
        taught, tested = draw(data, count, args.test, seed)
        groups = [data.films[i].group for i in taught]
        parts = folds_of(groups, seed)
        pictures = np.isin(shown.film, taught)
        place = {film: i for i, film in enumerate(taught)}
        some = Shown(
            shown.cells[pictures], shown.first[pictures], shown.queries[:, pictures],
            shown.places[:, pictures], shown.own[pictures], shown.truth[pictures],
            np.array([place[f] for f in shown.film[pictures]]), shown.is_plain[pictures],
            shown.size,
        )  # fmt: skip
        started = time.process_time()
        rows = learn_rows(network, some, 0, parts, seed)
        seconds = time.process_time() - started
        last = rows.count - 1
        kept = half(rows.taken([last]), network)
        judged = found(network, half(rows, network), [plain[i] for i in taught], parts)
        after = found(network, kept, [plain[i] for i in tested], np.zeros(len(tested), int))
        info = with_doubt(
            detector.info.calibration, args.landmark, np.stack([s.values[0] for s in judged.signs]),
            np.stack([s.spread[0] for s in judged.signs]), judged.refined,
        )  # fmt: skip
        mm = np.array([plain[i].scale for i in tested])
        by_itself = np.array([plain[i].scale for i in taught])
        told = length(judged.refined) / by_itself
        guessed = length(judged.expected) / by_itself
        old, new = length(after.expected) / mm, length(after.refined) / mm
        table.append((
            old.mean(), new.mean(), 100 * (old <= 2).mean(), 100 * (new <= 2).mean(),
            told.mean(), inside(detector, info, args.landmark, after),
            chance_of_gain(told - guessed) < SIGNIFICANCE and told.mean() < guessed.mean(),
            seconds + each * count * (1 + variations(count)), len(tested), np.quantile(new, 0.95),
        ))  # fmt: skip
    still = moved_px(detector, kept, [data.films[i] for i in tested[:STILL]])
    rows_ = np.array(table, dtype=float)
    mean, best, worst = rows_.mean(0), rows_.min(0), rows_.max(0)
    print(f"\nN = {count}, {draws} draws, tested on {mean[8]:.0f} others; mean (worst draw)")
    print(f"  learnt                 {rows_[:, 6].sum():.0f} of {draws}")
    print(f"  its neighbours say, mm {mean[0]:.2f} ({worst[0]:.2f}), <= 2 mm {mean[2]:.1f} %")
    print(
        f"  found, mm              {mean[1]:.2f} ({worst[1]:.2f}), "
        f"<= 2 mm {mean[3]:.1f} % ({best[3]:.1f}), 95 % within {mean[9]:.1f} mm"
    )
    print(f"  told beforehand, mm    {mean[4]:.2f} (cross-validated on the N)")
    print(f"  inside 95 % ellipse    {mean[5]:.1f} % ({best[5]:.1f})")
    print(f"  the other points moved {still} px at most, on {STILL} films, two passes")
    print(f"  processor, s           {mean[7]:.0f} (one thread, all of it)", flush=True)


def half(added: AddedLandmarks, network: DualEncoder) -> AddedLandmarks:
    """Return added landmarks as they are saved."""
    made = with_added(network, added).half().float().added
    assert made is not None
    return made.requires_grad_(False)


def inside(detector: Detector, calibration: dict, landmark: str, after: Found) -> float:
    """Return the share of points within their 95 % ellipse, in per cent; NaN without ellipses."""
    if "ellipses" not in calibration:
        return float("nan")
    own = Ellipses.from_table(calibration["ellipses"], (landmark,))
    covariances = np.stack([own.covariances(signs)[0] for signs in after.signs])
    return float(100 * (mahalanobis(after.refined, covariances) <= RADIUS).mean())


@torch.inference_mode()
def see(detector: Detector, film: LabelledFilm) -> Plain:
    look = plain_look(film, detector.info.input_size)
    picture = normalised(look.frame.picture(look.view.pixels))[None, None]
    seen = detector.network.see(picture.contiguous(memory_format=torch.channels_last))
    mm_per_px = film.mm_per_px[0]
    return Plain(
        seen.fine_map.cells.half(), seen.fine_said, seen.points.refined[-1].xy, look.truth,
        look.frame.scale[0] / mm_per_px,
    )  # fmt: skip


@torch.inference_mode()
def found(
    network: DualEncoder, rows: AddedLandmarks, films: list[Plain], parts: np.ndarray
) -> Found:
    """Look at each film with the row of its part."""
    expected, refined, signs = [], [], []
    for film, part in zip(films, parts, strict=True):
        row = rows.taken([int(part)])
        _, height, width, _ = film.cells.shape
        size = (width * 4, height * 4)
        first = torch.zeros(1, 2, dtype=torch.long)
        fine = FineMap(film.cells.float(), first, 2.0 * max(size))
        blank = torch.zeros(1, size[0] * size[1] // STRIDE**2, network.config.width)
        coarse = row.coarse(CoarseMap.of(blank, size), film.own)
        readings = row.fine(network.finetune, fine, film.said, coarse.xy)
        expected.append(coarse.xy[0, 0].double().numpy() - film.truth[0])
        refined.append(readings[-1].xy[0, 0].double().numpy() - film.truth[0])
        signs.append(signs_of(Points([coarse], readings, []))[0])
    return Found(np.stack(expected), np.stack(refined), signs)


def length(errors: np.ndarray) -> np.ndarray:
    return np.hypot(errors[:, 0], errors[:, 1])


def moved_px(detector: Detector, added: AddedLandmarks, films: Sequence[LabelledFilm]) -> float:
    """Return by how much the other points lie elsewhere once a landmark is added, at most."""
    info = replace(detector.info, landmarks=(*detector.info.landmarks, "new"), calibration={})
    plain = Detector(detector.network, replace(detector.info, calibration={}), detector.device)
    more = Detector(with_added(detector.network, added), info, detector.device)
    most = 0.0
    for labelled in films:
        film = open_film(labelled.path)
        before, after = plain.detect(film, 2), more.detect(film, 2)
        for a, b in zip(before.points, after.points[: len(before.points)], strict=True):
            pairs = ((a.coarse_px, b.coarse_px), (a.refined_px, b.refined_px))
            most = max([most, *(abs(p - q) for c, d in pairs for p, q in zip(c, d, strict=True))])
    return most


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of ISBI 2015")
    parser.add_argument("--model", type=Path, required=True, help="trained without the landmark")
    parser.add_argument("--landmark", default="Pog'")
    parser.add_argument("--split", type=Path, help="take the films this split keeps")
    parser.add_argument("--only", help="and these films, by number")
    parser.add_argument("--leave-out", help="but not these, by number")
    parser.add_argument("--counts", nargs="+", default=["10:2", "20:2", "50:1"], help="N:draws")
    parser.add_argument("--test", type=int, default=100, help="films to test on")
    parser.add_argument("--variations", type=int, default=5, help="of each film, for every N")
    return parser.parse_args()


if __name__ == "__main__":
    main()

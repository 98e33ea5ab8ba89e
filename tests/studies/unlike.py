"""Study: is the user warned of films unlike those a model was trained on, and told to turn them?

Every film of a fold is shown as it is, lying and exposed in each other way, blurred, cut and joined
to its mirror image; and pictures that are no cephalograms at all. For each kind: how many are
called unlike, for how many the right turn is offered, how far off the points are, and how many
films with a mean error above 4 mm went without a warning.

    python tests/studies/unlike.py --films path/to/isbi2015 [--model MODEL]
"""

import sys
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import strange_pictures as pictures
from spoilt import WRONG_MM, Bench, parser, radial_mm, share

from cephview.core.detection import Detection, Turn
from cephview.network.frame import View, turned
from cephview.network.likeness import TURNS


@dataclass
class Kind:
    shown: int = 0
    warned: int = 0
    offered_right: int = 0
    offered_other: int = 0
    silent: int = 0
    errors: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, found: Detection, error_mm: float, right: Turn | None) -> None:
        assert found.likeness is not None
        self.shown += 1
        self.warned += found.likeness.is_unlike
        self.scores.append(found.likeness.score)
        if found.likeness.is_unlike:
            self.reasons[found.likeness.reason] += 1
        better = found.likeness.better
        self.offered_right += better is not None and better == right
        self.offered_other += better is not None and better != right
        if np.isfinite(error_mm):
            self.errors.append(error_mm)
            self.silent += error_mm > WRONG_MM and not found.likeness.is_unlike

    def line(self, name: str) -> str:
        error = f"{np.mean(self.errors):7.2f}" if self.errors else f"{'-':>7}"
        return (
            f"{name:<38}{self.shown:>6}  {share(self.warned, self.shown):<20}"
            f"{self.offered_right:>8}{self.offered_other:>8}{np.median(self.scores):>8.2f}"
            f"{min(self.scores):>8.2f}{error}{self.silent:>8}"
        )


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("--drawn", type=int, default=10, help="pictures of each drawn kind")
    args = arguments.parse_args()
    bench = Bench(args)
    print(
        f"{'kind':<38}{'shown':>6}  {'warned (95 %)':<20}{'turn':>8}{'other':>8}"
        f"{'score':>8}{'least':>8}{'MRE mm':>7}{'silent':>8}"
    )
    kinds: dict[str, Kind] = {}

    def put(name: str, pixels: np.ndarray, points: np.ndarray, mm: float, right: Turn) -> None:
        found = bench.show(pixels)
        errors = radial_mm(found, points, mm)
        error = float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")
        kinds.setdefault(name, Kind()).add(found, error, right or None)

    for pixels, points, mm in bench:
        for name, seen, truth, right in of_a_film(pixels, points, mm):
            put(name, seen, truth, mm, right)
    nowhere = np.full(points.shape, np.nan)
    for name, draws in pictures.strange(np.random.default_rng(0), args.drawn).items():
        for seen in draws():
            put(name, seen, nowhere, mm, Turn())
    for name, kind in kinds.items():
        print(kind.line(name))
    print()
    for name, kind in kinds.items():
        reasons = ", ".join(f"{reason} ({n})" for reason, n in kind.reasons.most_common())
        print(f"{name}: {reasons or 'no warning'}")
    plain = kinds["as it is"]
    print(f"\nfalse alarms: {plain.warned} of {plain.shown}, {share(plain.warned, plain.shown)}")
    print(f"turns offered for films that lie right: {plain.offered_right + plain.offered_other}")
    turns = [kind for name, kind in kinds.items() if name in TURN_NAMES]
    shown, right = sum(k.shown for k in turns), sum(k.offered_right for k in turns)
    print(f"turns recognised: {right} of {shown}, {share(right, shown)}")
    print(f"silent failures: {sum(kind.silent for kind in kinds.values())}")
    return 0


def turn_name(turn: Turn) -> str:
    lies = ("", "a quarter left", "upside down", "a quarter right")[turn.quarters]
    words = ["mirrored" if turn.mirrored else "", lies, "negative" if turn.negative else ""]
    return ", ".join(word for word in words if word)


TURN_NAMES = {turn_name(turn): turn for turn in TURNS if turn}


def of_a_film(pixels, points, mm):
    """Yield (kind, pixels, points, the turn that would put it right) of a film."""
    yield "as it is", pixels, points, Turn()
    for name, right in TURN_NAMES.items():
        lying, truth = made_to_need(pixels, points, right)
        yield name, lying, truth, right
    for sigma in (2.0, 4.0):
        yield f"blurred, sigma {sigma:g} mm", pictures.blurred(pixels, sigma, mm), points, Turn()
    for name, edges in {
        "without its face half": (0, 0, 0.5, 0),
        "without its back half": (0.5, 0, 0, 0),
        "without its upper half": (0, 0.5, 0, 0),
        "without its lower half": (0, 0, 0, 0.5),
    }.items():
        yield name, *pictures.share_cut(pixels, points, *edges), Turn()
    both = pictures.symmetrised(pixels, points)
    yield "joined to its mirror image", both, np.full(points.shape, np.nan), Turn()


def made_to_need(pixels, points, right):
    """Return a film that lies so that a turn puts it right, and its points."""
    # A mirror image turned is its own opposite; a turn alone is undone by turning back.
    quarters = right.quarters if right.mirrored else -right.quarters % 4
    lie = Turn(right.negative, right.mirrored, quarters)
    view = View(turned(pixels, lie), 1.0, lie)
    return view.pixels, view.from_film(points)


if __name__ == "__main__":
    sys.exit(main())

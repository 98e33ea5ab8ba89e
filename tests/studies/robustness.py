"""Study: how far off are the points of films that lie, are exposed or are kept otherwise?

Every film of a fold is shown in each way. For each way: the mean radial error, the share of points
within 2 mm and within their 95 % ellipse, the mean score of likeness, the share of films called
unlike, the share whose mean error is above 4 mm, and how many of those went without a warning.
Points that are cut off the picture are left out of the errors; the last two columns count the films
that lack a point, and those of them without a warning.

    python tests/studies/robustness.py --films path/to/isbi2015 [--model MODEL]
"""

import sys
from collections.abc import Callable

import numpy as np
import strange_pictures as pictures
from spoilt import WRONG_MM, Bench, parser, radial_mm

Way = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray, float]]


def ways() -> dict[str, Way]:
    """Return, by name, what makes of (pixels, points, mm a pixel) the same of another film."""

    def grey(change) -> Way:
        return lambda pixels, points, mm: (change(pixels), points, mm)

    def moved(change) -> Way:
        return lambda pixels, points, mm: (*change(pixels, points), mm)

    found: dict[str, Way] = {"as it is": grey(lambda p: p)}
    for degrees in (-20, -10, -5, 5, 10, 20):
        found[f"rotated {degrees:+d} degrees"] = moved(
            lambda p, q, d=degrees: pictures.rotated(p, q, d)
        )
    for factor in (0.5, 0.7, 1.4, 2.0):
        found[f"resampled, {factor:g} x"] = lambda p, q, mm, f=factor: (
            *pictures.resampled(p, q, f),
            mm / f,
        )
    for factor in (0.5, 0.7, 0.85, 1.15, 1.4, 2.0):
        # A larger head is cut out; a smaller one has fewer pixels a millimetre.
        found[f"head {factor:g} x in the frame"] = lambda p, q, mm, f=factor: (
            *pictures.framed(p, q, f),
            mm / min(f, 1.0),
        )
    for exponent in (0.5, 0.7, 1.5, 2.0):
        found[f"gamma {exponent:g}"] = grey(lambda p, e=exponent: pictures.gamma(p, e))
    for level in (0.02, 0.05, 0.1, 0.2):
        found[f"noise {100 * level:g} %"] = grey(lambda p, n=level: pictures.noisy(p, n))
    found["JPEG, quality 30"] = grey(lambda p: pictures.jpeg(p, 30))
    for bits in (16, 12, 6):
        found[f"{bits} bits"] = grey(lambda p, b=bits: pictures.depth(p, b))
    for name, edges in {
        "vault cut, 15 %": (0, 0.15, 0, 0),
        "vault cut, 30 %": (0, 0.3, 0, 0),
        "neck cut, 15 %": (0, 0, 0, 0.15),
        "neck cut, 25 %": (0, 0, 0, 0.25),
        "back cut, 25 %": (0.25, 0, 0, 0),
        "face cut, 25 %": (0, 0, 0.25, 0),
    }.items():
        found[name] = moved(lambda p, q, e=edges: pictures.share_cut(p, q, *e))
    found["black border, 1/3"] = moved(lambda p, q: pictures.bordered(p, q, 1 / 3))
    for sigma in (0.5, 1.0, 2.0, 4.0):
        found[f"blurred, sigma {sigma:g} mm"] = lambda p, q, mm, s=sigma: (
            pictures.blurred(p, s, mm),
            q,
            mm,
        )
    return found


def main() -> int:
    args = parser(__doc__.splitlines()[0]).parse_args()
    bench = Bench(args)
    rows: dict[str, list[tuple[np.ndarray, np.ndarray, float, bool]]] = {}
    for pixels, points, mm in bench:
        for name, way in ways().items():
            seen, truth, mm_per_px = way(pixels, points, mm)
            found = bench.show(seen)
            errors = radial_mm(found, truth, mm_per_px)
            off = np.array([p.refined_px for p in found.points]) - truth
            inside = np.array(
                [
                    p.refined_covariance.distance(*e) <= 2.4477
                    for p, e in zip(found.points, np.nan_to_num(off), strict=True)
                ]
            )
            rows.setdefault(name, []).append(
                (errors, inside, found.likeness.score, found.likeness.is_unlike)
            )
    print(
        f"{'way':<26}{'points':>7}{'MRE mm':>8}{'2 mm %':>8}{'ellipse %':>11}{'score':>7}"
        f"{'warned %':>10}{'wrong %':>9}{'silent':>8}{'cut':>6}{'silent':>8}"
    )
    silent_total = 0
    for name, films in rows.items():
        errors = np.stack([row[0] for row in films])
        known = np.isfinite(errors)
        mean = np.array(
            [np.nanmean(e) if k.any() else 0 for e, k in zip(errors, known, strict=True)]
        )
        warned = np.array([row[3] for row in films])
        wrong = mean > WRONG_MM
        silent = int((wrong & ~warned).sum())
        silent_total += silent
        is_cut = ~known.all(axis=1)
        inside = np.stack([row[1] for row in films])[known]
        print(
            f"{name:<26}{known.sum():>7}{errors[known].mean():>8.2f}"
            f"{100 * (errors[known] <= 2).mean():>8.1f}{100 * inside.mean():>11.1f}"
            f"{np.mean([row[2] for row in films]):>7.2f}{100 * warned.mean():>10.1f}"
            f"{100 * wrong.mean():>9.1f}{silent:>8}{is_cut.sum():>6}{(is_cut & ~warned).sum():>8}",
            flush=True,
        )
    print(f"\nsilent failures (mean error above {WRONG_MM:g} mm, no warning): {silent_total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

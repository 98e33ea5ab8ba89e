"""Study: by how much two models differ on the same films, paired by films.

cephview evaluate ... --model a --json a.json
cephview evaluate ... --model b --json b.json
python tests/studies/apart.py a.json b.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
from ablation import paired_interval


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("before", type=Path, help="what `cephview evaluate --json` wrote")
    known.add_argument("after", type=Path, help="the same of the other model")
    args = known.parse_args()
    films, before = errors(args.before)
    others, after = errors(args.after)
    if films != others:
        raise SystemExit(f"{args.before} and {args.after} are not of the same films.")
    print(f"{len(films)} films, refined; after less before, 95 % interval")
    for name, value, digits in (("MRE, mm", lambda e: e, 3), ("within 2 mm, %", share, 1)):
        apart = np.nanmean(value(after) - value(before), axis=1)
        low, high = paired_interval(apart)
        print(f"{name:<15}{apart.mean():+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})")


def share(errors_mm: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(errors_mm), np.nan, 100.0 * (errors_mm <= 2))


def errors(path: Path) -> tuple[list[str], np.ndarray]:
    """Return the films and the refined errors, (films, landmarks), mm, of a report."""
    rows = {film["film"]: film["points"] for film in json.loads(path.read_text())["films"]}
    found = [[point["refined"]["radial_error"] for point in rows[film]] for film in sorted(rows)]
    return sorted(rows), np.array(found, dtype=float)


if __name__ == "__main__":
    main()

"""Study: how far the two doctors of ISBI 2015 agree, as the program itself tells it.

The senior doctor's points and the junior's (twice the mean less the senior) become two readings of
a temporary workspace; what is printed is what `cephview agreement` prints of it.

    python tests/studies/two_readers.py path/to/isbi2015
"""

import argparse
import csv
import hashlib
import tempfile
from pathlib import Path

import numpy as np

from cephview import places
from cephview.commands import agreement
from cephview.core.film import Film
from cephview.core.reading import Start
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.store import Workspace

WIDTH, HEIGHT, MM_PER_PX = 1935, 2400, 0.1
JUNIOR = "junior"
_AT = "2015-01-01T00:00:00+00:00"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of the ISBI 2015 films")
    parser.add_argument("--out", type=Path, help="table to write, as CSV")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as folder:
        fill(Path(folder), args.data)
        chosen = argparse.Namespace(workspace=folder, first=None, second=None, out=args.out)
        return agreement.run(chosen)


def fill(folder: Path, data: Path) -> int:
    """Put both doctors' points of all films into a workspace; return how many films."""
    mean, senior = (_points(data / f"landmarks_{name}.csv") for name in ("mean", "senior"))
    landmarks = places.load_landmark_set("isbi19")
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    pixels = np.broadcast_to(np.uint8(0), (HEIGHT, WIDTH))
    size = PixelSize(MM_PER_PX, MM_PER_PX, Provenance.RULER)
    with Workspace.open(folder, author="senior") as workspace:
        reading = workspace.begin_reading(JUNIOR, Start.NOTHING)
        for name, points in senior.items():
            sha256 = hashlib.sha256(name.encode()).hexdigest()
            workspace.remember_film(Film(pixels, sha256, name, size), data / "images" / name)
            theirs = {i: 2 * mean[name][i] - xy for i, xy in points.items()}
            for who, number, places_px in (("senior", 0, points), (JUNIOR, reading.number, theirs)):
                tracing = empty
                for landmark, (x, y) in places_px.items():
                    tracing = tracing.moved(landmark, (float(x), float(y)), by=who, at=_AT)
                tracing = tracing.confirm_all(by=who, at=_AT)
                workspace.append_commit(sha256, tracing, number)
    return len(senior)


def _points(table: Path) -> dict[str, dict[str, np.ndarray]]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = [name.removesuffix("_x") for name in rows[0] if name.endswith("_x")]
    return {
        row["image"]: {i: np.array([float(row[f"{i}_x"]), float(row[f"{i}_y"])]) for i in ids}
        for row in rows
    }


if __name__ == "__main__":
    raise SystemExit(main())

"""Study: how long a commit takes, and a workspace of many films to open; what it weighs on disk.

    python tests/studies/workspace.py [--films 5000] [--steps 100] [--commits 2000] [--folder DIR]

Fills a workspace with so many films of so many steps each (one detection, then points moved by
hand), and measures on it: commits one by one, each on disk when it returns; opening until the list
of films is read; a film's history, which is what the window shows; a backup while commits go on;
and the recovery of the file with its last page torn. Wall time and, in brackets, processor time:
where they differ much, the machine was busy with something else. The folder is a temporary one.
"""

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.film import Film
from cephview.core.tracing import Tracing
from cephview.places import load_landmark_set
from cephview.store import Workspace, checking, journal, queries, schema
from cephview.store.checksums import with_checksum
from cephview.store.journal import Kind, Revision

AT = "2026-01-02T03:04:05.678+00:00"
LANDMARKS = load_landmark_set("isbi19")
EMPTY = Tracing.empty(LANDMARKS.id, LANDMARKS.ids)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where to make the temporary folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="cephview-study-", dir=args.folder, ignore_cleanup_errors=True
    ) as home:
        folder = Path(home) / "workspace"
        with timed(f"filled with {args.films} films, {args.films * args.steps} revisions"):
            fill(folder, args.films, args.steps)
        path = folder / "workspace.sqlite"
        size = path.stat().st_size
        steps = args.films * args.steps
        row("size on disk", f"{size / 1e6:.1f} MB, {size / steps:.0f} bytes a revision")
        measure_opening(folder, args.films)
        measure_commits(folder, args.commits)
        measure_recovery(path)
    return 0


def row(name: str, answer: str) -> None:
    print(f"{name:<58} {answer}", flush=True)


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    row(name, f"{1000 * wall:9.1f} ms  ({1000 * cpu:.1f} ms)")


def film_of(number: int) -> Film:
    name = f"film-{number:05}.png"
    return Film(np.zeros((2, 2), np.uint8), hashlib.sha256(name.encode()).hexdigest(), name)


def fill(folder: Path, films: int, steps: int) -> None:
    """Write what as many steps through the window would have written, in few transactions."""
    dice = random.Random(1)
    with Workspace.open(folder, author="study") as workspace:
        for first in range(0, films, 200):
            with workspace._writing() as connection:
                for number in range(first, min(first + 200, films)):
                    film = film_of(number)
                    values = queries.film_values(film, Path("/films", film.name))
                    queries.write_film(connection, film.sha256, values, at=AT)
                    rows, present = revisions_of(dice, steps)
                    mine = [{"film": film.sha256, "reading": 0, **one} for one in rows[:-1]]
                    connection.execute(
                        schema.revisions.insert(),
                        [with_checksum(schema.revisions, one) for one in mine],
                    )
                    last = Revision(steps, Kind.COMMIT, rows[-1]["change"])
                    queries.append_revision(
                        connection, film.sha256, 0, last, present, by="Ann", at=AT
                    )


def revisions_of(dice: random.Random, steps: int) -> tuple[list[dict[str, object]], Tracing]:
    present = EMPTY.detected(detection(dice), at=AT)
    changes = [journal.first_difference(present)]
    for _ in range(steps - 1):
        changes.append(journal.difference(present, new := moved(present, dice)))
        present = new
    signed = {"kind": "commit", "author": "Ann", "at": AT}
    rows = [{"number": n, "change": change, **signed} for n, change in enumerate(changes, 1)]
    return rows, present


def detection(dice: random.Random) -> Detection:
    def place() -> tuple[float, float]:
        return dice.uniform(0, 1934), dice.uniform(0, 2399)

    points = tuple(
        DetectedPoint(name, place(), dice.uniform(3, 9), place(), dice.uniform(1, 4))
        for name in LANDMARKS.ids
    )
    return Detection(points, "ab" * 32, "base", 1, "cpu", 0.5)


def moved(tracing: Tracing, dice: random.Random) -> Tracing:
    place = dice.uniform(0, 1934), dice.uniform(0, 2399)
    return tracing.moved(dice.choice(LANDMARKS.ids), place, by="Ann", at=AT)


def measure_opening(folder: Path, films: int) -> None:
    for number in range(3):
        with timed(f"opened, and its list of films read ({number + 1})"):
            workspace = Workspace.open(folder)
            found = workspace.films()
        workspace.close()
    assert len(found) == films
    dice = random.Random(2)
    with Workspace.open(folder) as workspace:
        walls, cpus = [], []
        for record in dice.choices(found, k=100):
            wall, cpu = time.perf_counter(), time.process_time()
            workspace.history(record.sha256, EMPTY)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        row("a film's tracing with all its steps, median", told(walls, cpus, 0.5))
        row("a film's tracing with all its steps, longest of 100", told(walls, cpus, 1.0))
        with timed("the check of pages and indexes, before the first write"):
            if workspace._database.check is not None:
                workspace._database.check.wait()
        with timed("the check of every row, beside the work that goes on"):
            if workspace._database.check is not None:
                workspace._database.check.wait_for_rows()


def measure_commits(folder: Path, commits: int) -> None:
    dice = random.Random(3)
    with Workspace.open(folder) as workspace:
        for name, is_backing_up in (("", False), (", a backup going on", True)):
            backup = threading.Thread(target=workspace.back_up)
            record = workspace.films()[0]
            present = workspace.history(record.sha256, EMPTY).present
            walls, cpus = [], []
            if is_backing_up:
                backup.start()
            while len(walls) < commits and (not is_backing_up or backup.is_alive()):
                present = moved(present, dice)
                wall, cpu = time.perf_counter(), time.thread_time()
                workspace.append_commit(record.sha256, present)
                walls.append(time.perf_counter() - wall)
                cpus.append(time.thread_time() - cpu)
            if is_backing_up:
                backup.join()
            for word, share in (("median", 0.5), ("p99", 0.99), ("longest", 1.0)):
                row(f"a commit{name}, {word} of {len(walls)}", told(walls, cpus, share))
    bare = []
    with (folder / "bare").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            wall = time.perf_counter()
            os.fsync(file.fileno())
            bare.append(time.perf_counter() - wall)
    row("for comparison: 4 kB and one fsync, median", f"{1000 * statistics.median(bare):9.1f} ms")


def told(walls: list[float], cpus: list[float], share: float) -> str:
    if not walls:
        return "over before the first commit"
    at = min(len(walls) - 1, int(share * len(walls)))
    return f"{1000 * sorted(walls)[at]:9.1f} ms  ({1000 * sorted(cpus)[at]:.1f} ms)"


def measure_recovery(path: Path) -> None:
    shutil.rmtree(path.parent / "backups", ignore_errors=True)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 2048)
        file.seek(4096 * 20)
        file.write(b"\xa5" * 4096)
    checking.mark(path)
    with timed("recovered with two pages spoilt"), Workspace.open(path.parent) as workspace:
        said = workspace.notice
    row("", said.replace(str(path.parent), ""))


if __name__ == "__main__":
    sys.exit(main())

"""Bench: how quick the window is, off the screen, by real events on the real window.

Every case runs in a process of its own, so that its peak memory is its own. A frame is timed from
the event to the end of the painting it asked for. A bound that is missed ends with exit code 1.
With --clock cpu the processor's time of the window's process is told instead of what a user waits:
on a busy machine that says where time goes, and nothing of the bounds.

    python tests/bench/ui.py [--frames 300] [--films 5000] [--runs 5] [--clock wall|cpu]
        [--only film large list start]
"""

import argparse
import json
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_desk import LEFT, MIDDLE, Desk
from bench_films import LARGE_PX, SIZE_PX, write_list
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from cephview.ui.rows.film_list_model import FilmState
from cephview.ui.rows.film_order import Order
from cephview.ui.rows.point_rows import Length

Values = dict[str, list[float]]

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}

# What must hold on two quiet cores: case, figure, statistic, bound.
BOUNDS = {
    ("film", "drag a point, ms"): ("p99", 16.0),
    ("large", "drag a point, ms"): ("p99", 33.0),
    ("film", "open to pixels, s"): ("median", 0.4),
    ("start", "window usable, s"): ("median", 1.5),
    ("list", "scroll, ms"): ("p99", 16.0),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.case:
        print(json.dumps(CASES[args.case](args)))
        return 0
    busy = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores, load {busy:.1f}, {args.frames} frames a figure, off-screen, "
        f"{args.clock} time"
    )
    missed = [line for case in args.only for line in tell(case, in_own_process(case))]
    if args.clock == "cpu":
        return 0
    for line in missed:
        print(f"MISSED {line}")
    return 1 if missed else 0


def in_own_process(case: str) -> Values:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryDirectory(prefix="cephview-bench-") as home:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            environment[name] = str(Path(home, name.lower()))
        command = [sys.executable, __file__, "--case", case, *sys.argv[1:]]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    values: Values = json.loads(done.stdout)
    return values


def tell(case: str, values: Values) -> list[str]:
    """Print the figures of a case and return what missed its bound."""
    missed = []
    for figure, all_of_it in values.items():
        found = {"median": statistics.median(all_of_it), "p99": percentile(all_of_it, 99)}
        verdict = ""
        if (case, figure) in BOUNDS:
            statistic, bound = BOUNDS[case, figure]
            verdict = f"  {statistic} must be <= {bound:g}"
            if found[statistic] > bound:
                missed.append(f"{case}, {figure}: {statistic} {found[statistic]:.2f} > {bound:g}")
        print(
            f"{case:<6} {figure:<34} median {found['median']:9.2f}   p99 {found['p99']:9.2f}"
            f"   max {max(all_of_it):9.2f}   n {len(all_of_it):4d}{verdict}",
            flush=True,
        )
    return missed


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least so many per cent do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share / 100 * len(ranked)) - 1)]


def time_film(args: argparse.Namespace, size_px: tuple[int, int]) -> Values:
    """Time one film: opening, panning, zooming, dragging and what a step costs."""
    with tempfile.TemporaryDirectory(prefix="cephview-bench-") as folder:
        # Of its own process, for the memory of drawing a film is not that of showing it.
        command = [sys.executable, "-c", _WRITER, folder, json.dumps(size_px)]
        done = subprocess.run(
            command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, check=True
        )
        name, places = json.loads(done.stdout)
        desk = Desk(Path(folder, "workspace"), CLOCKS[args.clock])
        values: Values = {"open to pixels, s": [desk.open(Path(name))]}
        desk.place({key: (x, y) for key, (x, y) in places.items()})
        view, editor = desk.view, desk.window.session.editor
        middle = QPointF(view.width() / 2, view.height() / 2)
        values["zoom from whole to 8x and back, ms"] = zoom(desk, middle, args.frames)
        for name, zoomed in (("fitted", view.fit), ("1:1", view.one_to_one)):
            zoomed()
            desk.settle()
            values[f"pan, {name}, ms"] = desk.drag(circle(middle, 120, args.frames), MIDDLE)
        view.fit()
        desk.settle()
        at = QPointF(*view.viewport.to_screen(editor.tracing["Go"].best.xy))
        values["drag a point, ms"] = desk.drag(circle(at, 60, args.frames), LEFT)
        view.zoom_to("A")
        desk.settle()
        at = QPointF(*view.viewport.to_screen(editor.tracing["A"].best.xy))
        values["drag a point, enlarged, ms"] = desk.drag(circle(at, 60, args.frames), LEFT)
        editor.select("S")
        values["step, kept and repainted, ms"] = [
            desk.frame(lambda: desk.key(Qt.Key.Key_Right)) for _ in range(min(args.frames, 60))
        ]
        # A new window of grey values, and with it every pixel on screen anew.
        values["window and level, ms"] = [
            desk.frame(lambda n=n: view.set_levels(shifted(view.levels, n))) for n in range(40)
        ]
        values["peak memory, MiB"] = [peak_mib()]
        desk.close()
    return values


_WRITER = """
import json, sys
from pathlib import Path
from bench_films import write_film
path, places = write_film(Path(sys.argv[1]), tuple(json.loads(sys.argv[2])))
print(json.dumps([str(path), places]))
"""


def shifted(levels, number: int):
    """Return a window a little beside another."""
    step = levels.width / 200 * (1 if number % 2 else -1)
    return type(levels)(levels.low + step, levels.high + step)


def zoom(desk: Desk, at: QPointF, frames: int) -> list[float]:
    took = []
    while len(took) < frames:
        desk.view.fit()
        desk.settle(0.05)
        steps = [1] * 18 + [-1] * 18
        took += [desk.frame(lambda step=step: desk.wheel(at, step)) for step in steps]
    return took[:frames]


def circle(start: QPointF, radius: float, count: int) -> list[QPointF]:
    """Return places around a circle that begins and turns at start."""
    turns = [2 * math.pi * n / 60 for n in range(count + 1)]
    return [
        start + QPointF(radius * (1 - math.cos(turn)), radius * math.sin(turn)) for turn in turns
    ]


def time_list(args: argparse.Namespace) -> Values:
    """Time a folder of many films: listing it, scrolling, searching, sorting, a batch."""
    with tempfile.TemporaryDirectory(prefix="cephview-bench-") as folder:
        films = Path(folder, "films")
        films.mkdir()
        write_list(films, args.films)
        desk = Desk(Path(folder, "workspace"), CLOCKS[args.clock])
        start = desk.clock()
        desk.open(films)
        values: Values = {"folder to first film, s": [desk.clock() - start]}
        rows = desk.window.films.view
        bar = rows.verticalScrollBar()
        # While small pictures are still being made, as it is when one scrolls.
        took = []
        for n in range(args.frames):
            before = desk.clock()
            bar.setValue(round(bar.maximum() * (n + 1) / args.frames))
            QApplication.processEvents()
            took.append((desk.clock() - before) * 1000)
        values["scroll, ms"] = took
        search = desk.window.films.search
        took = []
        for letter in "film-49":
            before = desk.clock()
            search.insert(letter)
            QApplication.processEvents()
            took.append((desk.clock() - before) * 1000)
        values["search, a letter, ms"] = took
        search.clear()
        desk.settle()
        values |= time_changes(desk, args.frames)
        values["peak memory, MiB"] = [peak_mib()]
        desk.close()
    return values


def time_changes(desk: Desk, frames: int) -> Values:
    """Time sorting, and films that change one by one as they do while many are detected."""
    panel, model = desk.window.films, desk.window.session.films
    orders, took = list(Order), []
    for n in range(min(frames, 40)):
        before = desk.clock()
        panel.sort_by(orders[(n + 1) % len(orders)])
        QApplication.processEvents()
        took.append((desk.clock() - before) * 1000)
    values = {"sort, ms": took}
    panel.sort_by(Order.UNCERTAINTY)
    desk.settle()
    took = []
    for n, path in enumerate(model.paths()[:frames]):
        before = desk.clock()
        model.change(path, state=FilmState.DETECTING)
        QApplication.processEvents()
        model.change(path, state=FilmState.REVIEW, total=19, worst=Length(n, "px"), urgency=n)
        QApplication.processEvents()
        took.append((desk.clock() - before) * 1000)
    values["a film of a batch, ms"] = took
    return values


def time_start(args: argparse.Namespace) -> Values:
    """Time the command to a usable window, without a film."""
    found = [one_start(args.clock) for _ in range(args.runs + 1)][1:]
    return {"window usable, s": found}


def one_start(clock: str) -> float:
    environment = {**os.environ, "CEPHVIEW_TIMING": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cephview", "--device", "cpu"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if match := re.match(r"timing: window usable ([\d.]+) s, ([\d.]+) s", line):
            process.terminate()
            process.wait(20)
            return float(match[1] if clock == "wall" else match[2])
    raise SystemExit("the window never said that it is usable")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


CASES: dict[str, Callable[[argparse.Namespace], Values]] = {
    "film": lambda args: time_film(args, SIZE_PX),
    "large": lambda args: time_film(args, LARGE_PX),
    "list": time_list,
    "start": time_start,
}


if __name__ == "__main__":
    sys.exit(main())

"""What wears a program out: thousands of films with an evil one, hundreds of detections, no memory.

    python tests/adversary/strain.py [--films 5000] [--detections 300] [--only NAME]

Prints a row a trial, with what was measured; ends with 1 where one is not as it must be. Linux.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from watch import descendants

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS / "bench"), str(TESTS / "stand_ins")]

CLOSES_WITHIN_S = 2.0
GROWTH_MIB = 30
_WAIT_S = 300.0
_PAGE = os.sysconf("SC_PAGE_SIZE")

Row = tuple[bool, str]
"""Whether all is as it must be, and what was measured."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--detections", type=int, default=300)
    parser.add_argument("--only", choices=TRIALS, nargs="+", default=list(TRIALS))
    parser.add_argument("--here", choices=TRIALS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        with tempfile.TemporaryDirectory(prefix="cephview-strain-") as folder:
            print(json.dumps(TRIALS[args.here](Path(folder), args)), flush=True)
        # Threads that a trial left behind must not hold its answer back.
        os._exit(0)
    rows = [tell(name, in_own_process(name)) for name in args.only]
    return 0 if all(rows) else 1


def in_own_process(name: str) -> Row:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="cephview-strain-") as home:
        for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            environment[variable] = str(Path(home, variable.lower()))
        command = [sys.executable, __file__, "--here", name, *sys.argv[1:]]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        is_well, text = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return False, f"the process ended with {done.returncode}"
    return bool(is_well), str(text)


def tell(name: str, row: Row) -> bool:
    print(f"{'well' if row[0] else 'FAULT':<6} {name:<10} {row[1]}", flush=True)
    return row[0]


def thousands(folder: Path, args: argparse.Namespace) -> Row:
    """A folder of thousands with a film that no computer decodes in an hour."""
    from bench_desk import Desk
    from bench_films import write_list
    from PySide6.QtWidgets import QApplication

    films = folder / "films"
    films.mkdir()
    write_list(films, args.films)
    evil = films / "film-0002-evil.jpg"
    evil.write_bytes(many_scans())
    desk = Desk(folder / "workspace", time.perf_counter)
    window, start = desk.window, time.perf_counter()
    window.open_paths((films,))
    session = window.session
    while session.films.rowCount() < args.films + 1:
        QApplication.processEvents()
        if time.perf_counter() - start > _WAIT_S:
            return False, f"{session.films.rowCount()} films listed"
        time.sleep(0.001)
    listed = time.perf_counter() - start
    desk.settle(2)
    session.open_film(evil)
    desk.settle(1)
    opened = desk.open(films / "film-0003.tiff", _WAIT_S)
    session.open_film(evil)
    desk.settle(1)
    start = time.perf_counter()
    window.close()
    desk.close()
    closed = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    is_well = opened < 2 and closed < CLOSES_WITHIN_S
    return is_well, (
        f"{args.films + 1} films listed in {listed:.1f} s, the film after the evil one shown in "
        f"{opened:.2f} s, closed in {closed:.2f} s, peak {peak} MiB"
    )


def many_scans(scans: int = 30_000) -> bytes:
    """Return a small JPEG of a large flat picture that is refined ever again."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (6000, 6000), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def detections(folder: Path, args: argparse.Namespace) -> Row:
    """One engine that looks at film after film: its memory must not grow."""
    engine, film, sizes = Engine(), _film(folder), []
    try:
        for number in range(args.detections):
            if (said := engine.ask(film)) != "detected":
                return False, f"detection {number + 1}: {said}"
            sizes.append(max(map(_resident_mib, engine.processes())))
    finally:
        engine.close()
    settled = sizes[min(30, len(sizes) // 3)]
    growth = sizes[-1] - settled
    return growth < GROWTH_MIB, (
        f"{len(sizes)} detections by one engine: {settled} MiB early on, {sizes[-1]} MiB at the "
        f"end, peak {max(sizes)} MiB"
    )


def no_memory(folder: Path, args: argparse.Namespace) -> Row:
    """An engine that gets no more memory: a sentence, and the next detection works."""
    small, large = _film(folder), folder / "large.tiff"
    _write_large(large)
    engine = Engine()
    try:
        if engine.ask(small) != "detected":
            return False, "the engine did not begin"
        for pid in engine.processes():
            used = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * _PAGE
            resource.prlimit(pid, resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
        said = engine.ask(large)
        for pid in engine.processes():
            free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_AS, free)
        after = engine.ask(small)
    finally:
        engine.close()
    is_well = said not in ("detected", "no answer") and "\n" not in said and after == "detected"
    return is_well, f"it says {said!r}; the next detection: {after}"


def clock_back(folder: Path, args: argparse.Namespace) -> Row:
    """Two windows on one workspace, and a clock that is put back between their steps."""
    from cephview.core.tracing import Tracing
    from cephview.formats import open_film
    from cephview.places import load_landmark_set
    from cephview.store import Workspace, open_workspace

    path = _film(folder)
    film, landmarks = open_film(path), load_landmark_set("isbi19")
    empty = Tracing.empty(landmarks.id, landmarks.ids)
    start, expected = datetime(2026, 6, 1, 12, tzinfo=UTC), empty
    with (
        mock.patch.object(open_workspace, "datetime", wraps=datetime) as clock,
        Workspace.open(folder / "workspace") as one,
        Workspace.open(folder / "workspace") as two,
    ):
        one.remember_film(film, path)
        for step in range(60):
            # An hour on, and every tenth step two days back.
            at = start + timedelta(hours=step) - timedelta(days=2 * (step // 10))
            clock.now.side_effect = lambda tz=None, at=at: at
            window, name = (one, two)[step % 2], landmarks.ids[step % 7]
            expected = window.history(film.sha256, empty).present
            expected = expected.moved(name, (step + 1.0, 2.0), by="A", at=at.isoformat())
            window.append_commit(film.sha256, expected)
    with Workspace.open(folder / "workspace") as again:
        is_same = again.tracing(film.sha256) == expected
        steps = _steps(again.history(film.sha256, empty))
    return (
        is_same and steps == 60,
        f"60 steps by two windows, {steps} in the history, the last one shown: {is_same}",
    )


def _steps(history: Any) -> int:
    steps = 0
    while history.can_undo:
        history, steps = history.undo(), steps + 1
    return steps


class Engine:
    """The engine as the window has it, asked one thing at a time."""

    def __init__(self) -> None:
        from PySide6.QtCore import QCoreApplication

        from cephview import places
        from cephview.engine.client import EngineClient

        self._app = QCoreApplication.instance() or QCoreApplication([])
        self._model = next(places.models_dir().glob("*/model.toml")).parent
        self._client, self._outcomes = EngineClient(device="cpu"), {}
        self._client.detected.connect(lambda number, _: self._outcomes.update({number: "detected"}))
        self._client.failed.connect(lambda number, said: self._outcomes.update({number: said}))
        self._client.start()

    def ask(self, film: Path) -> str:
        """Return "detected", or what is said of a film that could not be."""
        number, ends = self._client.detect(film, "", self._model), time.monotonic() + _WAIT_S
        while number not in self._outcomes and time.monotonic() < ends:
            self._app.processEvents()
            time.sleep(0.01)
        return str(self._outcomes.get(number, "no answer"))

    def processes(self) -> list[int]:
        return descendants(os.getpid())

    def close(self) -> None:
        self._client.close()


def _resident_mib(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE >> 20
    except (OSError, IndexError):
        return 0


def _film(folder: Path) -> Path:
    from bench_films import SIZE_PX, write_film

    return write_film(folder, SIZE_PX)[0]


def _write_large(path: Path) -> None:
    """Write a film of 64 megapixels at 16 bits."""
    import numpy as np
    import tifffile

    pixels = np.random.default_rng(0).integers(0, 65535, (8000, 8000), np.uint16)
    tifffile.imwrite(path, pixels, photometric="minisblack")


TRIALS: dict[str, Callable[[Path, argparse.Namespace], Row]] = {
    "folder": thousands,
    "detections": detections,
    "no memory": no_memory,
    "clock back": clock_back,
}

if __name__ == "__main__":
    sys.exit(main())

"""Study: how long a film takes from the command to its points, and what it costs in memory.

Starts `cephview FILM` in an empty workspace, once cold and then so many times more, reads the marks
it prints, and samples the peak memory of the window and of the engine. Linux only (/proc).

    python tests/studies/opening.py FILM [--runs 5]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MARKS = ("window usable", "film shown", "points shown")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("film", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    runs = [one_run(args.film) for _ in range(args.runs + 1)][1:]
    print(f"{args.film.name}: {len(runs)} runs after a warm-up, CPU, {os.cpu_count()} cores")
    for name, unit in (*((mark, "s") for mark in MARKS), ("window", "MiB"), ("engine", "MiB")):
        values = sorted(run[name] for run in runs)
        label = f"peak memory, {name}" if unit == "MiB" else name
        print(
            f"{label:<22} median {statistics.median(values):8.2f} {unit}"
            f"   min {values[0]:8.2f}   max {values[-1]:8.2f}"
        )
    return 0


def one_run(film: Path) -> dict[str, float]:
    """Start the window on a film, wait for its points, and end it."""
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as home:
        environment = {**os.environ, "CEPHVIEW_TIMING": "1", "PYTHONUNBUFFERED": "1"}
        if not os.environ.get("DISPLAY"):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            environment[name] = str(Path(home, name.lower()))
        command = [sys.executable, "-m", "cephview", str(film), "--device", "cpu"]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        found: dict[str, float] = {"window": 0.0, "engine": 0.0}
        done = threading.Event()
        sampler = threading.Thread(target=sample_memory, args=(process.pid, found, done))
        sampler.start()
        assert process.stderr is not None
        for line in process.stderr:
            match = re.match(r"timing: (.+?) ([\d.]+) s", line)
            if match:
                found[match[1]] = float(match[2])
            if "points shown" in found:
                break
        time.sleep(0.3)
        done.set()
        sampler.join()
        process.terminate()
        process.wait(20)
    missing = [mark for mark in MARKS if mark not in found]
    if missing:
        raise SystemExit(f"the window never said: {', '.join(missing)}")
    return found


def sample_memory(window: int, found: dict[str, float], done: threading.Event) -> None:
    """Keep the largest peak resident size of the window and of its child, the engine, in MiB."""
    while not done.wait(0.1):
        found["window"] = max(found["window"], peak_mib(window))
        for child in children(window):
            found["engine"] = max(found["engine"], peak_mib(child))


def children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) / 1024 if match else 0.0


if __name__ == "__main__":
    sys.exit(main())

"""That no film leaves the computer: network calls of detection, window and learning, by strace.

    .venv/bin/python tests/adversary/no_network.py [--steps 4] [detect window learning]

Follows each process that the program starts and prints a table: processes that were followed,
sockets between processes of this computer (to a display, say), and calls that reach for a network.
The last must be 0 everywhere; else they are printed, and the exit code is 1.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cephview import child_process, places
from cephview.phantom.dataset import write_dataset

FILMS = 6
TIMEOUT_S = 1800
# With -ff each process has a file of its own, so that no line is cut in two by another's.
STRACE = ("strace", "-ff", "-qq", "--seccomp-bpf", "-f", "-e", "trace=%network", "-o")
# A socket alone reaches nothing; a name server is reached by sendto or connect.
REACHING = re.compile(
    r"^(?:connect|bind|sendto|sendmsg|sendmmsg)\(.*(?:sa_family=AF_INET6?\b|sin6?_addr)"
)
INTERNET = re.compile(r"^socket\(AF_INET6?\b")
LOCAL = re.compile(r"^(?:socket|socketpair)\(AF_(?:UNIX|LOCAL|NETLINK)\b")


@dataclass(frozen=True)
class Seen:
    """What a command and its children asked of the system."""

    code: int
    processes: int
    local: int
    internet: tuple[str, ...]


def told(folder: Path) -> tuple[int, int, tuple[str, ...]]:
    """Return processes, local sockets, and calls for a network in a folder of strace's files."""
    files = sorted(folder.iterdir())
    lines = [line for one in files for line in one.read_text(errors="replace").splitlines()]
    reached = tuple(line for line in lines if INTERNET.search(line) or REACHING.search(line))
    return len(files), sum(bool(LOCAL.search(line)) for line in lines), reached


def followed(command: list[str], folder: Path) -> Seen:
    """Run a command to its end and return what it asked for."""
    traces = folder / "traces"
    traces.mkdir()
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
        **{f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")},
    }
    done = subprocess.run(
        [*STRACE, str(traces / "process"), *command],
        cwd=folder,
        env=environment,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Seen(done.returncode, *told(traces))


def commands(folder: Path, steps: int) -> dict[str, list[str]]:
    """Return what is followed: its name and its command line, with files in a folder."""
    film = str(places.demo_film())
    table = write_dataset(folder, FILMS, seed=1)
    learning = (
        "--films", str(folder / "images"), "--truth", str(table), "--mm-per-px", "0.3",
        "--out", str(folder / "model"), "--steps", str(steps), "--device", "cpu",
    )  # fmt: skip
    return {
        "detect": child_process.command("detect", film, "--out", str(folder / "points.csv")),
        # The window opens the film, the engine in its own process places the points.
        "window": child_process.command("demo", "--off-screen", "--out", str(folder / "drawn")),
        "learning": child_process.command("finetune", *learning),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["detect", "window", "learning"])
    parser.add_argument("--steps", type=int, default=4, help="of learning")
    args = parser.parse_args()
    reached = 0
    rows = [
        "| what | exit code | processes | local sockets | network calls |",
        "|---|---|---|---|---|",
    ]
    for name in args.what:
        with tempfile.TemporaryDirectory(prefix="no-network-") as place:
            seen = followed(commands(Path(place), args.steps)[name], Path(place))
        rows.append(
            f"| {name} | {seen.code} | {seen.processes} | {seen.local} | {len(seen.internet)} |"
        )
        reached += len(seen.internet) + bool(seen.code)
        for line in seen.internet:
            print(f"{name}: {line}", file=sys.stderr)
    print("\n".join(rows))
    return 1 if reached else 0


if __name__ == "__main__":
    sys.exit(main())

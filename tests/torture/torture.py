"""Violence against a workspace: kills, full and vanished disks, torn pages, random bytes. Linux.

    python tests/torture/torture.py [--kills 300] [--engines 100] [--learning 20]
                                    [--disks 20] [--bytes 1000] [--seed N]

Each trial works in a window at random, does its harm at a random moment, and then compares what is
on disk with every step the window had acknowledged. The full disk is a tmpfs of a few MB, which
needs root, as does the read-only one; without it these rows say so.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import bytes_at_random
import disks
import kills
import learnings
from PIL import Image

from cephview.phantom import make_phantom

FILMS = 10
FILM_SIZE_PX = 320, 400


@dataclass
class Table:
    """One row: what was done, how often, and what became of it."""

    name: str
    trials: int = 0
    acknowledged: int = 0
    lost: int = 0
    half: int = 0
    unstarted: int = 0
    unsaid: int = 0
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.name:<34} {self.trials:>6} {self.acknowledged:>12} {self.lost:>6} "
            f"{self.half:>6} {self.unstarted:>11} {self.unsaid:>10}"
        )

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.half or self.unstarted or self.unsaid)


HEAD = (
    f"{'what was done':<34} {'trials':>6} {'acknowledged':>12} {'lost':>6} {'half':>6} "
    f"{'not started':>11} {'not said':>10}"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300, help="kills of the window")
    parser.add_argument("--engines", type=int, default=100, help="kills of the engine")
    parser.add_argument("--learning", type=int, default=20, help="kills of a window that learns")
    parser.add_argument("--disks", type=int, default=20, help="trials with each kind of disk")
    parser.add_argument("--bytes", type=int, default=1000, help="trials with random bytes")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    rows: list[tuple[str, Callable[..., None], int]] = [
        ("window killed", kills.kill_windows, args.kills),
        ("engine killed in detection", kills.kill_detections, args.engines - args.engines // 2),
        ("engine killed in fine-tune", learnings.kill_finetunes, args.engines // 2),
        ("window killed while it learns", learnings.kill_learning_windows, args.learning),
        ("disk full, then room again", disks.fill_disk, args.disks),
        ("disk full, then window killed", disks.fill_and_kill, args.disks),
        ("folder taken away and put back", disks.take_away, args.disks),
        ("disk read-only, then writable", disks.make_read_only, args.disks),
        ("last page torn, window closed", disks.tear_closed, args.disks),
        ("last page torn, window killed", disks.tear_killed, args.disks),
        ("files and logs spoilt, gone, older", bytes_at_random.spoil_at_random, args.bytes),
    ]
    tables = []
    print(HEAD, flush=True)
    for name, run, trials in rows:
        if args.only not in name or not trials:
            continue
        table = Table(name)
        with tempfile.TemporaryDirectory(prefix="cephview-torture-") as folder:
            home = prepared(Path(folder))
            run(table, home, trials, random.Random(f"{args.seed} {name}"))
        tables.append(table)
        print(table, flush=True)
        for remark in dict.fromkeys(table.remarks):
            print(f"    {remark}", flush=True)
    return 0 if all(table.is_well for table in tables) else 1


def prepared(home: Path) -> Path:
    """Fill a home with films of as many patients: each shows a head of its own."""
    (home / "films").mkdir()
    for n in range(FILMS):
        phantom = make_phantom(n + 1, size_px=FILM_SIZE_PX, bits=8)
        Image.fromarray(phantom.pixels).save(home / "films" / f"film-{n}.png")
    return home


if __name__ == "__main__":
    if not Path("/proc").is_dir() or not shutil.which("mount"):
        sys.exit("The torture needs Linux.")
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(main())

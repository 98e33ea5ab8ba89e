"""Disks that fill up, vanish, refuse to be written, or tear a page."""

import contextlib
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kills import weigh
from proof import judge
from watched import Acknowledged, Watched

DISK_BYTES = 4 << 20
PAGE = 4096
_WORK_S = 1.5


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """Mount a disk of 4 MB in memory; gives whether that was allowed."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    is_mounted = subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def fill_disk(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Fill the disk under a window at work; with room again everything is kept."""
    _harm_and_mend(table, home, trials, dice, _fill, _empty)


def make_read_only(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Kill a window, make its disk read-only, start on it, and again when it can be written.

    Under a window at work no system lets that happen: its files are open for writing.
    """
    for trial in range(trials):
        disk = home / f"disk-{trial}"
        with small_disk(disk) as is_mounted:
            if not is_mounted:
                table.remarks.append("not tried: mounting a small disk needs root")
                return
            acknowledged = Acknowledged()
            _at_work(home, disk, acknowledged, dice).kill()
            _remount(disk, "ro")
            said = _start(table, home, disk, trial)
            table.unsaid += not any("Nothing can be saved" in text for text in said)
            table.remarks += [text.replace(str(disk), "") for text in said[:1] if not trial]
            weigh(table, disk / "workspace", acknowledged)
            _remount(disk, "rw")
            said = _start(table, home, disk, trial)
            table.unsaid += not any("ended before it could close" in text for text in said)
            _finish(table, disk, acknowledged)


def take_away(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Move the folder away under a window at work, then back."""
    _harm_and_mend(
        table, home, trials, dice,
        lambda disk: (disk / "workspace").rename(disk / "elsewhere"),
        lambda disk: _put_back(disk),
    )  # fmt: skip


def fill_and_kill(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Fill the disk, kill the window, and start it on the disk that is still full."""
    for trial in range(trials):
        with small_disk(home / f"disk-{trial}") as is_mounted:
            if not is_mounted:
                table.remarks.append("not tried: mounting a small disk needs root")
                return
            disk, acknowledged = home / f"disk-{trial}", Acknowledged()
            window = _at_work(home, disk, acknowledged, dice)
            _fill(disk)
            _expect(table, window, "save")
            window.kill()
            again = Watched(home, disk / "workspace", "edit", trial, acknowledged)
            table.unstarted += again.wait_for("ready") is None
            time.sleep(0.5)
            again.kill()
            said = [text for texts in again.said.values() for text in texts]
            table.unsaid += not any(
                w in text for text in said for w in ("full", "cannot be", "ended")
            )
            table.remarks += said[:1] if trial == 0 else []
            _finish(table, disk, acknowledged)


def tear_closed(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Tear the last page after the window was closed."""
    _tear(table, home, trials, dice, lambda window: window.quit())


def tear_killed(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Tear the last page of the database file after the window was killed."""
    _tear(table, home, trials, dice, lambda window: window.kill())


def _harm_and_mend(
    table: Any,
    home: Path,
    trials: int,
    dice: random.Random,
    harm: Callable[[Path], Any],
    mend: Callable[[Path], Any],
) -> None:
    for trial in range(trials):
        disk = home / f"disk-{trial}"
        with small_disk(disk) as is_mounted:
            if not is_mounted:
                table.remarks.append("not tried: mounting a small disk needs root")
                return
            acknowledged = Acknowledged()
            window = _at_work(home, disk, acknowledged, dice)
            harm(disk)
            _expect(table, window, "save")
            table.remarks += [
                s.replace(str(disk), "") for s in window.said["save"][:1] if not trial
            ]
            mend(disk)
            window.tell("flush")
            table.unstarted += window.wait_for("saved", 30.0) is None
            if not window.quit():
                table.unstarted += 1
                table.remarks += [f"not closed: {text}" for text in window.errors[-1:]]
            again = Watched(home, disk / "workspace", "edit", trial, acknowledged)
            table.unstarted += again.wait_for("ready") is None
            again.kill()
            _finish(table, disk, acknowledged)


def _tear(
    table: Any,
    home: Path,
    trials: int,
    dice: random.Random,
    end: Callable[[Watched], Any],
) -> None:
    undone, kept = 0, 0
    for trial in range(trials):
        disk = home / f"disk-{trial}"
        disk.mkdir()
        acknowledged = Acknowledged()
        end(_at_work(home, disk, acknowledged, dice))
        database = disk / "workspace" / "workspace.sqlite"
        content = database.read_bytes()
        cut = dice.randrange(PAGE)
        torn = {
            "cut": content[: len(content) - PAGE + cut],
            "zero": content[: len(content) - PAGE + cut] + bytes(PAGE - cut),
            "noise": content[: len(content) - PAGE + cut] + dice.randbytes(PAGE - cut),
        }[dice.choice(("cut", "zero", "noise"))]
        database.write_bytes(torn)
        is_damaged = bool(judge(database, {}).half)
        again = Watched(home, disk / "workspace", "edit", trial, {})
        table.unstarted += again.wait_for("ready") is None
        again.kill()
        told = [text for text in again.said[""] if "was damaged" in text]
        table.unsaid += is_damaged and not told
        table.remarks += [text.replace(str(disk), "") for text in told if trial < 3]
        before = {film: dict(steps) for film, steps in acknowledged.items()}
        verdict = judge(database, before)
        # A step that no file holds any more is lost; one whose points are there, and which is named
        # as one that can no longer be undone by itself, is not.
        named = [s for s in verdict.lost if told and "no longer be undone" in told[0]]
        undone += len(named)
        kept += bool(told)
        table.trials += 1
        table.acknowledged += sum(map(len, before.values()))
        table.lost += len(verdict.lost) - len(named)
        table.half += len([text for text in verdict.half if "gap" not in text or not told])
    table.remarks.append(
        f"{kept} of {table.trials} tears had hit something; {undone} steps could no longer be "
        "undone one by one, each named"
    )


def _at_work(home: Path, disk: Path, acknowledged: Acknowledged, dice: random.Random) -> Watched:
    window = Watched(home, disk / "workspace", "edit", dice.randrange(1 << 30), acknowledged)
    window.wait_for("film")
    time.sleep(dice.uniform(0.0, _WORK_S))
    return window


def _expect(table: Any, window: Watched, topic: str) -> None:
    """Wait until the window says that it could not save."""
    end = time.monotonic() + 60
    while not window.said[topic] and time.monotonic() < end:
        time.sleep(0.02)
    table.unsaid += not window.said[topic]


def _finish(table: Any, disk: Path, acknowledged: Acknowledged) -> None:
    table.trials += 1
    table.acknowledged += sum(map(len, acknowledged.values()))
    weigh(table, disk / "workspace", acknowledged)


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def _empty(disk: Path) -> None:
    (disk / "filler").unlink()


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def _start(table: Any, home: Path, disk: Path, seed: int) -> list[str]:
    """Start a window, and end it; return what it said."""
    window = Watched(home, disk / "workspace", "edit", seed, {})
    table.unstarted += window.wait_for("ready") is None
    window.kill()
    return [text for texts in window.said.values() for text in texts]


def _put_back(disk: Path) -> None:
    (disk / "elsewhere").rename(disk / "workspace")

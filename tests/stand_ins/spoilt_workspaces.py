"""Workspaces of which everything is known, harms to their files, and what is shown after that.

No film may have another's points, or points that it never had, and what is missing must be said.
"""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cephview.core.film import Film
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.store import StoreError, Workspace

FILMS = 12
IDS = ("S", "N", "A", "B", "Go", "Me")
EMPTY = Tracing.empty("isbi19", IDS)
_AT = "2026-01-02T03:04:05.678+00:00"
# What may stand for the name of a film that lost steps.
_OPEN = ("cannot be known", "more are named in", "that cannot be told are lost")


@dataclass(frozen=True)
class Kept:
    """A workspace as it was acknowledged: for every film the tracing after each of its steps."""

    folder: Path
    steps: dict[str, list[Tracing]]


@dataclass
class Outcome:
    """What became of one trial.

    said is all that the program told. lost holds the steps that are not there, by the name of their
    film. strange counts what was shown and never kept.
    """

    said: str
    lost: dict[str, int] = field(default_factory=dict)
    strange: int = 0
    refused: bool = False

    @property
    def unsaid(self) -> int:
        """How many films lost something of which nothing was said."""
        if self.refused or any(words in self.said for words in _OPEN):
            return 0
        return sum(name not in self.said for name in self.lost)

    @property
    def false_alarms(self) -> int:
        """How many films are said to have lost points that are there."""
        return sum(
            f"film-{n}.png lost" in self.said and f"film-{n}.png" not in self.lost
            for n in range(FILMS)
        )


def film_of(number: int) -> Film:
    digest = f"{number:02x}" * 32
    return Film(np.zeros((3, 3), np.uint8), digest, f"film-{number}.png")


def scale_of(sha256: str) -> PixelSize:
    return PixelSize(0.01 * int(sha256[:2], 16) + 0.05, 0.1, Provenance.RULER)


def kept_workspace(folder: Path, dice: random.Random, *, is_killed: bool, steps: int) -> Kept:
    """Work in a workspace and close it, or end the process that works in it."""
    seed = dice.randrange(1 << 30)
    command = [sys.executable, __file__, str(folder), str(seed), str(steps), str(int(is_killed))]
    subprocess.run(command, check=False)
    return Kept(folder, dict(_steps(seed, steps)))


def _steps(seed: int, steps: int) -> Iterator[tuple[str, list[Tracing]]]:
    dice = random.Random(seed)
    for number in range(FILMS):
        tracing, found = EMPTY, []
        for n in range(1 + dice.randrange(2 * steps)):
            place = 1000 * (number + 1) + n, dice.uniform(0, 900)
            tracing = tracing.moved(dice.choice(IDS), place, by="Ann", at=_AT)
            found.append(tracing)
        yield film_of(number).sha256, found


def work(folder: Path, seed: int, steps: int, *, is_killed: bool) -> None:
    """Do what _steps says, the films in turns, half of it before a backup."""
    todo = dict(_steps(seed, steps))
    workspace = Workspace.open(folder)
    for number in range(FILMS):
        workspace.remember_film(film_of(number), Path(f"/films/film-{number}.png"))
    for sha256 in todo:
        workspace.set_pixel_size(sha256, scale_of(sha256), by="Ann", at=_AT)
    for turn in range(2 * steps):
        if turn == steps // 2:
            workspace.back_up()
        for sha256, tracings in todo.items():
            if turn < len(tracings):
                tracing = tracings[turn].scaled(scale_of(sha256))
                workspace.append_commit(sha256, tracing)
    if is_killed:
        os._exit(9)
    workspace.close()


def judged(folder: Path, kept: Kept) -> Outcome:
    """Open a workspace twice, and compare what it shows and exports with what was kept."""
    outcome = _opened(folder, kept)
    if not outcome.refused:
        again = _opened(folder, kept)
        again.said = f"{outcome.said} {again.said}"
        return again
    return outcome


def _opened(folder: Path, kept: Kept) -> Outcome:
    outcome = Outcome("")
    try:
        with Workspace.open(folder) as workspace:
            outcome.said = f"{workspace.notice} {workspace.news}"
            _compare(workspace, kept, outcome)
    except StoreError as error:
        outcome.refused = True
        outcome.said += f" {error}"
    except Exception as error:
        # Whatever else it is: the program would have ended.
        outcome.strange += 1
        outcome.said += f" {error!r}"
    return outcome


def _compare(workspace: Workspace, kept: Kept, outcome: Outcome) -> None:
    exported = {record.sha256: tracing for record, tracing in workspace.traced_films()}
    listed = {record.sha256: record for record in workspace.films()}
    for sha256, tracings in kept.steps.items():
        history = workspace.history(sha256, EMPTY)
        shown, record = history.present.scaled(None), listed.get(sha256)
        # Also what undo and redo would show.
        every = [shown, *(step.scaled(None) for step in (*history.past, *history.future))]
        outcome.strange += sum(step not in (EMPTY, *tracings) for step in every)
        outcome.strange += shown != EMPTY and exported[sha256].scaled(None) != shown
        name = f"film-{int(sha256[:2], 16)}.png"
        there = tracings.index(shown) + 1 if shown in tracings else 0
        lost = len(tracings) - there
        if record is not None and not record.name.startswith("the film "):
            # One that is told by its digest alone was said to be.
            outcome.strange += record.name != name
            outcome.strange += record.pixel_size not in (scale_of(sha256), PixelSize())
            lost += record.pixel_size != scale_of(sha256)
        if lost:
            outcome.lost[name] = lost
    outcome.strange += len(set(exported) - set(kept.steps))


def spoil(path: Path, dice: random.Random, count: int) -> None:
    """Put random bytes in a file, one by one or in a row."""
    content = bytearray(path.read_bytes())
    if not content:
        return
    for _ in range(count):
        at, length = dice.randrange(len(content)), dice.choice((1, 1, 1, 1, 16, 600))
        noise = dice.randbytes(length)[: len(content) - at]
        content[at : at + len(noise)] = noise
    path.write_bytes(content)


def harm(folder: Path, older: Path, dice: random.Random) -> str:
    """Do one harm to the files of a workspace; return what it was."""
    file = folder / "workspace.sqlite"
    log, steps = folder / "workspace.sqlite-wal", folder / "backups" / "workspace.sqlite.steps"
    everything = [one for one in (file, log, steps) if one.exists()]

    def cut(one: Path) -> None:
        content = one.read_bytes()
        one.write_bytes(content[: dice.randrange(len(content) + 1)])

    harms: dict[str, Callable[[], Any]] = {
        "bytes in the file": lambda: spoil(file, dice, dice.choice((1, 1, 1, 3))),
        "bytes in the log": lambda: spoil(log, dice, dice.choice((1, 1, 1, 3))),
        "bytes in the step log": lambda: spoil(steps, dice, dice.choice((1, 1, 3))),
        "bytes in any of them": lambda: [spoil(dice.choice(everything), dice, 1) for _ in "123"],
        "the log gone": log.unlink,
        "the step log gone": steps.unlink,
        "both logs gone": lambda: [one.unlink() for one in everything[1:]],
        "the log cut": lambda: cut(log),
        "the file cut": lambda: cut(file),
        "the first page torn": lambda: file.write_bytes(
            bytes(dice.randrange(1, 4096)).ljust(4096, b"\0") + file.read_bytes()[4096:]
        ),
        "the file emptied": lambda: file.write_bytes(b""),
        "an older file": lambda: shutil.copyfile(older, file),
    }
    if not log.exists():
        for name in ("bytes in the log", "the log gone", "the log cut"):
            harms.pop(name)
    name = dice.choice(list(harms))
    harms[name]()
    return name


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), is_killed=sys.argv[4] == "1")

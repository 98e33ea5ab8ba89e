"""One trial, what came of it, and the process in which trials are made, so that it may die of one.

As a program: python trial.py KIND SEED FOLDER. Reads the numbers of trials, one a line, and answers
each with a line of JSON.
"""

import importlib
import json
import random
import sys
import traceback
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Outcome(StrEnum):
    """What came of a trial. All but the first two are faults of the program."""

    OK = "ok"
    TOLD = "told"
    EXCEPTION = "exception"
    CRASH = "crash"
    HANG = "hang"
    MEMORY = "over 1 GB"
    WRONG = "silently wrong"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a trial, and in words what was done and what was said."""

    outcome: Outcome
    remark: str = ""


class Kind(Protocol):
    """A kind of input: sound ones, ways to spoil them, and what the program must make of each."""

    def __init__(self, folder: Path) -> None:
        """Write what the trials need into an empty folder."""

    def trial(self, rng: random.Random) -> Verdict:
        """Spoil one, show it to the program, and judge. The same numbers give the same trial."""


KINDS = ("films", "models", "tables")


def load(kind: str, folder: Path) -> Kind:
    """Return a kind by name; its module holds a class of that name."""
    return getattr(importlib.import_module(f"of_{kind}"), kind.title())(folder)


def tried(kind: Kind, seed: int, number: int) -> Verdict:
    """Make trial number of a run with this seed."""
    try:
        return kind.trial(random.Random(f"{seed}/{type(kind).__name__}/{number}"))
    except MemoryError:
        return Verdict(Outcome.EXCEPTION, "MemoryError")
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return Verdict(Outcome.EXCEPTION, f"{type(error).__name__}: {error!s:.200} ({place})")


def main() -> None:
    name, seed, folder = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr
    kind = load(name, Path(folder))
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        verdict = tried(kind, int(seed), int(line))
        print(json.dumps(asdict(verdict)), file=answers, flush=True)


if __name__ == "__main__":
    main()

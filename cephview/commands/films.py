"""What commands ask of films: patterns, and a word on what was left out."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.commands import CommandError
from cephview.core.numbers import number_of
from cephview.formats.patterns import expanded, is_pattern

if TYPE_CHECKING:
    from cephview.training.choosing import Chosen


def films_of(paths: Sequence[Path]) -> list[Path]:
    """Return the films of a command line, patterns as `*.png` put in full.

    Not every shell does that. Raises CommandError where a pattern fits nothing.
    """
    films = expanded(paths)
    for path in films:
        if is_pattern(path):
            raise CommandError(f"no film fits {path}; check the folder and the pattern.")
    return list(dict.fromkeys(films))


def tell(sentences: Iterable[str]) -> None:
    """Say on standard error what does not end a command, but is to be known."""
    for sentence in sentences:
        print(f"cephview: {sentence}", file=sys.stderr, flush=True)


def take(chosen: "Chosen", *, has_report: bool = False) -> "Chosen":
    """Look at chosen films, tell what is left out and who says how large a pixel is.

    has_report: the latter is in what the command prints at its end. Returns the films that can be
    used. Raises TrainingError where there are none.
    """
    from cephview.training.screening import screened

    tell(chosen.told)
    kept = screened(chosen)
    tell(kept.told[len(chosen.told) :])
    if not has_report:
        tell(kept.scale_told())
    return kept


def size_mm(text: str) -> float:
    """Read an option that is a size in millimetres. Raises ArgumentTypeError for anything else."""
    found = number_of(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a size in mm, as 0.1 is")
    return found

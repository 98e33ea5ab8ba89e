"""Which films of a workspace a command takes, and what it calls them in what it writes."""

import argparse
import os
import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.commands import CommandError

if TYPE_CHECKING:
    from cephview.store import FilmRecord

NAMES = ("relative", "file", "pseudonym")


def add_film_arguments(parser: argparse.ArgumentParser, *, has_names: bool = True) -> None:
    """Add --films and --only, and --names for what names films."""
    parser.add_argument(
        "--films",
        nargs="+",
        metavar="FILM",
        help="these films alone, by path or name; * and ? stand for what is left open",
    )
    parser.add_argument(
        "--only",
        metavar="TEXT",
        help="only films with this in their name, as the window's search finds them",
    )
    if has_names:
        add_names_argument(parser)


def add_names_argument(parser: argparse.ArgumentParser) -> None:
    """Add --names: what films are called in what is written."""
    parser.add_argument(
        "--names",
        choices=NAMES,
        default=NAMES[0],
        help="what films are called: relative to the folder common to them (usual), by the "
        "name of the file, or by a number that says nothing of them; never by a whole path",
    )


def chosen_films(
    records: Sequence["FilmRecord"], args: argparse.Namespace
) -> tuple["FilmRecord", ...]:
    """Return the films that --films and --only ask for, in their order; all without either.

    Raises CommandError where one of them asks for no film that is there.
    """
    found = tuple(records)
    if args.films is not None:
        for wanted in args.films:
            if not any(_is_called(record.path, wanted) for record in found):
                raise CommandError(f"the workspace holds no film {wanted}; nothing was written.")
        found = tuple(r for r in found if any(_is_called(r.path, f) for f in args.films))
    if args.only is not None:
        found = tuple(r for r in found if _has_in_name(r.path, args.only))
        if not found:
            raise CommandError(f"no film has “{args.only}” in its name; nothing was written.")
    return found


def is_choice(args: argparse.Namespace) -> bool:
    """Whether some films were asked for, and not all."""
    return args.films is not None or args.only is not None


def _is_called(path: Path, wanted: str) -> bool:
    place, asked = _plain(path.as_posix()), _plain(wanted.replace(os.sep, "/")).removeprefix("./")
    if place == _plain(Path(wanted).absolute().as_posix()):
        return True
    return fnmatchcase(place, asked) or fnmatchcase(place, f"*/{asked.lstrip('/')}")


def _has_in_name(path: Path, text: str) -> bool:
    return fnmatchcase(_plain(path.name), f"*{_plain(text.strip())}*")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()

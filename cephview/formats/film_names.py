"""What films are called in a table that leaves this computer: never by a whole path."""

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePath, PureWindowsPath

from cephview.formats.errors import FormatError, shown

# A path that another computer wrote into a shared workspace.
_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class Names(StrEnum):
    """How films are called: by the folder common to them, by the file alone, or by a number."""

    RELATIVE = "relative"
    FILE = "file"
    PSEUDONYM = "pseudonym"


def film_names(paths: Sequence[str], names: Names = Names.RELATIVE) -> tuple[str, ...]:
    """Return a name for each film, in their order; no two are alike, and none is a whole path.

    Relative names begin at the folder common to all; where that is the whole disk, they are as
    short as tells films apart. Folders are parted by "/" on every system. Raises FormatError where
    two files of one name are to be called by it.
    """
    if names is Names.PSEUDONYM:
        digits = max(3, len(str(len(paths))))
        return tuple(f"film-{n:0{digits}d}" for n in range(1, len(paths) + 1))
    every = [_parts(path) for path in paths]
    if names is Names.FILE:
        found = tuple(parts[-1] for parts in every)
        twice = [name for name, count in Counter(found).items() if count > 1]
        if twice:
            raise FormatError(
                f"{shown(twice[0])} is the name of several films; choose relative names, or "
                "pseudonyms."
            )
        return found
    start = _common([parts[:-1] for parts in every])
    # The first part is the disk: what is common to films of one disk alone says nothing of them.
    if len(start) > 1 or all(len(parts) - len(start) == 1 for parts in every):
        return tuple("/".join(parts[len(start) :]) for parts in every)
    return _shortest(every)


def pseudonym(number: int) -> str:
    """Return what the film of a number among all of its workspace is called.

    It is the same in every export, whichever films are chosen, and made of nothing that could be
    guessed of a film.
    """
    return f"film-{number:03d}"


def without_whole_paths(names: Sequence[str]) -> list[str]:
    """Return names of films as they are, or where one is a whole path, as film_names calls all."""
    is_whole = any(PurePath(name).is_absolute() or _OF_WINDOWS.match(name) for name in names)
    return list(film_names(names)) if is_whole else list(names)


def _parts(path: str) -> tuple[str, ...]:
    """Return disk, folders and file of a path; the disk is "" where the system has but one."""
    pure = PureWindowsPath(path) if _OF_WINDOWS.match(path) else PurePath(path)
    disk = re.sub(r"[:\\/]+", " ", pure.drive).strip()
    rest = pure.parts[1:] if pure.anchor else pure.parts
    return disk, *(part for part in rest if part != "..")


def _common(every: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if not every:
        return ()
    first, last = min(every), max(every)
    length = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    return first[:length]


def _shortest(every: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the fewest last parts of each path that no other path ends with."""
    found = [""] * len(every)
    left, length = set(range(len(every))), 1
    while left:
        ends = {n: every[n][-length:] for n in range(len(every))}
        count = Counter(ends.values())
        for n in sorted(left):
            if count[ends[n]] == 1 or length >= len(every[n]):
                found[n] = "/".join(part for part in ends[n] if part)
                left.discard(n)
        length += 1
    return tuple(found)

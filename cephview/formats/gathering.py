"""Which films lie in folders, on discs and among files: for the window and for every command."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cephview.core.natural_order import natural_order
from cephview.formats.families import FILM_SUFFIXES, looks_like_film

# Folders and files in which systems keep their own things.
_OF_SYSTEMS = {
    "$recycle.bin",
    "system volume information",
    "__macosx",
    "lost+found",
    "@eadir",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
}
_WINDOWS_HIDDEN = stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM
_DICOMDIR = "DICOMDIR"
# Discs bring a viewer, and viewers bring icons.
_ICON_PX = 64


@dataclass(frozen=True)
class FoundFile:
    """A file that was named itself, is listed by a DICOMDIR, or lies in a folder.

    is_film: it begins like a film. A file of a folder that does not only has the name of one.
    """

    path: Path
    is_film: bool = False
    is_named: bool = False
    is_listed: bool = False


def is_disc_index(path: Path) -> bool:
    """Say whether a file is a DICOMDIR by its name."""
    return path.name.upper().partition(";")[0] == _DICOMDIR


def is_place(path: Path) -> bool:
    """Say whether a path stands for the films in it: a folder, or the DICOMDIR of a disc."""
    return path.is_dir() or is_disc_index(path)


def find_films(
    places: Iterable[Path],
    tests_film: Callable[[Path], bool] = looks_like_film,
    each: Callable[[Sequence[FoundFile]], Iterable[FoundFile]] = iter,
    go_on: Callable[[], None] = lambda: None,
) -> list[FoundFile]:
    """Return the films of files, folders with all below them, and DICOMDIRs, each once.

    They come place by place, in the order people count in. What is hidden or a system's own is
    passed over, and links are followed once. A file that only has the name of a film comes, too:
    silence would hide damage. go_on() is called before each folder; each() gives the files one by
    one to be looked at; both may raise to give it up. Raises OSError where a named folder cannot be
    read; a folder below it that cannot is passed over.
    """
    seen: set[tuple[int, int]] = set()
    files: dict[Path, FoundFile] = {}
    for place in places:
        for found in _files_of(place, seen, go_on):
            files.setdefault(found.path, found)
    return [
        replace(file, is_film=is_film)
        for file in each(tuple(files.values()))
        if _is_wanted(file, is_film := tests_film(file.path))
    ]


def expanded(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths that a command works on: named files as they are, and films of folders.

    Raises OSError for a folder that cannot be read.
    """
    return tuple(found.path for found in find_films(places))


def _is_wanted(file: FoundFile, is_film: bool) -> bool:
    if file.is_listed or file.is_named:
        return True
    if is_film:
        return not _is_icon(file.path)
    return file.path.suffix.lower() in FILM_SUFFIXES


def _files_of(
    place: Path, seen: set[tuple[int, int]], go_on: Callable[[], None]
) -> Iterator[FoundFile]:
    if place.is_dir():
        yield from map(FoundFile, _in_folder(place, seen, go_on))
    elif is_disc_index(place) and place.is_file():
        listed = _listed_by(place)
        if any(path.is_file() for path in listed):
            yield from (FoundFile(path, is_listed=True) for path in listed)
        else:
            yield from map(FoundFile, _in_folder(place.parent, seen, go_on))
    else:
        yield FoundFile(place, is_named=True)


def _in_folder(
    folder: Path, seen: set[tuple[int, int]], go_on: Callable[[], None]
) -> Iterator[Path]:
    """Walk a folder. seen holds the folders that were walked, by what no link can change."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        go_on()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                files, folders = _sorted_out(entries)
        except OSError:
            if here is folder:
                raise
            continue
        yield from files
        waiting.extend(reversed(folders))


def _sorted_out(entries: Iterable[os.DirEntry[str]]) -> tuple[list[Path], list[Path]]:
    files, folders = [], []
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in _OF_SYSTEMS:
            continue
        try:
            # Only Windows tells attributes.
            if getattr(entry.stat(), "st_file_attributes", 0) & _WINDOWS_HIDDEN:
                continue
            if entry.is_dir():
                folders.append(Path(entry.path))
            elif entry.is_file():
                files.append(Path(entry.path))
        except OSError:
            continue
    return sorted(files, key=natural_order), sorted(folders, key=natural_order)


def _is_icon(path: Path) -> bool:
    """Say whether a picture is far too small for a film, where its first bytes tell."""
    try:
        with path.open("rb") as file:
            head = file.read(26)
    except OSError:
        return False
    if head.startswith(b"\x89PNG"):
        sides = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    elif head.startswith(b"BM"):
        sides = (
            int.from_bytes(head[18:22], "little", signed=True),
            abs(int.from_bytes(head[22:26], "little", signed=True)),
        )
    else:
        return False
    return max(sides) <= _ICON_PX


def _listed_by(index: Path) -> tuple[Path, ...]:
    """Return the files that a DICOMDIR lists, in its order; none where it cannot be read."""
    from cephview.formats.opening import disc_index

    found = []
    for parts in disc_index(index):
        if any(part in ("", ".", "..") or "/" in part for part in parts):
            continue
        found.append(_there(index.parent, parts))
    return tuple(dict.fromkeys(found))


def _there(folder: Path, parts: list[str]) -> Path:
    """Return a listed file, whatever case and version number the disc is mounted with."""
    for part in parts:
        path = folder / part
        if not path.exists():
            try:
                names = [there.name for there in folder.iterdir()]
            except OSError:
                names = []
            same = [n for n in names if n.casefold().partition(";")[0] == part.casefold()]
            path = folder / same[0] if same else path
        folder = path
    return folder

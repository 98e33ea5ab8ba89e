"""Which of several pictures of a file is the film: frames of a DICOM file, pages of a TIFF.

The first is, unless a path says another: film.dcm#2 is the second picture of film.dcm.
"""

import os
import re
from pathlib import Path

from cephview.core.film import Film
from cephview.formats.errors import FormatError, shown

_NUMBERED = re.compile(r"(.+)#([1-9]\d{0,5})", re.DOTALL)


def file_and_frame(path: Path) -> tuple[Path, int]:
    """Return the file that a path names, and which of its pictures, from 0.

    A file that is really called like that goes first.
    """
    match = _NUMBERED.fullmatch(path.name)
    if match is None or os.path.lexists(path):
        return path, 0
    return path.with_name(match[1]), int(match[2]) - 1


def file_of(path: Path) -> Path:
    """Return the file that a path names, whichever of its pictures it means."""
    return file_and_frame(path)[0]


def path_of_frame(path: Path, frame: int) -> Path:
    """Return the path of another picture, from 0, of the file that a path names."""
    file = file_of(path)
    return file.with_name(f"{file.name}#{frame + 1}") if frame else file


def check_frame(path: Path, frame: int, count: int) -> None:
    """Raise FormatError where a file has no such frame; frame is from 0."""
    if not 0 <= frame < count:
        has = "one picture" if count == 1 else f"{count} pictures"
        raise FormatError(
            f"{shown(path)} is no picture of its file, which has {has}; choose a number from "
            f"1 to {count}."
        )


def several_pictures(film: Film, path: Path) -> str:
    """Return a sentence on a file of several pictures; empty where it has but one."""
    count = film.origin.frames
    if count < 2:
        return ""
    file, frame = file_and_frame(path)
    return f"{shown(file)} holds {count} pictures, of which this is number {frame + 1}."


def other_picture(film: Film, path: Path) -> Path:
    """Return the path of the picture behind this one, and behind the last of the first."""
    frame = file_and_frame(path)[1]
    return path_of_frame(path, (frame + 1) % film.origin.frames)

"""Files and folders that only their user may read: they hold what was said of patients.

Rights are those of POSIX. On Windows a file has those of the user's folder it lies in.
"""

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TextIO, cast

import platformdirs

_OTHERS = 0o077
_FOLDER, _FILE = 0o700, 0o600
_HAS_RIGHTS = sys.platform != "win32"


def begin() -> None:
    """Let nothing that this process or its children make be read by others."""
    if _HAS_RIGHTS:
        os.umask(_OTHERS)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it; one that is there keeps its rights.

    Raises OSError.
    """
    missing = []
    for one in (folder, *folder.absolute().parents):
        if one.exists():
            break
        missing.append(one)
    for one in reversed(missing):
        one.mkdir(mode=_FOLDER, exist_ok=True)
    # Says so where a file is in the way.
    folder.mkdir(exist_ok=True)


def make_own_folder(folder: Path) -> None:
    """Make a folder of the program's own; one that is there is closed to others. Raises OSError."""
    make_folder(folder)
    close(folder)


def make_file(path: Path) -> None:
    """Make an empty file, unless there is one. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE))


def opener(path: str, flags: int) -> int:
    """Open a file for open(): a new one is private, and so becomes one that was not."""
    handle = os.open(path, flags, _FILE)
    if _HAS_RIGHTS and stat.S_IMODE(os.fstat(handle).st_mode) & _OTHERS:
        with contextlib.suppress(OSError):
            os.fchmod(handle, _FILE)
    return handle


def open_text(path: Path, mode: str, encoding: str = "utf-8") -> TextIO:
    """Open a private file to write text to it. Raises OSError."""
    return cast(TextIO, open(path, mode, encoding=encoding, opener=opener))


def close(path: Path) -> None:
    """Take from others what rights they have to a file or folder, where the system lets us."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if _HAS_RIGHTS and mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)


def is_users_place(folder: Path) -> bool:
    """Whether a folder is one that everybody has, such as the desktop, whose rights are theirs."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    known = (
        platformdirs.user_desktop_dir(),
        platformdirs.user_documents_dir(),
        platformdirs.user_downloads_dir(),
        platformdirs.user_pictures_dir(),
    )
    return folder in (home, *home.parents, *map(Path, known))


def exposure(path: Path) -> str:
    """Return a sentence where a file cannot be kept from others, as on some disks, else ""."""
    try:
        is_open = bool(stat.S_IMODE(path.stat().st_mode) & _OTHERS)
    except OSError:
        return ""
    if not (_HAS_RIGHTS and is_open):
        return ""
    return (
        f"Others who work on this computer, or have the disk, may read {path}: its file system "
        "keeps no rights of users. Put it where only you have access."
    )

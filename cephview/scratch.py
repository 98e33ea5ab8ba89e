"""Folders of a while, for what is made of patients' films, and their end also after a kill.

A process holds a lock for each folder it made for as long as it lives. Whoever starts next removes
those that nobody holds any more.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "cephview-while-"
# Beside the folder: the lock is there before it, and still while it goes.
_LOCK = ".held"


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder that only this user may read, and remove it afterwards.

    Raises OSError where there is no room for temporary files.
    """
    from filelock import FileLock

    place = Path(tempfile.gettempdir(), _PREFIX + secrets.token_hex(8))
    lock = place.with_name(place.name + _LOCK)
    try:
        with FileLock(lock, mode=0o600):
            try:
                place.mkdir(mode=0o700)
                yield place
            finally:
                shutil.rmtree(place, ignore_errors=True)
    finally:
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)


def sweep() -> None:
    """Remove what processes left that were ended before they could."""
    with contextlib.suppress(OSError):
        found = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
        for place in {one.with_name(one.name.removesuffix(_LOCK)) for one in found}:
            with contextlib.suppress(OSError):
                _remove_unless_held(place)


def _remove_unless_held(place: Path) -> None:
    from filelock import FileLock, Timeout

    lock = place.with_name(place.name + _LOCK)
    # In a folder that all users share, what is another's is theirs.
    for one in (place, lock):
        if one.is_symlink() or (one.exists() and not _is_ours(one)):
            return
    try:
        with FileLock(lock, timeout=0, mode=0o600):
            if place.exists():
                shutil.rmtree(place)
    except Timeout:
        return
    lock.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()

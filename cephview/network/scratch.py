"""Folders to make something in before it takes its place, of which none stays behind a kill."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_LOCK = "lock"


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder in parent that goes with the block; those that a killed process left go, too.

    Raises OSError.
    """
    _sweep(parent, prefix)
    # What cannot be removed now, as where another process looks into it, is swept the next time.
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with FileLock(folder / _LOCK, timeout=0):
            yield folder


def _sweep(parent: Path, prefix: str) -> None:
    """Remove folders that no living process holds."""
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError, Timeout):
            if not folder.is_dir() or folder.is_symlink() or not (folder / _LOCK).is_file():
                continue
            with FileLock(folder / _LOCK, timeout=0):
                pass
            shutil.rmtree(folder)

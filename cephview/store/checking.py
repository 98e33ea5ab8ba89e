"""The integrity check of a database file: at once where it is small, else before the first write.

A check reads the whole file. A workspace of thousands of films is shown while that goes on in a
thread of its own; no write begins before it has ended well.
"""

import contextlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from cephview.store import sqlite

CHECKED_AT_ONCE_BYTES = 64 << 20
_FLAG = ".damaged"


class Check:
    """A check that is under way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_whole = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait for the end. Raises StoreError for a file that is damaged.

        The next opening then checks it at once, and recovers it.
        """
        self._thread.join()
        if not self._is_whole:
            raise sqlite.damaged(self._path)

    def _run(self) -> None:
        try:
            with closing(sqlite.connect_for_reading(self._path)) as connection:
                self._is_whole = sqlite.is_whole(connection)
        except sqlite3.OperationalError:
            # Taken away meanwhile, or locked: a write will say so.
            return
        except sqlite3.DatabaseError:
            self._is_whole = False
        if not self._is_whole:
            mark(self._path)


def is_checked_at_once(path: Path) -> bool:
    """Whether a file is small enough to be checked while a window waits."""
    return path.stat().st_size <= CHECKED_AT_ONCE_BYTES


def mark(path: Path) -> None:
    """Note that a file was found to be damaged, so that the next opening recovers it."""
    with contextlib.suppress(OSError):
        flag(path).touch()


def flag(path: Path) -> Path:
    """Return the file that says of another one that it was found to be damaged."""
    return path.with_name(path.name + _FLAG)

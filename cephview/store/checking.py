"""The integrity check of a database file: at once where it is small, else before the first write.

A check reads the whole file. A workspace of thousands of films is shown while that goes on in a
thread of its own; no write begins before it has ended well.
"""

import contextlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from cephview.store import sqlite, whole
from cephview.store.errors import is_damage

CHECKED_AT_ONCE_BYTES = 16 << 20
_FLAG = ".damaged"


class Check:
    """A check that is under way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_whole = True
        self._has_seen_pages = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until pages and indexes are checked. Raises StoreError for a file that is damaged.

        The next opening then checks it at once, and recovers it. Rows are checked after that, each
        by itself: a damaged one leads no write astray, and is found in any case when it is read.
        """
        self._has_seen_pages.wait()
        if not self._is_whole:
            raise sqlite.damaged(self._path)

    def wait_for_rows(self) -> None:
        """Wait for the end of it all. Raises StoreError for a file that is damaged."""
        self._thread.join()
        self.wait()

    def _run(self) -> None:
        try:
            with closing(sqlite.connect_for_reading(self._path)) as connection:
                self._is_whole = whole.has_whole_pages(connection)
                self._has_seen_pages.set()
                self._is_whole = self._is_whole and whole.has_whole_rows(connection)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            # Where it was taken away meanwhile, or is locked, a write will say so.
            if not isinstance(error, sqlite3.OperationalError) or is_damage(error):
                self._is_whole = False
        finally:
            if not self._is_whole:
                mark(self._path)
            self._has_seen_pages.set()


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

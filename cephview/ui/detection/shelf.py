"""The film that was read ahead, until it is asked for."""

import threading
from collections.abc import Callable
from pathlib import Path

from cephview.core.film import Film

# When a file was last written, and its size.
_Stamp = tuple[int, int]


class Shelf:
    """Keeps one film at the most. Its methods may be called on any thread."""

    def __init__(self, read: Callable[[Path], Film]) -> None:
        """read(path) opens a film or raises an error whose str() is a sentence for the user."""
        self._read = read
        self._lock = threading.Lock()
        self._coming: Path | None = None
        self._kept: tuple[Path, _Stamp, Film] | None = None

    def expect(self, path: Path) -> None:
        """Say which film put() is about to read, so that take() waits for it."""
        self._coming = path

    def put(self, path: Path) -> Film:
        """Read a film, unless it is there, and keep it in the place of the one before."""
        with self._lock:
            stamp = _stamp(path)
            if self._kept is None or self._kept[:2] != (path, stamp):
                self._kept = path, stamp, self._read(path)
            return self._kept[2]

    def take(self, path: Path) -> Film:
        """Return a film: the kept one, unless its file has changed since, or one read now."""
        if path == self._coming:
            with self._lock:
                kept = self._kept
            if kept is not None and kept[:2] == (path, _stamp(path)):
                return kept[2]
        return self._read(path)

    def clear(self) -> None:
        self._coming = self._kept = None


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        # What is amiss is for the reading to say.
        return 0, -1
    return found.st_mtime_ns, found.st_size

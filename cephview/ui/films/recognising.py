"""Finds out which listed files are films of the workspace, by their bytes and not their place."""

import time
from collections import deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.ui.films.film_digests import FilmDigests, stamp_of
from cephview.ui.work.background import Background

_TURN_S = 0.2


@dataclass(frozen=True)
class _Sorted:
    """Files by what must be done: found already, to be read, and how large the others are."""

    found: dict[Path, str]
    to_read: list[Path]
    passed_over: dict[Path, int]


class Recognising(QObject):
    """Reads on one thread of its own, a few films a turn, and never while a film is waited for.

    recognised(paths to digests) tells what was found; ended() that nothing waits any more.
    """

    recognised = Signal(object)
    ended = Signal()

    def __init__(self, digests: FilmDigests, parent: QObject) -> None:
        super().__init__(parent)
        self._digests = digests
        self._background = Background(self)
        self._round = 0
        self._waiting: deque[Path] = deque()
        self._passed_over: dict[Path, int] = {}
        self._opened_sizes: set[int] = set()
        self._copies: set[Path] = set()
        self._sorting = 0
        self._is_reading = False
        self._is_held = False

    @property
    def is_busy(self) -> bool:
        return self._sorting > 0 or bool(self._waiting)

    def has_open_questions(self, answered: Container[Path]) -> bool:
        """Whether a file may still turn out to be a film that no other listed file is."""
        asked = (path for path in self._waiting if path not in self._copies)
        return self._sorting > 0 or any(path not in answered for path in asked)

    def forget(self) -> None:
        """Drop every file asked for so far."""
        self._round += 1
        self._waiting.clear()
        self._passed_over.clear()
        self._copies.clear()
        self._sorting, self._is_reading = 0, False

    def look_at(self, paths: Iterable[Path], workspace: Mapping[str, Path]) -> None:
        """Recognise files, as far as they can be films of a workspace.

        workspace: the place where each film was last seen, by its digest. A file that has the size
        of none of them is not read; it is looked at again once a film of its size was read.
        """
        wanted, asked, digests = tuple(paths), self._round, self._digests
        if not wanted:
            return
        self._sorting += 1

        def done(found: _Sorted) -> None:
            if asked != self._round:
                return
            self._sorting -= 1
            self._waiting.extend(found.to_read)
            self._passed_over |= found.passed_over
            self._look_at_passed_over()
            self._tell(found.found)

        self._background.run(lambda: _sorted_out(wanted, workspace, digests), done, _raise)

    def look_for_copies(self, path: Path) -> None:
        """Read a film that was opened, and the files of its size."""
        stamp = stamp_of(path)
        if stamp is None:
            return
        self._passed_over[path] = stamp.size
        self._opened_sizes.add(stamp.size)
        self._look_at_passed_over()
        self._next()

    def hold(self, *_: object) -> None:
        """Begin no further turn until go_on()."""
        self._is_held = True

    def go_on(self, *_: object) -> None:
        self._is_held = False
        self._next()

    def close(self) -> None:
        self.forget()
        self._background.close()

    def _look_at_passed_over(self) -> None:
        sizes = self._opened_sizes
        copies = [path for path, size in self._passed_over.items() if size in sizes]
        for copy in copies:
            del self._passed_over[copy]
        self._copies.update(copies)
        self._waiting.extend(copies)

    def _next(self) -> None:
        if self._is_reading or self._is_held or not self._waiting:
            return
        self._is_reading = True
        paths, asked, digests = list(self._waiting), self._round, self._digests

        def read() -> tuple[int, dict[Path, str]]:
            """Return how many of the paths were read within a turn, and their digests."""
            end, found = time.monotonic() + _TURN_S, {}
            for number, path in enumerate(paths, start=1):
                stamp = stamp_of(path)
                known = None if stamp is None else digests.remembered(path, stamp)
                digest = known or digests.read(path, lambda: asked != self._round)
                if digest is not None:
                    found[path] = digest
                if time.monotonic() > end or asked != self._round:
                    return number, found
            return len(paths), found

        def done(answer: tuple[int, dict[Path, str]]) -> None:
            if asked != self._round:
                return
            count, found = answer
            for _ in range(count):
                self._waiting.popleft()
            self._is_reading = False
            self._tell(found)

        self._background.run(read, done, _raise)

    def _tell(self, found: dict[Path, str]) -> None:
        if found:
            self.recognised.emit(found)
        if self.is_busy:
            self._next()
        else:
            self.ended.emit()


def _sorted_out(
    paths: tuple[Path, ...], workspace: Mapping[str, Path], digests: FilmDigests
) -> _Sorted:
    places = set(workspace.values())
    sizes: set[int] = set()
    is_every_size_known = True
    for sha256, place in workspace.items():
        known = digests.sizes(sha256)
        if not known:
            stamp = stamp_of(place)
            known = frozenset() if stamp is None else frozenset({stamp.size})
        is_every_size_known = is_every_size_known and bool(known)
        sizes |= known
    found: dict[Path, str] = {}
    to_read, passed_over = [], {}
    for path in paths:
        stamp = stamp_of(path)
        if stamp is None:
            continue
        digest = digests.remembered(path, stamp)
        if digest is not None:
            found[path] = digest
        elif path in places or stamp.size in sizes or not is_every_size_known:
            to_read.append(path)
        else:
            passed_over[path] = stamp.size
    return _Sorted(found, to_read, passed_over)


def _raise(error: Exception) -> None:
    raise error

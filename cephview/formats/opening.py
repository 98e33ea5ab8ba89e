"""Open films of any format, each read by a process that may hang or die without harm to this one.

Films come from discs and mails that nobody vouches for, and a few hundred bytes can ask a decoder
for hours of work and all memory there is.
"""

import atexit
import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cephview.core.film import Film
from cephview.formats.errors import FormatError, shown
from cephview.formats.film_reader import Answer, FilmReader, ReaderLostError, film_of

# As many as read at once beside each other in a window: the open film, the next, a small picture.
_KEPT = 3


class FilmOpener:
    """Opens films for one part of the program, which can give up what it asked for.

    Its methods may be called on any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: dict[FilmReader, Path] = {}
        self._is_closed = False

    def open_film(self, path: Path | str) -> Film:
        """Read a film as open_film() does."""
        head, pixels = self._ask(Path(path), "film")
        if pixels is None:
            raise _ended(Path(path))
        return film_of(head, pixels)

    def thumbnail(self, path: Path | str, side_px: int) -> NDArray[np.uint8]:
        """Read a small picture as thumbnail() does."""
        _, pixels = self._ask(Path(path), "thumbnail", side_px=side_px)
        if pixels is None:
            raise _ended(Path(path))
        return pixels

    def disc_index(self, path: Path) -> list[list[str]]:
        """Return what a DICOMDIR lists as disc_index() does."""
        try:
            listed = self._ask(path, "disc")[0]["listed"]
        except FormatError:
            return []
        return [[str(part) for part in parts] for parts in listed]

    def give_up(self, path: Path) -> None:
        """End at once what is being read of a path; who waits for it gets FormatError."""
        with self._lock:
            readers = [reader for reader, of in self._at_work.items() if of == path]
        for reader in readers:
            reader.kill()

    def close(self) -> None:
        """End at once all that is being read, and read nothing any more."""
        with self._lock:
            self._is_closed = True
            readers = list(self._at_work)
        for reader in readers:
            reader.kill()

    def _ask(self, path: Path, what: str, **how: Any) -> Answer:
        request = {"read": what, "path": str(path.absolute()), **how}
        reader = _taken(path)
        is_whole = False
        try:
            with self._lock:
                if self._is_closed:
                    raise FormatError(f"{shown(path)} was not read, because the window was closed.")
                self._at_work[reader] = path
            answer = reader.ask(request, _keep_one_ready)
            is_whole = True
        except ReaderLostError as lost:
            raise _lost(path, lost) from lost
        finally:
            with self._lock:
                self._at_work.pop(reader, None)
            _give_back(reader) if is_whole else _end(reader)
        if "error" in answer[0]:
            raise FormatError(str(answer[0]["error"]))
        return answer


def _lost(path: Path, lost: ReaderLostError) -> FormatError:
    if lost.was_late:
        return FormatError(
            f"{shown(path)} takes far longer to read than any film, so it was given up; "
            "copy it again from its source, or export it again without compression."
        )
    if not lost.was_ready:
        return FormatError(
            f"{shown(path)} could not be read, because no process to read it could start; "
            "run 'cephview self-test' to see what is missing."
        )
    return _ended(path)


def _ended(path: Path) -> FormatError:
    return FormatError(
        f"{shown(path)} is damaged in a way that ended the process that read it; "
        "copy it again from its source, or export it again without compression."
    )


_everybody = FilmOpener()
_lock = threading.Lock()
_idle: list[FilmReader] = []
_all: set[FilmReader] = set()


def open_film(path: Path | str) -> Film:
    """Read a film at full depth. The file is read once and never written to.

    Of a file of several pictures the first is read; a path of formats.frames names another, which
    is a film of its own, with a digest of its own. Raises FormatError with a sentence that names
    the file and says what to do; also where reading it would take more time or memory than a film
    of its size ever does, or ends the process that reads it.
    """
    return _everybody.open_film(path)


def thumbnail(path: Path | str, side_px: int) -> NDArray[np.uint8]:
    """Return a film as first shown, 8 bit, its longer side side_px or less. Raises FormatError."""
    return _everybody.thumbnail(path, side_px)


def disc_index(path: Path) -> list[list[str]]:
    """Return the files that a DICOMDIR lists, as parts of a path; none where it is damaged."""
    return _everybody.disc_index(path)


def start_ahead() -> None:
    """Start a process that reads films, if none waits: it is ready a moment later."""
    with contextlib.suppress(OSError):
        _keep_one_ready()


def _keep_one_ready() -> None:
    with _lock:
        is_wanted = not any(reader.is_alive for reader in _idle)
    if is_wanted:
        with contextlib.suppress(OSError):
            _give_back(_started())


def _started() -> FilmReader:
    reader = FilmReader()
    with _lock:
        _all.add(reader)
    return reader


def _taken(path: Path) -> FilmReader:
    """Return a process that waits for work, or a new one."""
    with _lock:
        while _idle:
            reader = _idle.pop()
            if reader.is_alive:
                return reader
            _all.discard(reader)
    try:
        return _started()
    except OSError as error:
        raise FormatError(
            f"{shown(path)} could not be read, because the system started no process to read it; "
            "close other programs and try again."
        ) from error


def _give_back(reader: FilmReader) -> None:
    with _lock:
        if len(_idle) < _KEPT:
            _idle.append(reader)
            return
    _end(reader)


def _end(reader: FilmReader) -> None:
    with _lock:
        _all.discard(reader)
    reader.kill()


def _forget() -> None:
    """After a fork: what was started belongs to the parent."""
    global _everybody, _lock
    _lock = threading.Lock()
    _everybody = FilmOpener()
    _idle.clear()
    _all.clear()


@atexit.register
def _end_all() -> None:
    for reader in list(_all):
        _end(reader)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

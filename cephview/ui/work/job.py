"""Work that may take long: how far it is, how long it will take, and a way to give it up."""

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")

_TOLD_EVERY_S = 0.1
# Before that a guess of what is left says nothing.
_KNOWN_AFTER_S = 1.0


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The user gave the work up."""


class Job(QObject):
    """One piece of work. told(done, all) comes while it runs, ended() once it has.

    The work itself may run on any thread; the object belongs to the window's.
    """

    told = Signal(int, int)
    ended = Signal()

    def __init__(
        self, title: str, parent: QObject, *, can_stop: bool = True, is_in_percent: bool = False
    ) -> None:
        """title says in few words what is done: "Reading films".

        is_in_percent: what is done is no number of things, but a share.
        """
        super().__init__(parent)
        self.title = title
        self.can_stop = can_stop
        self.is_in_percent = is_in_percent
        self._is_stopped = False
        self._begun = time.monotonic()

    def stop(self) -> None:
        """Give the work up; each() ends at the next item."""
        self._is_stopped = True

    def go_on(self) -> None:
        """Raise Stopped once the work was given up."""
        if self._is_stopped:
            raise Stopped

    def each(self, items: Sequence[T]) -> Iterator[T]:
        """Give items one by one and tell how far it is. Raises Stopped once it was given up."""
        last = 0.0
        for n, item in enumerate(items):
            self.go_on()
            now = time.monotonic()
            if now - last >= _TOLD_EVERY_S:
                self.told.emit(n, len(items))
                last = now
            yield item

    def end(self) -> None:
        """Say that it is over, in whatever way."""
        self.ended.emit()
        self.deleteLater()

    def seconds_left(self, done: int, every: int) -> float | None:
        """Return how long it will take, by how long it took so far; None while nobody can know."""
        took = time.monotonic() - self._begun
        if took < _KNOWN_AFTER_S or not done:
            return None
        return took / done * (every - done)

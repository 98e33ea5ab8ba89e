"""Work off the window's thread, with the answer brought back to it."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

_CLOSING_S = 0.25
_FINISHING_S = 30.0

_Work = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]


class _Answers(QObject):
    """What a thread speaks through; it lives as long as anything may still be said."""

    said = Signal(object, object)


class Background(QObject):
    """A few threads. Answers arrive on the thread this object lives in.

    Work must touch neither widgets nor the open tracing. After close() no answer arrives.

    The threads are Python's and not those of a QThreadPool: that one waits for its work when it is
    destroyed, and where a widget overrides event() its children are destroyed with the interpreter
    held, for which the work then waits in turn. Nor are they those of an executor, for which Python
    waits when it ends: a drive that has gone silent would keep the program for ever.
    """

    def __init__(self, parent: QObject, *, threads: int = 1, must_finish: bool = False) -> None:
        """must_finish: what runs when the window closes is not lost; see end_of_program()."""
        super().__init__(parent)
        self._must_finish = must_finish
        self._most = threads
        self._threads: list[threading.Thread] = []
        self._waiting: deque[_Work] = deque()
        self._free = 0
        self._changed = threading.Condition()
        self._is_closed = False
        self._answers = _Answers()
        self._answers.said.connect(self._deliver)

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Call work() on a thread, then on_done(its value) or on_error(its exception) here."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting.append((work, on_done, on_error))
            if self._free < len(self._waiting) and len(self._threads) < self._most:
                thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._threads.append(thread)
                self._free += 1
                thread.start()
            self._changed.notify()

    def clear(self) -> None:
        """Drop what has not begun."""
        with self._changed:
            self._waiting.clear()

    def close(self) -> None:
        """Drop what waits. Wait a moment for what runs, but not until it ends."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()
        end = time.monotonic() + _CLOSING_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                _left.append((thread, self._must_finish))

    def _work(self) -> None:
        answers = self._answers
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                work, on_done, on_error = self._waiting.popleft()
                self._free -= 1
            try:
                found: tuple[Callable[[Any], None], Any] = on_done, work()
            except Exception as error:  # every failure is carried to the caller's thread
                found = on_error, error
            # In this order: whoever hears of it may ask for more.
            with self._changed:
                self._free += 1
                if self._is_closed:
                    return
            answers.said.emit(*found)
            del work, on_done, on_error, found

    def _deliver(self, callback: Callable[[Any], None], value: Any) -> None:
        if not self._is_closed:
            callback(value)


_left: list[tuple[threading.Thread, bool]] = []


def end_of_program() -> bool:
    """Wait for what must finish, half a minute at the most; say whether any work still goes on.

    To be called when the window has gone. Where work goes on, the program must end without
    Python's own way of ending, in whose midst a thread could wake.
    """
    end = time.monotonic() + _FINISHING_S
    for thread, must_finish in _left:
        if must_finish:
            thread.join(max(0.0, end - time.monotonic()))
    return any(thread.is_alive() for thread, _ in _left)

"""Work off the window's thread, with the answer brought back to it."""

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

_log = logging.getLogger(__name__)


class Background(QObject):
    """A small pool of threads. Answers arrive on the thread this object lives in.

    Work must touch neither widgets nor the open tracing. After close() no answer arrives.
    """

    _finished = Signal(object, object)

    def __init__(self, parent: QObject, *, threads: int = 1) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._is_closed = False
        self._finished.connect(self._deliver)

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        *,
        priority: int = 0,
    ) -> None:
        """Call work() on a thread, then on_done(its value) or on_error(its exception) here."""

        def task() -> None:
            if self._is_closed:
                return
            try:
                value = work()
            except Exception as error:  # every failure is carried to the caller's thread
                self._report(on_error, error)
            else:
                self._report(on_done, value)

        if not self._is_closed:
            self._pool.start(task, priority)

    def clear(self) -> None:
        """Drop what has not begun."""
        self._pool.clear()

    def close(self) -> None:
        """Drop what waits and wait for what runs."""
        self._is_closed = True
        self._pool.clear()
        self._pool.waitForDone()

    def _report(self, callback: Callable[[Any], None], value: Any) -> None:
        try:
            self._finished.emit(callback, value)
        except RuntimeError:  # the Qt side is already gone
            _log.debug("an answer came after the window closed")

    def _deliver(self, callback: Callable[[Any], None], value: Any) -> None:
        if not self._is_closed:
            callback(value)

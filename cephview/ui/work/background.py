"""Work off the window's thread, with the answer brought back to it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal


class _Answers(QObject):
    """What a thread speaks through; it lives as long as anything may still be said."""

    said = Signal(object, object)


class Background(QObject):
    """A few threads. Answers arrive on the thread this object lives in.

    Work must touch neither widgets nor the open tracing. After close() no answer arrives.

    The threads are Python's and not those of a QThreadPool: that one waits for its work when it is
    destroyed, and where a widget overrides event() its children are destroyed with the interpreter
    held, for which the work then waits in turn.
    """

    def __init__(self, parent: QObject, *, threads: int = 1) -> None:
        super().__init__(parent)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._asked: list[Future[None]] = []
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
        answers = self._answers

        def task() -> None:
            try:
                value = work()
            except Exception as error:  # every failure is carried to the caller's thread
                answers.said.emit(on_error, error)
            else:
                answers.said.emit(on_done, value)

        if not self._is_closed:
            self._asked = [one for one in self._asked if not one.done()]
            self._asked.append(self._threads.submit(task))

    def clear(self) -> None:
        """Drop what has not begun."""
        for one in self._asked:
            one.cancel()

    def close(self) -> None:
        """Drop what waits and wait for what runs."""
        self._is_closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, callback: Callable[[Any], None], value: Any) -> None:
        if not self._is_closed:
            callback(value)

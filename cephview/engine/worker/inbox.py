"""Requests on their way from the reading thread to the working one."""

import threading
from collections.abc import Callable

from cephview.engine.messages import (
    Answer,
    Cancel,
    Cancelled,
    Detect,
    Finetune,
    Ping,
    Request,
    Shutdown,
)

Job = Detect | Finetune


class Inbox:
    """Holds what waits, knows what runs, and says when what runs should stop.

    Waiting requests are cancelled at once, by the reading thread; the running one when it next asks
    should_stop. The newest film goes first, because that is the one being looked at.
    """

    def __init__(self, send: Callable[[Answer], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._pings = 0
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._stop = threading.Event()
        self._closed = False

    def put(self, request: Request) -> None:
        """Take a request; called by the reading thread."""
        if isinstance(request, Cancel):
            self._cancel(request.id)
            return
        with self._changed:
            if isinstance(request, Ping):
                self._pings += 1
            elif isinstance(request, Shutdown):
                self._close()
            else:
                self._waiting.append(request)
            self._changed.notify_all()

    def close(self) -> None:
        """Give up everything: next answers None as soon as the running job has stopped."""
        with self._changed:
            self._close()
            self._changed.notify_all()

    def next(self) -> Ping | Job | None:
        """Wait for something to do; None when there is nothing to do any more."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._closed or self._pings or self._waiting)
            if self._closed:
                return None
            if self._pings:
                self._pings -= 1
                return Ping()
            self._running = self._waiting.pop()
            self._stop.clear()
            return self._running

    def should_stop(self) -> bool:
        """Whether the running job is no longer wanted."""
        return self._stop.is_set()

    def _cancel(self, request_id: int) -> None:
        with self._changed:
            if self._running is not None and self._running.id == request_id:
                self._stop.set()
                return
            kept = [job for job in self._waiting if job.id != request_id]
            if len(kept) == len(self._waiting):
                return
            self._waiting = kept
        self._send(Cancelled(request_id))

    def _close(self) -> None:
        self._closed = True
        self._waiting.clear()
        self._stop.set()

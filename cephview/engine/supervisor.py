"""Keeps one engine process alive: starts it, watches it, and says when it was lost."""

import logging
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from cephview.engine.channel import Channel, Exit
from cephview.engine.messages import Answer, Failed, Ping, Pong, Ready, Request, Starting

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How long an engine may be silent, in seconds, and how often it may be started again.

    detect_s is for a whole film, finetune_s between two signs of progress, and cancel_s for a
    fine-tune to stop when asked. The rest says itself.
    """

    start_s: float = 180.0
    ping_every_s: float = 20.0
    ping_s: float = 30.0
    detect_s: float = 120.0
    finetune_s: float = 600.0
    cancel_s: float = 10.0
    close_s: float = 2.0
    restarts: int = 3
    restarts_within_s: float = 60.0


@dataclass(frozen=True)
class Loss:
    """Why an engine is gone.

    silent_s is how long it had not answered when it was killed for that, else None. sentence is
    what it said itself of why it cannot work.
    """

    exit: Exit
    silent_s: float | None = None
    sentence: str = ""


class Supervisor(QObject):
    """One engine that is either starting, idle (pinged now and then) or busy (with a deadline).

    answered passes on every answer about a request. lost is emitted once for each process that
    ended without retire or close.
    """

    ready = Signal(object)
    answered = Signal(object)
    lost = Signal(object)

    def __init__(self, command: list[str], limits: Limits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._limits = limits
        self._channel: Channel | None = None
        self._is_ready = False
        self._is_busy = False
        self._allowed_s = 0.0
        self._signs_of_life = 0
        self._silent_s: float | None = None
        self._sentence = ""
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.timeout.connect(self._on_silence)
        self._pings = QTimer(self)
        self._pings.setInterval(int(limits.ping_every_s * 1000))
        self._pings.timeout.connect(self._ping)

    @property
    def is_ready(self) -> bool:
        """Whether the process is up and takes requests."""
        return self._is_ready

    @property
    def process_id(self) -> int:
        return self._channel.process_id if self._channel is not None else 0

    def start(self) -> None:
        """Start a process; ready or lost follows."""
        self._is_ready = self._is_busy = False
        self._silent_s, self._sentence = None, ""
        self._channel = Channel(self._command, self)
        self._channel.answered.connect(self._on_answer)
        self._channel.ended.connect(self._on_end)
        self._allow(self._limits.start_s)
        self._channel.open()

    def send(self, request: Request) -> None:
        """Send a request without waiting for anything. Raises EngineError if it is too long."""
        if self._channel is not None:
            self._channel.send(request)

    def work(self, request: Request, allowed_s: float) -> None:
        """Send a job that must be done, or renewed, within allowed_s. Raises EngineError."""
        self.send(request)
        self._is_busy = True
        self._pings.stop()
        self._allow(allowed_s)

    def renew(self, allowed_s: float) -> None:
        """Give the running job allowed_s from now."""
        if self._is_busy:
            self._allow(allowed_s)

    def rest(self) -> None:
        """Note that the job is done."""
        self._is_busy = False
        self._live()
        if self._is_ready:
            self._pings.start()

    def kill(self) -> None:
        """End the process at once; lost follows."""
        if self._channel is not None:
            self._channel.kill()

    def retire(self) -> None:
        """Let the process go, without waiting and without lost; this supervisor is done then."""
        self._forget()
        channel = self._channel
        if channel is None or not channel.is_running:
            self.deleteLater()
            return
        channel.answered.disconnect(self._on_answer)
        channel.ended.disconnect(self._on_end)
        channel.ended.connect(self.deleteLater)
        channel.retire(self._limits.close_s)

    def hang_up(self) -> None:
        """Tell the process to end, without waiting for it; close must follow."""
        self._forget()
        if self._channel is not None:
            self._channel.hang_up()

    def close(self, wait_s: float) -> None:
        """End the process before returning, within about wait_s."""
        self._forget()
        if self._channel is not None:
            self._channel.close(wait_s)
            self._channel = None

    def _forget(self) -> None:
        self._is_ready = self._is_busy = False
        self._deadline.stop()
        self._pings.stop()

    def _live(self) -> None:
        self._signs_of_life += 1
        self._deadline.stop()

    def _allow(self, seconds: float) -> None:
        self._signs_of_life += 1
        self._allowed_s = seconds
        self._deadline.start(int(seconds * 1000))

    def _ping(self) -> None:
        if self._is_ready and not self._is_busy and not self._deadline.isActive():
            self.send(Ping())
            self._allow(self._limits.ping_s)

    def _on_answer(self, answer: Answer) -> None:
        match answer:
            case Starting():
                log.info("engine process %d starts", self.process_id)
            case Ready():
                self._is_ready = True
                self.rest()
                self.ready.emit(answer)
            case Pong():
                if not self._is_busy:
                    self._live()
            case Failed(id=0):
                self._sentence = answer.sentence
            case _:
                self.answered.emit(answer)

    def _on_silence(self) -> None:
        # The window itself may have been held up; what it has not read yet is no silence.
        channel = self._channel
        if channel is None:
            return
        signs = self._signs_of_life
        channel.drain()
        if self._signs_of_life != signs or channel is not self._channel:
            return
        log.warning("engine process %d was silent for %g s", self.process_id, self._allowed_s)
        self._silent_s = self._allowed_s
        channel.kill()

    def _on_end(self, how: Exit) -> None:
        log.warning("engine ended: %s", how)
        self._forget()
        if self._channel is not None:
            self._channel.deleteLater()
            self._channel = None
        self.lost.emit(Loss(how, self._silent_s, self._sentence))

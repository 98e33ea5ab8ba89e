"""The engine that stays: started again after every loss, but not for ever."""

import time
from collections import deque

from PySide6.QtCore import QObject, Signal

from cephview.engine import sentences
from cephview.engine.messages import EXIT_UNUSABLE, Ready, Request
from cephview.engine.supervisor import Limits, Loss, Supervisor


class StandingEngine(QObject):
    """One supervised engine and its state, in one word.

    state: "starting", "ready", "busy", "restarting", "failed" or "stopped". lost comes before the
    engine is started again; after gave_up with a sentence it is not. notice is for the user.
    """

    state_changed = Signal(str)
    became_ready = Signal(object)
    answered = Signal(object)
    lost = Signal(object)
    gave_up = Signal(str)
    notice = Signal(str)

    def __init__(self, command: list[str], limits: Limits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._state = "stopped"
        self._failure = ""
        self._apology = ""
        self._restarts: deque[float] = deque()
        self._engine = Supervisor(command, limits, self)
        self._engine.ready.connect(self._on_ready)
        self._engine.answered.connect(self.answered)
        self._engine.lost.connect(self._on_lost)

    @property
    def state(self) -> str:
        return self._state

    @property
    def failure(self) -> str:
        """Return why the state is "failed", as a sentence; else empty."""
        return self._failure

    @property
    def is_idle(self) -> bool:
        """Whether a job can be given to it now."""
        return self._state == "ready"

    @property
    def supervisor(self) -> Supervisor:
        return self._engine

    def start(self) -> None:
        """Start from "stopped" or "failed", with every restart allowed again."""
        if self._state not in ("stopped", "failed"):
            return
        self._restarts.clear()
        self._failure = self._apology = ""
        self._set_state("starting")
        self._engine.start()

    def work(self, request: Request, allowed_s: float) -> None:
        """Give it a job. Raises EngineError for one that is too long to send."""
        self._engine.work(request, allowed_s)
        self._set_state("busy")

    def rest(self) -> None:
        """Note that the job is done; after a loss there is nothing to note."""
        if self._state == "busy":
            self._engine.rest()
            self._set_state("ready")

    def stopped(self) -> None:
        """Note that the process was closed from outside."""
        self._set_state("stopped")

    def _on_ready(self, ready: Ready) -> None:
        self._set_state("ready")
        if self._apology:
            self.notice.emit(self._apology)
            self._apology = ""
        self.became_ready.emit(ready)

    def _on_lost(self, loss: Loss) -> None:
        self._failure = self._why_not_again(loss)
        state = "failed" if self._failure else "restarting"
        self._set_state(state)
        self.lost.emit(loss)
        if self._state != state:
            return
        if self._failure:
            self.notice.emit(self._failure)
            self.gave_up.emit(self._failure)
        else:
            self._apology = sentences.restarted(loss)
            self._engine.start()

    def _why_not_again(self, loss: Loss) -> str:
        if loss.exit.could_not_start or loss.exit.code == EXIT_UNUSABLE:
            return sentences.unusable(loss)
        return sentences.gave_up(loss) if self._has_restarted_too_often() else ""

    def _has_restarted_too_often(self) -> bool:
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > self._limits.restarts_within_s:
            self._restarts.popleft()
        self._restarts.append(now)
        return len(self._restarts) > self._limits.restarts

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

"""The window's end of the engine: requests, answers as signals, and what happens after a crash."""

import itertools
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, SignalInstance

from cephview.core.learning import CorrectedFilm
from cephview.engine import sentences
from cephview.engine.messages import (
    EXIT_GPU_LOST,
    EXIT_UNUSABLE,
    Answer,
    Cancel,
    Cancelled,
    Detect,
    Detected,
    EngineError,
    Failed,
    Finetune,
    Finetuned,
    Progress,
    Ready,
    Trained,
)
from cephview.engine.supervisor import Limits, Loss, Supervisor

log = logging.getLogger(__name__)

_TRIES = 2


@dataclass
class _Pending:
    """A request that has had no last answer yet."""

    request: Detect | Finetune
    crashes: int = 0
    is_cancelled: bool = False


def default_command() -> list[str]:
    """Return the command line of the engine process, in a checkout, a package or a bundle."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "engine"]
    return [sys.executable, "-m", "cephview", "engine"]


class EngineClient(QObject):
    """Detects in one engine process that stays, fine-tunes in another that lives for the job.

    Films are sent one at a time, the newest request first, so that a crash is blamed on the film
    that caused it. Every request ends in exactly one of detected, finetuned, failed and cancelled,
    never before the call that made it has returned; none follows close.
    """

    state_changed = Signal(str)
    described = Signal(str)
    progressed = Signal(int, float, str)
    trained = Signal(int, object)
    detected = Signal(int, object)
    finetuned = Signal(int, object)
    failed = Signal(int, str)
    cancelled = Signal(int)
    notice = Signal(str)
    _later = Signal(object)

    def __init__(
        self,
        *,
        device: str = "auto",
        command: list[str] | None = None,
        limits: Limits | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._device = device
        self._command = command or default_command()
        self._limits = limits or Limits()
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._waiting: list[int] = []
        self._running = 0
        self._state = "stopped"
        self._failure = ""
        self._apology = ""
        self._restarts: deque[float] = deque()
        self._detector: Supervisor | None = None
        self._trainer: Supervisor | None = None
        self._training = 0
        self._later.connect(self._call, Qt.ConnectionType.QueuedConnection)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.close)

    @property
    def state(self) -> str:
        """Of the detecting engine: starting, ready, busy, restarting, failed or stopped."""
        return self._state

    @property
    def failure(self) -> str:
        """Return why the state is "failed", as a sentence; else empty."""
        return self._failure

    @property
    def busy_with(self) -> set[int]:
        """Return the ids of all requests without a last answer, a running fine-tune included."""
        return set(self._pending)

    def is_running(self, request_id: int) -> bool:
        """Whether a request has had no last answer yet."""
        return request_id in self._pending

    def start(self) -> None:
        """Start the detecting engine; without effect when it runs."""
        if self._state not in ("stopped", "failed"):
            return
        self._restarts.clear()
        self._failure = self._apology = ""
        self._set_state("starting")
        self._start_detector()

    def retry(self) -> None:
        """Start again after the state "failed"."""
        self.start()

    def detect(
        self, film_path: str | Path, sha256: str, model_dir: str | Path, passes: int = 1
    ) -> int:
        """Ask for the points of a film and return the request's id."""
        request_id = next(self._ids)
        film, model = str(Path(film_path).absolute()), str(Path(model_dir).absolute())
        request = Detect(request_id, film, sha256, model, passes, self._device)
        self._pending[request_id] = _Pending(request)
        if self._state == "failed":
            self._later.emit(lambda: self._end(request_id, self.failed, self._failure))
            return request_id
        self._waiting.append(request_id)
        self._later.emit(self._dispatch)
        return request_id

    def finetune(
        self,
        films: Iterable[CorrectedFilm],
        parent_dir: str | Path,
        out_dir: str | Path,
        seed: int = 0,
    ) -> int:
        """Ask for a candidate model and return the request's id; one fine-tune runs at a time."""
        request_id = next(self._ids)
        parent, out = str(Path(parent_dir).absolute()), str(Path(out_dir).absolute())
        request = Finetune(request_id, tuple(films), parent, out, self._device, seed)
        self._pending[request_id] = _Pending(request)
        if self._training:
            self._later.emit(lambda: self._end(request_id, self.failed, sentences.ALREADY_LEARNING))
            return request_id
        self._training = request_id
        self._later.emit(self._start_trainer)
        return request_id

    def cancel(self, request_id: int) -> None:
        """Give up a request; cancelled follows. For an id that is done, nothing."""
        pending = self._pending.get(request_id)
        if pending is None or pending.is_cancelled:
            return
        pending.is_cancelled = True
        if request_id in self._waiting:
            self._waiting.remove(request_id)
            self._later.emit(lambda: self._end(request_id, self.cancelled))
            return
        engine = self._engine_of(request_id)
        if engine is None:
            self._later.emit(lambda: self._end(request_id, self.cancelled))
        elif not engine.is_ready:
            engine.kill()
        else:
            engine.send(Cancel(request_id))
            engine.renew(self._limits.cancel_s)

    def close(self) -> None:
        """End every engine process before returning, within about two seconds."""
        self._pending.clear()
        self._waiting.clear()
        self._running = self._training = 0
        self._detector = self._trainer = None
        engines = self.findChildren(Supervisor)
        for engine in engines:
            engine.hang_up()
        until = time.monotonic() + self._limits.close_s
        for engine in engines:
            engine.close(max(0.0, until - time.monotonic()))
            engine.deleteLater()
        self._set_state("stopped")

    # The detecting engine

    def _start_detector(self) -> None:
        if self._detector is None:
            self._detector = Supervisor(self._command, self._limits, self)
            self._detector.ready.connect(self._on_ready)
            self._detector.answered.connect(self._on_answer)
            self._detector.lost.connect(self._on_detector_lost)
        self._detector.start()

    def _on_ready(self, ready: Ready) -> None:
        self.described.emit("CPU" if self._device == "cpu" else ready.gpu_name or "CPU")
        if self._device != "cpu" and ready.note:
            self.notice.emit(ready.note)
        if self._apology:
            self.notice.emit(self._apology)
            self._apology = ""
        self._set_state("ready")
        self._dispatch()

    def _dispatch(self) -> None:
        """Send the newest waiting film to an engine that has nothing to do."""
        engine = self._detector
        if engine is None or not engine.is_ready or self._running:
            return
        if not self._waiting:
            self._set_state("ready")
            return
        self._running = self._waiting.pop()
        engine.work(self._pending[self._running].request, self._limits.detect_s)
        self._set_state("busy")

    def _on_detector_lost(self, loss: Loss) -> None:
        blamed, self._running = self._running, 0
        self._apology = sentences.restarted(loss)
        if blamed and self._blame(blamed, loss):
            self._waiting.append(blamed)
        if self._state in ("failed", "stopped"):
            return
        if loss.exit.could_not_start or loss.exit.code == EXIT_UNUSABLE:
            self._give_up(sentences.unusable(loss))
            return
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > self._limits.restarts_within_s:
            self._restarts.popleft()
        if len(self._restarts) >= self._limits.restarts:
            self._give_up(sentences.gave_up(loss))
            return
        self._restarts.append(now)
        self._set_state("restarting")
        self._start_detector()

    def _give_up(self, sentence: str) -> None:
        self._failure = sentence
        waiting, self._waiting = self._waiting, []
        self._set_state("failed")
        self.notice.emit(sentence)
        for request_id in waiting:
            self._end(request_id, self.failed, sentence)

    # The learning engine

    def _start_trainer(self) -> None:
        if not self._training:
            return
        trainer = Supervisor(self._command, self._limits, self)
        trainer.ready.connect(self._on_trainer_ready)
        trainer.answered.connect(self._on_answer)
        trainer.lost.connect(self._on_trainer_lost)
        self._trainer = trainer
        trainer.start()

    def _on_trainer_ready(self, _ready: Ready) -> None:
        trainer, pending = self._trainer, self._pending.get(self._training)
        if trainer is None or pending is None:
            return
        try:
            trainer.work(pending.request, self._limits.finetune_s)
        except EngineError as error:
            self._end(self._training, self.failed, str(error))

    def _on_trainer_lost(self, loss: Loss) -> None:
        request_id = self._training
        if loss.exit.could_not_start or loss.exit.code == EXIT_UNUSABLE:
            self._end(request_id, self.failed, sentences.unusable(loss))
        elif self._blame(request_id, loss) and self._trainer is not None:
            self.notice.emit(sentences.LEARNING_RESTARTED)
            self._trainer.start()

    # Answers

    def _on_answer(self, answer: Answer) -> None:
        request_id = getattr(answer, "id", 0)
        pending = self._pending.get(request_id)
        if pending is None or request_id not in (self._running, self._training):
            log.info("dropped a stale answer: %s %d", type(answer).__name__, request_id)
            return
        if isinstance(answer, Progress | Trained):
            self._pass_on(answer, pending)
        elif pending.is_cancelled or isinstance(answer, Cancelled):
            self._end(request_id, self.cancelled)
        elif isinstance(answer, Detected):
            self._end(request_id, self.detected, answer.detection)
        elif isinstance(answer, Finetuned):
            self._end(request_id, self.finetuned, answer.result)
        elif isinstance(answer, Failed):
            self._end(request_id, self.failed, answer.sentence)

    def _pass_on(self, answer: Progress | Trained, pending: _Pending) -> None:
        if pending.is_cancelled:
            return
        if self._trainer is not None and answer.id == self._training:
            self._trainer.renew(self._limits.finetune_s)
        if isinstance(answer, Trained):
            self.trained.emit(answer.id, answer.progress)
        else:
            self.progressed.emit(answer.id, answer.fraction, answer.text)

    def _blame(self, request_id: int, loss: Loss) -> bool:
        """Count a loss against the request that ran; whether it is to be sent once more."""
        pending = self._pending[request_id]
        if pending.is_cancelled:
            self._end(request_id, self.cancelled)
            return False
        pending.crashes += 1
        is_hopeless = isinstance(pending.request, Finetune) and loss.exit.is_out_of_memory
        if pending.crashes >= _TRIES or is_hopeless:
            self._end(request_id, self.failed, sentences.lost(pending.request, loss))
            return False
        if loss.exit.code == EXIT_GPU_LOST and not loss.exit.is_crash:
            pending.request = replace(pending.request, device="cpu")
        return True

    def _end(self, request_id: int, signal: SignalInstance, *answer: object) -> None:
        """Emit the last answer of a request and turn to the next; later ones are stale."""
        if self._pending.pop(request_id, None) is None:
            return
        if request_id == self._running:
            self._running = 0
            if self._detector is not None and self._detector.is_ready:
                self._detector.rest()
        if request_id == self._training:
            self._training = 0
            trainer, self._trainer = self._trainer, None
            if trainer is not None:
                trainer.retire()
        signal.emit(request_id, *answer)
        self._dispatch()

    def _engine_of(self, request_id: int) -> Supervisor | None:
        return self._trainer if request_id == self._training else self._detector

    def _call(self, action: Callable[[], None]) -> None:
        action()

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

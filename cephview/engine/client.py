"""The window's end of the engine: requests go in, answers come out as signals."""

import itertools
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, SignalInstance

from cephview import logs
from cephview.core.detection import Turn
from cephview.core.learning import CorrectedFilm
from cephview.core.turning import AS_ON_FILE
from cephview.engine import sentences
from cephview.engine.channel import default_command
from cephview.engine.messages import (
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
from cephview.engine.pending import Pending, after_loss
from cephview.engine.standing import StandingEngine
from cephview.engine.supervisor import Limits, Loss, Supervisor

log = logging.getLogger(__name__)


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
        self._pending: dict[int, Pending] = {}
        self._waiting: list[int] = []
        self._running = 0
        self._training = 0
        self._trainer: Supervisor | None = None
        self._engine = StandingEngine(self._command, self._limits, self)
        self._engine.state_changed.connect(self.state_changed)
        self._engine.notice.connect(self.notice)
        self._engine.became_ready.connect(self._on_ready)
        self._engine.answered.connect(self._on_answer)
        self._engine.lost.connect(self._on_lost)
        self._engine.gave_up.connect(self._on_gave_up)
        self._later.connect(self._call, Qt.ConnectionType.QueuedConnection)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.close)

    @property
    def state(self) -> str:
        """Of the detecting engine: starting, ready, busy, restarting, failed or stopped."""
        return self._engine.state

    @property
    def failure(self) -> str:
        """Return why the state is "failed", as a sentence; else empty."""
        return self._engine.failure

    @property
    def busy_with(self) -> set[int]:
        """Return the ids of all requests without a last answer, a running fine-tune included."""
        return set(self._pending)

    def is_running(self, request_id: int) -> bool:
        """Whether a request has had no last answer yet."""
        return request_id in self._pending

    def start(self) -> None:
        """Start the detecting engine; without effect when it runs."""
        self._engine.start()

    def retry(self) -> None:
        """Start again after the state "failed"."""
        self._engine.start()

    def detect(
        self,
        film_path: str | Path,
        sha256: str,
        model_dir: str | Path,
        passes: int = 1,
        turn: Turn = AS_ON_FILE,
    ) -> int:
        """Ask for the points of a film, looked at in a turn, and return the request's id."""
        request_id = next(self._ids)
        film, model = str(Path(film_path).absolute()), str(Path(model_dir).absolute())
        logs.hide(film)
        request = Detect(request_id, film, sha256, model, passes, self._device, turn)
        self._pending[request_id] = Pending(request)
        if self.state == "failed":
            self._end_later(request_id, self.failed, self.failure)
        else:
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
        self._pending[request_id] = Pending(request)
        if self._training:
            self._end_later(request_id, self.failed, sentences.ALREADY_LEARNING)
        else:
            self._training = request_id
            self._later.emit(self._start_trainer)
        return request_id

    def cancel(self, request_id: int) -> None:
        """Give up a request; cancelled follows. For an id that is done, nothing.

        A film in the middle of a pass is waited for: killing the process would cost more than that.
        """
        pending = self._pending.get(request_id)
        if pending is None or pending.is_cancelled:
            return
        self._pending[request_id] = replace(pending, is_cancelled=True)
        engine = self._engine_of(request_id)
        if engine is None:
            if request_id in self._waiting:
                self._waiting.remove(request_id)
            self._end_later(request_id, self.cancelled)
        elif engine.is_ready:
            engine.send(Cancel(request_id))
            if request_id == self._training:
                engine.renew(self._limits.cancel_s)
        else:
            engine.kill()

    def close(self) -> None:
        """End every engine process before returning, within about two seconds."""
        self._pending.clear()
        self._waiting.clear()
        self._running = self._training = 0
        self._trainer = None
        engines = self.findChildren(Supervisor)
        for engine in engines:
            engine.hang_up()
        until = time.monotonic() + self._limits.close_s
        for engine in engines:
            engine.close(max(0.0, until - time.monotonic()))
            if engine is not self._engine.supervisor:
                engine.deleteLater()
        self._engine.stopped()

    def _on_ready(self, ready: Ready) -> None:
        self.described.emit("CPU" if self._device == "cpu" else ready.gpu_name or "CPU")
        if self._device != "cpu" and ready.note:
            self.notice.emit(ready.note)
        self._dispatch()

    def _dispatch(self) -> None:
        """Send the newest waiting film to an engine that has nothing to do."""
        if not (self._waiting and self._engine.is_idle):
            return
        self._running = self._waiting.pop()
        self._engine.work(self._pending[self._running].request, self._limits.detect_s)

    def _on_lost(self, loss: Loss) -> None:
        request_id, self._running = self._running, 0
        if request_id and self._blame(request_id, loss):
            self._waiting.append(request_id)

    def _on_gave_up(self, sentence: str) -> None:
        waiting, self._waiting = self._waiting, []
        for request_id in waiting:
            self._end(request_id, self.failed, sentence)

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
        if self._trainer is None:
            return
        try:
            self._trainer.work(self._pending[self._training].request, self._limits.finetune_s)
        except EngineError as error:
            self._end(self._training, self.failed, str(error))

    def _on_trainer_lost(self, loss: Loss) -> None:
        if loss.exit.could_not_start or loss.exit.code == EXIT_UNUSABLE:
            self._end(self._training, self.failed, sentences.unusable(loss))
        elif self._blame(self._training, loss) and self._trainer is not None:
            self.notice.emit(sentences.LEARNING_RESTARTED)
            self._trainer.start()

    def _blame(self, request_id: int, loss: Loss) -> bool:
        """Count a loss against the request that ran; whether it is to be sent once more."""
        pending = self._pending[request_id]
        if pending.is_cancelled:
            self._end(request_id, self.cancelled)
            return False
        outcome = after_loss(pending, loss)
        if isinstance(outcome, str):
            self._end(request_id, self.failed, outcome)
            return False
        self._pending[request_id] = outcome
        return True

    def _on_answer(self, answer: Answer) -> None:
        request_id = getattr(answer, "id", 0)
        pending = self._pending.get(request_id)
        if pending is None or request_id not in (self._running, self._training):
            log.info("dropped a stale answer: %s %d", type(answer).__name__, request_id)
            return
        match answer:
            case Progress() | Trained() if pending.is_cancelled:
                pass
            case Progress():
                self._renew(request_id)
                self.progressed.emit(request_id, answer.fraction, answer.text)
            case Trained():
                self._renew(request_id)
                self.trained.emit(request_id, answer.progress)
            case _ if pending.is_cancelled or isinstance(answer, Cancelled):
                self._end(request_id, self.cancelled)
            case Detected():
                self._end(request_id, self.detected, answer.detection)
            case Finetuned():
                self._end(request_id, self.finetuned, answer.result)
            case Failed():
                self._end(request_id, self.failed, answer.sentence)

    def _renew(self, request_id: int) -> None:
        """Give a fine-tune that shows progress its time again; a film has one limit in all."""
        if self._trainer is not None and request_id == self._training:
            self._trainer.renew(self._limits.finetune_s)

    def _end(self, request_id: int, signal: SignalInstance, *answer: object) -> None:
        """Emit the last answer of a request and turn to the next; later ones are stale."""
        if self._pending.pop(request_id, None) is None:
            return
        if request_id == self._running:
            self._running = 0
            self._engine.rest()
        if request_id == self._training:
            self._training = 0
            trainer, self._trainer = self._trainer, None
            if trainer is not None:
                trainer.retire()
        signal.emit(request_id, *answer)
        self._dispatch()

    def _end_later(self, request_id: int, signal: SignalInstance, *answer: object) -> None:
        self._later.emit(lambda: self._end(request_id, signal, *answer))

    def _engine_of(self, request_id: int) -> Supervisor | None:
        """Return the engine that has a request, None while it waits."""
        if request_id == self._training:
            return self._trainer
        return self._engine.supervisor if request_id == self._running else None

    def _call(self, action: Callable[[], None]) -> None:
        action()

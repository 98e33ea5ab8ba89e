"""What the engine can do, and what it does when a job goes wrong."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from cephview import logs
from cephview.core.detection import Detection
from cephview.core.learning import FinetuneResult, TrainingProgress
from cephview.engine.messages import (
    Answer,
    Cancelled,
    Detect,
    Detected,
    Failed,
    Finetune,
    Finetuned,
    Progress,
    Ready,
    Trained,
)

log = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]
Say = Callable[[float, str], None]

NO_GPU = "No usable graphics card was found, so the processor was used."
GPU_TROUBLE = "The graphics card could not be used ({reason}), so the processor was used."


class JobError(Exception):
    """A job failed; str() is one sentence for the user, kind one word for the program."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class JobStoppedError(Exception):
    """A job stopped because should_stop said so."""


class GpuError(Exception):
    """The graphics card could not do this job, the processor can; str() is the reason in words."""


class GpuLostError(Exception):
    """Nothing in this process can use the graphics card any more."""


class Jobs(Protocol):
    """The work itself, on a device that is already decided: "cpu" or "cuda".

    detect and finetune raise JobError, JobStoppedError, GpuError or GpuLostError.
    """

    def ready(self) -> Ready: ...

    def detect(
        self, request: Detect, device: str, say: Say, should_stop: ShouldStop
    ) -> Detection: ...

    def finetune(
        self,
        request: Finetune,
        device: str,
        on_progress: Callable[[TrainingProgress], None],
        should_stop: ShouldStop,
    ) -> FinetuneResult: ...

    def release_gpu(self) -> None: ...


class Runner:
    """Runs one job at a time and sends exactly one last answer for each."""

    def __init__(self, jobs: Jobs, ready: Ready, send: Callable[[Answer], None]) -> None:
        self._jobs = jobs
        self._has_gpu = ready.device == "cuda"
        self._send = send

    def run(self, request: Detect | Finetune, should_stop: ShouldStop) -> None:
        """Run a job to its last answer. Raises GpuLostError, with the request still unanswered."""
        for path in _films(request):
            logs.hide(path)
        try:
            answer = self._answer(request, should_stop)
        except JobStoppedError:
            answer = Cancelled(request.id)
        except JobError as error:
            log.warning("request %d: %s", request.id, error, exc_info=True)
            answer = Failed(request.id, error.kind, str(error))
        except MemoryError:
            log.exception("request %d: out of memory", request.id)
            answer = Failed(request.id, "memory", _memory_sentence(request))
        except GpuLostError:
            raise
        except GpuError as error:
            log.exception("request %d", request.id)
            answer = Failed(request.id, "internal", f"{_doing(request)} failed: {error}.")
        except Exception as error:
            log.exception("request %d", request.id)
            answer = Failed(
                request.id,
                "internal",
                f"{_doing(request)} failed because of a fault in the program "
                f"({type(error).__name__}); the log tells more.",
            )
        if should_stop():
            answer = Cancelled(request.id)
        self._send(answer)

    def _answer(self, request: Detect | Finetune, should_stop: ShouldStop) -> Answer:
        device, note = self._decide(request.device)
        try:
            return self._attempt(request, device, note, should_stop)
        except GpuError as trouble:
            if device != "cuda":
                raise
            log.warning("request %d: %s", request.id, trouble, exc_info=True)
            note = GPU_TROUBLE.format(reason=trouble)
        # Outside the except block: the traceback would keep the card's memory alive.
        self._jobs.release_gpu()
        if should_stop():
            raise JobStoppedError
        return self._attempt(request, "cpu", note, should_stop)

    def _attempt(
        self, request: Detect | Finetune, device: str, note: str, should_stop: ShouldStop
    ) -> Answer:
        if note:
            self._send(Progress(request.id, 0.0, note))

        def say(fraction: float, text: str) -> None:
            self._send(Progress(request.id, fraction, text))

        def on_progress(progress: TrainingProgress) -> None:
            self._send(Trained(request.id, progress))

        if isinstance(request, Finetune):
            result = self._jobs.finetune(request, device, on_progress, should_stop)
            return Finetuned(request.id, result)
        begun = time.monotonic()
        detection = self._jobs.detect(request, device, say, should_stop)
        log.info("request %d: %.2f s on %s", request.id, time.monotonic() - begun, device)
        _check_finite(detection, request)
        notes = " ".join(part for part in (note, detection.note) if part)
        return Detected(request.id, replace(detection, note=notes))

    def _decide(self, wanted: str) -> tuple[str, str]:
        """Return the device to use and, where it is not the one asked for, a sentence saying so."""
        if wanted == "cpu":
            return "cpu", ""
        if self._has_gpu:
            return "cuda", ""
        return "cpu", NO_GPU if wanted == "cuda" else ""


def _check_finite(detection: Detection, request: Detect) -> None:
    film = Path(request.film_path).name
    for point in detection.points:
        numbers = (
            *point.coarse_px,
            point.coarse_sigma_px,
            *point.refined_px,
            point.refined_sigma_px,
        )
        if not all(math.isfinite(float(number)) for number in numbers):
            raise JobError(
                "model",
                f"The model in {request.model_dir} gives no usable place for {point.landmark} on "
                f"{film}; choose another model.",
            )
    likeness = detection.likeness
    if likeness is not None and not math.isfinite(float(likeness.score + likeness.false_alarms)):
        raise JobError(
            "model",
            f"The model in {request.model_dir} cannot tell how like its own films {film} is; "
            "choose another model.",
        )


def _films(request: Detect | Finetune) -> list[str]:
    if isinstance(request, Detect):
        return [request.film_path]
    return [film.path for film in request.films]


def _doing(request: Detect | Finetune) -> str:
    if isinstance(request, Finetune):
        return "Learning from the corrections"
    return f"Placing the points on {Path(request.film_path).name}"


def _memory_sentence(request: Detect | Finetune) -> str:
    return f"{_doing(request)} needs more memory than is free; close other programs and try again."

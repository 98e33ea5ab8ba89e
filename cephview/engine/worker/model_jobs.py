"""The real work: films from formats, points from network, fine-tunes from training."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cephview.core.detection import Detection, Turn
from cephview.core.film import Film
from cephview.core.learning import CorrectedFilm, FinetuneResult, TrainingProgress
from cephview.core.turning import AS_ON_FILE
from cephview.engine.messages import Detect, Finetune, Ready
from cephview.engine.worker.jobs import GpuError, JobError, JobStoppedError, Say, ShouldStop

log = logging.getLogger(__name__)


class LoadedDetector(Protocol):
    """A model in memory, on its device."""

    def detect(
        self,
        film: Film,
        passes: int = 1,
        should_stop: ShouldStop | None = None,
        turn: Turn = AS_ON_FILE,
    ) -> Detection: ...


class FinetuneCall(Protocol):
    """The signature of cephview.training.finetune.finetune."""

    def __call__(
        self,
        films: Sequence[CorrectedFilm],
        parent_dir: Path,
        out_dir: Path,
        *,
        device: str,
        seed: int,
        on_progress: Callable[[TrainingProgress], None],
        should_stop: ShouldStop,
    ) -> FinetuneResult: ...


@dataclass(frozen=True)
class Parts:
    """What the jobs are made of.

    failures: an exception type to the kind of failure it is; its str() is the sentence.
    stopped: the exception types that mean "stopped as asked".
    """

    open_film: Callable[[Path], Film]
    load_detector: Callable[[Path, str], LoadedDetector]
    finetune: FinetuneCall
    describe: Callable[[], Ready]
    release: Callable[[], None]
    gpu_errors: Callable[[str], AbstractContextManager[None]]
    failures: dict[type[Exception], str]
    stopped: tuple[type[Exception], ...]


class ModelJobs:
    """Jobs on real parts. The detector used last stays in memory."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._key: object = None
        self._detector: LoadedDetector | None = None

    def ready(self) -> Ready:
        return self._parts.describe()

    def release_gpu(self) -> None:
        self._key = self._detector = None
        self._parts.release()

    def detect(self, request: Detect, device: str, say: Say, should_stop: ShouldStop) -> Detection:
        name = Path(request.film_path).name
        with self._translated(), self._parts.gpu_errors(f"Placing the points on {name}"):
            say(0.0, f"Reading {name}")
            film = self._parts.open_film(Path(request.film_path))
            if request.sha256 and film.sha256 != request.sha256:
                raise JobError(
                    "stale",
                    f"{name} has changed on disk since it was opened; open it again to place "
                    "its points.",
                )
            _stop_if(should_stop)
            say(0.2, "Loading the model")
            detector = self._loaded(Path(request.model_dir), device)
            _stop_if(should_stop)
            say(0.4, "Placing the points")
            return detector.detect(film, request.passes, should_stop, request.turn)

    def finetune(
        self,
        request: Finetune,
        device: str,
        on_progress: Callable[[TrainingProgress], None],
        should_stop: ShouldStop,
    ) -> FinetuneResult:
        with self._translated(), self._parts.gpu_errors("Learning from the corrections"):
            return self._parts.finetune(
                request.films,
                Path(request.parent_dir),
                Path(request.out_dir),
                device=device,
                seed=request.seed,
                on_progress=on_progress,
                should_stop=should_stop,
            )

    def _loaded(self, model_dir: Path, device: str) -> LoadedDetector:
        key = (model_dir, device, _stamps(model_dir))
        if self._detector is None or key != self._key:
            # Dropped before the next is loaded, so that two models are never in memory at once.
            self._key = self._detector = None
            self._detector = self._parts.load_detector(model_dir, device)
            self._key = key
            log.info("loaded %s on %s", model_dir, device)
        return self._detector

    def _translated(self) -> AbstractContextManager[None]:
        return _Translated(self._parts.failures, self._parts.stopped)


class _Translated:
    """Turns the exceptions of other rooms into this engine's."""

    def __init__(
        self, failures: dict[type[Exception], str], stopped: tuple[type[Exception], ...]
    ) -> None:
        self._failures = failures
        self._stopped = stopped

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is None or isinstance(error, JobError | JobStoppedError | GpuError):
            return
        if isinstance(error, self._stopped):
            raise JobStoppedError from error
        for failure, word in self._failures.items():
            if isinstance(error, failure):
                raise JobError(word, str(error)) from error


def _stop_if(should_stop: ShouldStop) -> None:
    if should_stop():
        raise JobStoppedError


def _stamps(model_dir: Path) -> tuple[tuple[int, int] | None, ...]:
    """Return what changes when a model folder is written anew."""
    stamps: list[tuple[int, int] | None] = []
    for name in ("model.toml", "model.safetensors"):
        try:
            stat = (model_dir / name).stat()
            stamps.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            stamps.append(None)
    return tuple(stamps)


def _finetune(
    films: Sequence[CorrectedFilm],
    parent_dir: Path,
    out_dir: Path,
    *,
    device: str,
    seed: int,
    on_progress: Callable[[TrainingProgress], None],
    should_stop: ShouldStop,
) -> FinetuneResult:
    # What training needs takes as long to load as torch, and most engines never train.
    from cephview.training.finetune import finetune

    return finetune(
        films,
        parent_dir,
        out_dir,
        device=device,
        seed=seed,
        on_progress=on_progress,
        should_stop=should_stop,
    )


def make_jobs() -> ModelJobs:
    """Load torch and what placing points needs; takes seconds. Raises ImportError or OSError."""
    from cephview.formats import FormatError, open_film
    from cephview.formats.opening import start_ahead

    # It is ready before torch is.
    start_ahead()
    from cephview.engine.worker import gpu
    from cephview.network.detector import Detector
    from cephview.network.weights import ModelError
    from cephview.training import Stopped, TrainingError

    return ModelJobs(
        Parts(
            open_film=open_film,
            load_detector=Detector.load,
            finetune=_finetune,
            describe=gpu.describe_gpu,
            release=gpu.release_gpu,
            gpu_errors=gpu.gpu_errors,
            failures={FormatError: "film", ModelError: "model", TrainingError: "training"},
            stopped=(Stopped,),
        )
    )

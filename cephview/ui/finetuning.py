"""The way of a fine-tune: from corrections to a candidate, and to its adoption by a user."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.learning import MINIMUM_FILMS, CorrectedFilm, FinetuneResult, TrainingProgress
from cephview.ui.installed_models import new_model_folder, user_models_dir
from cephview.ui.learning_mark import LearningMark, settle_lost
from cephview.ui.models import Models

_log = logging.getLogger(__name__)
_SEED = 20


class Stage(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    CANCELLING = "cancelling"
    JUDGED = "judged"


@dataclass(frozen=True)
class Learning:
    """Where a fine-tune stands. losses and holdout are (step, value), for the plot."""

    stage: Stage = Stage.IDLE
    text: str = ""
    fraction: float = 0.0
    progress: TrainingProgress | None = None
    losses: tuple[tuple[int, float], ...] = ()
    holdout: tuple[tuple[int, float], ...] = ()
    result: FinetuneResult | None = None


@dataclass(frozen=True)
class Material:
    """What a fine-tune would learn from now. Films of one patient count as one in patients.

    told is a sentence on whose points they are, where there is more than one reader.
    """

    films: int
    points: int
    patients: int
    told: str = ""

    @property
    def missing(self) -> int:
        """Return how many patients are missing until a model can learn and be judged."""
        return max(0, MINIMUM_FILMS - self.patients)


class Finetuning(QObject):
    """Runs one fine-tune. A candidate becomes active only when a user adopts it."""

    changed = Signal()
    failed = Signal(str)
    adopted = Signal(str)

    def __init__(
        self,
        engine: Any,
        models: Models,
        corrected_films: Callable[[], tuple[CorrectedFilm, ...]],
        errors: tuple[type[Exception], ...],
        parent: QObject,
    ) -> None:
        """corrected_films() reads the workspace anew and raises one of errors where it cannot."""
        super().__init__(parent)
        self._engine = engine
        self._models = models
        self._corrected_films = corrected_films
        self._errors = errors
        self.told_of_data: Callable[[], str] = str
        self._request = 0
        self._out_dir: Path | None = None
        self._mark: LearningMark | None = None
        self.learning = Learning()
        engine.progressed.connect(self._progressed)
        engine.trained.connect(self._trained)
        engine.finetuned.connect(self._finetuned)
        engine.failed.connect(self._failed)
        engine.cancelled.connect(self._cancelled)

    @property
    def is_running(self) -> bool:
        return self._request != 0

    def material(self) -> Material:
        """Count the films and points a human stands for."""
        films = self._read()
        points = sum(len(film.points) for film in films)
        groups = {film.group for film in films}
        return Material(len(films), points, len(groups), self.told_of_data() if films else "")

    def start(self) -> None:
        """Begin to learn from all corrections, as they are now."""
        parent = self._models.active
        if self.is_running or parent is None:
            return
        self.discard()
        films = self._read()
        if not films:
            return
        self._out_dir = new_model_folder(parent)
        try:
            self._mark = LearningMark.begin(self._out_dir)
        except OSError as error:
            self.failed.emit(f"{self._out_dir.parent} cannot be written ({error.strerror}), so no "
                             "new model can be kept there.")  # fmt: skip
            return
        self._request = self._engine.finetune(films, parent.folder, self._out_dir, _SEED)
        self._set(Learning(Stage.RUNNING, "preparing"))

    def settle_lost(self) -> str:
        """Clear up what windows that are gone had learning; return a sentence on it, else ""."""
        said = settle_lost()
        if said:
            self._models.refresh()
        return said

    def cancel(self) -> None:
        """Stop learning; nothing is kept."""
        if self.is_running and self.learning.stage is Stage.RUNNING:
            self._set(replace(self.learning, stage=Stage.CANCELLING, text="stopping"))
            self._engine.cancel(self._request)

    def adopt(self) -> None:
        """Make the judged candidate the active model; only one that is better."""
        result = self.learning.result
        if result is None or not result.is_better:
            return
        self._out_dir = None
        self._unmark()
        self._set(Learning())
        self._models.use(Path(result.model_dir))
        self.adopted.emit(result.model_name)

    def discard(self) -> None:
        """Throw the judged candidate away."""
        if self.learning.result is not None:
            self._remove()
            self._set(Learning())
            self._models.refresh()

    def close(self) -> None:
        """Let go: a candidate that is better stays installed, anything else is thrown away."""
        result = self.learning.result
        if self._request or (result is not None and not result.is_better):
            self._request = 0
            self._remove()
        self._unmark()

    def _read(self) -> tuple[CorrectedFilm, ...]:
        try:
            return self._corrected_films()
        except self._errors as error:
            self.failed.emit(str(error))
            return ()

    def _progressed(self, request: int, fraction: float, text: str) -> None:
        if request == self._request:
            self._set(replace(self.learning, fraction=fraction, text=text))

    def _trained(self, request: int, progress: TrainingProgress) -> None:
        if request != self._request or self.learning.stage is not Stage.RUNNING:
            return
        seen = self.learning
        holdout = seen.holdout
        if progress.holdout_mre is not None and (
            not holdout or holdout[-1][1] != progress.holdout_mre
        ):
            holdout = (*holdout, (progress.step, progress.holdout_mre))
        self._set(
            replace(
                seen,
                text=progress.note or "learning",
                fraction=progress.step / max(1, progress.steps),
                progress=progress,
                losses=(*seen.losses, (progress.step, progress.loss)),
                holdout=holdout,
            )
        )

    def _finetuned(self, request: int, result: FinetuneResult) -> None:
        if request == self._request:
            self._request = 0
            self._set(Learning(Stage.JUDGED, result=result))

    def _failed(self, request: int, sentence: str) -> None:
        if request == self._request:
            self._give_up()
            self.failed.emit(sentence)

    def _cancelled(self, request: int) -> None:
        if request == self._request:
            self._give_up()

    def _give_up(self) -> None:
        self._request = 0
        self._remove()
        self._set(Learning())

    def _unmark(self) -> None:
        mark, self._mark = self._mark, None
        if mark is not None:
            mark.end()

    def _remove(self) -> None:
        folder, self._out_dir = self._out_dir, None
        self._remove_folder(folder)
        self._unmark()

    def _remove_folder(self, folder: Path | None) -> None:
        if folder is None or folder.parent != user_models_dir() or not folder.exists():
            return
        try:
            shutil.rmtree(folder)
        except OSError as error:
            _log.warning("%s could not be removed: %s", folder, error)

    def _set(self, learning: Learning) -> None:
        self.learning = learning
        self.changed.emit()

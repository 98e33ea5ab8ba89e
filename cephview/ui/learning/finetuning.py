"""The way of a fine-tune: from corrections to a candidate, and to its adoption by a user."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, Signal

from cephview.core.learning import (
    MINIMUM_FILMS,
    CorrectedFilm,
    FinetuneResult,
    TrainingProgress,
    possible_groups,
)
from cephview.core.unfinished import Unfinished
from cephview.ui.learning import begun
from cephview.ui.learning.begun import Begun
from cephview.ui.learning.installed_models import new_model_folder, read_model
from cephview.ui.learning.models import Models

_SEED = 20
_NOTED_EVERY_S = 2.0


class Stage(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    CANCELLING = "cancelling"
    INTERRUPTED = "interrupted"
    JUDGED = "judged"


@dataclass(frozen=True)
class Learning:
    """Where a fine-tune stands. losses and holdout are (step, value), for the plot.

    begun: what can be gone on with, where it was interrupted; text is then why, if that is known.
    """

    stage: Stage = Stage.IDLE
    text: str = ""
    fraction: float = 0.0
    progress: TrainingProgress | None = None
    losses: tuple[tuple[int, float], ...] = ()
    holdout: tuple[tuple[int, float], ...] = ()
    result: FinetuneResult | None = None
    begun: Begun | None = None


@dataclass(frozen=True)
class Material:
    """What a fine-tune would learn from now. Films of one patient count as one in patients.

    told is a sentence on whose points they are, where there is more than one reader. new: landmarks
    that the model does not know, and how many patients show each; has_known: there are points of
    others, too.
    """

    films: int
    points: int
    patients: int
    told: str = ""
    new: tuple[tuple[str, int], ...] = ()
    has_known: bool = True

    @property
    def missing(self) -> int:
        """Return how many patients are missing until a model can learn and be judged."""
        return max(0, MINIMUM_FILMS - self.patients)


class Finetuning(QObject):
    """Runs one fine-tune. A candidate becomes active only when a user adopts it.

    One that was interrupted, by whatever, is kept on disk until a user goes on with it or throws it
    away.
    """

    changed = Signal()
    failed = Signal(str)
    adopted = Signal(str)

    def __init__(
        self,
        engine: Any,
        models: Models,
        corrected_films: Callable[[], tuple[CorrectedFilm, ...]],
        errors: tuple[type[Exception], ...],
        workspace: str,
        parent: QObject,
    ) -> None:
        """corrected_films() reads the workspace anew and raises one of errors where it cannot.

        workspace: the folder or URL of the workspace whose fine-tunes these are.
        """
        super().__init__(parent)
        self._engine = engine
        self._models = models
        self._corrected_films = corrected_films
        self._errors = errors
        self._workspace = workspace
        self.told_of_data: Callable[[], str] = str
        self._request = 0
        self._begun: Begun | None = None
        self._folder: Path | None = None
        self._lock: QLockFile | None = None
        self._noted_at = 0.0
        self.is_kept = True
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
        groups = possible_groups(films)
        model = self._models.active
        known = set(model.info.landmarks) if model is not None else set()
        new: dict[str, set[str]] = {}
        for film, group in zip(films, groups, strict=True):
            for landmark in film.points.keys() - known:
                new.setdefault(landmark, set()).add(group)
        return Material(
            len(films),
            points,
            len(set(groups)),
            self.told_of_data() if films else "",
            tuple((name, len(shown)) for name, shown in sorted(new.items())),
            any(film.points.keys() & known for film in films),
        )

    def look_back(self) -> None:
        """Take up what the last window on this workspace left: unfinished, or not decided on."""
        if self.learning.stage is not Stage.IDLE:
            return
        found = begun.last_begun(self._workspace)
        if found is None:
            return
        self._lock, known, self._folder = found
        if isinstance(known, Begun):
            self._begun = known
            self._set(Learning(Stage.INTERRUPTED, begun=known))
        else:
            self._set(Learning(Stage.JUDGED, result=known))

    def start(self) -> None:
        """Begin to learn from all corrections, as they are now."""
        parent, stage = self._models.active, self.learning.stage
        if parent is None or stage not in (Stage.IDLE, Stage.JUDGED):
            return
        self.discard()
        films = self._read()
        if not films:
            return
        folder = new_model_folder(parent)
        run = Unfinished(films, str(parent.folder.absolute()), parent.info.sha256, _SEED)
        try:
            self._begun = begun.begin(folder, self._workspace, run)
        except OSError as error:
            self.failed.emit(f"{folder.parent} cannot be written ({error.strerror}), so no "
                             "new model can be kept there.")  # fmt: skip
            return
        self._folder, self._lock = folder, begun.take(folder)
        self._ask(self._begun)

    def go_on(self) -> None:
        """Go on with what was interrupted, on the corrections it began with."""
        known = self._begun
        if known is None or self.learning.stage is not Stage.INTERRUPTED:
            return
        parent = read_model(Path(known.run.parent_dir), is_own=True)
        if parent is None or parent.info.sha256 != known.run.parent:
            self.failed.emit(
                f"The model that it goes on from is no longer in {known.run.parent_dir}, so it "
                "cannot go on; discard it and begin anew."
            )
            return
        self._ask(known)

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
        with contextlib.suppress(OSError):
            begun.settle(Path(result.model_dir))
        self._let_go()
        self._set(Learning())
        self._models.use(Path(result.model_dir))
        self.adopted.emit(result.model_name)

    def discard(self) -> None:
        """Throw the judged candidate, or what was interrupted, away."""
        if self.learning.stage in (Stage.JUDGED, Stage.INTERRUPTED):
            self._remove()
            self._set(Learning())
            self._models.refresh()

    def close(self) -> None:
        """Let go: what runs is kept to go on with, unless is_kept was put to False.

        A candidate that is better waits for the next window, one that is not is thrown away.
        """
        result = self.learning.result
        is_lost = result is not None and not result.is_better
        if is_lost or (self._request and not self.is_kept):
            self._remove()
        elif self._begun is not None:
            self._note()
        self._request = 0
        self._let_go()

    def _ask(self, known: Begun) -> None:
        run = known.run
        self._request = self._engine.finetune(run.films, run.parent_dir, known.folder, run.seed)
        self._set(Learning(Stage.RUNNING, "preparing", known.share))

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
        fraction = progress.step / max(1, progress.steps)
        if progress.loss > 0:
            self._know(fraction)
        self._set(
            replace(
                seen,
                text=progress.note or "learning",
                fraction=fraction,
                progress=progress,
                losses=(*seen.losses, (progress.step, progress.loss)),
                holdout=holdout,
            )
        )

    def _know(self, share: float) -> None:
        """Note now and then how far the steps are: what is only looked at is looked at again."""
        if self._begun is not None:
            self._begun = replace(self._begun, share=share)
            if time.monotonic() - self._noted_at > _NOTED_EVERY_S:
                self._note()

    def _note(self) -> None:
        self._noted_at = time.monotonic()
        if self._begun is not None and self._begun.folder.is_dir():
            # Without it one would be told less, and lose nothing.
            with contextlib.suppress(OSError):
                begun.note(self._begun, self._workspace)

    def _finetuned(self, request: int, result: FinetuneResult) -> None:
        if request == self._request:
            self._request, self._begun = 0, None
            self._set(Learning(Stage.JUDGED, result=result))

    def _failed(self, request: int, sentence: str) -> None:
        if request != self._request:
            return
        if self._begun is not None and begun.is_unfinished(self._begun.folder):
            self._request = 0
            self._note()
            self._set(Learning(Stage.INTERRUPTED, sentence, begun=self._begun))
        else:
            self._give_up()
            self.failed.emit(sentence)

    def _cancelled(self, request: int) -> None:
        if request == self._request:
            self._give_up()

    def _give_up(self) -> None:
        self._request = 0
        self._remove()
        self._set(Learning())

    def _remove(self) -> None:
        folder = self._folder
        self._let_go()
        if folder is not None:
            begun.remove(folder)

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        self._folder = self._begun = None
        if lock is not None:
            lock.unlock()

    def _set(self, learning: Learning) -> None:
        self.learning = learning
        self.changed.emit()

"""Asks the engine for the points of the open film and lays the answer under its tracing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Detection, Turn
from cephview.core.tracing import other_set
from cephview.ui.editor import Editor
from cephview.ui.learning.installed_models import InstalledModel

# The film's digest, the model's folder, the passes and the turn, to a request's id.
Underway = Callable[[str, Path, int, Turn], int]

NO_MODEL = "No model is installed, so points can only be placed by hand; put a model folder in {}."

NOT_HERE = "This reading began from nothing, so the model places no points in it."


class Detecting(QObject):
    """One detection at a time: that of the open film. Any other answer is dropped.

    underway, once set, gives the id of a request for the same that runs already, or 0.
    """

    started = Signal(object)
    progressed = Signal(float, str)
    ended = Signal(object)
    landed = Signal(object)
    failed = Signal(str)

    def __init__(
        self, engine: Any, editor: Editor, passes: int, parent: QObject, *, on_open: bool = True
    ) -> None:
        """on_open: a film without points is detected as soon as it is shown.

        is_allowed: whether the model has a part in what the window shows.
        """
        super().__init__(parent)
        self._engine = engine
        self._editor = editor
        self.passes = passes
        self.is_on_open = on_open
        self.is_allowed = True
        self._model: InstalledModel | None = None
        self._path: Path | None = None
        self._request = 0
        self._sha256 = ""
        self._had_redo = False
        self.underway: Underway = lambda *_: 0
        engine.detected.connect(self._detected)
        engine.failed.connect(self._failed)
        engine.cancelled.connect(self._cancelled)
        engine.progressed.connect(self._progressed)

    @property
    def is_busy(self) -> bool:
        return self._request != 0

    @property
    def model(self) -> InstalledModel | None:
        """Return the model that detects."""
        return self._model

    @property
    def path(self) -> Path | None:
        return self._path

    def set_on_open(self, on_open: bool) -> None:
        self.is_on_open = on_open

    def use_model(self, model: InstalledModel | None) -> None:
        """Detect with this model from now on; a detection by another one is given up."""
        if model != self._model:
            self.cancel()
        self._model = model

    def show_film(self, path: Path | None) -> None:
        """Turn to another film; what runs for the one before is given up."""
        self.cancel()
        self._path = path

    def detect(self, *, is_asked: bool = True) -> None:
        """Ask for the points of the open film as it is turned; what was asked before is dropped.

        is_asked: a person asks, for whom an engine that gave up is started again.
        """
        film, tracing = self._editor.film, self._editor.tracing
        if film is None or tracing is None or self._path is None or self._model is None:
            return
        if not self.is_allowed:
            self.failed.emit(NOT_HERE)
            return
        info = self._model.info
        if why := other_set(info.name, info.landmark_set, tracing):
            self.failed.emit(why)
            return
        self.cancel()
        if is_asked and getattr(self._engine, "state", "") == "failed":
            self._engine.retry()
        self._sha256 = film.sha256
        self._had_redo = self._editor.can_redo
        asked = self._model.folder, self.passes, tracing.turn
        self._request = self.underway(film.sha256, *asked) or self._engine.detect(
            self._path, film.sha256, *asked
        )
        self.started.emit(self._path)

    def cancel(self) -> None:
        """Give up what runs; its answer, should it come, is dropped."""
        if self._request:
            request = self._request
            self._end()
            self._engine.cancel(request)

    def _detected(self, request: int, detection: Detection) -> None:
        if request != self._request:
            return
        film, tracing = self._editor.film, self._editor.tracing
        is_wanted = film is not None and film.sha256 == self._sha256
        self._end()
        if is_wanted and self._editor.can_redo and not self._had_redo:
            # A commit would drop the steps that were undone while the model was at work.
            self.failed.emit("Steps were undone meanwhile, so the model's points were left out.")
        elif (
            is_wanted
            and tracing is not None
            and (why := other_set(detection.model_name, detection.landmark_set, tracing))
        ):
            self.failed.emit(why)
        elif is_wanted:
            self._editor.apply_detection(detection)
            self.landed.emit(detection)

    def _failed(self, request: int, sentence: str) -> None:
        if request == self._request:
            self._end()
            self.failed.emit(sentence)

    def _cancelled(self, request: int) -> None:
        if request == self._request:
            self._end()

    def _progressed(self, request: int, fraction: float, text: str) -> None:
        if request == self._request:
            self.progressed.emit(fraction, text)

    def _end(self) -> None:
        self._request = 0
        self.ended.emit(self._path)

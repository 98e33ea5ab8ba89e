"""Detects a film that is not open, while its reader works on another."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Detection, Turn
from cephview.core.film import Film
from cephview.core.film_history import was_traced
from cephview.core.history import History
from cephview.core.tracing import Tracing, other_set
from cephview.ui.detection.detecting import Detecting
from cephview.ui.editor import Editor
from cephview.ui.films.folder import Folder
from cephview.ui.rows.standing import Frame
from cephview.ui.work.background import Background
from cephview.ui.workspace.journal import Journal, utc_now
from cephview.ui.workspace.keeping import ConflictError, KeepError, Keeping


class Outcome(StrEnum):
    """What became of a film.

    LEFT: nothing was to be done, or somebody works on it. HALTED: nothing can be done on any film
    until what is amiss is mended.
    """

    LANDED = "landed"
    LEFT = "left"
    FAILED = "failed"
    HALTED = "halted"


class QuietDetection(QObject):
    """One film at a time. Its points are a step of that film like any other, kept at once.

    A film is left alone that a hand worked on, that has steps to redo, that is open, or that
    another window changed meanwhile. ended(path, outcome, sentence) follows every begin(), but not
    cancel().
    """

    ended = Signal(object, str, str)

    def __init__(
        self,
        engine: Any,
        editor: Editor,
        keeping: Keeping,
        folder: Folder,
        detecting: Detecting,
        history: Callable[[str], History[Tracing]],
        journal: Callable[[], Journal],
        read: Callable[[Path], Film],
        parent: QObject,
    ) -> None:
        """history(sha256) gives what the workspace knows of a film, in the reading that journal()
        writes to; read is called on a thread.
        """
        super().__init__(parent)
        self._engine = engine
        self._editor = editor
        self._keeping = keeping
        self._folder = folder
        self._detecting = detecting
        self._history = history
        self._journal = journal
        self._read = read
        self._background = Background(self)
        self._path: Path | None = None
        self._is_again = False
        self._request = 0
        self._asked: tuple[str, Path, int, Turn] | None = None
        self._before: Tracing | None = None
        engine.detected.connect(self._detected)
        engine.failed.connect(self._failed)
        engine.cancelled.connect(self._cancelled)

    @property
    def path(self) -> Path | None:
        """Return the film at work, None while there is none."""
        return self._path

    def begin(self, path: Path, *, is_again: bool = False) -> None:
        """Detect a film that has no points or, with is_again, one that nobody worked on."""
        self.cancel()
        self._path, self._is_again = path, is_again
        read = self._read
        self._background.run(
            lambda: read(path), partial(self._have_read, path), partial(self._unreadable, path)
        )

    def hand_over(self, sha256: str, model: Path, passes: int, turn: Turn) -> int:
        """Give a request that runs to the film's own detection; return its id, 0 if there is none.

        The film was opened while it was looked at.
        """
        if not self._request or self._asked != (sha256, model, passes, turn):
            return 0
        request, self._request = self._request, 0
        self._end(Outcome.LEFT)
        return request

    def wake(self) -> None:
        """Start an engine again that gave up, for a person who asks for films."""
        if getattr(self._engine, "state", "") == "failed":
            self._engine.retry()

    def cancel(self) -> None:
        """Give up the film at work; its answer, should it come, is dropped."""
        path, request = self._path, self._request
        self._path, self._request = None, 0
        if request:
            self._engine.cancel(request)
        self._show_again(path)

    def close(self) -> None:
        self.cancel()
        self._background.close()

    def _have_read(self, path: Path, film: Film) -> None:
        model, sha256 = self._detecting.model, film.sha256
        if path != self._path:
            return
        if model is None:
            self._end(Outcome.HALTED, "No model is chosen; choose one under Model.")
            return
        try:
            size = self._keeping.remember_film(film, path)
            tracing = self._open_to_points(sha256)
        except KeepError as error:
            self._end(Outcome.HALTED, str(error))
            return
        self._folder.know(path, sha256)
        self._folder.know_frame(sha256, Frame(size, film.height))
        if tracing is None:
            self._end(Outcome.LEFT)
            return
        if why := other_set(model.info.name, model.info.landmark_set, tracing):
            self._end(Outcome.HALTED, why)
            return
        self._before = tracing
        self._folder.show_detecting(path)
        passes = self._detecting.passes
        self._asked = sha256, model.folder, passes, tracing.turn
        self._request = self._engine.detect(path, sha256, model.folder, passes, tracing.turn)

    def _unreadable(self, path: Path, error: Exception) -> None:
        if path == self._path:
            self._folder.show_unreadable(path, str(error))
            self._end(Outcome.FAILED, str(error))

    def _detected(self, request: int, detection: Detection) -> None:
        path = self._path
        if request != self._request or path is None or self._asked is None:
            return
        self._request = 0
        sha256 = self._asked[0]
        try:
            tracing = self._open_to_points(sha256)
            if tracing is None:
                self._end(Outcome.LEFT)
                return
            if why := other_set(detection.model_name, detection.landmark_set, tracing):
                self._end(Outcome.HALTED, why)
                return
            found = tracing.detected(detection, at=utc_now())
            self._journal().append_commit(sha256, found)
        except ConflictError:
            self._end(Outcome.LEFT)
        except KeepError as error:
            self._end(Outcome.HALTED, str(error))
        else:
            self._before = None
            self._folder.show_tracing(path, found)
            self._folder.show_changed(path, utc_now())
            self._end(Outcome.LANDED)

    def _failed(self, request: int, sentence: str) -> None:
        if request == self._request:
            self._request = 0
            is_down = getattr(self._engine, "state", "") == "failed"
            if self._path is not None and not is_down:
                self._folder.show_failed(self._path, sentence)
            self._end(Outcome.HALTED if is_down else Outcome.FAILED, sentence)

    def _cancelled(self, request: int) -> None:
        if request == self._request:
            self._request = 0
            self._end(Outcome.LEFT)

    def _open_to_points(self, sha256: str) -> Tracing | None:
        """Return the tracing that a detection may be laid under, None where it may not.

        Raises KeepError.
        """
        film = self._editor.film
        is_open = film is not None and film.sha256 == sha256
        if is_open or not self._detecting.is_allowed:
            return None
        # Steps that could not be written yet come first.
        if self._editor.unsaved(self._journal(), sha256) is not None:
            return None
        history = self._history(sha256)
        is_free = not was_traced(history) or (self._is_again and is_untouched(history.present))
        return history.present if is_free and not history.can_redo else None

    def _end(self, outcome: Outcome, sentence: str = "") -> None:
        path, self._path = self._path, None
        self._show_again(path)
        self.ended.emit(path, str(outcome), sentence)

    def _show_again(self, path: Path | None) -> None:
        """Take back that a film is being detected, where nothing came of it."""
        before, self._before = self._before, None
        if path is not None and before is not None:
            self._folder.show_tracing(path, before)


def is_untouched(tracing: Tracing) -> bool:
    """Say whether no hand ever placed, confirmed or marked a point that counts now."""
    return tracing == tracing.by_model()

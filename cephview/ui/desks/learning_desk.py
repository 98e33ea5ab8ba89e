"""What a window says of learning outside its card, and what its actions do about it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cephview.core.film import Film
from cephview.ui.learning.finetuning import Stage
from cephview.ui.notice import Kind, Notice

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow


class LearningDesk(QObject):
    """Tells a user who works elsewhere what became of a fine-tune, and asks before it is lost."""

    def __init__(self, window: "MainWindow", open_film: Callable[[Path], Film]) -> None:
        super().__init__(window)
        self._window = window
        self._stage = Stage.IDLE
        self._may_end = False
        finetuning = window.session.finetuning
        finetuning.changed.connect(self._changed)
        self._wanted: tuple[Path, str] | None = None
        worst = window.model.learning.result.worst
        worst.serve(open_film)
        worst.film_wanted.connect(self.open_at)
        window.closed.connect(worst.end_work)
        window.session.film_shown.connect(self._film_shown)

    # What actions call

    def show(self) -> None:
        """Show the Model panel."""
        window = self._window
        window.show_right(True)
        window.tabs.setCurrentWidget(window.model)

    def start(self) -> None:
        """Learn from all corrections, in sight."""
        self.show()
        self._window.session.finetuning.start()

    def go_on(self) -> None:
        """Go on with what was interrupted, in sight."""
        self.show()
        self._window.session.finetuning.go_on()

    def adopt(self) -> None:
        self._window.session.finetuning.adopt()

    def discard(self) -> None:
        """Stop what runs, or throw away what was interrupted or judged."""
        finetuning = self._window.session.finetuning
        if finetuning.is_running:
            finetuning.cancel()
        else:
            finetuning.discard()

    def go_back(self) -> None:
        self._window.session.models.go_back()

    def open_at(self, path: Path, landmark: str) -> None:
        """Open a film at one of its points."""
        self._wanted = path, landmark
        self._window.open_paths((path,))

    # Closing

    def may_close(self) -> bool:
        """Return whether the window may close; where not, ask what shall become of the learning."""
        if not self._window.session.finetuning.is_running or self._may_end:
            return True
        self._window.session.noticed.emit(Notice(
            "The model is still learning.", Kind.ATTENTION, "close",
            "Close, go on next time", partial(self._close, keep=True),
            "Close and discard", partial(self._close, keep=False),
        ))  # fmt: skip
        return False

    def _close(self, *, keep: bool) -> None:
        finetuning = self._window.session.finetuning
        self._may_end, finetuning.is_kept = True, keep
        self._window.close()
        # Where edits could not be saved it stays open, and learns on.
        self._may_end, finetuning.is_kept = False, True

    # Within

    def _film_shown(self, path: Path) -> None:
        wanted, self._wanted = self._wanted, None
        editor = self._window.session.editor
        if wanted is None or wanted[0] != path or editor.tracing is None:
            return
        if wanted[1] in {point.landmark for point in editor.tracing}:
            editor.select(wanted[1])
            self._window.zoom_to_point()

    def _changed(self) -> None:
        window = self._window
        learning = window.session.finetuning.learning
        if learning.stage is self._stage:
            return
        self._stage = learning.stage
        for topic in ("close", "judged", "interrupted"):
            window.notices.withdraw(topic)
        if learning.begun is not None and learning.stage is Stage.INTERRUPTED:
            said = " ".join(part for part in (learning.text, learning.begun.sentence) if part)
            window.session.noticed.emit(Notice(
                said, Kind.ATTENTION, "interrupted", "Go on", self.go_on, "Discard", self.discard,
            ))  # fmt: skip
        elif learning.result is not None and not window.model.isVisible():
            text = "The new model is judged: look at it, then use or discard it."
            window.session.noticed.emit(Notice(
                text, Kind.NOTE, "judged", "Look", self.show,
                holds=lambda: not window.model.isVisible(),
            ))  # fmt: skip
        window.refresh()

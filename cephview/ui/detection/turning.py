"""How the open film is turned, by hand or as the model proposes, and what to say of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Turn
from cephview.core.film_warning import FilmWarning, warning_of
from cephview.core.tracing import Tracing
from cephview.core.turning import AS_ON_FILE, inverted, mirrored, turned
from cephview.ui.detection.detecting import Detecting
from cephview.ui.editor import Editor


class Turning(QObject):
    """Turns the film as steps that can be undone; the model looks at it as the reader does.

    warned carries a FilmWarning, or None where there is nothing to say any more. One that was
    dismissed is said again when the film is opened again, or when it changes.
    """

    warned = Signal(object)

    def __init__(self, editor: Editor, detecting: Detecting, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._detecting = detecting
        self._said: FilmWarning | None = None
        editor.film_changed.connect(self._forget)
        editor.changed.connect(self._changed)
        editor.review.changed.connect(self._look)
        detecting.started.connect(self._look)
        detecting.ended.connect(self._look)

    @property
    def is_turned(self) -> bool:
        """Whether the open film is shown in another way than it is on file."""
        tracing = self._editor.tracing
        return tracing is not None and bool(tracing.turn)

    def mirror(self) -> None:
        """Swap left and right, as seen."""
        self._turn(mirrored)

    def turn_left(self) -> None:
        """Turn a quarter against the clock, as seen."""
        self._turn(lambda turn: turned(turn, -1))

    def turn_right(self) -> None:
        """Turn a quarter clockwise, as seen."""
        self._turn(lambda turn: turned(turn, 1))

    def swap_grey(self) -> None:
        """Say that the film is a negative, or that it is none."""
        self._turn(inverted)

    def as_on_file(self) -> None:
        """Show the film as its file has it."""
        self._turn(lambda _: AS_ON_FILE)

    def detect_turned(self, turn: Turn) -> None:
        """Turn the film and place its points anew."""
        self._editor.set_turn(turn)
        self._detecting.detect()

    def remind(self) -> None:
        """Say once more what there is to say, as after other news."""
        self._said = None
        self._look()

    def _turn(self, change: Callable[[Turn], Turn]) -> None:
        tracing = self._editor.tracing
        if tracing is not None:
            self._editor.set_turn(change(tracing.turn))

    def _forget(self, *_: object) -> None:
        self._said = None
        self.warned.emit(None)

    def _changed(self, old: Tracing | None, new: Tracing | None) -> None:
        is_turned = old is not None and new is not None and old.turn != new.turn
        if is_turned and self._detecting.is_busy:
            # The model still looks at the film as it was.
            self._detecting.detect()
        self._look()

    def _look(self, *_: object) -> None:
        # What is at work may settle it.
        counts, tracing = self._editor.review.moved_counts, self._editor.tracing
        busy = self._detecting.is_busy
        warning = None if busy else warning_of(tracing, moved_counts=counts)
        if warning != self._said:
            self._said = warning
            self.warned.emit(warning)

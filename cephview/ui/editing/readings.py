"""Which reading of the films the window shows, who reads it, and which one is taken as data."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from cephview.core.history import History
from cephview.core.merging import Merged
from cephview.core.reading import FIRST, Reading, Start, beginning
from cephview.core.tracing import Tracing
from cephview.ui.editor import Editor
from cephview.ui.workspace.keeping import KeepError, Keeping


@dataclass(frozen=True)
class KeptReading:
    """The journal of one reading."""

    keeping: Keeping
    reading: int
    reader: str

    def append_commit(self, sha256: str, tracing: Tracing) -> int:
        return self.keeping.append_commit(sha256, tracing, self.reading, self.reader)

    def append_undo(self, sha256: str) -> int:
        return self.keeping.append_undo(sha256, self.reading, self.reader)

    def append_redo(self, sha256: str) -> int:
        return self.keeping.append_redo(sha256, self.reading, self.reader)

    def merge(self, sha256: str, before: Tracing, after: Tracing) -> Merged:
        return self.keeping.merge(sha256, before, after, self.reading, self.reader)


class Readings(QObject):
    """One reading at a time. A reader sees no other's points, and signs with their own name.

    changed tells that another reading is shown, reopening that the open film must be shown anew.
    data_changed tells that exports and fine-tunes take another reading.
    """

    changed = Signal()
    reopening = Signal()
    data_changed = Signal()
    failed = Signal(str)

    def __init__(self, editor: Editor, keeping: Keeping, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._keeping = keeping
        self._author = editor.author
        self._film = ""
        self.current = FIRST
        self.data = FIRST

    @property
    def author(self) -> str:
        """Return who signs the first reading, and decisions."""
        return self._author

    @property
    def reader(self) -> str:
        """Return who reads now."""
        return self.current.reader or self._author

    @property
    def listed(self) -> Reading:
        """Return the reading whose states the list shows: while one decides, the first."""
        return FIRST if self.current.is_decisions else self.current

    @property
    def may_detect(self) -> bool:
        """Whether the model may place points in this reading."""
        return self.current.start is Start.MODEL

    @property
    def journal(self) -> KeptReading:
        return KeptReading(self._keeping, self.current.number, self.reader)

    @property
    def is_for_one_film(self) -> bool:
        return bool(self._film)

    def told_of_data(self) -> str:
        """Return a sentence on whose points exports and fine-tunes take; "" with one reading."""
        if self.data.is_first and not self.others():
            return ""
        if self.data.is_decisions:
            return " The points are the first reading's, with what was decided."
        whose = "the first reading's" if self.data.is_first else f"those of {self.data.label}"
        return f" The points are {whose}."

    def known(self) -> tuple[Reading, ...]:
        """Return every reading of the workspace, the first one first."""
        try:
            return self._keeping.readings()
        except KeepError as error:
            self.failed.emit(str(error))
            return (FIRST,)

    def others(self) -> tuple[Reading, ...]:
        """Return the readings beside the first, without what was decided."""
        return tuple(r for r in self.known() if not r.is_first and not r.is_decisions)

    def read_as(self, reader: str, start: Start, *, film: str = "") -> bool:
        """Go to the reading of a reader, begun if there is none; return whether that was done.

        film: the SHA-256 of the only film to read, "" for all.
        """
        return self._begin(reader, start, film)

    def decide(self) -> bool:
        """Go to what is decided where readers differ; return whether that was done."""
        return self._begin("", Start.DECISIONS, "")

    def go_to(self, reading: Reading, *, film: str = "") -> None:
        """Show another reading of the films."""
        if self._turn_to(reading, film):
            self.reopening.emit()

    def go_to_first(self) -> None:
        self.go_to(FIRST)

    def begin_again(self) -> None:
        """Go back to the first reading: another workspace is in the place of this one."""
        self._turn_to(FIRST, "")
        self.use_as_data(FIRST)

    def leave_film(self, sha256: str) -> None:
        """Say which film is opened next; another one ends the reading of one film only."""
        if self._film and sha256 != self._film:
            self._turn_to(FIRST, "")

    def use_as_data(self, reading: Reading) -> None:
        """Let exports and fine-tunes take a reading."""
        if reading != self.data:
            self.data = reading
            self.data_changed.emit()

    def history(self, sha256: str, empty: Tracing) -> History[Tracing]:
        """Return the history of a film in this reading. Raises KeepError."""
        return self._keeping.history(sha256, empty, self.current.number)

    def begin_film(self) -> None:
        """Give the open film what its reading begins with, as its first step. Raises KeepError."""
        editor = self._editor
        film, tracing = editor.film, editor.tracing
        if self.current.is_first or film is None or tracing is None:
            return
        empty = Tracing.of(editor.landmarks)
        if editor.can_undo or editor.can_redo or any(p.best or p.hidden for p in tracing):
            return
        first = self._keeping.tracing(film.sha256)
        begun = beginning(self.current.start, first, empty).aligned(tracing)
        editor.put(begun.points, begun.turn, begun.likeness)

    def _turn_to(self, reading: Reading, film: str) -> bool:
        # What is under way belongs to who did it.
        self._editor.settling.emit()
        self._editor.flush()
        self._film = film
        if reading == self.current:
            self.changed.emit()
            return False
        self.current = reading
        self._editor.author = self.reader
        self.changed.emit()
        return True

    def _begin(self, reader: str, start: Start, film: str) -> bool:
        try:
            reading = self._keeping.begin_reading(reader, start)
        except KeepError as error:
            self.failed.emit(str(error))
            return False
        self.go_to(reading, film=film)
        return True

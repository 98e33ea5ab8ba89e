"""Steps on their way to the journal: kept in order, written at once, or when they can be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cephview.core.merging import Merged
from cephview.core.tracing import Tracing


class Journal(Protocol):
    """Where every step is written at once; each append returns the number of the revision."""

    def append_commit(self, sha256: str, tracing: Tracing) -> int: ...
    def append_undo(self, sha256: str) -> int: ...
    def append_redo(self, sha256: str) -> int: ...
    def merge(self, sha256: str, before: Tracing, after: Tracing) -> Merged: ...


@dataclass(frozen=True)
class Write:
    """A step of a film from one tracing to another; kind is commit, undo or redo."""

    journal: Journal
    sha256: str
    kind: str
    before: Tracing
    after: Tracing

    @property
    def place(self) -> tuple[Journal, str]:
        return self.journal, self.sha256

    def run(self) -> None:
        if self.kind == "undo":
            self.journal.append_undo(self.sha256)
        elif self.kind == "redo":
            self.journal.append_redo(self.sha256)
        else:
            self.journal.append_commit(self.sha256, self.after)

    def merge(self) -> Merged:
        return self.journal.merge(self.sha256, self.before, self.after)


@dataclass(frozen=True)
class Overtaken:
    """What became of the steps that were made without sight of another window's.

    merges holds what was brought together, step by step; lost counts the steps that could not be.
    """

    journal: Journal
    merges: tuple[Merged, ...]
    lost: int = 0


class Sheltering(Protocol):
    """Where steps wait that cannot be written now, so that they outlive the window."""

    @property
    def is_whole(self) -> bool: ...
    def keep(self, writes: Iterable[Write]) -> None: ...
    def sent(self, write: Write) -> None: ...
    def close(self) -> None: ...


class Queue:
    """The steps that the journal still lacks, oldest first.

    A step made without sight of another window's is merged with it, and so are all that wait behind
    it for the same film: they stand on the same ground.
    """

    def __init__(
        self,
        errors: tuple[type[Exception], ...],
        conflicts: tuple[type[Exception], ...],
        on_overtaken: Callable[[str, Overtaken], None],
    ) -> None:
        """on_overtaken(film, what became of its steps) is called when none of them waits."""
        self._errors = errors
        self._conflicts = conflicts
        self._on_overtaken = on_overtaken
        self._writes: list[Write] = []
        self.shelter: Sheltering | None = None
        self._merges: dict[tuple[Journal, str], list[Merged]] = {}

    def __len__(self) -> int:
        return len(self._writes)

    def put(self, write: Write) -> None:
        self._writes.append(write)

    def flush(self) -> Exception | None:
        """Write what waits; return the error that stopped it, with what is left kept."""
        while self._writes:
            write = self._writes[0]
            merges = self._merges.get(write.place)
            try:
                if merges is None:
                    write.run()
                else:
                    merges.append(write.merge())
            except self._conflicts:
                if merges is None:
                    self._merges[write.place] = []
                else:
                    self._give_way(write)
                continue
            except self._errors as error:
                if self.shelter is not None:
                    self.shelter.keep(self._writes)
                return error
            self._forget(self._writes.pop(0))
            if merges is not None and not any(w.place == write.place for w in self._writes):
                del self._merges[write.place]
                self._on_overtaken(write.sha256, Overtaken(write.journal, tuple(merges)))
        return None

    @property
    def told(self) -> str:
        """Return what becomes of the steps that wait, as a sentence."""
        if self.is_sheltered:
            return (
                f"Your edits are kept on this computer ({len(self)} not sent yet) and will be "
                "sent when it is back, also after a restart."
            )
        return f"Your edits are kept in memory ({len(self)} not saved yet) and will be tried again."

    @property
    def is_sheltered(self) -> bool:
        """Whether all that waits would outlive the window."""
        return self.shelter is not None and self.shelter.is_whole

    def _forget(self, write: Write) -> None:
        if self.shelter is not None:
            self.shelter.sent(write)

    def _give_way(self, refused: Write) -> None:
        """Drop what waits for a film in a journal and can never be merged."""
        left = [write for write in self._writes if write.place != refused.place]
        for write in self._writes:
            if write.place == refused.place:
                self._forget(write)
        lost = len(self._writes) - len(left)
        self._writes = left
        merges = tuple(self._merges.pop(refused.place))
        self._on_overtaken(refused.sha256, Overtaken(refused.journal, merges, lost))


def utc_now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sentence(error: Exception) -> str:
    """Return what an error says, as a sentence."""
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."

"""The steps of an editor on their way to disk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cephview.core.tracing import Tracing


class Journal(Protocol):
    """Where every step is written at once; each call returns the number of the revision."""

    def append_commit(self, sha256: str, tracing: Tracing) -> int: ...
    def append_undo(self, sha256: str) -> int: ...
    def append_redo(self, sha256: str) -> int: ...


@dataclass(frozen=True)
class Write:
    """A step on its way to the journal. tracing is None for undo and redo."""

    journal: Journal
    sha256: str
    kind: str
    tracing: Tracing | None = None

    def run(self) -> None:
        if self.tracing is not None:
            self.journal.append_commit(self.sha256, self.tracing)
        elif self.kind == "undo":
            self.journal.append_undo(self.sha256)
        else:
            self.journal.append_redo(self.sha256)


def utc_now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sentence(error: Exception) -> str:
    """Return what an error says as a sentence."""
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."

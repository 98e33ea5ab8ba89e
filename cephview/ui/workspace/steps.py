"""The steps of the open film: its history with its journal, and what was done beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from cephview.core.history import History, SideStep, StepOrder, without_future
from cephview.core.tracing import Tracing
from cephview.ui.workspace.journal import Journal, Queue, Write, sentence

Place = tuple[Journal | None, str]


class Walked(Enum):
    """What undo or redo changed."""

    NOTHING = 0
    TRACING = 1
    BESIDE = 2


@dataclass(frozen=True)
class LockStep:
    """Points locked or unlocked, until another film is opened."""

    before: frozenset[str]
    after: frozenset[str]
    put: Callable[[frozenset[str]], None]

    def applies(self, *, is_forward: bool) -> bool:
        return True

    def walk(self, *, is_forward: bool) -> bool:
        self.put(self.after if is_forward else self.before)
        return True


class Steps:
    """One history, one order of undo, and the queue to the journals.

    Steps of a tracing are kept on disk, in their order; those beside it live as long as the window,
    also while other films are open.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._place: Place | None = None
        self.history: History[Tracing] | None = None
        self._order = StepOrder()
        self._left: dict[Place, StepOrder] = {}
        self._unsaved: dict[Place, History[Tracing]] = {}

    @property
    def present(self) -> Tracing | None:
        return self.history.present if self.history is not None else None

    def unsaved(self, journal: Journal | None, sha256: str) -> History[Tracing] | None:
        """Return the history of a film some steps of which wait for its journal."""
        return self._unsaved.get((journal, sha256))

    def forget_unsaved(self, journal: Journal, sha256: str) -> None:
        """Take note that nothing of a film waits any more."""
        self._unsaved.pop((journal, sha256), None)

    def flush(self) -> str:
        """Write what waits, oldest first; return why some of it still does, as a sentence."""
        error = self._queue.flush()
        if error is not None:
            return f"{sentence(error)} {self._queue.told}"
        self._unsaved.clear()
        return ""

    def open(self, journal: Journal | None, sha256: str, history: History[Tracing]) -> None:
        """Go on with a film, and with what this window did beside its history."""
        self.close()
        self._place = journal, sha256
        left = self._left.pop(self._place, None)
        told = None if left is None else left.told(history)
        if left is None or told is None:
            self.adopt(history)
        else:
            self.history, self._order = told, left

    def close(self) -> None:
        """Let go of the film; locks end with it."""
        if self._place is not None:
            self._left[self._place] = self._order.without(LockStep)
        self._place, self.history, self._order = None, None, StepOrder()

    def adopt(self, history: History[Tracing]) -> None:
        """Go on with a history of the film that was written elsewhere."""
        self.history, self._order = history, StepOrder.of(history)

    def commit(self, tracing: Tracing) -> bool:
        """Make a tracing the present; return whether that is a step."""
        if self.history is None:
            return False
        history = self.history.commit(tracing)
        if history is self.history:
            return False
        self._order = self._order.stepped()
        self._go_to(history, "commit")
        return True

    def add_beside(self, side: SideStep) -> None:
        """Note a change beside the tracing that was just made."""
        self._order = self._order.stepped(side)
        if self.history is not None:
            self.history = without_future(self.history)

    def can_walk(self, *, is_forward: bool) -> bool:
        order = self._order.standing()
        return bool(order.future if is_forward else order.past)

    def walk(self, *, is_forward: bool) -> Walked:
        """Redo what was undone last, or undo what was done last."""
        if not self.can_walk(is_forward=is_forward):
            return Walked.NOTHING
        order = self._order.standing()
        side, after = order.next(is_forward=is_forward), order.walked(is_forward=is_forward)
        if side is not None:
            if not side.walk(is_forward=is_forward):
                return Walked.NOTHING
            self._order = after
            return Walked.BESIDE
        assert self.history is not None
        self._order = after
        walked = self.history.redo() if is_forward else self.history.undo()
        self._go_to(walked, "redo" if is_forward else "undo")
        return Walked.TRACING

    def _go_to(self, history: History[Tracing], kind: str) -> None:
        assert self.history is not None and self._place is not None
        before, self.history = self.history.present, history
        journal, sha256 = self._place
        if journal is not None:
            self._queue.put(Write(journal, sha256, kind, before, history.present))
            self._unsaved[self._place] = history

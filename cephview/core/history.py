"""Undo and redo of any frozen value, and of changes beside it in the order they were made."""

from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class History(Generic[T]):
    """A value with its past and future. Every method returns a new history."""

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    def commit(self, value: T) -> "History[T]":
        """Make value the present; what was undone before is dropped. An equal value is no step."""
        if value == self.present:
            return self
        return History(value, (*self.past, self.present), ())

    @property
    def can_undo(self) -> bool:
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        return bool(self.future)

    def undo(self) -> "History[T]":
        """Step back; at the beginning, the same history."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> "History[T]":
        """Step forward; at the end, the same history."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])


class SideStep(Protocol):
    """A change of something beside the value of a history, undone in its turn."""

    def applies(self, *, is_forward: bool) -> bool:
        """Say whether it can be redone or undone: elsewhere that may have been done since."""

    def walk(self, *, is_forward: bool) -> bool:
        """Redo or undo it; return whether that was done."""


@dataclass(frozen=True)
class StepOrder:
    """In which order steps were made; None is a step of the history itself.

    past has the latest step last, future the next one first.
    """

    past: tuple[SideStep | None, ...] = ()
    future: tuple[SideStep | None, ...] = ()

    @classmethod
    def of(cls, history: History[T]) -> "StepOrder":
        """Return the order of a history with nothing beside it."""
        return cls((None,) * len(history.past), (None,) * len(history.future))

    def told(self, history: History[T]) -> History[T] | None:
        """Return the part of a history whose steps it orders; None where it is of other steps.

        A step beside a history drops what was undone here, though not where that is kept.
        """
        undone = self.future.count(None)
        if self.past.count(None) != len(history.past) or undone > len(history.future):
            return None
        return replace(history, future=history.future[:undone])

    def without(self, kind: type) -> "StepOrder":
        """Return the order without the side steps of a type."""
        kept = (tuple(s for s in side if not isinstance(s, kind)) for side in self._sides)
        return StepOrder(*kept)

    def standing(self) -> "StepOrder":
        """Return the order without what can be undone, or redone, no more."""
        past, future = self.past, self.future
        while past and past[-1] is not None and not past[-1].applies(is_forward=False):
            past = past[:-1]
        while future and future[0] is not None and not future[0].applies(is_forward=True):
            future = future[1:]
        return StepOrder(past, future)

    def stepped(self, step: SideStep | None = None) -> "StepOrder":
        """Return the order with one more step; what was undone before is dropped."""
        return StepOrder((*self.past, step), ())

    def next(self, *, is_forward: bool) -> SideStep | None:
        """Return the step to redo or undo next; there must be one."""
        return self.future[0] if is_forward else self.past[-1]

    def walked(self, *, is_forward: bool) -> "StepOrder":
        """Return the order after its next step was redone, or its last one undone."""
        if is_forward:
            return StepOrder((*self.past, self.future[0]), self.future[1:])
        return StepOrder(self.past[:-1], (self.past[-1], *self.future))

    @property
    def _sides(self) -> tuple[tuple[SideStep | None, ...], tuple[SideStep | None, ...]]:
        return self.past, self.future


def without_future(history: History[T]) -> History[T]:
    """Return a history that forgot what was undone, as after a step beside it."""
    return replace(history, future=())

"""Undo and redo of any frozen value."""

from dataclasses import dataclass
from typing import Generic, TypeVar

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

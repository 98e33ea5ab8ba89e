"""One sentence to a user, with what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How much a notice matters."""

    NOTE = "note"
    ATTENTION = "attention"
    DANGER = "danger"


@dataclass(frozen=True)
class Notice:
    """One sentence. topic names what it is about: a newer notice of a topic replaces the older.

    other is a second thing that can be done. holds says whether it is still true: a notice belongs
    to a state, and goes with it. passes: it tells of what was just done, and goes with the next
    film or change.
    """

    text: str
    kind: Kind = Kind.NOTE
    topic: str = ""
    action: str = ""
    on_action: Callable[[], object] | None = None
    other: str = ""
    on_other: Callable[[], object] | None = None
    holds: Callable[[], bool] = lambda: True
    passes: bool = False

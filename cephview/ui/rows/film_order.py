"""In which order the films of the list stand."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cephview.core.natural_order import natural_order

if TYPE_CHECKING:
    from cephview.ui.rows.film_list_model import FilmRow


class Order(StrEnum):
    """What films are sorted by, as the settings name it."""

    NAME = "name"
    STATE = "state"
    UNCERTAINTY = "uncertainty"
    TIME = "time"
    CHANGE = "change"


# What the button says, which of two films comes first, and the key.
WORDS: dict[Order, tuple[str, str, str]] = {
    Order.NAME: ("Name", "In the order people count in", "Alt+N"),
    Order.STATE: ("State", "What is left to do first", "Alt+S"),
    Order.UNCERTAINTY: ("Uncertain", "The least certain unchecked point first", "Alt+U"),
    Order.TIME: ("Time", "What took longest first", "Alt+T"),
    Order.CHANGE: ("Changed", "What changed last first", "Alt+C"),
}
_STATES = ("cannot be read", "new", "detecting", "review", "done")


def arranged(rows: "Iterable[FilmRow]", order: Order) -> "list[FilmRow]":
    """Return rows in an order; those alike in it stand by name."""
    by_name = sorted(rows, key=lambda row: natural_order(row.path))
    is_falling = order in (Order.UNCERTAINTY, Order.TIME, Order.CHANGE)
    return by_name if order is Order.NAME else sorted(by_name, key=_KEYS[order], reverse=is_falling)


_KEYS: "dict[Order, Callable[[FilmRow], Any]]" = {
    Order.STATE: lambda row: _STATES.index(row.state),
    Order.UNCERTAINTY: lambda row: row.urgency,
    Order.TIME: lambda row: row.seconds,
    Order.CHANGE: lambda row: row.changed_at,
}

"""Which key does what: a user's own choices beside the table's, and why a key cannot be had."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from PySide6.QtGui import QKeySequence

from cephview.ui.actions.action import Action
from cephview.ui.actions.table import ACTIONS

Keys = Mapping[str, tuple[str, ...]]

# Keys that the film itself takes; an action on one of them would never be heard.
_FILM_KEYS = ("Tab", "Shift+Tab", "Backtab", "Shift+Backtab", "Return", "Enter", "Esc", "Del",
              "Backspace", "Space", "B")  # fmt: skip
_ARROWS = ("Left", "Right", "Up", "Down")
_ARROW_MODIFIERS = ("", "Shift+", "Ctrl+", "Ctrl+Shift+")


def portable(key: str) -> str:
    """Return the one spelling of a key; "" for what Qt cannot read as a single key."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return ""
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    is_read = text.isprintable() and not text.endswith("Unknown")
    return text if is_read and " " not in text else ""


TAKEN_BY_FILM = frozenset(
    {portable(key) for key in _FILM_KEYS}
    | {portable(modifier + arrow) for modifier in _ARROW_MODIFIERS for arrow in _ARROWS}
)


def refusal(action_id: str, key: str, keys: Keys, table: Iterable[Action] = ACTIONS) -> str:
    """Say in one sentence why an action cannot have a key; "" where it can.

    keys are those of every action as they stand. Raises KeyError for an unknown action.
    """
    titles = {entry.id: entry.name for entry in table}
    title, wanted = titles[action_id], portable(key)
    if not wanted:
        return f"{title} needs a single key, with Ctrl, Alt or Shift where you like."
    native = QKeySequence(wanted).toString(QKeySequence.SequenceFormat.NativeText)
    if wanted in TAKEN_BY_FILM:
        return f"{native} is a key of the film itself; choose another one for {title}."
    for other, theirs in keys.items():
        if other != action_id and wanted in {portable(their) for their in theirs}:
            return f"{native} is the key of {titles[other]}; choose another one for {title}."
    return ""


def default_keys(table: Iterable[Action] = ACTIONS) -> dict[str, tuple[str, ...]]:
    return {entry.id: entry.keys for entry in table}


def keys_text(chosen: Keys) -> str:
    """Return a user's choices as text for the settings: "fit:Ctrl+9 undo:", one key a word."""
    words = []
    for action_id, keys in sorted(chosen.items()):
        words += [f"{action_id}:{portable(key)}" for key in keys] or [f"{action_id}:"]
    return " ".join(words)


def chosen_keys(text: str, table: tuple[Action, ...] = ACTIONS) -> tuple[Keys, tuple[str, ...]]:
    """Read keys_text(): each action's chosen keys, and the words that could not be used.

    A key of an action that no longer exists, or that another action has, is such a word; its action
    keeps what it has.
    """
    wanted: dict[str, list[str]] = {}
    for word in text.split():
        action_id, _, key = word.partition(":")
        wanted.setdefault(action_id, []).append(key)
    usable = {entry.id for entry in table} & set(wanted)
    refused = [word for word in text.split() if word.partition(":")[0] not in usable]
    # First all are as wished, so that two actions may have swapped their keys.
    now = default_keys(table) | {
        action_id: tuple(key for key in wanted[action_id] if key) for action_id in usable
    }
    chosen: dict[str, tuple[str, ...]] = {}
    for action_id in sorted(usable):
        keys = now[action_id]
        if bad := [key for key in keys if refusal(action_id, key, now, table)]:
            refused += [f"{action_id}:{key}" for key in bad]
            now[action_id] = next(entry.keys for entry in table if entry.id == action_id)
        else:
            chosen[action_id] = keys
    return MappingProxyType(chosen), tuple(refused)

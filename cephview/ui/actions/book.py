"""The table's actions bound to the parts of one window, under the keys of its user."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from cephview.ui.actions.action import Action
from cephview.ui.actions.menus import MENUS, marked_actions
from cephview.ui.actions.needs import Situation
from cephview.ui.actions.shortcuts import chosen_keys, default_keys, keys_text, portable, refusal
from cephview.ui.actions.table import ACTIONS, CANVAS_KEYS
from cephview.ui.look.icons import put_icon
from cephview.ui.look.theme import Theme


class ActionBook(QObject):
    """Owns the QActions. keys_changed tells that an action has other keys."""

    keys_changed = Signal(str)

    def __init__(
        self,
        parts: Mapping[str, Any],
        theme: Theme,
        parent: QObject,
        keys: str = "",
        table: tuple[Action, ...] = ACTIONS,
    ) -> None:
        """Bind each callback. keys is keys_text() of an earlier window.

        Raises AttributeError or KeyError for a callback that does not exist.
        """
        super().__init__(parent)
        self._table = table
        self._actions: dict[str, QAction] = {}
        chosen, self.refused_keys = chosen_keys(keys, table)
        self._keys = default_keys(table) | dict(chosen)
        self._why_not: dict[str, str] = {}
        titles = {entry.id: entry.title for entry in table}
        self._titles = titles | marked_actions(MENUS, titles)
        groups: dict[str, QActionGroup] = {}
        for entry in table:
            action = QAction(self)
            action.setObjectName(entry.id)
            # Buttons show this one; the text is for menus.
            action.setIconText(entry.title)
            if entry.icon:
                put_icon(action, entry.icon, theme)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setCheckable(entry.is_checkable)
            action.setAutoRepeat(entry.repeats)
            # A tick is what a menu has to tell.
            action.setIconVisibleInMenu(False)
            if entry.group:
                group = groups.setdefault(entry.group, QActionGroup(self))
                group.addAction(action)
            part, method = entry.callback.split(".")
            _connect(action, getattr(parts[part], method), entry)
            self._actions[entry.id] = action
            self._put_keys(entry)
            self._put_text(entry, "")

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    @property
    def table(self) -> tuple[Action, ...]:
        return self._table

    def all(self) -> list[QAction]:
        return list(self._actions.values())

    def refresh(self, situation: Situation) -> None:
        """Enable what makes sense now."""
        for entry in self._table:
            self._why_not[entry.id] = why = entry.why_not(situation)
            self._actions[entry.id].setEnabled(not why)
            self._put_text(entry, why)

    def why_not(self, action_id: str) -> str:
        """Say in a few words why an action cannot be done now; "" where it can."""
        return self._why_not.get(action_id, "")

    def key_words(self, entry: Action) -> str:
        """Return the keys of an action as its user reads them, those of the film first."""
        return ", ".join(native_key(key) for key in (*entry.film_keys, *self._keys[entry.id]))

    def key_words_of(self, action_id: str) -> str:
        """Return key_words() by id. Raises KeyError for an unknown action."""
        return self.key_words(self._entry(action_id))

    def alt_letters(self) -> frozenset[str]:
        """Return the letters, in lower case, that are an action's key together with Alt alone."""
        keys = (portable(key) for keys in self._keys.values() for key in keys)
        letters = (key.removeprefix("Alt+") for key in keys if key.startswith("Alt+"))
        return frozenset(letter.casefold() for letter in letters if len(letter) == 1)

    def set_key(self, action_id: str, key: str) -> str:
        """Give an action this key instead of its own, or with "" none.

        Returns why it cannot have it, in one sentence; "" where it has it now. Raises KeyError for
        an unknown action.
        """
        if key and (why := refusal(action_id, key, self._keys, self._table)):
            return why
        self._set_keys(action_id, (portable(key),) if key else ())
        return ""

    def reset_key(self, action_id: str) -> str:
        """Give an action the keys of the table again; return why it cannot have them, or ""."""
        keys = default_keys(self._table)[action_id]
        for key in keys:
            if why := refusal(action_id, key, self._keys, self._table):
                return why
        self._set_keys(action_id, keys)
        return ""

    def keys_text(self) -> str:
        """Return what the user chose, as text for the settings."""
        own = default_keys(self._table)
        return keys_text({name: keys for name, keys in self._keys.items() if keys != own[name]})

    def sheet(self) -> dict[str, list[tuple[str, str]]]:
        """Return section to (keys, what they do), the gestures of the film first."""
        sheet: dict[str, list[tuple[str, str]]] = {"On the film": list(CANVAS_KEYS)}
        for entry in self._table:
            if words := self.key_words(entry):
                sheet.setdefault(entry.section, []).append((words, entry.name))
        return sheet

    def _set_keys(self, action_id: str, keys: tuple[str, ...]) -> None:
        self._keys[action_id] = keys
        self._put_keys(self._entry(action_id))
        self.keys_changed.emit(action_id)

    def _entry(self, action_id: str) -> Action:
        for entry in self._table:
            if entry.id == action_id:
                return entry
        raise KeyError(action_id)

    def _put_keys(self, entry: Action) -> None:
        action, keys = self._actions[entry.id], self._keys[entry.id]
        action.setShortcuts([QKeySequence(key) for key in keys])
        shown = (*entry.film_keys, *keys)
        action.setToolTip(f"{entry.tip} ({native_key(shown[0])})" if shown else entry.tip)

    def _put_text(self, entry: Action, why_not: str) -> None:
        """Write what menus show: the title, and at the right why not, or the key of the film."""
        film_key = native_key(entry.film_keys[0]) if entry.film_keys else ""
        aside = why_not or film_key
        title = self._titles[entry.id]
        self._actions[entry.id].setText(f"{title}\t{aside}" if aside else title)


def native_key(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _connect(action: QAction, callback: Callable[..., Any], entry: Action) -> None:
    if entry.is_checkable and not entry.group:
        action.triggered.connect(lambda checked: callback(checked))
    else:
        action.triggered.connect(lambda _checked: callback())

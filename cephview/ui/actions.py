"""Everything a user can do, in one table; toolbar, menus, keys and the cheat sheet come from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from cephview.ui.canvas.overlay import SWITCHES
from cephview.ui.icons import icon
from cephview.ui.theme import Theme


@dataclass(frozen=True)
class Situation:
    """What decides whether an action makes sense now."""

    has_film: bool = False
    has_selection: bool = False
    is_chosen_placed: bool = False
    is_chosen_confirmable: bool = False
    is_confirmable: bool = False
    can_undo: bool = False
    can_redo: bool = False
    can_detect: bool = False
    is_detecting: bool = False
    has_traced_films: bool = False
    has_films: bool = False
    has_own_scale: bool = False
    is_turned: bool = False


def always(_situation: Situation) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing a user can do.

    callback is a dotted name, "part.method", looked up once among the window's parts. keys are
    shortcuts of the whole window; the first is shown. group names a set of which one is checked.
    repeats: a key that is held goes on doing it.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    callback: str
    enabled_when: Callable[[Situation], bool]
    tip: str
    icon: str = ""
    section: str = ""
    is_checkable: bool = False
    group: str = ""
    repeats: bool = False


_FILM = attrgetter("has_film")
_FILMS = attrgetter("has_films")

ACTIONS: tuple[Action, ...] = (
    Action("open-film", "Open film\u2026", ("Ctrl+O",), "window.choose_film", always,
           "Open one film", "film", "Films"),
    Action("open-folder", "Open folder\u2026", ("Ctrl+Shift+O",), "window.choose_folder", always,
           "Open a folder of films", "folder", "Films"),
    Action("next-film", "Next film", ("PgDown",), "window.next_film", _FILMS,
           "Go to the next film of the list", "next-film", "Films", repeats=True),
    Action("previous-film", "Previous film", ("PgUp",), "window.previous_film", _FILMS,
           "Go to the film before", "previous-film", "Films", repeats=True),
    Action("search-films", "Search films", ("Ctrl+F",), "window.search_films", always,
           "Find a film by its name", "search", "Films"),
    Action("select", "Select", ("V",), "window.use_select", always,
           "Choose and drag points", "select", "Points", True, "tool"),
    Action("ruler", "Ruler", ("R",), "window.use_ruler", _FILM,
           "Measure a length, or the scale on a ruler in the film", "ruler", "Points", True,
           "tool"),
    Action("place", "Place", ("P",), "window.use_place", _FILM,
           "Put points where you click, one landmark after the other", "place", "Points", True,
           "tool"),
    Action("file-scale", "Scale of the file", (), "scaling.use_file",
           attrgetter("has_own_scale"), "Drop what was measured or accepted and use the scale "
           "that the file gives", "revert", "Points"),
    Action("undo", "Undo", ("Ctrl+Z",), "editor.undo", attrgetter("can_undo"),
           "Take the last step back", "undo", "Points"),
    Action("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "editor.redo", attrgetter("can_redo"),
           "Do again what was taken back", "redo", "Points"),
    Action("confirm", "Confirm", (), "points.confirm", attrgetter("is_chosen_confirmable"),
           "Say that you looked at the chosen point", "confirm", "Points"),
    Action("revert", "Revert to the model", (), "points.revert", attrgetter("has_selection"),
           "Drop what you said of the chosen point", "revert", "Points"),
    Action("not-visible", "Not visible", ("Ctrl+H",), "points.mark_not_visible",
           attrgetter("has_selection"), "The chosen landmark cannot be seen on this film",
           "not-visible", "Points"),
    Action("zoom-to", "Look closer", ("Z",), "window.zoom_to_point",
           attrgetter("is_chosen_placed"), "Bring the chosen point to the middle, enlarged",
           "zoom-to", "Points"),
    Action("confirm-all", "Confirm all", ("Ctrl+Return",), "editor.confirm_all",
           attrgetter("is_confirmable"), "Say that you looked at every point that is left",
           "confirm-all", "Points"),
    Action("detect", "Detect", ("Ctrl+D",), "detecting.detect", attrgetter("can_detect"),
           "Let the model place the points; what you placed or confirmed stays", "detect",
           "Model"),
    Action("cancel-detect", "Stop", (), "detecting.cancel", attrgetter("is_detecting"),
           "Give the running detection up", "close", "Model"),
    Action("detect-on-open", "Detect when a film opens", (), "detecting.set_on_open", always,
           "Place the points of a film without any as soon as it is shown", "", "Model", True),
    Action("auto-window", "Auto window", ("Ctrl+L",), "view.auto_levels", _FILM,
           "Set black and white to what the film holds", "auto-window", "View"),
    Action("invert", "Invert", ("Ctrl+I",), "view.set_inverted", _FILM,
           "Show bone dark; the model sees the film as before", "invert", "View", True),
    Action("fit", "Fit", ("Ctrl+0",), "view.fit", _FILM,
           "Show the whole film", "fit", "View"),
    Action("one-to-one", "1:1", ("Ctrl+1",), "view.one_to_one", _FILM,
           "Show one pixel of the film as one of the screen", "one-to-one", "View"),
    Action("mirror", "Mirror", ("Ctrl+M",), "turning.mirror", _FILM,
           "Swap left and right on the screen and for the model; the file stays as it is", "",
           "View"),
    Action("turn-left", "Turn left", ("Ctrl+Shift+R",), "turning.turn_left", _FILM,
           "Turn the film a quarter against the clock, for the model too", "", "View"),
    Action("turn-right", "Turn right", ("Ctrl+R",), "turning.turn_right", _FILM,
           "Turn the film a quarter clockwise, for the model too", "", "View"),
    Action("negative", "Film is a negative", ("Ctrl+Shift+I",), "turning.swap_grey", _FILM,
           "The file shows bone dark: show it bright, to you and to the model", "", "View"),
    Action("as-on-file", "As on file", ("Ctrl+Shift+M",), "turning.as_on_file",
           attrgetter("is_turned"), "Show the film as its file has it, to the model too", "",
           "View"),
    *(
        Action(f"layer-{layer}", title, (str(number),), f"layers.{layer}", always,
               f"Show or hide: {tip[0].lower()}{tip[1:]}", "", "Layers", True)
        for number, (layer, title, tip) in enumerate(SWITCHES, 1)
    ),
    Action("toggle-left", "Film list", ("F9",), "window.show_left", always,
           "Show or hide the film list", "panel-left", "View", True),
    Action("toggle-right", "Side panel", ("F10",), "window.show_right", always,
           "Show or hide the panel at the right", "panel-right", "View", True),
    Action("full-screen", "Full screen", ("F11",), "window.set_full_screen", always,
           "Use the whole screen", "", "View", True),
    Action("export-csv", "Export CSV\u2026", ("Ctrl+E",), "exporting.export_csv",
           attrgetter("has_traced_films"), "Write the points of the listed films to one tidy table",
           "export", "Export"),
    Action("export-coco", "Export COCO keypoints\u2026", ("Ctrl+Shift+E",),
           "exporting.export_coco", attrgetter("has_traced_films"),
           "Write the points of the listed films as COCO keypoints", "export", "Export"),
    Action("export-unchecked", "Include points nobody checked", (), "exporting.set_with_unchecked",
           always, "Write the model's own points too, marked as such", "", "Export", True),
    Action("restore", "Restore\u2026", (), "safekeeping.restore", always,
           "Bring the workspace back as it was in a backup", "", "Export"),
    Action("cheat-sheet", "Keys", ("F1",), "window.show_cheat_sheet", always,
           "Show every key", "keyboard", "Help"),
)  # fmt: skip

# Keys of the film itself, told here so that the cheat sheet is whole.
CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("Tab", "Next point to check"),
    ("Enter", "Confirm the point"),
    ("\u2190 \u2191 \u2192 \u2193", "Nudge the point by 1 px"),
    ("Shift+arrow", "Nudge by 0.1 mm"),
    ("Ctrl+arrow", "Nudge by 1 mm"),
    ("Esc", "Put a dragged point back"),
    ("Del", "Back to the model's point"),
    ("Wheel", "Zoom"),
    ("Space+drag", "Move the film"),
    ("Right drag", "Window and level"),
)


class ActionBook(QObject):
    """The table's QActions, bound to the parts of one window."""

    def __init__(
        self,
        parts: Mapping[str, Any],
        theme: Theme,
        parent: QObject,
        table: tuple[Action, ...] = ACTIONS,
    ) -> None:
        """Bind each callback. Raises AttributeError or KeyError for one that does not exist."""
        super().__init__(parent)
        self._table = table
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for entry in table:
            action = QAction(entry.title, self)
            action.setObjectName(entry.id)
            if entry.icon:
                action.setIcon(icon(entry.icon, theme))
            action.setShortcuts([QKeySequence(key) for key in entry.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setToolTip(tool_tip(entry))
            action.setCheckable(entry.is_checkable)
            action.setAutoRepeat(entry.repeats)
            if entry.group:
                group = groups.setdefault(entry.group, QActionGroup(self))
                group.addAction(action)
            part, method = entry.callback.split(".")
            _connect(action, getattr(parts[part], method), entry)
            self._actions[entry.id] = action

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def all(self) -> list[QAction]:
        return list(self._actions.values())

    def refresh(self, situation: Situation) -> None:
        """Enable what makes sense now."""
        for entry in self._table:
            self._actions[entry.id].setEnabled(bool(entry.enabled_when(situation)))


def tool_tip(entry: Action) -> str:
    """Return the tip with its key."""
    return f"{entry.tip} ({native_key(entry.keys[0])})" if entry.keys else entry.tip


def native_key(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def cheat_sheet(table: tuple[Action, ...] = ACTIONS) -> dict[str, list[tuple[str, str]]]:
    """Return section to (keys, what they do), the keys of the film first."""
    sheet: dict[str, list[tuple[str, str]]] = {"On the film": list(CANVAS_KEYS)}
    for entry in table:
        if entry.keys:
            keys = ", ".join(native_key(key) for key in entry.keys)
            sheet.setdefault(entry.section, []).append((keys, entry.title.rstrip("\u2026")))
    return sheet


def _connect(action: QAction, callback: Callable[..., Any], entry: Action) -> None:
    if entry.is_checkable and not entry.group:
        action.triggered.connect(lambda checked: callback(checked))
    else:
        action.triggered.connect(lambda _checked: callback())

"""Everything a user can do, in one table.

Toolbar, menus, keys, the palette and the sheet of keys come from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from cephview.ui.canvas.overlay import SWITCHES
from cephview.ui.rows.film_order import WORDS, Order


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
    can_batch: bool = False
    is_batch_running: bool = False
    has_failures: bool = False
    is_turned: bool = False
    is_first_reading: bool = True
    is_comparing: bool = False
    is_pair_chosen: bool = False
    can_learn: bool = False
    is_interrupted: bool = False
    is_learning: bool = False
    is_judged: bool = False
    is_judged_better: bool = False
    has_earlier_model: bool = False


def always(_situation: Situation) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing a user can do.

    callback is a dotted name, "part.method", looked up once among the window's parts. keys are
    shortcuts of the whole window, which a user can change; the first is shown. film_keys are fixed:
    the film takes them itself while it has the keyboard. group names a set of which one is checked.
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
    film_keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the title without the mark of a dialog to come."""
        return self.title.rstrip("\u2026")


_FILM = attrgetter("has_film")
_FILMS = attrgetter("has_films")

ACTIONS: tuple[Action, ...] = (
    Action("open-film", "Open film\u2026", ("Ctrl+O",), "window.choose_film", always,
           "Open one film", "film", "Films"),
    Action("open-folder", "Open folder\u2026", ("Ctrl+Shift+O",), "window.choose_folder", always,
           "Open a folder of films", "folder", "Films"),
    Action("open-workspace", "All films of the workspace", ("Ctrl+Alt+O",),
           "folder.open_workspace", always,
           "List every film that was ever worked on here, also those whose file is gone",
           "all-films", "Films"),
    Action("next-film", "Next film", ("PgDown",), "window.next_film", _FILMS,
           "Go to the next film of the list", "next-film", "Films", repeats=True),
    Action("previous-film", "Previous film", ("PgUp",), "window.previous_film", _FILMS,
           "Go to the film before", "previous-film", "Films", repeats=True),
    Action("search-films", "Search films", ("Ctrl+F",), "window.search_films", always,
           "Find a film by its name", "search", "Films"),
    *(
        Action(f"order-{order}", f"Sort by {title}", (WORDS[order][2],), f"orders.{order}", always,
               f"{WORDS[order][1]}; once more, as the films are now", "", "Films", True, "order")
        for order, title in (
            (Order.NAME, "name"), (Order.STATE, "state"), (Order.UNCERTAINTY, "uncertainty"),
            (Order.TIME, "time spent"), (Order.CHANGE, "last change"),
        )
    ),
    *(
        Action(f"filter-{name}", title, (key,), f"filters.{name}", always, tip, "", "Films")
        for name, title, key, tip in (
            ("all", "Show all films", "Alt+A", "Show every film of the list"),
            ("to_review", "Show films to review", "Alt+R", "Show what is left to do"),
            ("done", "Show films that are done", "Alt+D", "Show what is checked to the end"),
            ("warned", "Show films with a warning", "Alt+W",
             "Show what is unlike the films that the model knows, or lies wrong"),
            ("failed", "Show films that failed", "Alt+X",
             "Show what could not be read or detected, with the reason"),
        )
    ),
    Action("select", "Select", ("V",), "window.use_select", always,
           "Choose and drag points", "select", "Points", True, "tool"),
    Action("ruler", "Ruler", ("R",), "window.use_ruler", _FILM,
           "Measure a length, or the scale on a ruler in the film", "ruler", "Points", True,
           "tool"),
    Action("place", "Place", ("P",), "window.use_place", _FILM,
           "Put points where you click, one landmark after the other; Tab leaves one for later, "
           "Backspace goes one back", "place", "Points", True, "tool"),
    Action("follow", "Look closer while placing", ("Shift+Z",), "view.set_following", always,
           "Bring the film to where the next landmark may be expected", "", "Points", True),
    Action("loupe-stronger", "Stronger loupe", (".",), "view.loupe_stronger", _FILM,
           "Enlarge more in the loupe", "", "Points"),
    Action("loupe-weaker", "Weaker loupe", (",",), "view.loupe_weaker", _FILM,
           "Enlarge less in the loupe, and see more around the point", "", "Points"),
    Action("file-scale", "Scale of the file", ("Ctrl+Shift+L",), "scaling.use_file",
           attrgetter("has_own_scale"), "Drop what was measured or accepted and use the scale "
           "that the file gives", "revert", "Points"),
    Action("undo", "Undo", ("Ctrl+Z",), "editor.undo", attrgetter("can_undo"),
           "Take the last step back", "undo", "Points"),
    Action("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "editor.redo", attrgetter("can_redo"),
           "Do again what was taken back", "redo", "Points"),
    Action("next-point", "Next point to check", (), "view.next_point", _FILM,
           "Go to the next point nobody checked, the least certain first", "", "Points",
           film_keys=("Tab",)),
    Action("previous-point", "Point before", (), "view.previous_point", _FILM,
           "Go back to the point before", "", "Points", film_keys=("Shift+Tab",)),
    Action("confirm-next", "Confirm and go on", (), "view.confirm_and_go_on",
           attrgetter("has_selection"), "Confirm the chosen point and go to the next", "",
           "Points", film_keys=("Enter",)),
    Action("confirm", "Confirm", ("C",), "points.confirm", attrgetter("is_chosen_confirmable"),
           "Say that you looked at the chosen point", "confirm", "Points"),
    Action("revert", "Revert to the model", (), "points.revert", attrgetter("has_selection"),
           "Drop what you said of the chosen point", "revert", "Points", film_keys=("Del",)),
    Action("lock", "Lock the point", ("L",), "points.toggle_lock", attrgetter("has_selection"),
           "Keep the chosen point where it is, or let it be moved again", "", "Points"),
    Action("lock-all", "Lock all points", ("Shift+L",), "editor.toggle_all_locks", _FILM,
           "Keep every point where it is, or let all be moved again", "", "Points"),
    Action("compare", "Compare with the model", (), "view.toggle_compare", _FILM,
           "Show the model's points instead of yours, with B while it is held", "", "Layers",
           film_keys=("B",)),
    Action("not-visible", "Not visible", ("Ctrl+H",), "points.mark_not_visible",
           attrgetter("has_selection"), "The chosen landmark cannot be seen on this film",
           "not-visible", "Points"),
    Action("unsure", "Unsure", ("U",), "points.toggle_unsure", attrgetter("is_chosen_placed"),
           "The chosen point is placed but you doubt it, or no longer; no model learns from it",
           "unsure", "Points"),
    Action("zoom-to", "Look closer", ("Z",), "window.zoom_to_point",
           attrgetter("is_chosen_placed"), "Bring the chosen point to the middle, enlarged",
           "zoom-to", "Points"),
    Action("landmarks", "Landmarks\u2026", ("Ctrl+Shift+A",), "landmarks.show", always,
           "Add landmarks that the model does not know, or take them out again", "", "Points"),
    Action("confirm-all", "Confirm all", ("Ctrl+Return",), "editor.confirm_all",
           attrgetter("is_confirmable"), "Say that you looked at every point that is left",
           "confirm-all", "Points"),
    Action("detect", "Detect", ("Ctrl+D",), "detecting.detect", attrgetter("can_detect"),
           "Let the model place the points; what you placed or confirmed stays", "detect",
           "Model"),
    Action("cancel-detect", "Stop", ("Ctrl+.",), "detecting.cancel", attrgetter("is_detecting"),
           "Give the running detection up", "close", "Model"),
    Action("detect-all", "Detect all films without points", ("Ctrl+Alt+D",), "batch.detect_new",
           attrgetter("can_batch"), "Place the points of every listed film that has none, in the "
           "background", "", "Model"),
    Action("detect-untouched", "Detect all films that nobody worked on", ("Ctrl+Alt+Shift+D",),
           "batch.detect_untouched", attrgetter("can_batch"), "Also where an earlier model placed "
           "points, unless a person moved or confirmed one", "", "Model"),
    Action("batch-toggle", "Pause detecting all, or go on", ("Ctrl+Alt+P",), "batch.toggle",
           attrgetter("is_batch_running"), "Let the films that are left wait", "", "Model"),
    Action("batch-stop", "Stop detecting all", ("Ctrl+Alt+.",), "batch.stop",
           attrgetter("is_batch_running"), "Give up the films that are left", "", "Model"),
    Action("batch-failures", "Films that could not be detected", ("Ctrl+Alt+F",),
           "batch.show_failures", attrgetter("has_failures"), "Show them with the reasons, and try "
           "them again", "", "Model"),
    Action("detect-on-open", "Detect when a film opens", ("Ctrl+Shift+D",),
           "detecting.set_on_open", always,
           "Place the points of a film without any as soon as it is shown", "", "Model", True),
    Action("learn", "Learn from corrections", ("Ctrl+Alt+N",), "learning.start",
           attrgetter("can_learn"), "Teach the model what you moved and confirmed; nothing changes "
           "until you say so", "", "Model"),
    Action("learn-go-on", "Go on learning", ("Ctrl+Alt+G",), "learning.go_on",
           attrgetter("is_interrupted"), "Go on where the learning was interrupted", "", "Model"),
    Action("learn-discard", "Discard what was learnt", ("Ctrl+Alt+X",), "learning.discard",
           lambda s: s.is_learning or s.is_interrupted or s.is_judged,
           "Stop learning, or throw away what was learnt; the model in use stays", "", "Model"),
    Action("use-new-model", "Use the new model", ("Ctrl+Alt+U",), "learning.adopt",
           attrgetter("is_judged_better"), "Work with what was learnt and found to be better", "",
           "Model"),
    Action("earlier-model", "Back to the earlier model", ("Ctrl+Alt+B",), "learning.go_back",
           attrgetter("has_earlier_model"), "Work with the model that this one comes from", "",
           "Model"),
    Action("show-model", "Show the model", ("Ctrl+Alt+M",), "learning.show", always,
           "Show which model is at work, where it comes from, and how it learns", "", "Model"),
    Action("auto-window", "Auto window", ("Ctrl+L",), "view.auto_levels", _FILM,
           "Set black and white to what the film holds", "auto-window", "Grey values"),
    Action("invert", "Invert", ("Ctrl+I",), "view.set_inverted", _FILM,
           "Show bone dark; the model sees the film as before", "invert", "Grey values", True),
    *(
        Action(f"preset-{name}", title, (f"Ctrl+{number}",), f"presets.{part}", _FILM, tip, "",
               "Grey values")
        for number, (name, part, title, tip) in enumerate((
            ("soft-tissue", "soft_tissue", "Soft tissue window", "Show skin and lips best"),
            ("bone", "bone", "Bone window", "Show bone best"),
            ("teeth", "teeth", "Teeth window", "Show teeth and fillings best"),
        ), 2)
    ),
    Action("file-window", "Window of the file", ("Ctrl+5",), "view.reset_levels", _FILM,
           "Set black and white to what the file asks for", "", "Grey values"),
    Action("brighten", "Brighten middle greys", ("]",), "view.brighten", _FILM,
           "Raise gamma by a step", "", "Grey values", repeats=True),
    Action("darken", "Darken middle greys", ("[",), "view.darken", _FILM,
           "Lower gamma by a step", "", "Grey values", repeats=True),
    Action("reset-gamma", "Gamma 1", ("Ctrl+]",), "view.reset_gamma", _FILM,
           "Show grey values in proportion", "", "Grey values"),
    Action("local-contrast", "Local contrast", ("Ctrl+Shift+C",), "view.set_local_contrast", _FILM,
           "Raise the contrast of each part of the film (CLAHE); the model sees the film as before",
           "", "Grey values", True),
    Action("sharpen", "Sharpen", ("Ctrl+Shift+X",), "view.set_sharpened", _FILM,
           "Show edges sharper (unsharp mask); the model sees the film as before", "",
           "Grey values", True),
    Action("fit", "Fit", ("Ctrl+0",), "view.fit", _FILM,
           "Show the whole film", "fit", "View"),
    Action("one-to-one", "1:1", ("Ctrl+1",), "view.one_to_one", _FILM,
           "Show one pixel of the film as one of the screen", "one-to-one", "View"),
    Action("zoom-in", "Zoom in", ("Ctrl+=", "Ctrl++"), "view.zoom_in", _FILM,
           "Enlarge the film around its middle", "", "View", repeats=True),
    Action("zoom-out", "Zoom out", ("Ctrl+-",), "view.zoom_out", _FILM,
           "Make the film smaller around its middle", "", "View", repeats=True),
    Action("mirror", "Mirror", ("Ctrl+M",), "turning.mirror", _FILM,
           "Swap left and right on the screen and for the model; the file stays as it is", "",
           "View"),
    Action("turn-left", "Turn left", ("Ctrl+Shift+R",), "turning.turn_left", _FILM,
           "Turn the film a quarter against the clock, for the model too", "", "View"),
    Action("turn-right", "Turn right", ("Ctrl+R",), "turning.turn_right", _FILM,
           "Turn the film a quarter clockwise, for the model too", "", "View"),
    Action("negative", "Film is a negative", ("Ctrl+Shift+I",), "turning.swap_grey", _FILM,
           "The file shows bone dark: show it bright, to you and to the model", "", "Grey values"),
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
    *(
        Action(f"theme-{name}", title, (f"Ctrl+Alt+{number}",), f"theming.use_{name}", always, tip,
               "", "View", True, "theme")
        for number, (name, title, tip) in enumerate((
            ("dark", "Dark theme", "Near-black around the film, for a reading room"),
            ("light", "Light theme", "Bright panels around the film, for a bright room"),
            ("system", "Theme of the system", "Dark or light as the desktop is, and with it"),
        ), 1)
    ),
    Action("export-csv", "Export CSV\u2026", ("Ctrl+E",), "exporting.export_csv",
           attrgetter("has_traced_films"), "Write the points of the listed films to one tidy table",
           "export", "Export"),
    Action("export-coco", "Export COCO keypoints\u2026", ("Ctrl+Shift+E",),
           "exporting.export_coco", attrgetter("has_traced_films"),
           "Write the points of the listed films as COCO keypoints", "export", "Export"),
    Action("export-unchecked", "Include points nobody checked", ("Ctrl+Shift+U",),
           "exporting.set_with_unchecked", always,
           "Write the model's own points too, marked as such", "", "Export", True),
    Action("restore", "Restore\u2026", ("Ctrl+Shift+B",), "safekeeping.restore", always,
           "Bring the workspace back as it was in a backup", "", "Export"),
    Action("data-first", "Data: first reading", ("Ctrl+Alt+7",), "readers.use_first_data", always,
           "Exports and fine-tunes take the first reading", "", "Export", True, "data"),
    Action("data-other", "Data: other reading", ("Ctrl+Alt+8",), "readers.use_other_data", always,
           "Exports and fine-tunes take the further reading that is shown or compared", "",
           "Export", True, "data"),
    Action("data-decided", "Data: first reading with decisions", ("Ctrl+Alt+9",),
           "readers.use_decided_data", always,
           "Exports and fine-tunes take what was decided, else the first reading", "",
           "Export", True, "data"),
    Action("read-as", "Read as\u2026", ("F6",), "readers.ask", always,
           "Let somebody else read the films, blind to what is there", "", "Readers"),
    Action("first-reading", "Back to the first reading", ("Shift+F6",), "readers.go_to_first",
           lambda situation: not situation.is_first_reading, "Show the first reading again", "",
           "Readers"),
    Action("compare-readers", "Compare readers", ("F7",), "comparing.toggle", _FILM,
           "Show two readings of this film and decide where they differ", "", "Readers"),
    Action("take-first", "Take the first", ("Alt+1",), "comparing.take_first",
           attrgetter("is_pair_chosen"), "Decide for the first reader's point", "", "Readers"),
    Action("take-second", "Take the other", ("Alt+2",), "comparing.take_second",
           attrgetter("is_pair_chosen"), "Decide for the other reader's point", "", "Readers"),
    Action("take-mean", "Take the mean", ("Alt+3",), "comparing.take_mean",
           attrgetter("is_pair_chosen"), "Decide for the place between both points", "",
           "Readers"),
    Action("place-anew", "Place anew", ("Alt+4",), "readers.place_anew",
           lambda situation: situation.is_comparing and situation.has_selection,
           "Decide for a place that you click on", "", "Readers"),
    Action("agreement", "Agreement of readers\u2026", ("F8",), "readers.show_agreement", always,
           "Show how far two readers agree, by landmark", "", "Readers"),
    Action("tour", "Tour", ("Shift+F1",), "tour.start", always,
           "See in five steps on a synthetic film what the program does; again: the next step", "",
           "Help"),
    Action("palette", "Search actions", ("Ctrl+K",), "keys.search", always,
           "Find anything by its name, do it, or give it another key", "", "Help"),
    Action("cheat-sheet", "Keys", ("F1",), "keys.show_sheet", always,
           "Show every key", "keyboard", "Help"),
    Action("print-keys", "Print the keys\u2026", ("Ctrl+P",), "keys.print_sheet", always,
           "Put the sheet of keys on paper", "", "Help"),
)  # fmt: skip

# Gestures of the film itself, told here so that the sheet is whole.
CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("\u2190 \u2191 \u2192 \u2193", "Nudge the point by 1 px"),
    ("Shift+arrow", "Nudge by 0.1 mm"),
    ("Ctrl+arrow", "Nudge by 1 mm"),
    ("Esc", "Put a dragged point back"),
    ("Backspace", "While placing: one step back"),
    ("Wheel", "Zoom"),
    ("Space+drag", "Move the film"),
    ("Right drag", "Window and level"),
)

"""Where each action stands in the menus: of the window, of the film, and of a point."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cephview.ui.canvas.overlay import SWITCHES
from cephview.ui.rows.film_order import Order


@dataclass(frozen=True)
class Menu:
    """A menu, or one within another. groups hold ids of actions and menus, a line between two."""

    title: str
    groups: tuple[tuple["str | Menu", ...], ...]

    def ids(self) -> Iterator[str]:
        """Yield the ids of every action, those of menus within too."""
        for group in self.groups:
            for entry in group:
                if isinstance(entry, str):
                    yield entry
                else:
                    yield from entry.ids()


_GREY_VALUES = Menu("Grey values", (
    ("auto-window", "file-window"),
    ("preset-soft-tissue", "preset-bone", "preset-teeth"),
    ("invert", "local-contrast", "sharpen"),
    ("brighten", "darken", "reset-gamma"),
))  # fmt: skip
_ORIENTATION = Menu("Turn and mirror", (
    ("turn-left", "turn-right", "mirror", "negative"),
    ("as-on-file",),
))  # fmt: skip
_LAYERS = Menu("Layers", (
    tuple(f"layer-{layer}" for layer, _, _ in SWITCHES),
    ("compare",),
))  # fmt: skip

MENUS: tuple[Menu, ...] = (
    Menu("File", (
        ("open-film", "open-folder", "open-workspace"),
        ("export-csv", "export-coco", "export-unchecked"),
        ("restore",),
        ("quit",),
    )),
    Menu("Edit", (
        ("undo", "redo"),
        ("select", "place", "ruler"),
        ("file-scale",),
        ("palette",),
    )),
    Menu("View", (
        ("fit", "one-to-one", Menu("Zoom", (
            ("zoom-in", "zoom-out", "zoom-to"),
            ("loupe-stronger", "loupe-weaker"),
        ))),
        (_GREY_VALUES, _ORIENTATION, _LAYERS),
        ("toggle-left", "toggle-right", "full-screen"),
        (Menu("Theme", (("theme-dark", "theme-light", "theme-system"),)),),
    )),
    Menu("Films", (
        ("next-film", "previous-film", "search-films"),
        (
            Menu("Show", (
                ("filter-all", "filter-to_review", "filter-done"),
                ("filter-warned", "filter-failed"),
            )),
            Menu("Sort by", (tuple(f"order-{order}" for order in Order),)),
        ),
        ("show-in-folder", "detect-selected", "skip-films"),
        ("remove-films", "bin-films", "put-back", "show-bin"),
    )),
    Menu("Points", (
        ("next-point", "previous-point"),
        ("confirm-next", "confirm", "confirm-all"),
        ("unsure", "not-visible", "revert"),
        ("lock", "lock-all"),
        ("follow", "moved-counts"),
        ("landmarks",),
    )),
    Menu("Readers", (
        ("read-as", "first-reading"),
        ("compare-readers", Menu("Decide", (
            ("take-first", "take-second", "take-mean", "place-anew"),
        ))),
        ("agreement",),
        (Menu("Points for export and learning", (("data-first", "data-other", "data-decided"),)),),
    )),
    Menu("Model", (
        ("detect", "cancel-detect"),
        ("one-pass", "two-passes", "detect-on-open"),
        (Menu("All listed films", (
            ("detect-all", "detect-untouched"),
            ("batch-toggle", "batch-stop"),
            ("batch-failures",),
        )),),
        ("learn", Menu("Learning", (
            ("learn-go-on", "learn-discard"),
            ("use-new-model", "earlier-model"),
        ))),
        ("show-model",),
    )),
    Menu("Help", (
        ("tour",),
        ("cheat-sheet", "print-keys"),
    )),
)  # fmt: skip

# Actions that stand in no menu of the window, with the reason.
NOT_IN_MENUS: dict[str, str] = {
    "context-menu": "it opens a menu itself",
    "open-selected": "it is what a click on a film does, and stands in the menu of the list",
}

# Of the films that are selected in the list.
LIST_MENU = Menu("Films", (
    ("open-selected", "show-in-folder"),
    ("detect-selected", "export-csv", "export-coco"),
    ("skip-films",),
    ("remove-films", "bin-films"),
))  # fmt: skip

FILM_MENU = Menu("Film", (
    ("place", "ruler"),
    ("detect", "confirm-all"),
    ("undo", "redo"),
    ("fit", _GREY_VALUES, _ORIENTATION, _LAYERS),
    ("file-scale",),
    ("export-csv", "export-coco"),
    ("compare-readers",),
))  # fmt: skip
POINT_MENU = Menu("Point", (
    ("confirm", "unsure", "not-visible"),
    ("revert", "lock", "zoom-to"),
    ("undo", "redo"),
))  # fmt: skip
COMPARED_MENU = Menu("Point", (
    ("take-first", "take-second", "take-mean", "place-anew"),
    ("zoom-to",),
    ("undo", "redo"),
))  # fmt: skip

# Beside the buttons of the top bar.
DETECT_MENU = Menu("Detect", (
    ("one-pass", "two-passes"),
    ("detect-on-open",),
    ("detect-all", "detect-untouched"),
))  # fmt: skip
EXPORT_MENU = Menu("Export", (("export-csv", "export-coco"), ("export-unchecked",)))


def marked(menu: Menu, titles: Mapping[str, str]) -> dict["str | Menu", str]:
    """Return each entry of one menu with its title, a letter marked to choose it by.

    titles are those of the actions, by id.
    """
    entries = [entry for group in menu.groups for entry in group]
    plain = tuple(titles[one] if isinstance(one, str) else one.title for one in entries)
    return dict(zip(entries, mnemonics(plain), strict=True))


def marked_actions(menus: Iterable[Menu], titles: Mapping[str, str]) -> dict[str, str]:
    """Return the marked title of each action that stands in one of the menus, by its id."""
    found: dict[str, str] = {}
    for menu in menus:
        for entry, title in marked(menu, titles).items():
            found |= {entry: title} if isinstance(entry, str) else marked_actions((entry,), titles)
    return found


def mnemonics(titles: tuple[str, ...], taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Mark a letter of each title with "&" to choose it by, no letter twice.

    First letters of words come first; taken are letters, in lower case, that are used elsewhere.
    A title whose letters are all in use stays as it is.
    """
    used, marked = set(taken), []
    for title in titles:
        starts = [n for n in range(len(title)) if n == 0 or title[n - 1] == " "]
        places = [*starts, *(n for n in range(len(title)) if n not in starts)]
        place = next((n for n in places if _is_free(title[n], used)), None)
        if place is None:
            marked.append(title.replace("&", "&&"))
            continue
        used.add(title[place].casefold())
        before, after = title[:place].replace("&", "&&"), title[place:].replace("&", "&&")
        marked.append(f"{before}&{after}")
    return tuple(marked)


def _is_free(letter: str, used: set[str]) -> bool:
    return letter.isascii() and letter.isalnum() and letter.casefold() not in used

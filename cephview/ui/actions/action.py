"""One thing a user can do, as a value."""

from collections.abc import Callable
from dataclasses import dataclass

from cephview.ui.actions.needs import Situation


@dataclass(frozen=True)
class Action:
    """One thing a user can do.

    callback is a dotted name, "part.method", looked up once among the window's parts. keys are
    shortcuts of the whole window, which a user can change; the first is shown. enabled_when is
    always, or a Need that says why it is not. film_keys are fixed: the film takes them itself while
    it has the keyboard. group names a set of which one is checked. repeats: a key that is held goes
    on doing it. Its place in the menus is in
    menus.py.
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

    def why_not(self, situation: Situation) -> str:
        """Say in a few words why it makes no sense now; "" where it does."""
        if self.enabled_when(situation):
            return ""
        return getattr(self.enabled_when, "why", "") or "not now"

"""The order in which the open film's points are looked at, as the table has them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cephview.core.review import Walk, is_all_checked, review_order
from cephview.core.tracing import Placed, Tracing

if TYPE_CHECKING:
    from cephview.ui.editor import Editor


class Reviewing(QObject):
    """Keeps the order while points are worked on, so that no row leaves the hand that moves it.

    Points are sorted anew with another film, another model's points or landmark set, and by sort().
    moved_counts: to have moved a point is to have checked it. changed tells of both.
    """

    changed = Signal()

    def __init__(self, editor: "Editor") -> None:
        super().__init__(editor)
        self._editor = editor
        self._order: tuple[str, ...] = ()
        self._moved_counts = False
        self._aspect = 1.0
        editor.film_changed.connect(self.sort)
        editor.landmarks_changed.connect(self.sort)
        editor.scale_changed.connect(self._scale_changed)
        editor.changed.connect(self._tracing_changed)

    @property
    def moved_counts(self) -> bool:
        return self._moved_counts

    def set_moved_counts(self, is_on: bool) -> None:
        """Let moving a point count as checking it, or not."""
        if is_on != self._moved_counts:
            self._moved_counts = is_on
            self.sort()

    @property
    def walk(self) -> Walk | None:
        """Return the way over the open film's points, None without a film."""
        tracing = self._editor.tracing
        if tracing is None:
            return None
        if sorted(self._order) != sorted(tracing.ids):
            self._order = self._sorted(tracing)
        return Walk(tracing, self._order, self._moved_counts)

    @property
    def is_all_checked(self) -> bool:
        """Whether there are points, and a human looked at each."""
        tracing = self._editor.tracing
        return tracing is not None and is_all_checked(tracing, moved_counts=self._moved_counts)

    def next_to_check(self, selection: str) -> str:
        """Return the landmark to check after the selected one, or ""."""
        walk = self.walk
        return "" if walk is None else walk.next_to_check(selection)

    def next(self, selection: str, step: int) -> str:
        """Return the landmark after (1) or before (-1) the selected one, or "" (Walk.next)."""
        walk = self.walk
        return "" if walk is None else walk.next(selection, step)

    def sort(self, *_: object) -> None:
        """Put first what asks for eyes now."""
        tracing = self._editor.tracing
        self._order = () if tracing is None else self._sorted(tracing)
        self._aspect = self._editor.pixel_size.aspect
        self.changed.emit()

    def _sorted(self, tracing: Tracing) -> tuple[str, ...]:
        size = self._editor.pixel_size
        return review_order(tracing, size, moved_counts=self._moved_counts)

    def _scale_changed(self, *_: object) -> None:
        # Square pixels are in the same order in millimetres.
        if self._editor.pixel_size.aspect != self._aspect:
            self.sort()

    def _tracing_changed(self, old: Tracing | None, new: Tracing | None) -> None:
        if old is None or new is None or _by_model(old) != _by_model(new):
            self.sort()


def _by_model(tracing: Tracing) -> dict[str, tuple[Placed | None, Placed | None]]:
    return {point.landmark: (point.coarse, point.refined) for point in tracing}

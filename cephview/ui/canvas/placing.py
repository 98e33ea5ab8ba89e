"""The walk of the Place tool: which landmark is next, one step back, a closer look on the way."""

from typing import Protocol

from cephview.core.average import expected
from cephview.core.review import missing_after, next_missing
from cephview.core.tracing import XY, State, Tracing
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.editor import Editor


class Ground(Protocol):
    """What the walk needs of the view."""

    @property
    def viewport(self) -> Viewport | None: ...
    def show_closer(self, at: XY) -> None: ...
    def fit(self) -> None: ...
    def say(self, text: str) -> None: ...


class Placing:
    """Goes through the landmarks without a point while the Place tool is in hand.

    A landmark that got a point, or was said to be invisible, is left for the next one; the way back
    undoes what this walk did, and nothing else.
    """

    def __init__(self, editor: Editor, ground: Ground) -> None:
        self._editor = editor
        self._ground = ground
        self._is_on = False
        self._is_stepping = False
        self._is_new = False
        self._trail: list[tuple[str, Tracing]] = []
        self.is_following = False

    @property
    def is_on(self) -> bool:
        return self._is_on

    def begin(self) -> None:
        """Select the first landmark to place."""
        self._is_on = True
        self._trail.clear()
        tracing = self._editor.tracing
        if tracing is not None:
            self._go(next_missing(tracing, self._editor.selection))

    def end(self) -> None:
        """Leave off."""
        self._is_on = False
        self._trail.clear()

    def film_changed(self) -> None:
        """Hear that another film is open: the walk begins anew with its tracing."""
        self._trail.clear()
        self._is_new = True

    def changed(self, old: Tracing | None, new: Tracing | None) -> None:
        """Hear that the tracing changed, and go on where the chosen landmark is done."""
        chosen = self._editor.selection
        if self._is_new:
            self._is_new = False
            if self._is_on:
                self.begin()
            return
        if not self._is_on or self._is_stepping or old is None or new is None or not chosen:
            return
        was, now = dict(zip(old.ids, old, strict=True)), dict(zip(new.ids, new, strict=True))
        if chosen not in was or chosen not in now:
            return
        if was[chosen].state is State.MISSING and now[chosen].state is not State.MISSING:
            self._trail.append((chosen, new))
            self._go(missing_after(new, chosen, 1))

    def step(self, step: int) -> bool:
        """Go to the next (1) or previous (-1) landmark without a point; False where there is none.

        One that is passed over stays without a point, and comes again.
        """
        tracing = self._editor.tracing
        landmark = "" if tracing is None else missing_after(tracing, self._editor.selection, step)
        if landmark:
            self._go(landmark)
        return bool(landmark)

    def step_back(self) -> None:
        """Take back the last point of this walk, and choose its landmark again."""
        tracing = self._editor.tracing
        if tracing is None:
            return
        # What undo took back already is no step of this walk any more.
        while self._trail and tracing[self._trail[-1][0]].state is State.MISSING:
            self._trail.pop()
        if not self._trail:
            self._ground.say("There is no step of this walk to take back")
            return
        landmark, after = self._trail.pop()
        if tracing != after or not self._editor.can_undo:
            self._trail.clear()
            self._ground.say("Something else was done since; undo takes that back")
            return
        self._is_stepping = True
        try:
            self._editor.undo()
        finally:
            self._is_stepping = False
        self._go(landmark)

    def look(self) -> None:
        """Bring the chosen landmark's expected place close, if the reader wants that."""
        place = self.expected_place() if self._is_on and self.is_following else None
        if place is not None:
            self._ground.show_closer(place)

    def expected_place(self) -> XY | None:
        """Return where the chosen landmark may be, in pixel indices, if it has no point yet."""
        tracing, chosen = self._editor.tracing, self._editor.selection
        if tracing is None or not chosen or tracing[chosen].state is not State.MISSING:
            return None
        placed = {
            point.landmark: point.best.xy
            for point in tracing
            if point.best is not None and point.hidden is None
        }
        return expected(chosen, placed, tracing.turn, self._editor.pixel_size.aspect)

    def _go(self, landmark: str) -> None:
        if landmark:
            self._editor.select(landmark)
            self.look()

"""What the keys do to the selected point."""

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cephview.core.tracing import XY, State
from cephview.ui.canvas.gestures import PointDrag, nudge_px
from cephview.ui.canvas.hand import Hand
from cephview.ui.canvas.placing import Placing
from cephview.ui.canvas.task import ALL_CHECKED, LOCKED, NO_SCALE, NOT_VISIBLE, OUT_OF_SIGHT
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.editor import Editor

ARROWS: dict[int, XY] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
REVERT = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
# Held, it shows the model's points instead of what people made of them.
COMPARE = Qt.Key.Key_B
_PLAIN = (*CONFIRM, *REVERT, Qt.Key.Key_Escape, Qt.Key.Key_Space, COMPARE)
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def is_ours(event: QKeyEvent) -> bool:
    """Say whether a key belongs to the canvas before any shortcut of the window."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() in ARROWS:
        return not modifiers & ~(_SHIFT | _CTRL)
    return event.key() in _PLAIN and modifiers == Qt.KeyboardModifier.NoModifier


class Stage(Protocol):
    """What the keys need of the view."""

    @property
    def viewport(self) -> Viewport | None: ...
    def set_tool(self, tool: str) -> None: ...
    def set_layer_visible(self, layer: str, visible: bool) -> None: ...
    def ensure_visible(self, landmark: str) -> None: ...
    def bring_to_light(self, landmark: str) -> bool: ...
    def use_hint(self, hint: str) -> None: ...
    def say(self, text: str) -> None: ...
    def compare(self, is_on: bool) -> None: ...
    def leave_film(self) -> None: ...
    @property
    def placing(self) -> Placing: ...


class KeyHand:
    """Nudge, confirm and revert the selected point, and walk from point to point.

    A key held down previews and commits once, when it is let go: one step of undo, one revision.
    """

    def __init__(self, editor: Editor, hand: Hand, stage: Stage) -> None:
        self._editor = editor
        self._hand = hand
        self._stage = stage
        self._held: tuple[str, XY] | None = None

    @property
    def is_holding(self) -> bool:
        """Whether a key that is held moves a point."""
        return self._held is not None

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key; return whether it was ours."""
        if self._editor.film is None or not is_ours(event):
            return False
        key, landmark = event.key(), self._editor.selection
        if key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_Space:
            self._hand.is_space_held = True
        elif key == COMPARE:
            if not event.isAutoRepeat() and self._hand.gesture is None:
                self.settle()
                self._stage.compare(True)
        elif isinstance(self._hand.gesture, PointDrag):
            return True
        elif self._hand.ruler is not None and key in ARROWS:
            self.nudge_ruler(event)
        elif key in ARROWS:
            return self._nudge(landmark, event)
        # Nobody looks at a point in the thirtieth of a second between two repeats.
        elif not event.isAutoRepeat():
            if key in CONFIRM:
                self.confirm()
            elif key == Qt.Key.Key_Backspace and self._stage.placing.is_on:
                self.settle()
                self._stage.placing.step_back()
            elif landmark in self._editor.locked:
                self._stage.say(LOCKED.format(landmark))
            elif landmark:
                self._editor.revert(landmark)
        return True

    def release(self, event: QKeyEvent) -> bool:
        """Commit what a held arrow key previewed; return whether the key was ours."""
        if event.key() not in ARROWS and event.key() not in (Qt.Key.Key_Space, COMPARE):
            return False
        if not event.isAutoRepeat():
            if event.key() == Qt.Key.Key_Space:
                self._hand.is_space_held = False
            elif event.key() == COMPARE:
                self._stage.compare(False)
            else:
                self.settle()
        return True

    def leave(self) -> None:
        """Let go of all keys, as when the keyboard goes elsewhere."""
        self._hand.is_space_held = False
        self._stage.compare(False)
        self.settle()

    def settle(self) -> None:
        """Commit a held nudge."""
        held = self.drop()
        if held is not None:
            self._editor.move(*held)

    def drop(self) -> tuple[str, XY] | None:
        """Forget a held nudge and return it."""
        held, self._held = self._held, None
        if held is not None:
            self._editor.preview(held[0], None)
        return held

    def step(self, step: int) -> bool:
        """Select the next (1) or previous (-1) point to look at; return whether there is one."""
        if self._hand.swap_ruler_ends():
            return True
        if self._stage.placing.is_on and self._stage.placing.step(step):
            self.settle()
            return True
        landmark = self._editor.review.next(self._editor.selection, step)
        if landmark:
            self.settle()
            self._go_to(landmark, "next")
            self._say_if_done()
        return bool(landmark)

    def _escape(self) -> None:
        if self._hand.cancel() or self.drop() is not None:
            self._stage.use_hint("put-back")
        elif self._hand.drop_ruler():
            return
        elif self._hand.tool != "select":
            self._stage.set_tool("select")
        else:
            self._editor.select("")

    def confirm(self) -> None:
        """Confirm the selected point if it is in sight, and go on: to a point, or to a film."""
        self._stage.compare(False)
        self.settle()
        tracing, landmark = self._editor.tracing, self._editor.selection
        if tracing is None:
            return
        if self._editor.review.is_all_checked:
            # Said again, for there may be no other film.
            self._say_if_done()
            self._stage.leave_film()
            return
        # Nothing is there to confirm; what is not placed now is placed later.
        if landmark and tracing[landmark].state is State.MISSING and self._stage.placing.step(1):
            return
        if landmark and self._stage.bring_to_light(landmark):
            self._stage.say(OUT_OF_SIGHT.format(landmark))
            return
        after = self._editor.review.next_to_check(landmark)
        # What someone said cannot be seen, or doubts, is passed over: going on is no word on it.
        passed = (State.NOT_VISIBLE, State.UNSURE)
        if landmark and tracing[landmark].state not in passed:
            self._editor.confirm(landmark)
            self._stage.set_layer_visible("human", True)
            self._stage.use_hint("confirm")
        if after and after != landmark:
            self._go_to(after, "")
        self._say_if_done()

    def _say_if_done(self) -> None:
        if self._editor.review.is_all_checked:
            self._stage.say(ALL_CHECKED)

    def _go_to(self, landmark: str, hint: str) -> None:
        self._editor.select(landmark)
        self._editor.review.sort()
        self._stage.ensure_visible(landmark)
        if hint:
            self._stage.use_hint(hint)

    def nudge_ruler(self, event: QKeyEvent) -> None:
        """Move an end of the drawn ruler by an arrow key, by the steps of a point."""
        if (viewport := self._stage.viewport) is not None:
            self._hand.nudge_ruler(*self._step_of(event, viewport))

    def _step_of(self, event: QKeyEvent, viewport: Viewport) -> XY:
        modifiers = event.modifiers()
        return nudge_px(
            viewport.film_direction(ARROWS[event.key()]),
            is_tenth_mm=bool(modifiers & _SHIFT),
            is_one_mm=bool(modifiers & _CTRL),
            pixel_size=self._editor.pixel_size,
        )

    def _nudge(self, landmark: str, event: QKeyEvent) -> bool:
        tracing, viewport = self._editor.tracing, self._stage.viewport
        best = tracing[landmark].best if tracing is not None and landmark else None
        if best is None or viewport is None:
            return False
        self._stage.compare(False)
        if tracing is not None and tracing[landmark].state is State.NOT_VISIBLE:
            self._stage.say(NOT_VISIBLE.format(landmark))
            return True
        if landmark in self._editor.locked:
            self._stage.say(LOCKED.format(landmark))
            return True
        modifiers = event.modifiers()
        dx, dy = self._step_of(event, viewport)
        if event.isAutoRepeat():
            x, y = self._held[1] if self._held is not None else best.xy
            self._held = landmark, (x + dx, y + dy)
            self._editor.preview(*self._held)
        else:
            self.settle()
            self._editor.nudge(landmark, dx, dy)
        self._stage.set_layer_visible("human", True)
        self._stage.ensure_visible(landmark)
        self._stage.use_hint("nudge")
        if modifiers & (_SHIFT | _CTRL) and self._editor.pixel_size.mm_per_px() is None:
            self._stage.say(NO_SCALE)
        return True

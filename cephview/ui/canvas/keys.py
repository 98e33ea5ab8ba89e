"""What the keys do to the selected point."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cephview.core.tracing import XY
from cephview.ui.canvas.gestures import nudge_px
from cephview.ui.canvas.hit import next_to_check
from cephview.ui.editor import Editor

ARROWS: dict[int, XY] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
REVERT = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_PLAIN = (*CONFIRM, *REVERT, Qt.Key.Key_Escape, Qt.Key.Key_Space)
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def is_ours(event: QKeyEvent) -> bool:
    """Say whether a key belongs to the canvas before any shortcut of the window."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() in ARROWS:
        return not modifiers & ~(_SHIFT | _CTRL)
    return event.key() in _PLAIN and modifiers == Qt.KeyboardModifier.NoModifier


class KeyHand:
    """Nudge, confirm and revert the selected point, and walk from point to point.

    A key held down previews and commits once, when it is let go: one step of undo, one revision.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._held: tuple[str, XY] | None = None

    def press(self, event: QKeyEvent) -> str | None:
        """Act on a key; return the hint it makes needless, "" for none, or None if not ours."""
        landmark = self._editor.selection
        if not is_ours(event) or self._editor.tracing is None:
            return None
        if event.key() in ARROWS:
            return self._nudge(landmark, event)
        if event.isAutoRepeat():
            # Nobody looks at a point in the thirtieth of a second between two repeats.
            return ""
        if event.key() in CONFIRM:
            return self._confirm(landmark)
        if event.key() in REVERT and landmark:
            self._editor.revert(landmark)
            return ""
        return None

    def release(self, event: QKeyEvent) -> bool:
        """Commit what a held arrow key previewed; return whether the key was ours."""
        if event.key() not in ARROWS:
            return False
        if not event.isAutoRepeat():
            self.settle()
        return True

    def settle(self) -> None:
        """Commit a held nudge, as when the keyboard goes elsewhere."""
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
        """Select the next (1) or previous (-1) point to check; return whether there is one."""
        tracing = self._editor.tracing
        landmark = next_to_check(tracing, self._editor.selection, step) if tracing else ""
        if landmark:
            self.settle()
            self._editor.select(landmark)
        return bool(landmark)

    def _confirm(self, landmark: str) -> str:
        tracing = self._editor.tracing
        if tracing is None:
            return ""
        after = next_to_check(tracing, landmark)
        if landmark:
            self._editor.confirm(landmark)
        if after and after != landmark:
            self._editor.select(after)
        return "confirm" if landmark else ""

    def _nudge(self, landmark: str, event: QKeyEvent) -> str | None:
        tracing = self._editor.tracing
        best = tracing[landmark].best if tracing is not None and landmark else None
        if best is None:
            return None
        modifiers = event.modifiers()
        dx, dy = nudge_px(
            ARROWS[event.key()],
            is_tenth_mm=bool(modifiers & _SHIFT),
            is_one_mm=bool(modifiers & _CTRL),
            pixel_size=self._editor.pixel_size,
        )
        if not event.isAutoRepeat():
            self.settle()
            self._editor.nudge(landmark, dx, dy)
            return "nudge"
        x, y = self._held[1] if self._held is not None else best.xy
        self._held = landmark, (x + dx, y + dy)
        self._editor.preview(*self._held)
        return "nudge"

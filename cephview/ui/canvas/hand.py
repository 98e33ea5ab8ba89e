"""The mouse: presses, drags and what they become when the button is let go."""

import math
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import Qt, SignalInstance

from cephview.core.film import Film, Levels
from cephview.core.review import next_missing
from cephview.core.tracing import XY, State
from cephview.ui.canvas.gestures import (
    Gesture,
    LevelDrag,
    Pan,
    PointDrag,
    RulerDrag,
    has_left,
    way,
)
from cephview.ui.canvas.hit import MARK_REACH_PX, REACH_PX, nearest_point
from cephview.ui.canvas.levels import dragged_levels
from cephview.ui.canvas.marks import MarksContext
from cephview.ui.canvas.reader_marks import pair_at
from cephview.ui.canvas.task import LOCKED, NOT_VISIBLE
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.editor import Editor

Button = Qt.MouseButton


class Surface(Protocol):
    """What the hand needs of the view it works on."""

    @property
    def ruler_lifted(self) -> SignalInstance: ...
    @property
    def viewport(self) -> Viewport | None: ...
    @property
    def levels(self) -> Levels | None: ...
    def marks_context(self) -> MarksContext | None: ...
    def show_viewport(self, viewport: Viewport) -> None: ...
    def set_levels(self, levels: Levels) -> None: ...
    def set_layer_visible(self, layer: str, visible: bool) -> None: ...
    def ask_menu(self, landmark: str, at: XY) -> None: ...
    def tell_ruler(self, ends: tuple[XY, XY] | None) -> None: ...
    def say(self, text: str) -> None: ...
    def update(self) -> None: ...


def reading(film: Film, viewport: Viewport, at: XY) -> tuple[float, float, int] | None:
    """Return x and y in pixel indices and the grey value at a screen place; None off the film."""
    x, y = viewport.to_film(at)
    if not viewport.is_on_film((x, y)):
        return None
    row = min(max(round(y), 0), film.height - 1)
    column = min(max(round(x), 0), film.width - 1)
    return x, y, int(film.pixels[row, column])


class Hand:
    """One gesture at a time, from press to release or Escape."""

    def __init__(self, editor: Editor, surface: Surface) -> None:
        self._editor = editor
        self._surface = surface
        self.gesture: Gesture | None = None
        self.tool = "select"
        self.hovered = ""
        self.is_space_held = False
        # The end that was drawn or moved last is the second.
        self.ruler: tuple[XY, XY] | None = None
        self.is_ruler_nudged = False

    def press(self, button: Button, at: XY, *, is_double: bool) -> None:
        """Begin a gesture; a second button during one is ignored.

        The second press of a double click may take hold of a point, but places none.
        """
        viewport, levels = self._surface.viewport, self._surface.levels
        if viewport is None or self.gesture is not None:
            return
        if button == Button.MiddleButton or (button == Button.LeftButton and self.is_space_held):
            self.gesture = Pan(button, viewport.to_film(at), is_click=False)
        elif button == Button.RightButton and levels is not None:
            self.gesture = LevelDrag(button, viewport.to_film(at), levels)
        elif button == Button.LeftButton:
            self.gesture = self._press_left(at, viewport, is_double)

    def _press_left(self, at: XY, viewport: Viewport, is_double: bool) -> Gesture | None:
        context = self._surface.marks_context()
        film_at = viewport.to_film(at)
        if self.tool == "ruler":
            self.is_ruler_nudged = False
            if (ends := self._taken_hold_of(at, viewport)) is not None:
                self._surface.ruler_lifted.emit()
                (x, y), press = ends[1], film_at
                grab = x - press[0], y - press[1]
                return RulerDrag(Button.LeftButton, *ends, press, grab, is_moving=False)
            self.drop_ruler()
            return RulerDrag(Button.LeftButton, film_at, film_at, film_at)
        if context is None:
            return Pan(Button.LeftButton, film_at)
        landmark = nearest_point(context, at, self._reach)
        to_place = next_missing(context.tracing, self._editor.selection)
        is_placing = self.tool == "place" and not landmark and not is_double
        if is_placing and to_place in self._editor.locked:
            self._surface.say(LOCKED.format(to_place))
            return None
        if is_placing and to_place and viewport.is_on_film(film_at):
            self._editor.select(to_place)
            self._editor.preview(to_place, film_at)
            return PointDrag(Button.LeftButton, to_place, film_at, (0.0, 0.0), film_at)
        best = context.tracing[landmark].best if landmark else None
        if best is None:
            return Pan(Button.LeftButton, film_at)
        self._editor.select(landmark)
        if context.tracing[landmark].state is State.NOT_VISIBLE:
            self._surface.say(NOT_VISIBLE.format(landmark))
            return None
        if landmark in self._editor.locked:
            self._surface.say(LOCKED.format(landmark))
            return None
        grab = best.x_px - film_at[0], best.y_px - film_at[1]
        return PointDrag(Button.LeftButton, landmark, film_at, grab)

    def move(self, at: XY) -> None:
        """Follow the cursor."""
        viewport, gesture = self._surface.viewport, self.gesture
        if viewport is None:
            return
        if isinstance(gesture, PointDrag):
            moved = gesture.moved(at, viewport)
            self.gesture = moved
            if moved.place is not None:
                self._editor.preview(moved.landmark, moved.place)
        elif isinstance(gesture, Pan):
            if gesture.is_click and not has_left(gesture.press, at, viewport):
                return
            self.gesture = replace(gesture, is_click=False)
            self._surface.show_viewport(viewport.panned(*way(gesture.press, at, viewport)))
        elif isinstance(gesture, LevelDrag):
            film = self._editor.film
            if gesture.is_click and not has_left(gesture.press, at, viewport):
                return
            self.gesture = replace(gesture, is_click=False)
            if film is not None:
                dx, dy = way(gesture.press, at, viewport)
                width = film.levels.width
                self._surface.set_levels(dragged_levels(gesture.start, dx, dy, width))
        elif isinstance(gesture, RulerDrag):
            self.gesture = gesture.moved(at, viewport)
            self._surface.update()
        else:
            self.hover(at)

    def hover(self, at: XY | None) -> None:
        """Note the point under the cursor."""
        context = self._surface.marks_context()
        hovered = ""
        if context is not None and at is not None:
            hovered = nearest_point(context, at, self._reach)
        if hovered != self.hovered:
            self.hovered = hovered
            self._surface.update()

    def release(self, button: Button) -> None:
        """End the gesture its own button began: a drag commits once, a click moves nothing."""
        gesture = self.gesture
        if gesture is None or gesture.button != button:
            return
        self.gesture = None
        if isinstance(gesture, PointDrag):
            if gesture.place is not None:
                self._put_down(gesture.landmark, gesture.place)
        elif isinstance(gesture, Pan):
            if gesture.is_click:
                self._editor.select(self._pair_at(gesture.press))
        elif isinstance(gesture, RulerDrag):
            self._lay_ruler(gesture.start, gesture.end)
        elif isinstance(gesture, LevelDrag) and gesture.is_click:
            self._ask_menu(gesture.press)
        self._surface.update()

    def cancel(self) -> bool:
        """Drop the gesture and put back what it changed; return whether there was one."""
        gesture, self.gesture = self.gesture, None
        if isinstance(gesture, PointDrag):
            self._editor.preview(gesture.landmark, None)
        elif isinstance(gesture, LevelDrag):
            self._surface.set_levels(gesture.start)
        elif isinstance(gesture, RulerDrag) and self.ruler is not None:
            self._surface.tell_ruler(self.ruler)
        if gesture is not None:
            self._surface.update()
        return gesture is not None

    def ruler_ends(self) -> tuple[XY, XY] | None:
        """Return the ends of the ruler being drawn or lying there, in pixel indices."""
        gesture = self.gesture
        return (gesture.start, gesture.end) if isinstance(gesture, RulerDrag) else self.ruler

    def drop_ruler(self) -> bool:
        """Take the drawn ruler away; return whether there was one."""
        if self.ruler is None:
            return False
        self.ruler, self.is_ruler_nudged = None, False
        self._surface.tell_ruler(None)
        self._surface.update()
        return True

    def nudge_ruler(self, dx_px: float, dy_px: float) -> None:
        """Move the end of the drawn ruler that was moved last, in pixels; never onto the other."""
        if self.ruler is None or self.gesture is not None:
            return
        start, (x, y) = self.ruler
        end = x + dx_px, y + dy_px
        if math.dist(start, end) >= 1:
            self.ruler, self.is_ruler_nudged = (start, end), True
            self._surface.tell_ruler(self.ruler)
            self._surface.update()

    def rest_ruler(self) -> None:
        """Say that the end which keys moved is where it should be."""
        self.is_ruler_nudged = False
        self._surface.update()

    def swap_ruler_ends(self) -> bool:
        """Let keys move the other end of the drawn ruler; return whether there is one."""
        if self.ruler is None or self.gesture is not None:
            return False
        self.ruler, self.is_ruler_nudged = self.ruler[::-1], True
        self._surface.tell_ruler(self.ruler)
        self._surface.update()
        return True

    def aim(self, at: XY | None) -> XY | None:
        """Return which place of the film a click at a screen place would give a point, or None.

        Or where keys moved an end of the ruler to.
        """
        if self.is_ruler_nudged and self.ruler is not None:
            return self.ruler[1]
        context, viewport = self._surface.marks_context(), self._surface.viewport
        is_free = self.tool == "place" and self.gesture is None and not self.hovered
        if not is_free or at is None or context is None or viewport is None or self.is_space_held:
            return None
        place = viewport.to_film(at)
        to_place = next_missing(context.tracing, self._editor.selection)
        is_open = to_place and to_place not in self._editor.locked and viewport.is_on_film(place)
        return place if is_open else None

    def cursor_shape(self) -> Qt.CursorShape:
        """Return the cursor that says what a press would do, or none over a dragged point."""
        gesture = self.gesture
        if isinstance(gesture, PointDrag) and gesture.place is not None:
            return Qt.CursorShape.BlankCursor
        if isinstance(gesture, Pan) and not gesture.is_click:
            return Qt.CursorShape.ClosedHandCursor
        if self._surface.viewport is None:
            return Qt.CursorShape.ArrowCursor
        if self.is_space_held:
            return Qt.CursorShape.OpenHandCursor
        if self.tool == "ruler" or (self.tool == "place" and not self.hovered):
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.PointingHandCursor if self.hovered else Qt.CursorShape.ArrowCursor

    def _pair_at(self, place: XY) -> str:
        context = self._surface.marks_context()
        return "" if context is None else pair_at(context, context.viewport.to_screen(place))

    def _ask_menu(self, place: XY) -> None:
        """Ask for the menu of the point at a place of the film, or for that of the film."""
        context, viewport = self._surface.marks_context(), self._surface.viewport
        if viewport is None:
            return
        at = viewport.to_screen(place)
        landmark = nearest_point(context, at, self._reach) if context is not None else ""
        landmark = landmark or self._pair_at(place)
        if landmark:
            self._editor.select(landmark)
        self._surface.ask_menu(landmark, at)

    @property
    def _reach(self) -> float:
        # Landmarks lie close together: beside a mark one means to place the next.
        return MARK_REACH_PX if self.tool == "place" else REACH_PX

    def _taken_hold_of(self, at: XY, viewport: Viewport) -> tuple[XY, XY] | None:
        """Return the ends of the drawn ruler, last the one that a press takes hold of, or None."""
        if self.ruler is None:
            return None
        far = [math.dist(viewport.to_screen(end), at) for end in self.ruler]
        if min(far) > REACH_PX:
            return None
        return self.ruler if far[1] <= far[0] else self.ruler[::-1]

    def _lay_ruler(self, start: XY, end: XY) -> None:
        viewport = self._surface.viewport
        # A click draws nothing one could measure by.
        if viewport is not None and has_left(start, viewport.to_screen(end), viewport):
            self.ruler = start, end
        if self.ruler is not None:
            self._surface.tell_ruler(self.ruler)

    def _put_down(self, landmark: str, place: XY) -> None:
        self._editor.preview(landmark, None)
        self._editor.move(landmark, place)
        # A point must not vanish under the hand that moved it.
        self._surface.set_layer_visible("human", True)

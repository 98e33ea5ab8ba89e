"""The canvas: a thin widget that turns events into edits and asks the other rooms to paint."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cephview.core.film import Film
from cephview.core.tracing import XY, Tracing
from cephview.ui.canvas.empty import paint_empty
from cephview.ui.canvas.gestures import PointDrag, wheel_factor
from cephview.ui.canvas.hand import Hand, reading
from cephview.ui.canvas.hit import nearest_point
from cephview.ui.canvas.keys import KeyHand, is_ours
from cephview.ui.canvas.loupe import FACTOR, Box, next_factor
from cephview.ui.canvas.placing import Placing
from cephview.ui.canvas.reader_marks import paint_legend
from cephview.ui.canvas.scene import keeps_labels
from cephview.ui.canvas.task import paint_task, task_text
from cephview.ui.canvas.traced_view import TracedView
from cephview.ui.editor import Editor
from cephview.ui.look.theme import Theme

TOOLS = ("select", "ruler", "place")


class FilmView(TracedView):
    """Show the editor's film and tracing; the hand's way into the editor.

    cursor_moved carries (x_px, y_px, grey) or None; zoom_changed device pixels a film pixel;
    ruler_drawn the two ends of a line, in pixel indices, the one moved last last; ruler_lifted that
    a hand took hold of one; framed tells any other view of the film; film_done that the next film
    is wanted.
    """

    cursor_moved = Signal(object)
    tool_changed = Signal(str)
    ruler_drawn = Signal(object, object)
    ruler_dropped = Signal()
    ruler_lifted = Signal()
    framed = Signal()
    film_done = Signal()

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, parent)
        self._said = ""
        # What lies over the film besides: left, top, right, bottom, in pixels of the view.
        self.covered: tuple[Box, ...] = ()
        self._cursor_at: QPointF | None = None
        self._loupe_factor = FACTOR
        self._hand = Hand(editor, self)
        self.placing = Placing(editor, self)
        self._keys = KeyHand(editor, self._hand, self)

        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Film")
        self.setAccessibleDescription(
            "The film with its points. Tab goes to the next point to check, Enter confirms it, "
            "the arrow keys move it, Escape puts it back."
        )
        self.told.connect(self.say)
        editor.settling.connect(self._keys.settle)
        editor.film_changed.connect(self._on_film)
        editor.changed.connect(self._on_changed)
        editor.scale_changed.connect(self._on_scale)
        editor.selection_changed.connect(self._on_selection)
        editor.locks_changed.connect(self.update)
        editor.walked.connect(self._on_walked)
        editor.preview_changed.connect(self._on_preview)
        self._on_film(editor.film)

    # What others may ask.

    @property
    def tool(self) -> str:
        return self._hand.tool

    @property
    def hovered(self) -> str:
        return self._hand.hovered

    @property
    def said(self) -> str:
        return self._said

    @property
    def ruler(self) -> tuple[XY, XY] | None:
        """Return the ends of the drawn ruler, in pixel indices."""
        return self._hand.ruler

    @property
    def has_to_escape(self) -> bool:
        """Whether Escape gives something up here: a drag, a ruler, a tool in hand."""
        hand = self._hand
        return hand.gesture is not None or hand.ruler is not None or hand.tool != "select"

    def move_ruler(self, event: QKeyEvent) -> None:
        """Move the end of the drawn ruler that was moved last by an arrow key."""
        self._keys.nudge_ruler(event)

    def swap_ruler_ends(self) -> None:
        """Let arrow keys move the other end of the drawn ruler."""
        self._hand.swap_ruler_ends()

    def rest_ruler(self) -> None:
        """Show no loupe at the drawn ruler any more: its end is where it should be."""
        self._hand.rest_ruler()

    def drop_ruler(self) -> None:
        """Take the drawn ruler away."""
        self._hand.drop_ruler()

    def set_tool(self, tool: str) -> None:
        """Take a tool of TOOLS in hand. Raises ValueError for an unknown one."""
        if tool not in TOOLS:
            raise ValueError(f"no tool {tool!r}")
        if tool != self._hand.tool:
            self._hand.cancel()
            self._hand.drop_ruler()
            self._hand.tool = tool
            self._after_input()
            if tool == "place":
                self.placing.begin()
            else:
                self.placing.end()
            self.update()
            self.tool_changed.emit(tool)

    def next_point(self) -> None:
        """Select the next point to look at."""
        self._keys.step(1)

    def previous_point(self) -> None:
        """Select the point to look at before the selected one."""
        self._keys.step(-1)

    def confirm_and_go_on(self) -> None:
        """Confirm the selected point and select the next to check."""
        self._keys.confirm()

    @property
    def loupe_factor(self) -> float:
        """Return how many times larger than the view the loupe shows the film."""
        return self._loupe_factor

    def set_loupe_factor(self, factor: float) -> None:
        """Enlarge more or less in the loupe; the nearest of its factors is taken."""
        self._loupe_factor = next_factor(factor, 0)
        self.update()

    def loupe_stronger(self) -> None:
        """Enlarge more in the loupe."""
        self._step_loupe(1)

    def loupe_weaker(self) -> None:
        """Enlarge less in the loupe, and show more around the point."""
        self._step_loupe(-1)

    def set_following(self, is_on: bool) -> None:
        """Bring the landmark to place close while placing, or leave the film as it lies."""
        self.placing.is_following = is_on
        self.placing.look()

    def leave_film(self) -> None:
        """Ask for the next film."""
        self.film_done.emit()

    # What the frame asks.

    def on_viewport(self, is_resized: bool) -> None:
        if not keeps_labels(self._hand.gesture):
            self._forget_labels()
        if is_resized:
            self._arrange()
        self._tell_cursor()
        self.framed.emit()

    # What the hand asks.

    def tell_ruler(self, ends: tuple[XY, XY] | None) -> None:
        if ends is None:
            self.ruler_dropped.emit()
        else:
            self.ruler_drawn.emit(*ends)

    def say(self, text: str) -> None:
        """Show a line over the film until the next thing happens; "" takes it away."""
        self._said = text
        self.update()

    # What the editor says.

    def _on_film(self, film: Film | None) -> None:
        self._hand.cancel()
        self._hand.drop_ruler()
        self._preview = None
        self.hold(None)
        self.placing.film_changed()
        self._overlays.set_visible(film is not None)
        self.show_picture(film, is_negative=self.turn.negative)
        self._tell_cursor()
        self._show_cursor()

    def _on_changed(self, old: Tracing | None, new: Tracing | None) -> None:
        is_turned = self._viewport is not None and self._viewport.turn != self.turn
        # Undo while a button is down: the drag would end at a place long gone.
        if isinstance(self._hand.gesture, PointDrag) or is_turned:
            self._hand.cancel()
        self._keys.drop()
        if is_turned:
            self.hold(None)
            self.set_negative(self.turn.negative)
            self.show_turned(self.turn)
        self._said = ""
        self._forget_labels()
        self.placing.changed(old, new)

    def _on_scale(self, _size: object) -> None:
        viewport = self._viewport
        if viewport is not None and viewport.aspect != self._editor.pixel_size.aspect:
            self._hand.cancel()
            self.hold(None)
            self.fit()
        self._tell_cursor()
        self.update()

    def _on_selection(self, landmark: str) -> None:
        self._show_layer_of(landmark)
        self.say("")

    def _on_walked(self, landmark: str) -> None:
        self._show_layer_of(landmark)
        self.ensure_visible(landmark)

    def _on_preview(self, landmark: str, xy: XY | None) -> None:
        self._preview = None if xy is None else (landmark, xy)
        self.update()

    # Events.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._scene is None or self._viewport is None:
            paint_empty(painter, QRectF(self.rect()), self._awaited)
        else:
            context, gesture = self.marks_context(), self._hand.gesture
            ruler = self._hand.ruler_ends()
            self._scene.loupe_factor = self._loupe_factor
            self._scene.taken = (*self._overlays.boxes(), *self.covered)
            aim = self._hand.aim(self._cursor_in_view())
            self._scene.paint(painter, self._viewport, context, gesture, ruler, aim)
            if self._compared is not None:
                paint_legend(painter, self.rect(), self._compared, self._theme)
            if context is not None and gesture is None and ruler is None:
                task = context.tracing, context.selection, self._editor.landmarks
                if text := self._said or task_text(self.tool, *task):
                    paint_task(painter, self.rect(), text, self._theme, at_foot=bool(self._said))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(event, is_double=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at: XY = event.position().toTuple()
        if self._hand.gesture is not None:
            self.hold(event.globalPosition())
        self._hand.move(at)
        self._cursor_at = event.globalPosition()
        self._tell_cursor()
        self._after_input()
        if self.tool == "place" and self._hand.gesture is None:
            # The loupe follows the cursor.
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if keeps_labels(self._hand.gesture):
            self._forget_labels()
        self._hand.release(event.button())
        self._after_input()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        context = self.marks_context()
        is_select = event.button() == Qt.MouseButton.LeftButton and self.tool == "select"
        at: XY = event.position().toTuple()
        if is_select and not (context is not None and nearest_point(context, at)):
            self.fit()
        else:
            self._press(event, is_double=True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Only devices that report phases give pixels one can rely on.
        has_phase = event.phase() != Qt.ScrollPhase.NoScrollPhase
        pixels = event.pixelDelta().y() if has_phase else 0
        self.zoom_by(wheel_factor(event.angleDelta().y(), pixels), event.position().toTuple())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position().toTuple())
                return True
        # With a film the canvas's own keys come before the window's shortcuts.
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(self._viewport is not None and is_ours(event))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.say("")
        if not self._keys.press(event):
            super().keyPressEvent(event)
        self._after_input()

    def take_key(self, event: QKeyEvent) -> None:
        """Take the keyboard, and a key that was typed beside the film."""
        self.setFocus()
        QApplication.sendEvent(self, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._keys.release(event):
            super().keyReleaseEvent(event)
        self._after_input()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        is_free = self.hasFocus() and self._hand.gesture is None
        if is_free and self._keys.step(1 if is_next else -1):
            return True
        return super().focusNextPrevChild(is_next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._keys.leave()
        self._after_input()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._cursor_at = None
        self._tell_cursor()
        self._hand.hover(None)
        self.update()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._hand.cancel()
        self._keys.leave()
        self._after_input()
        super().hideEvent(event)

    # Inside.

    def _press(self, event: QMouseEvent, *, is_double: bool) -> None:
        self._keys.settle()
        # What is seen then is not what a hand would take hold of.
        self.compare(False)
        self.say("")
        self._hand.press(event.button(), event.position().toTuple(), is_double=is_double)
        self._after_input(event.globalPosition())

    def _tell_cursor(self) -> None:
        film, viewport, told = self._editor.film, self._viewport, None
        if film is not None and viewport is not None and self._cursor_at is not None:
            told = reading(film, viewport, self.mapFromGlobal(self._cursor_at).toTuple())
        self.cursor_moved.emit(told)

    def _step_loupe(self, step: int) -> None:
        self.set_loupe_factor(next_factor(self._loupe_factor, step))
        self.say(f"Loupe {self._loupe_factor:.0f}\u00d7")

    def _cursor_in_view(self) -> XY | None:
        return None if self._cursor_at is None else self.mapFromGlobal(self._cursor_at).toTuple()

    def _after_input(self, pressed_at: QPointF | None = None) -> None:
        gesture, is_holding = self._hand.gesture, self._keys.is_holding
        is_dragging = isinstance(gesture, PointDrag)
        self._editor.hold(is_dragging or is_holding)
        is_moving = isinstance(gesture, PointDrag) and gesture.place is not None
        self.tell_drag(is_moving or is_holding)
        if self._hand.gesture is None:
            self.hold(None)
        elif pressed_at is not None:
            self.hold(pressed_at)
        self._show_cursor()

    def _show_cursor(self) -> None:
        shape = self._hand.cursor_shape()
        if self.cursor().shape() != shape:
            self.setCursor(shape)

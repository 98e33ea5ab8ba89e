"""The editor's film with its tracing as it is looked at: which layers, which part, which way."""

from PySide6.QtCore import QPoint, QPointF, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QWidget

from cephview.core.detection import Turn
from cephview.core.tracing import XY
from cephview.core.turning import AS_ON_FILE
from cephview.ui.canvas.display import DisplayView
from cephview.ui.canvas.framing import Frame
from cephview.ui.canvas.marks import LAYERS, MarksContext, layer_of
from cephview.ui.canvas.overlay import Overlays
from cephview.ui.editing.comparing import Compared
from cephview.ui.editor import Editor
from cephview.ui.look.theme import Theme


class TracedView(DisplayView):
    """Know what is seen of a tracing. Who inherits paints it and has the hands.

    menu_wanted asks for the menu of a landmark's point, or with "" for that of the film; it carries
    the place on the screen.
    """

    layer_toggled = Signal(str, bool)
    hint_used = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._editor = editor
        self._left_free = 0.0
        self._layers = frozenset(LAYERS)
        self._preview: tuple[str, XY] | None = None
        self._is_comparing = False
        self._compared: Compared | None = None
        self._overlays = Overlays(theme, self)
        self._overlays.switches.toggled.connect(self.set_layer_visible)

    @property
    def layers(self) -> frozenset[str]:
        return self._layers

    @property
    def turn(self) -> Turn:
        """Return how the open film is turned."""
        tracing = self._editor.tracing
        return AS_ON_FILE if tracing is None else tracing.turn

    @property
    def hovered(self) -> str:
        """Return the landmark under the cursor, or ""."""
        return ""

    def one_to_one(self) -> None:
        """Show one film pixel on one device pixel, around the selected point if there is one."""
        if self._viewport is not None and self._held is None:
            at = self._place_of(self._editor.selection)
            viewport = self._viewport.centred_on(at) if at is not None else self._viewport
            self.show_viewport(viewport.one_to_one())

    def zoom_to(self, landmark: str) -> None:
        """Bring a placed landmark to the middle, large enough to judge it."""
        at = self._place_of(landmark)
        if at is not None:
            self.show_closer(at)

    def set_layer_visible(self, layer: str, visible: bool) -> None:
        """Show or hide a layer of LAYERS. Raises KeyError for an unknown one."""
        self._overlays.switches.set_on(layer, visible)
        layers = self._layers | {layer} if visible else self._layers - {layer}
        if layers != self._layers:
            self._layers = layers
            self._forget_labels()
            self.layer_toggled.emit(layer, visible)
            self.update()

    @property
    def is_comparing(self) -> bool:
        """Whether the model's points are shown instead of what people made of them."""
        return self._is_comparing

    def compare(self, is_on: bool) -> None:
        """Show the model's points instead of what people made of them, or no longer."""
        if is_on != self._is_comparing:
            self._is_comparing = is_on
            self._forget_labels()

    def toggle_compare(self) -> None:
        """Show the model's points instead of what people made of them, or the other way round."""
        self.compare(not self._is_comparing)

    def show_compared(self, compared: Compared | None) -> None:
        """Show two readings of the film beside what was decided, or no longer."""
        if compared != self._compared:
            self._compared = compared
            self._forget_labels()

    def ask_menu(self, landmark: str, at: XY) -> None:
        """Ask for the menu of a point, or with "" of the film, at a place of this view."""
        self.menu_wanted.emit(landmark, self.mapToGlobal(QPointF(*at)).toPoint())

    def ask_menu_by_key(self) -> None:
        """Ask for the menu of the chosen point at its place, else for that of the film."""
        if self._viewport is None:
            return
        landmark = self._editor.selection
        place = self._place_of(landmark)
        is_seen = place is not None and self._viewport.is_on_screen(place)
        middle: XY = self.rect().center().toTuple()
        self.ask_menu(landmark, self._viewport.to_screen(place) if place and is_seen else middle)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
        # A right button may go on to a drag, so its own release asks.
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.ask_menu_by_key()

    def set_hints_used(self, hints: tuple[str, ...]) -> None:
        """Leave out the key hints a user knows already."""
        self._overlays.hints.set_used(hints)
        self._arrange()

    def use_hint(self, hint: str) -> None:
        """Let a key hint go, because its key was used."""
        if self._overlays.hints.use(hint):
            self.hint_used.emit(hint)

    def tell_drag(self, is_dragging: bool) -> None:
        """Say beside the film how to put a point back while it is moved, and no longer."""
        if self._overlays.hints.set_dragging(is_dragging):
            self._overlays.arrange(self._left_free)

    def ensure_visible(self, landmark: str) -> None:
        """Pan to a placed landmark if it is not on screen."""
        at = self._place_of(landmark)
        if at is not None:
            self.bring_into_view(at)

    def bring_to_light(self, landmark: str) -> bool:
        """Show the mark of a placed landmark; return whether its layer or its place was hidden."""
        at = self._place_of(landmark)
        if at is None or self._viewport is None:
            return False
        is_seen = self._viewport.is_on_screen(at)
        was_hidden = self._show_layer_of(landmark)
        if not is_seen:
            self.bring_into_view(at)
        return was_hidden or not is_seen

    def frame(self) -> Frame | None:
        film = self._editor.film
        if film is None:
            return None
        aspect = self._editor.pixel_size.aspect
        column = self._overlays.column_width()
        return Frame(film.width, film.height, aspect, column, self.turn)

    def marks_context(self) -> MarksContext | None:
        """Return what the marks depend on now; None without a film."""
        tracing = self._editor.tracing
        if tracing is None or self._viewport is None:
            return None
        return MarksContext(
            viewport=self._viewport,
            tracing=tracing.by_model() if self._is_comparing else tracing,
            theme=self._theme,
            layers=self._layers,
            selection=self._editor.selection,
            hovered=self.hovered,
            preview=self._preview,
            pixel_size=self._editor.pixel_size,
            locked=self._editor.locked,
            compared=self._compared,
        )

    def _arrange(self) -> None:
        left = self._viewport.film_on_screen()[0] if self._viewport is not None else 0.0
        if self._is_fitted:
            self._left_free = left
        self._overlays.arrange(self._left_free)

    def _show_layer_of(self, landmark: str) -> bool:
        """Show the layer a landmark's mark is on; return whether it was hidden."""
        context = self.marks_context()
        layer = layer_of(context, context.tracing[landmark]) if context and landmark else ""
        if not layer or layer in self._layers:
            return False
        self.set_layer_visible(layer, True)
        return True

    def _place_of(self, landmark: str) -> XY | None:
        tracing = self._editor.tracing
        best = tracing[landmark].best if tracing is not None and landmark else None
        pair = self._compared.pair(landmark) if self._compared is not None else None
        if best is None and pair is not None:
            return pair.mean
        return best.xy if best is not None else None

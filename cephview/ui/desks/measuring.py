"""From a line drawn with the ruler to a length, and on demand to the scale of the film."""

from PySide6.QtCore import QObject

from cephview.core.tracing import XY
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.canvas.ruler_card import RulerCard
from cephview.ui.editing.scaling import Scaling
from cephview.ui.editor import Editor


class Measuring(QObject):
    """Keeps the card beside the drawn line, and gone with it."""

    def __init__(self, view: FilmView, editor: Editor, scaling: Scaling, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._editor = editor
        self._scaling = scaling
        self.card = RulerCard(view)
        view.ruler_drawn.connect(self._show)
        view.ruler_dropped.connect(self._hide)
        view.ruler_lifted.connect(self._lift)
        view.framed.connect(self._place)
        editor.scale_changed.connect(self._refresh)
        self.card.applied.connect(self._use)
        self.card.dismissed.connect(view.drop_ruler)
        self.card.grown.connect(self._place)
        self.card.typed.connect(view.rest_ruler)
        self.card.end_key.connect(view.move_ruler)
        self.card.other_end_wanted.connect(view.swap_ruler_ends)

    def _show(self, a: XY, b: XY) -> None:
        self.card.show_line(a, b, self._editor.pixel_size)
        self._place()

    def _hide(self) -> None:
        focused = self.card.window().focusWidget()
        had_focus = focused is self.card or self.card.isAncestorOf(focused)
        self.card.forget()
        self._view.covered = ()
        if had_focus:
            self._view.setFocus()

    def _lift(self) -> None:
        # It would lie over where the end may go, and its loupe; what was typed stays.
        self._view.setFocus()
        self.card.hide()
        self._view.covered = ()

    def _place(self, *_: object) -> None:
        if self.card.isVisible() and self._view.viewport is not None:
            self.card.place(self._view.viewport)
            box = self.card.geometry()
            self._view.covered = ((box.left(), box.top(), box.right(), box.bottom()),)

    def _refresh(self, *_: object) -> None:
        if self.card.isVisible() and self._view.ruler is not None:
            self.card.forget()
            self._show(*self._view.ruler)

    def _use(self, length_mm: float) -> None:
        ruler = self._view.ruler
        if ruler is None:
            return
        # Gone first, so that the new scale is not shown as a measurement of its own ruler.
        self._view.drop_ruler()
        self._scaling.use_ruler(*ruler, length_mm)
        self._view.set_tool("select")

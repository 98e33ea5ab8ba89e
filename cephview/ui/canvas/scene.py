"""The whole picture: film, marks, names, loupe and ruler, with what is kept between frames."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from cephview.core.film import Film
from cephview.core.tracing import XY
from cephview.ui.canvas.backdrop import Backdrop, Shown
from cephview.ui.canvas.gestures import Gesture, Pan, PointDrag, RulerDrag
from cephview.ui.canvas.labels import Label, paint_labels, place_labels
from cephview.ui.canvas.loupe import FACTOR, Box, is_useful, loupe_place, paint_loupe, spine
from cephview.ui.canvas.marks import MarksContext, paint_marks, visible_places
from cephview.ui.canvas.pyramid import Pyramid, pyramid_of
from cephview.ui.canvas.reader_marks import paint_readers
from cephview.ui.canvas.ruler import paint_ruler
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.look.theme import Theme


class Scene:
    """One film's picture. The film is drawn again only when the view of it changes."""

    def __init__(self, film: Film, shown: Shown, theme: Theme) -> None:
        self._theme = theme
        self.pyramid = pyramid_of(film)
        self._backdrop = Backdrop(self.pyramid, shown, theme.colour("film"))
        self._labels: tuple[Label, ...] | None = None
        self._loupe_offset: XY | None = None
        self.loupe_factor = FACTOR
        # What lies over the view: left, top, right, bottom, in screen pixels.
        self.taken: tuple[Box, ...] = ()

    def wear(self, theme: Theme) -> None:
        """Take another theme for what lies on the film, which stays on black."""
        self._theme = theme

    def show(self, shown: Shown) -> None:
        """Change how grey values are shown."""
        self._backdrop.show(shown)

    def show_pixels(self, pyramid: Pyramid) -> None:
        """Draw the film from other pixels of it: its own, or enhanced ones."""
        self._backdrop.show_pixels(pyramid)

    def forget_labels(self) -> None:
        """Let names find new places in the next frame."""
        self._labels = None

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        context: MarksContext | None,
        gesture: Gesture | None,
        ruler: tuple[XY, XY] | None = None,
        aim: XY | None = None,
    ) -> None:
        """Draw one frame in screen coordinates.

        ruler is its two ends, aim the place that a click would give a point, in pixel indices.
        """
        painter.drawImage(QPointF(0, 0), self._backdrop.picture(viewport))
        if context is None:
            return
        named = paint_readers(painter, context)
        paint_marks(painter, context)
        if "names" in context.layers:
            # A dragged point takes its name along while all others stay, and a pan moves all alike.
            if self._labels is None:
                self._labels = place_labels(named)
            paint_labels(painter, named, self._labels)
        if isinstance(gesture, PointDrag) and context.preview is not None:
            self._paint_loupe(painter, context, context.preview[1])
        elif isinstance(gesture, RulerDrag):
            self._paint_loupe(painter, context, gesture.end)
        elif aim is not None:
            self._paint_loupe(painter, context, aim)
        else:
            self._loupe_offset = None
        if ruler is not None:
            paint_ruler(painter, viewport, *ruler, context.pixel_size, self._theme)

    def _paint_loupe(self, painter: QPainter, context: MarksContext, film_xy: XY) -> None:
        viewport = context.viewport
        if not is_useful(viewport, self.loupe_factor):
            return
        at = viewport.to_screen(film_xy)
        places = [context.at(point) for point in context.tracing if not context.is_dragged(point)]
        others = [(place.x(), place.y()) for place in places if place is not None]
        others += spine(visible_places(context))
        centre = loupe_place(viewport, at, others, self._loupe_offset, self.taken)
        if centre is not None:
            self._loupe_offset = centre[0] - at[0], centre[1] - at[1]
            paint_loupe(
                painter, self._backdrop, viewport, film_xy, centre, self._theme, self.loupe_factor
            )


def keeps_labels(gesture: Gesture | None) -> bool:
    """Say whether names stay beside their points while the view changes: during a pan."""
    return isinstance(gesture, Pan)

"""A film with its marks as a picture: for the list, for reports, and without a display."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter

from cephview.core.film import Film
from cephview.core.scale import PixelSize
from cephview.core.tracing import Tracing
from cephview.core.turning import AS_ON_FILE
from cephview.ui.canvas.backdrop import Backdrop, Shown
from cephview.ui.canvas.labels import paint_labels, place_labels
from cephview.ui.canvas.marks import LAYERS, MarksContext, paint_marks
from cephview.ui.canvas.pyramid import Pyramid
from cephview.ui.canvas.viewport import fit
from cephview.ui.look.theme import Theme

# Below this height names would hide the film.
NAMES_FROM_PX = 400
MARKS_FROM_PX = 160


def render_overlay(
    film: Film,
    tracing: Tracing | None,
    theme: Theme,
    size: QSize,
    *,
    pixel_size: PixelSize | None = None,
) -> QImage:
    """Draw a whole film, turned as its tracing says, into a picture of a size in pixels.

    Marks are left out of thumbnails and names of small pictures. Needs a QGuiApplication (the
    off-screen platform will do). pixel_size is the film's own where none is given.
    """
    scale = pixel_size or film.pixel_size
    turn = AS_ON_FILE if tracing is None else tracing.turn
    viewport = fit(
        (film.width, film.height), (size.width(), size.height()), aspect=scale.aspect, turn=turn
    )
    shown = Shown(film.levels, inverted=turn.negative)
    backdrop = Backdrop(Pyramid(film.pixels), shown, theme.colour("film"))
    image = backdrop.picture(viewport).copy()
    if tracing is None or size.height() < MARKS_FROM_PX:
        return image
    context = MarksContext(
        viewport, tracing, theme, frozenset(LAYERS), pixel_size=scale, size=_mark_size(size)
    )
    painter = QPainter(image)
    paint_marks(painter, context)
    if size.height() >= NAMES_FROM_PX:
        paint_labels(painter, context, place_labels(context))
    painter.end()
    return image


def _mark_size(size: QSize) -> float:
    return min(1.0, max(0.4, size.height() / NAMES_FROM_PX))

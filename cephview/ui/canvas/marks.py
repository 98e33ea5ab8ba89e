"""What is drawn on a film: functions of one frozen context. Sizes are screen pixels."""

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from cephview.core.outlines import PLANES, XY, curve, drawn
from cephview.core.scale import PixelSize
from cephview.core.scale_check import scale_to_judge_by
from cephview.core.tracing import Point, State, Tracing
from cephview.core.uncertainty import Covariance
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.editing.comparing import Compared
from cephview.ui.look.theme import Theme

LAYERS = ("coarse", "refined", "human", "names", "planes", "uncertainty", "outlines")

COARSE_RADIUS = 4.5
REFINED_RADIUS = 4.5
HUMAN_RADIUS = 6.0
RING_RADIUS = 12.0
TINTED_RADIUS = 16.0
LOCK_REACH = 9.0
LOCK_ARM = 4.5
HIGH_SIGMA_MM = 1.25
HIGH_SIGMA_OF_HEIGHT = 0.005


@dataclass(frozen=True)
class MarksContext:
    """Everything the marks depend on. preview is (landmark, place) while a point is dragged.

    locked are the landmarks whose points cannot be moved. compared are two readings to be seen
    beside the tracing, which then is what was decided.
    """

    viewport: Viewport
    tracing: Tracing
    theme: Theme
    layers: frozenset[str] = frozenset(LAYERS)
    selection: str = ""
    hovered: str = ""
    preview: tuple[str, XY] | None = None
    pixel_size: PixelSize = field(default_factory=PixelSize)
    size: float = 1.0
    locked: frozenset[str] = frozenset()
    compared: Compared | None = None

    def at(self, point: Point) -> QPointF | None:
        """Return where a point counts on the screen, the preview before its best layer."""
        if self.is_dragged(point) and self.preview is not None:
            return QPointF(*self.viewport.to_screen(self.preview[1]))
        best = point.best
        return None if best is None else QPointF(*self.viewport.to_screen(best.xy))

    def is_dragged(self, point: Point) -> bool:
        return self.preview is not None and self.preview[0] == point.landmark


def layer_of(context: MarksContext, point: Point) -> str:
    """Return the layer under whose switch a point's own mark is; "" for a missing point.

    What a human moved, confirmed or said to be invisible belongs to the human layer.
    """
    if context.is_dragged(point):
        return "human"
    if point.state is State.MISSING:
        return ""
    if point.state is not State.MODEL:
        return "human"
    return "refined" if point.refined is not None else "coarse"


def is_shown(context: MarksContext, point: Point) -> bool:
    """Say whether a point's own mark is on screen and so can be taken hold of."""
    return context.is_dragged(point) or layer_of(context, point) in context.layers


def is_uncertain(spread: Covariance, pixel_size: PixelSize, film_height: int) -> bool:
    """Say whether a predicted covariance (px²) asks for a human's eyes.

    Its sigma is judged in mm where the scale is trusted, else by the film's height.
    """
    size = pixel_size.mm_per_px()
    if size is None:
        return spread.sigma >= HIGH_SIGMA_OF_HEIGHT * film_height
    return spread.scaled(*size).sigma >= HIGH_SIGMA_MM


def paint_marks(painter: QPainter, context: MarksContext) -> None:
    """Draw all marks but the names, from what matters least to what matters most."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if "outlines" in context.layers:
        paint_outlines(painter, context)
    if "planes" in context.layers:
        paint_planes(painter, context)
    if "uncertainty" in context.layers:
        paint_uncertainty(painter, context)
    if "coarse" in context.layers:
        paint_coarse(painter, context)
    for point in context.tracing:
        if is_shown(context, point):
            paint_point(painter, context, point)
    paint_locks(painter, context)
    paint_rings(painter, context)
    painter.restore()


def paint_planes(painter: QPainter, context: MarksContext) -> None:
    """Draw the reference planes whose two points are placed and visible."""
    painter.setPen(QPen(context.theme.colour("refined", 0.42), 1.2))
    for a, b in plane_ends(context):
        painter.drawLine(a, b)


def plane_ends(context: MarksContext) -> list[tuple[QPointF, QPointF]]:
    """Return the ends of the planes on screen."""
    seen = visible_places(context)
    return [
        (QPointF(*seen[plane.start]), QPointF(*seen[plane.end]))
        for plane in PLANES
        if plane.start in seen and plane.end in seen
    ]


def visible_places(context: MarksContext) -> dict[str, XY]:
    """Return where every placed landmark lies on screen, but for those that cannot be seen."""
    places = {}
    for point in context.tracing:
        place = context.at(point)
        if place is not None and (point.hidden is None or context.is_dragged(point)):
            places[point.landmark] = place.x(), place.y()
    return places


def paint_outlines(painter: QPainter, context: MarksContext) -> None:
    """Draw the outlines of the head through the points that are there."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = outline_path(context)
    for colour, width in ((QColor(0, 0, 0, 70), 2.6), (context.theme.colour("outline", 0.6), 1.2)):
        painter.setPen(QPen(colour, width))
        painter.drawPath(path)


def outline_path(context: MarksContext) -> QPainterPath:
    """Return every outline the present points support, on screen."""
    known = {point.landmark for point in context.tracing}
    path = QPainterPath()
    for knots in drawn(known, visible_places(context)):
        segments = curve(knots)
        if segments:
            path.moveTo(QPointF(*segments[0][0]))
        for _, first, second, end in segments:
            path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
    return path


def paint_uncertainty(painter: QPainter, context: MarksContext) -> None:
    """Draw the ellipse that holds 95 % of the errors around the model's points nobody looked at."""
    viewport = context.viewport
    judged = scale_to_judge_by(context.tracing, context.pixel_size)
    for point in context.tracing:
        best = point.best
        if point.state is not State.MODEL or context.is_dragged(point) or best is None:
            continue
        if best.spread is None or not is_shown(context, point):
            continue
        long, short, angle = viewport.spread_on_screen(best.spread).ellipse()
        if long < (REFINED_RADIUS + 2) * context.size:
            continue
        high = is_uncertain(best.spread, judged, viewport.film_height)
        token = "attention" if high else "refined"
        pen = QPen(context.theme.colour(token, 0.75), 1.0)
        if high:
            pen.setDashPattern([4, 3])
        painter.save()
        painter.setPen(pen)
        # A tint over anatomy one is about to judge would be a fault.
        painter.setBrush(context.theme.colour(token, 0.10 if long < TINTED_RADIUS else 0.0))
        painter.translate(*viewport.to_screen(best.xy))
        painter.rotate(math.degrees(angle))
        painter.drawEllipse(QPointF(0, 0), long, short)
        painter.restore()


def paint_coarse(painter: QPainter, context: MarksContext) -> None:
    """Draw the coarse points with a thin line to where refinement moved each."""
    radius = COARSE_RADIUS * context.size
    white = context.theme.colour("coarse")
    dark = QColor(0, 0, 0, 120)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for point in context.tracing:
        if point.coarse is None or point.hidden is not None:
            continue
        centre = QPointF(*context.viewport.to_screen(point.coarse.xy))
        ends = None
        if point.refined is not None:
            to = QPointF(*context.viewport.to_screen(point.refined.xy))
            away = to - centre
            length = math.hypot(away.x(), away.y())
            if length > radius + 1:
                ends = (centre + away * (radius / length), to)
        for colour, width in ((dark, 2.6), (white, 1.1)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(centre, radius, radius)
            if ends is not None:
                painter.drawLine(*ends)


def paint_point(painter: QPainter, context: MarksContext, point: Point) -> None:
    """Draw a point's own mark.

    Circle: the model's; diamond: a human's; triangle: unsure; cross: not visible.
    """
    place = context.at(point)
    if place is None:
        return
    theme = context.theme
    if point.state is State.NOT_VISIBLE and not context.is_dragged(point):
        _cross(painter, place, 5.0 * context.size, theme.colour("on_film", 0.8))
        return
    _ghost(painter, context, point, place)
    layer = layer_of(context, point)
    grown = 1.2 if context.hovered == point.landmark else 1.0
    outline = QPen(QColor(0, 0, 0, 215), 1.3)
    if point.state is State.UNSURE:
        _doubted(painter, context, point, place, grown)
        return
    if layer == "human":
        radius = HUMAN_RADIUS * context.size * grown
        if point.state is State.CONFIRMED and not context.is_dragged(point):
            painter.setPen(outline)
            painter.setBrush(theme.colour("human"))
            painter.drawPolygon(_diamond(place, radius))
            return
        # Hollow until someone confirms it, and clear while it is dragged over what it hides.
        clear = Qt.BrushStyle.NoBrush if context.is_dragged(point) else QColor(0, 0, 0, 90)
        painter.setBrush(clear)
        painter.setPen(QPen(QColor(0, 0, 0, 215), 4.2))
        painter.drawPolygon(_diamond(place, radius - 0.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("human"), 2.0))
        painter.drawPolygon(_diamond(place, radius - 0.6))
        return
    painter.setPen(outline)
    radius = REFINED_RADIUS * context.size * grown
    if layer == "refined":
        painter.setBrush(theme.colour("refined"))
        painter.drawEllipse(place, radius, radius)


def paint_locks(painter: QPainter, context: MarksContext) -> None:
    """Draw the corners of a box around every locked point."""
    reach, arm = LOCK_REACH * context.size, LOCK_ARM * context.size
    corners = [QPointF(x * reach, y * reach) for x in (-1, 1) for y in (-1, 1)]
    for point in context.tracing:
        place = context.at(point)
        if point.landmark not in context.locked or place is None or not is_shown(context, point):
            continue
        for colour, width in ((QColor(0, 0, 0, 170), 3.4), (context.theme.colour("on_film"), 1.4)):
            painter.setPen(QPen(colour, width))
            for corner in corners:
                for way in (QPointF(corner.x(), 0), QPointF(0, corner.y())):
                    painter.drawLine(place + corner, place + corner - way * (arm / reach))


def paint_rings(painter: QPainter, context: MarksContext) -> None:
    """Draw the ring of the selected point."""
    for point in context.tracing:
        if point.landmark != context.selection or not is_shown(context, point):
            continue
        place = context.at(point)
        if place is None:
            continue
        radius = RING_RADIUS * context.size
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4.0))
        painter.drawEllipse(place, radius, radius)
        painter.setPen(QPen(context.theme.colour("attention"), 2.0))
        painter.drawEllipse(place, radius, radius)


def _ghost(painter: QPainter, context: MarksContext, point: Point, place: QPointF) -> None:
    """Show where the model had a point that a human moved."""
    is_moved = point.human is not None or context.is_dragged(point)
    if not is_moved or point.refined is None or "refined" not in context.layers:
        return
    at = QPointF(*context.viewport.to_screen(point.refined.xy))
    if point.landmark == context.selection:
        painter.setPen(QPen(context.theme.colour("refined", 0.8), 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(at, place)
    painter.setPen(QPen(QColor(0, 0, 0, 120), 1.0))
    painter.setBrush(context.theme.colour("refined", 0.7))
    painter.drawEllipse(at, 2.6 * context.size, 2.6 * context.size)


def _doubted(
    painter: QPainter, context: MarksContext, point: Point, place: QPointF, grown: float
) -> None:
    """Draw a triangle around the very place of a point, which stays free but for a dot."""
    corners = triangle(place, (HUMAN_RADIUS + 2.5) * context.size * grown)
    clear = Qt.BrushStyle.NoBrush if context.is_dragged(point) else QColor(0, 0, 0, 90)
    painter.setBrush(clear)
    for colour, width in (
        (QColor(0, 0, 0, 215), 4.2), (context.theme.colour("attention"), 2.0),
    ):  # fmt: skip
        painter.setPen(QPen(colour, width))
        painter.drawPolygon(corners)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if not context.is_dragged(point):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(context.theme.colour("attention"))
        painter.drawEllipse(place, 1.4 * context.size, 1.4 * context.size)


def triangle(place: QPointF, radius: float) -> QPolygonF:
    """Return the corners of a triangle that stands, its middle at a place."""
    ways = (-90, 30, 150)
    corners = [(math.cos(math.radians(way)), math.sin(math.radians(way))) for way in ways]
    return QPolygonF([place + QPointF(x * radius, y * radius) for x, y in corners])


def _diamond(place: QPointF, radius: float) -> QPolygonF:
    x, y = place.x(), place.y()
    corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
    return QPolygonF([QPointF(*corner) for corner in corners])


def _cross(painter: QPainter, place: QPointF, radius: float, colour: QColor) -> None:
    box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
    for pen in (QPen(QColor(0, 0, 0, 170), 4.0), QPen(colour, 1.8)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())

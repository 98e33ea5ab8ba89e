"""What the canvas shows before a film is open."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from cephview.ui.look.theme import DARK, font

TITLE = "Drop a film or a folder here"
LINES = (
    "or open one with Ctrl+O. The points are placed on this computer;",
    "nothing leaves it, and your files are never changed.",
)
FORMATS = "DICOM  ·  PNG  ·  JPEG  ·  TIFF  ·  BMP  ·  WebP  ·  AVIF, 8 to 16 bit"
_WIDTH, _HEIGHT = 460.0, 250.0


def paint_empty(painter: QPainter, area: QRectF, awaited: str = "") -> None:
    """Draw the invitation in the middle of an area, or what is on its way in its place.

    Behind films it is black in every theme, so the colours are those of the dark one.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(area, DARK.colour("film"))
    width, height = min(_WIDTH, area.width() - 24), min(_HEIGHT, area.height() - 24)
    card = QRectF(0, 0, width, height)
    card.moveCenter(area.center())
    _paint_film(painter, QPointF(card.center().x(), card.top() + 64))
    y = card.top() + 122
    if awaited:
        _paint_line(painter, QRectF(card.left(), y, card.width(), 20), awaited, 13, 400, "text_2")
        painter.restore()
        return
    pen = QPen(DARK.colour("line_strong"), 1.4)
    pen.setDashPattern([5, 5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(card, 14, 14)
    for text, size, weight, ink, step in (
        (TITLE, 17, 600, "text_1", 32),
        (LINES[0], 13, 400, "text_2", 20),
        (LINES[1], 13, 400, "text_2", 34),
        (FORMATS, 12, 400, "text_3", 20),
    ):
        _paint_line(painter, QRectF(card.left(), y, card.width(), step), text, size, weight, ink)
        y += step
    painter.restore()


def _paint_line(
    painter: QPainter, area: QRectF, text: str, size: int, weight: int, ink: str
) -> None:
    """Write one line in the middle of an area."""
    painter.setFont(font(size, weight))
    painter.setPen(DARK.colour(ink))
    painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, text)


def _paint_film(painter: QPainter, centre: QPointF) -> None:
    """Draw a small film with a profile and three points on it."""
    film = QRectF(0, 0, 50, 60)
    film.moveCenter(centre)
    painter.setPen(QPen(DARK.colour("text_3"), 1.6))
    painter.setBrush(DARK.colour("surface_1"))
    painter.drawRoundedRect(film, 6, 6)
    profile = QPainterPath(film.topLeft() + QPointF(28, 9))
    for control, to in (
        ((35, 12), (35, 22)),
        ((36, 26), (40, 30)),
        ((38, 33), (35, 33)),
        ((38, 38), (35, 41)),
        ((38, 48), (31, 50)),
        ((24, 50), (20, 44)),
    ):
        profile.quadTo(film.topLeft() + QPointF(*control), film.topLeft() + QPointF(*to))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(DARK.colour("text_2"), 1.5))
    painter.drawPath(profile)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DARK.colour("refined"))
    for x, y in ((35, 20), (17, 25), (21, 43)):
        painter.drawEllipse(film.topLeft() + QPointF(x, y), 2.6, 2.6)

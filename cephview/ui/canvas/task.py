"""What the tool in hand asks for, and why nothing moved, in words at the top of the view."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cephview.core.landmarks import LandmarkSet
from cephview.core.review import next_missing
from cephview.core.tracing import Tracing
from cephview.ui.look.theme import Theme, font

NOT_VISIBLE = "{} is marked as not visible  ·  Del takes that back"
LOCKED = "{} is locked"
NO_SCALE = "Without a scale there are no millimetres: Shift moves by 1 px, Ctrl by 10 px"
OUT_OF_SIGHT = "{} was out of sight  ·  Enter confirms it where it is"
ALL_CHECKED = "Nothing is left to check  ·  Enter: next film"


def task_text(tool: str, tracing: Tracing, selection: str, landmarks: LandmarkSet) -> str:
    """Return what to do with a tool; "" where there is nothing to say."""
    if tool == "ruler":
        return "Drag along a ruler of known length"
    if tool == "place":
        landmark = next_missing(tracing, selection)
        if not landmark:
            return "All points are placed; drag one to move it"
        return f"Click to place {landmark}  ·  {landmarks[landmark].name}"
    return ""


def paint_task(
    painter: QPainter, view: QRect, text: str, theme: Theme, *, at_foot: bool = False
) -> None:
    """Draw a line of text in a rounded box at the top of a view, or at its foot.

    Notices lie at the top, so what answers a key stands at the foot.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(13, 600))
    wide = painter.fontMetrics().horizontalAdvance(text) + 28
    top = view.height() - 44 if at_foot else 12
    box = QRectF((view.width() - wide) / 2, top, wide, 32)
    painter.setPen(QPen(theme.colour("attention"), 1.2))
    painter.setBrush(theme.colour("floating_on"))
    painter.drawRoundedRect(box, 9, 9)
    painter.setPen(theme.colour("text_1"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()

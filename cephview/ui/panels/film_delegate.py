"""Paints one film of the list: thumbnail, name, state in a pill, progress."""

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cephview.core.detection import Turn
from cephview.core.tracing import State
from cephview.ui.look.icons import icon
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.look.theme import font as theme_font
from cephview.ui.panels.point_table import paint_glyph
from cephview.ui.rows.film_list_model import (
    FOLDER_ROLE,
    OPEN_ROLE,
    ROW_ROLE,
    FilmRow,
    FilmState,
    time_words,
)

ROW_HEIGHT = 76
_PICTURE = QSize(42, 54)
_MARK = 18
_WHO = 62


def pill_colours(theme: Theme, state: FilmState) -> tuple[QColor, QColor]:
    """Return (text, ground) of a state's pill."""
    text, ground = {
        FilmState.NEW: ("text_2", "raised"),
        FilmState.DETECTING: ("refined_text", "refined_surface"),
        FilmState.REVIEW: ("attention_text", "attention_surface"),
        FilmState.DONE: ("human_text", "human_surface"),
        FilmState.UNREADABLE: ("danger", "danger_surface"),
    }[state]
    return theme.colour(text), theme.colour(ground)


def as_seen(picture: QPixmap, turn: Turn) -> QPixmap:
    """Return a small picture of a film as the film is shown."""
    if not turn:
        return picture
    image = picture.toImage()
    if turn.negative:
        image.invertPixels()
    placed = QTransform().rotate(90 * turn.quarters).scale(-1 if turn.mirrored else 1, 1)
    return QPixmap.fromImage(image.transformed(placed))


def _name_within(name: str, folder: str, metrics: QFontMetricsF, room: float) -> str:
    """Return a name, after what tells its folder apart, cut to the room; the folder first."""
    middle = Qt.TextElideMode.ElideMiddle
    if not folder:
        return metrics.elidedText(name, middle, room)
    for_folder = max(room / 2, room - metrics.horizontalAdvance(f"/{name}"))
    said = f"{metrics.elidedText(folder, middle, for_folder)}/"
    return said + metrics.elidedText(name, middle, room - metrics.horizontalAdvance(said))


class FilmDelegate(QStyledItemDelegate):
    """Draws a row; every row has the same height, so that long lists stay quick."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(scaled(120), scaled(ROW_HEIGHT))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row: FilmRow = index.data(ROW_ROLE)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(option.rect).adjusted(2.5, 1.5, -2.5, -2.5)
        is_open = bool(index.data(OPEN_ROLE))
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_under_mouse = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_selected or is_under_mouse:
            painter.setPen(QPen(QColor(theme.line_strong), 1) if is_open else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised if is_selected else theme.surface_2))
            painter.drawRoundedRect(area, 8, 8)
        if is_open:
            # The film on the screen, whichever is selected.
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.refined))
            painter.drawRoundedRect(
                QRectF(area.left(), area.top() + 8, 3, area.height() - 16), 1.5, 1.5
            )
        wide, high = scaled(_PICTURE.width()), scaled(_PICTURE.height())
        picture = QRectF(area.left() + 7, area.center().y() - high / 2, wide, high)
        shown = index.data(Qt.ItemDataRole.DecorationRole)
        self._paint_picture(painter, picture, shown, row.turn)
        left = picture.right() + 10
        end = area.right() - 8
        details = QRectF(left, area.top() + scaled(50), end - left, scaled(18))
        if row.at_work:
            end -= self._paint_who(painter, end, area.top() + scaled(5), row) + 6
        if row.warning:
            side = scaled(_MARK)
            mark = QRect(round(end) - side, round(area.top()) + scaled(15) - side // 2, side, side)
            icon("attention", theme, "danger").paint(painter, mark)
            end = mark.left() - 4
        font = QFont(option.font)
        if is_open:
            font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(theme.text_1))
        name = _name_within(row.name, index.data(FOLDER_ROLE), metrics, end - left)
        painter.drawText(
            QRectF(left, area.top() + scaled(5), end - left, scaled(20)),
            int(Qt.AlignmentFlag.AlignVCenter),
            name,
        )
        self._paint_pill(painter, left, area.top() + scaled(27), row)
        self._paint_details(painter, details, row)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, at: QRectF, picture: QPixmap | None, turn: Turn
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.film))
        painter.drawRoundedRect(at, 4, 4)
        if isinstance(picture, QPixmap) and not picture.isNull():
            picture = as_seen(picture, turn)
            scale = min(at.width() / picture.width(), at.height() / picture.height())
            size = (picture.width() * scale, picture.height() * scale)
            target = QRectF(at.center().x() - size[0] / 2, at.center().y() - size[1] / 2, *size)
            painter.drawPixmap(target, picture, QRectF(picture.rect()))

    def _paint_who(self, painter: QPainter, right: float, top: float, row: FilmRow) -> float:
        """Write who else is at work on the film, outlined; return the width that takes."""
        font = theme_font(12)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        name = metrics.elidedText(row.at_work, Qt.TextElideMode.ElideRight, scaled(_WHO))
        wide = metrics.horizontalAdvance(name) + 14
        pill = QRectF(right - wide, top, wide, scaled(20))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.attention_text), 1))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), name)
        return wide

    def _paint_pill(self, painter: QPainter, left: float, top: float, row: FilmRow) -> None:
        font = theme_font(12)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        state = FilmState.UNREADABLE if row.has_failed else row.state
        colour, ground = pill_colours(self._theme, state)
        word = row.label
        high = scaled(20)
        pill = QRectF(left, top, metrics.horizontalAdvance(word) + 16, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setPen(colour)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), word)
        left = pill.right() + 8
        if row.state is FilmState.REVIEW:
            text = f"{row.checked} / {row.total}"
            self._paint_beside(painter, left, top, text)
            left += metrics.horizontalAdvance(text) + 10
        if row.unsure and row.state in (FilmState.REVIEW, FilmState.DONE):
            # Its word stands in the tip: there is no room for it beside a scroll bar.
            mark = QPointF(left + 5, top + high / 2 + 1)
            paint_glyph(painter, mark, State.UNSURE, self._theme, 4)
            self._paint_beside(painter, left + 14, top, str(row.unsure))

    def _paint_details(self, painter: QPainter, area: QRectF, row: FilmRow) -> None:
        """Write the worst uncertainty left and the time spent, or why the film failed."""
        theme, metrics = self._theme, QFontMetricsF(painter.font())
        if row.has_failed:
            painter.setPen(QColor(theme.text_3))
            reason = row.sentence or row.failure
            text = metrics.elidedText(reason, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)
            return
        if row.is_skipped:
            painter.setPen(QColor(theme.text_2))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), "skipped")
            area.setLeft(area.left() + metrics.horizontalAdvance("skipped") + 10)
        if row.worst is not None:
            is_high = row.urgency >= 1
            painter.setPen(QColor(theme.attention_text if is_high else theme.text_3))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), f"\u00b1{row.worst}")
        if row.seconds >= 1:
            painter.setPen(QColor(theme.text_3))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(area, int(flags), time_words(row.seconds))

    def _paint_beside(self, painter: QPainter, left: float, top: float, text: str) -> None:
        painter.setPen(QColor(self._theme.text_3))
        area = QRectF(left, top, scaled(90), scaled(20))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)

"""The table of points: a Qt model of rows and the delegate that draws them."""

from math import ceil
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cephview.core.tracing import State
from cephview.ui.canvas.marks import triangle
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.look.theme import font as theme_font
from cephview.ui.rows.point_rows import PointRow

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 26
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
GLYPH, SYMBOL, NAME, UNCERTAINTY, STATE = range(5)
WIDTHS = {GLYPH: 20, SYMBOL: 31, UNCERTAINTY: 62, STATE: 62}
_BAR = 24


class PointTableModel(QAbstractTableModel):
    """Rows of points, in the order given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PointRow, ...] = ()
        self._unit = "mm"

    @property
    def rows(self) -> tuple[PointRow, ...]:
        return self._rows

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", "", "Landmark", f"\u00b1 {self._unit}", "State")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in (UNCERTAINTY, STATE)
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            what = "One standard deviation of the model's point, as the model predicts it. "
            return f"{what if section == UNCERTAINTY else ''}Click to put first what asks for eyes"
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            number = row.uncertainty.number if row.uncertainty is not None else ""
            return ("", row.landmark, row.name, number, row.words)[index.column()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            sigma = "" if row.uncertainty is None else f", \u00b1{row.uncertainty}"
            return f"{row.landmark}, {row.name}: {row.words}{sigma}"
        return None

    def set_rows(self, rows: tuple[PointRow, ...], unit: str) -> None:
        """Show these rows; one signal for all when the order stays, a reset when it changes."""
        is_same_order = unit == self._unit and [r.landmark for r in rows] == [
            r.landmark for r in self._rows
        ]
        if is_same_order:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, STATE))
            return
        self.beginResetModel()
        self._rows, self._unit = rows, unit
        self.endResetModel()

    def row_of(self, landmark: str) -> int:
        """Return the place of a landmark in the table, -1 where it is not."""
        for n, row in enumerate(self._rows):
            if row.landmark == landmark:
                return n
        return -1

    def landmark_at(self, row: int) -> str:
        return self._rows[row].landmark if 0 <= row < len(self._rows) else ""

    def state_width(self) -> int:
        """Return the width that the states take as they stand: names have the rest."""
        metrics = QFontMetricsF(theme_font(12))
        widest = max((metrics.horizontalAdvance(row.words) for row in self._rows), default=0.0)
        return max(scaled(WIDTHS[STATE]), ceil(widest) + 5)


def paint_glyph(
    painter: QPainter, centre: QPointF, state: State, theme: Theme, radius: float = 4.5
) -> None:
    """Draw a state by shape and colour.

    Circle: the model's; diamond: a human's; triangle: unsure; ring: missing; cross: not visible.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state in (State.MOVED, State.CONFIRMED):
        painter.setPen(QPen(QColor(theme.human_text), 1.4))
        is_filled = state is State.CONFIRMED
        painter.setBrush(QColor(theme.human) if is_filled else Qt.BrushStyle.NoBrush)
        x, y, r = centre.x(), centre.y(), radius + 0.5
        corners = [QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r), QPointF(x - r, y)]
        painter.drawPolygon(QPolygonF(corners))
    elif state is State.UNSURE:
        painter.setPen(QPen(QColor(theme.attention_text), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(triangle(centre, radius + 1))
    elif state is State.MODEL:
        painter.setPen(QPen(QColor(theme.refined_text), 1.0))
        painter.setBrush(QColor(theme.refined))
        painter.drawEllipse(centre, radius - 0.5, radius - 0.5)
    elif state is State.NOT_VISIBLE:
        painter.setPen(QPen(QColor(theme.text_3), 1.6))
        offset = QPointF(radius - 1, radius - 1)
        other = QPointF(offset.x(), -offset.y())
        painter.drawLine(centre - offset, centre + offset)
        painter.drawLine(centre - other, centre + other)
    else:
        painter.setPen(QPen(QColor(theme.text_3), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius - 0.5, radius - 0.5)


class PointDelegate(QStyledItemDelegate):
    """Draws the cells; the chosen row carries an outline in the attention colour."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(scaled(WIDTHS.get(index.column(), 90)), scaled(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PointRow = index.data(ROW_ROLE)
        theme = self._theme
        area = QRectF(option.rect)
        painter.save()
        self._paint_ground(painter, option, index, area)
        column = index.column()
        font = QFont(option.font)
        if column == GLYPH:
            paint_glyph(painter, area.center(), row.state, theme)
        elif column == SYMBOL:
            font.setWeight(QFont.Weight.DemiBold)
            self._text(painter, font, theme.text_1, area, row.landmark)
        elif column == NAME:
            short = row.name.partition(" (")[0]
            ink = theme.text_2
            self._text(painter, theme_font(12), ink, area.adjusted(6, 0, 0, 0), short)
        elif column == UNCERTAINTY:
            self._paint_uncertainty(painter, font, area, row)
        else:
            font = theme_font(12)
            inks = {
                State.MOVED: theme.human_text,
                State.CONFIRMED: theme.human_text,
                State.UNSURE: theme.attention_text,
            }
            colour = inks.get(row.state, theme.text_3)
            self._text(painter, font, colour, area.adjusted(0, 0, -4, 0), row.words, right=True)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, area: QRectF
    ) -> None:
        theme = self._theme
        if option.state & QStyle.StateFlag.State_Selected:
            ground = QColor(theme.attention)
            ground.setAlphaF(0.14)
            painter.fillRect(area, ground)
            line = QColor(theme.attention)
            line.setAlphaF(0.55)
            painter.setPen(QPen(line, 1))
            inner = area.adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawLine(inner.topLeft(), inner.topRight())
            painter.drawLine(inner.bottomLeft(), inner.bottomRight())
            if index.column() == GLYPH:
                painter.drawLine(inner.topLeft(), inner.bottomLeft())
            if index.column() == STATE:
                painter.drawLine(inner.topRight(), inner.bottomRight())
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.surface_2))

    def _paint_uncertainty(
        self, painter: QPainter, font: QFont, area: QRectF, row: PointRow
    ) -> None:
        if row.uncertainty is None:
            return
        theme = self._theme
        track = QRectF(area.left() + 2, area.center().y() - 2, _BAR, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line_strong))
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(QColor(theme.attention if row.is_high else theme.text_3))
        track.setWidth(max(4.0, track.width() * row.share))
        painter.drawRoundedRect(track, 2, 2)
        colour = theme.attention_text if row.is_high else theme.text_2
        self._text(
            painter,
            font,
            colour,
            area.adjusted(_BAR + 4, 0, -4, 0),
            row.uncertainty.number,
            right=True,
        )

    @staticmethod
    def _text(
        painter: QPainter, font: QFont, colour: str, area: QRectF, text: str, right: bool = False
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)

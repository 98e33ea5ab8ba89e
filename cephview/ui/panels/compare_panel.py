"""The Compare panel: two readings of the open film point by point, and what is decided."""

from PySide6.QtCore import QModelIndex, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cephview.core.agreement import ADJUDICATE_MM, REVIEW_MM, Verdict
from cephview.core.comparison import Pair
from cephview.core.reading import Reading
from cephview.ui.actions.book import ActionBook
from cephview.ui.canvas.reader_marks import paint_first, paint_second
from cephview.ui.editing.comparing import Comparing
from cephview.ui.editor import Editor
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.panels.point_table import ROW_HEIGHT
from cephview.ui.rows.point_rows import Length

_HEAD = ("Point", "Apart", "Verdict", "Decided")
_WIDTHS = (54, 66, 84)
_BUTTONS = ("take-first", "take-second", "take-mean", "place-anew")
_NO_SCALE = "There is no trusted scale, so distances are in pixels and there are no verdicts."
_RULE = f"Up to {REVIEW_MM:.0f} mm agree, up to {ADJUDICATE_MM:.0f} mm review, beyond adjudicate."
_NOT_READ = "{} and {} have no point of this film in common."
_MARK_PX = 16


class ComparePanel(QWidget):
    """Reads all from Comparing, decides through it alone."""

    row_chosen = Signal(str)

    def __init__(
        self, comparing: Comparing, editor: Editor, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._comparing = comparing
        self._editor = editor
        self._theme = theme
        self._is_filling = False
        self.second = QComboBox()
        self.second.setAccessibleName("The reading to compare with the first")
        self.second.activated.connect(self._second_chosen)
        self.summary = _label("heading")
        self.hint = _label("hint")
        self.missing = _label("hint")
        self.table = self._make_table()
        self.buttons: dict[str, QPushButton] = {}
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(12, 12, 12, 12)
        self.layout_.setSpacing(8)
        for widget in (self.second, self.summary, self.hint):
            self.layout_.addWidget(widget)
        self.layout_.addWidget(self.table, 1)
        self.layout_.addWidget(self.missing)
        comparing.changed.connect(self.refresh)
        editor.selection_changed.connect(self._show_selection)

    def serve(self, book: ActionBook) -> None:
        """Give the panel its buttons, which do what actions of the table do."""
        grid = QGridLayout()
        grid.setSpacing(8)
        for n, name in enumerate((*_BUTTONS, "agreement", "compare-readers")):
            button, action = QPushButton(), book[name]
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
            button.setText(action.iconText())
            button.setIconSize(QSize(_MARK_PX, _MARK_PX))
            self.buttons[name] = button
            grid.addWidget(button, n // 2, n % 2)
        self.buttons["agreement"].setText("Agreement\u2026")
        self.buttons["compare-readers"].setText("Back")
        self.layout_.addLayout(grid)
        self.theme_changed()
        self.refresh()

    def offer(self, readings: tuple[Reading, ...]) -> None:
        """Say which readings can be set beside the first."""
        self.second.clear()
        for reading in readings:
            self.second.addItem(f"first reading and {reading.label}", reading)
        now = [n for n, reading in enumerate(readings) if reading == self._comparing.second]
        self.second.setCurrentIndex(now[0] if now else -1)

    def theme_changed(self) -> None:
        for name, paint in (("take-first", paint_first), ("take-second", paint_second)):
            if name in self.buttons:
                self.buttons[name].setIcon(_mark_icon(paint, self._theme))
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Read what is compared again."""
        compared = self._comparing.compared
        found = compared.pairs if compared is not None else ()
        verdicts = [pair.verdict for pair in found]
        self._is_filling = True
        self.table.setRowCount(len(found))
        for row, pair in enumerate(found):
            self._fill(row, pair)
        self._is_filling = False
        is_scaled = all(verdict is not None for verdict in verdicts)
        if (head := self.table.horizontalHeaderItem(1)) is not None:
            head.setText("mm apart" if is_scaled else "px apart")
        self.hint.setText(_RULE if is_scaled else _NO_SCALE)
        self.hint.setVisible(bool(found))
        counts = [f"{verdicts.count(v)} {v}" for v in Verdict]
        self.summary.setText(" \u00b7 ".join(counts) if is_scaled else f"{len(found)} points")
        if compared is not None and not found:
            self.summary.setText(_NOT_READ.format(compared.first.capitalize(), compared.second))
        alone = []
        if compared is not None:
            if compared.only_first:
                alone.append(f"Only {compared.first}: {', '.join(compared.only_first)}.")
            if compared.only_second:
                alone.append(f"Only {compared.second}: {', '.join(compared.only_second)}.")
            if "take-second" in self.buttons:
                self.buttons["take-second"].setText(_taken_from(compared.second))
        self.missing.setText("\n".join(alone))
        self.missing.setVisible(bool(alone))
        self._show_selection()

    def _fill(self, row: int, pair: Pair) -> None:
        theme, verdict = self._theme, pair.verdict
        colour = {
            Verdict.REVIEW: theme.attention_text,
            Verdict.ADJUDICATE: theme.danger,
            Verdict.AGREE: theme.human_text,
        }
        length = (
            Length(pair.distance_px, "px")
            if pair.distance_mm is None
            else Length(pair.distance_mm, "mm")
        )
        cells = (
            (pair.landmark, theme.text_1),
            (length.number, theme.text_1),
            (str(verdict or ""), theme.text_2 if verdict is None else colour[verdict]),
            (self._comparing.decision(pair.landmark), theme.human_text),
        )
        for column, (text, ink) in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setForeground(QColor(ink))
            item.setToolTip(text)
            if column == 1:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)

    def _show_selection(self, *_: object) -> None:
        compared, chosen = self._comparing.compared, self._editor.selection
        rows = [] if compared is None else [pair.landmark for pair in compared.pairs]
        was = self.table.blockSignals(True)
        if chosen in rows:
            self.table.selectRow(rows.index(chosen))
        else:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        self.table.blockSignals(was)

    def _chosen(self) -> None:
        compared, row = self._comparing.compared, self.table.currentRow()
        if not self._is_filling and compared is not None and 0 <= row < len(compared.pairs):
            self.row_chosen.emit(compared.pairs[row].landmark)

    def _second_chosen(self, index: int) -> None:
        self._comparing.beside(self.second.itemData(index))

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_HEAD))
        table.setHorizontalHeaderLabels(list(_HEAD))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setFrameShape(QTableWidget.Shape.NoFrame)
        table.setShowGrid(False)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Points of both readings")
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(scaled(ROW_HEIGHT))
        table.verticalHeader().setDefaultSectionSize(scaled(ROW_HEIGHT))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, scaled(width))
        header.setSectionResizeMode(len(_WIDTHS), QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._chosen)
        return table


def _taken_from(name: str) -> str:
    short = name if len(name) <= 10 else f"{name[:9]}\u2026"
    return f"Take {short}"


def _mark_icon(paint: object, theme: Theme) -> QIcon:
    made = QIcon()
    for dpr in (1.0, 2.0, 3.0):
        pixmap = QPixmap(round(_MARK_PX * dpr), round(_MARK_PX * dpr))
        pixmap.setDevicePixelRatio(dpr)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, QPointF(_MARK_PX / 2, _MARK_PX / 2), theme, 5.0)  # type: ignore[operator]
        painter.end()
        made.addPixmap(pixmap)
    return made


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label

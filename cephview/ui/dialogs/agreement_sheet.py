"""How far two readers agree over the workspace: a table by landmark, and a plot of the chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cephview.core.comparison import Study
from cephview.core.reading import FIRST, Reading
from cephview.ui.dialogs.cover import Sheet
from cephview.ui.look.theme import Theme, scaled

if TYPE_CHECKING:
    from cephview.ui.panels.agreement_plot import AgreementPlot

_SIZE = QSize(1200, 660)
_MARGIN = 32
_HEAD = (
    ("", "", "Landmark"),
    ("Films", "films", "Films that both read"),
    ("Apart", "distance_mean_mm", "Mean distance, mm"),
    ("SD", "distance_sd_mm", "Standard deviation of the distance, mm"),
    ("x", "x_mean_mm", "Mean difference to the right, mm"),
    ("SD x", "x_sd_mm", "Standard deviation of the difference to the right, mm"),
    ("y", "y_mean_mm", "Mean difference down, mm"),
    ("SD y", "y_sd_mm", "Standard deviation of the difference down, mm"),
    ("Dahlberg", "dahlberg_mm", "Dahlberg's error of the distances, mm"),
    ("ICC x", "icc_x", "ICC(2,1) to the right, from sella"),
    ("ICC y", "icc_y", "ICC(2,1) down, from sella"),
    ("agree", "agree", "Films within 2 mm"),
    ("review", "review", "Films from 2 to 4 mm"),
    ("adjud.", "adjudicate", "Films over 4 mm: adjudicate"),
)
_DAHLBERG = 8
_VERDICTS = ("agree", "review", "adjudicate")
_NOTHING = "No film has points of both readers yet that they placed or confirmed."
_LEGEND = "Line: mean difference; dashed: 95 % limits of agreement (Bland-Altman). A dot is a film."


class AgreementSheet(Sheet):
    """Shows a Study; export_wanted asks for it as a file."""

    export_wanted = Signal()

    def __init__(self, study_of: Callable[[Reading], Study], theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._study_of = study_of
        self.study: Study | None = None
        self._plot: AgreementPlot | None = None
        self.second = QComboBox()
        self.second.setAccessibleName("The reading to compare with the first")
        self.second.activated.connect(lambda _: self._read())
        self.said = _label("hint")
        self.table = self._make_table()
        self.axes = [QPushButton(text) for text in ("x, to the right", "y, down")]
        self.export = QPushButton("Export CSV\u2026")
        self.export.setProperty("kind", "primary")
        self.export.clicked.connect(self.export_wanted)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.put_away)
        self._side = QVBoxLayout()
        self._lay_out()

    @property
    def reading(self) -> Reading:
        """Return the reading set beside the first."""
        found: Reading = self.second.currentData()
        return found

    def show_readings(self, readings: tuple[Reading, ...], chosen: Reading | None) -> None:
        """Show the agreement of the first reading with one of these."""
        self.second.clear()
        for reading in readings:
            self.second.addItem(f"{reading.label} against the {FIRST.label}", reading)
        if chosen in readings:
            self.second.setCurrentIndex(readings.index(chosen))
        self._fit()
        self._read()
        self.lay_over(self.table)

    def write(self, path: Path) -> str:
        """Write the table; return what to say of it. Raises FormatError."""
        from cephview.formats.agreement_csv import write_agreement_csv

        assert self.study is not None
        count = write_agreement_csv(path, self.study, FIRST.label, self.reading.label)
        return f"Wrote {path.name}: {count} landmarks on {self.study.films} films."

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _fit(self) -> None:
        room = self.covered.size() - QSize(_MARGIN, _MARGIN)
        self.card.setFixedSize(_SIZE.boundedTo(room))

    def _read(self) -> None:
        from cephview.formats.agreement_csv import agreement_rows, in_unit, summary

        self.study = found = self._study_of(self.reading)
        rows = agreement_rows(found, FIRST.label, self.reading.label)
        self.table.setRowCount(len(rows))
        for n, row in enumerate(rows):
            keys = [in_unit(key, found.unit) for _, key, _ in _HEAD[1:]]
            texts = [row["landmark"], *(row[key] for key in keys)]
            for column, text in enumerate(texts):
                is_decimal = "." in text and column > 0
                item = QTableWidgetItem(f"{float(text):.2f}" if is_decimal else text)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(n, column, item)
        if not rows:
            self.said.setText(_NOTHING)
        else:
            self.said.setText(" ".join(summary(found, FIRST.label, self.reading.label)))
        for column, (_, key, tip) in enumerate(_HEAD):
            head = self.table.horizontalHeaderItem(column)
            assert head is not None
            head.setToolTip(tip.replace(", mm", f", {found.unit}"))
            # Without lengths there is no verdict on them.
            self.table.setColumnHidden(column, found.unit == "px" and key in _VERDICTS)
        self.export.setEnabled(bool(rows))
        self.table.selectRow(0)
        self._show_plot()

    def _show_plot(self, *_: object) -> None:
        if self._plot is None:
            # Imported here: it costs a good part of the window's first second.
            from cephview.ui.panels.agreement_plot import AgreementPlot

            self._plot = AgreementPlot(self._theme)
            self._side.insertWidget(1, self._plot, 1)
        row = self.table.currentRow()
        landmarks = self.study.landmarks if self.study is not None else ()
        chosen = landmarks[row] if 0 <= row < len(landmarks) else None
        unit = "mm" if self.study is None else self.study.unit
        self._plot.show_landmark(chosen, 1 if self.axes[1].isChecked() else 0, unit)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_HEAD))
        for column, (title, _, tip) in enumerate(_HEAD):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(column, item)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setFrameShape(QTableWidget.Shape.NoFrame)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Agreement by landmark")
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(scaled(24))
        table.verticalHeader().setDefaultSectionSize(scaled(24))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_DAHLBERG, QHeaderView.ResizeMode.ResizeToContents)
        # Fourteen columns have no room for the air of other tables.
        table.setStyleSheet(
            "QTableView::item { padding: 0 1px; } QHeaderView::section { padding: 4px 3px; }"
        )
        table.itemSelectionChanged.connect(self._show_plot)
        return table

    def _lay_out(self) -> None:
        self.rows.setContentsMargins(24, 18, 24, 18)
        self.rows.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(_label("title", "Agreement of readers"))
        head.addStretch(1)
        head.addWidget(self.second)
        self.rows.addLayout(head)
        self.rows.addWidget(self.said)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.table, 7)
        axes = QHBoxLayout()
        axes.setSpacing(4)
        group = QButtonGroup(self)
        for button in self.axes:
            button.setCheckable(True)
            button.setProperty("kind", "ghost")
            button.clicked.connect(self._show_plot)
            group.addButton(button)
            axes.addWidget(button)
        axes.addStretch(1)
        self.axes[0].setChecked(True)
        self._side.addLayout(axes)
        self._side.addWidget(_label("hint", _LEGEND))
        middle.addLayout(self._side, 4)
        self.rows.addLayout(middle, 1)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self.export)
        ends.addWidget(self.close_button)
        self.rows.addLayout(ends)


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(role == "hint")
    label.setProperty("role", role)
    return label

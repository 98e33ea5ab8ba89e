"""The Points panel: the chosen point on a card, all points below, what needs eyes first."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cephview.core.scale_check import scale_to_judge_by
from cephview.core.tracing import State
from cephview.ui.editor import Editor
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.panels.point_card import PointCard
from cephview.ui.panels.point_table import (
    NAME,
    ROW_HEIGHT,
    STATE,
    WIDTHS,
    PointDelegate,
    PointTableModel,
)
from cephview.ui.rows.point_rows import (
    PointRow,
    doubtfulness,
    point_rows,
)


class PointsPanel(QWidget):
    """Reads everything from the editor, edits through it alone."""

    point_chosen = Signal(str)
    closer_look_wanted = Signal(str)
    place_wanted = Signal()

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._is_detecting = False
        self.card = PointCard(theme)
        self.model = PointTableModel(self)
        self.table = self._make_table(theme)
        self.confirm_all = QPushButton()
        self.confirm_all.setProperty("kind", "confirm")
        self.confirm_all.setToolTip("Say that you looked at every point that is left")
        self.confirm_all.setFocusPolicy(Qt.FocusPolicy.TabFocus)

        self._filler = QWidget()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addWidget(self.card)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._filler, 1)
        layout.addWidget(self.confirm_all)

        self.card.confirm_wanted.connect(self.confirm)
        self.card.revert_wanted.connect(self.revert)
        self.card.not_visible_wanted.connect(self.mark_not_visible)
        self.card.unsure_wanted.connect(self.toggle_unsure)
        self.card.look_wanted.connect(self._look)
        self.card.place_wanted.connect(self.place_wanted)
        self.confirm_all.clicked.connect(lambda: editor.confirm_all())
        editor.changed.connect(self.refresh)
        editor.landmarks_changed.connect(self.refresh)
        editor.review.changed.connect(self.refresh)
        editor.film_changed.connect(self._show_film)
        editor.selection_changed.connect(self._show_selection)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.clicked.connect(self._clicked)
        self.table.doubleClicked.connect(self._double_clicked)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Read the tracing again."""
        editor = self._editor
        walk, film = editor.review.walk, editor.film
        has_film = film is not None and walk is not None
        rows: tuple[PointRow, ...] = ()
        left = 0
        if film is not None and walk is not None:
            rows = point_rows(walk, editor.landmarks, editor.pixel_size, film.height)
            left = len(walk.to_check())
        self.model.set_rows(rows, "mm" if editor.pixel_size.is_trusted else "px")
        self.table.setColumnWidth(STATE, self.model.state_width())
        self.confirm_all.setEnabled(left > 0)
        is_done = bool(rows) and all(row.is_checked for row in rows)
        self.confirm_all.setText(_confirm_all_text(left, self._left_to_place(), is_done=is_done))
        self.table.setVisible(has_film)
        self._filler.setVisible(not has_film)
        self.confirm_all.setVisible(has_film)
        self._show_selection()

    def _show_film(self, *_: object) -> None:
        self.refresh()
        self.table.scrollToTop()

    def show_detecting(self, is_on: bool) -> None:
        """Say while there are no points that the model is at work on them, or no longer."""
        self._is_detecting = is_on
        self._show_selection()

    def show_guide(self, is_on: bool) -> None:
        """Show with each landmark where it lies on a head, while points are being placed."""
        self.card.set_guiding(is_on)
        self._show_selection()

    def set_menu(self, actions: list[QAction]) -> None:
        """Offer these actions on a row by the other mouse button."""
        self.table.addActions(actions)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _show_selection(self, *_: object) -> None:
        editor = self._editor
        chosen = editor.selection
        row = self.model.row_of(chosen) if chosen else -1
        selection = self.table.selectionModel()
        was_blocked = selection.blockSignals(True)
        if row < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, NAME))
        selection.blockSignals(was_blocked)
        self.table.viewport().update()
        walk = editor.review.walk
        if editor.film is None or editor.tracing is None or walk is None:
            self.card.show_no_film()
            return
        if row < 0:
            self.card.show_film(
                len(walk.to_check()),
                walk.next_to_check(""),
                self._left_to_place(),
                is_done=all(row.is_checked for row in self.model.rows),
                is_detecting=self._is_detecting,
            )
            return
        point, size, height = editor.tracing[chosen], editor.pixel_size, editor.film.height
        doubt = doubtfulness(point, scale_to_judge_by(editor.tracing, size), height)
        landmarks = editor.landmarks
        origin = f"{landmarks.source_of(chosen)}. {landmarks.convention_of(chosen)}"
        self.card.show_point(landmarks[chosen], point, size, origin, is_doubtful=doubt >= 1)

    def _left_to_place(self) -> tuple[str, ...]:
        """Return the landmarks without a point, where others of the open film have one."""
        tracing = self._editor.tracing or ()
        missing = tuple(point.landmark for point in tracing if point.state is State.MISSING)
        return missing if len(missing) < len(tracing) else ()

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        landmark = self.model.landmark_at(current.row()) if current.isValid() else ""
        if landmark and landmark != self._editor.selection:
            self._editor.select(landmark)

    def _clicked(self, index: QModelIndex) -> None:
        landmark = self.model.landmark_at(index.row())
        if landmark:
            self._editor.select(landmark)
            self.point_chosen.emit(landmark)

    def _double_clicked(self, index: QModelIndex) -> None:
        self.closer_look_wanted.emit(self.model.landmark_at(index.row()))

    def _look(self) -> None:
        landmark = self._editor.review.next_to_check("")
        if landmark:
            self._editor.select(landmark)
            self.point_chosen.emit(landmark)

    def confirm(self) -> None:
        """Confirm the chosen point."""
        self._editor.confirm(self._editor.selection)

    def revert(self) -> None:
        """Go back to the model's point."""
        self._editor.revert(self._editor.selection)

    def toggle_lock(self) -> None:
        """Lock the chosen point, or unlock it."""
        self._editor.toggle_lock(self._editor.selection)

    def mark_not_visible(self) -> None:
        """Say that the chosen landmark cannot be seen."""
        self._editor.mark_not_visible(self._editor.selection)

    def toggle_unsure(self) -> None:
        """Say that the chosen point is doubted, or no longer."""
        self._editor.toggle_unsure(self._editor.selection)

    def _make_table(self, theme: Theme) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegate(PointDelegate(theme, table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setShowGrid(False)
        table.setMouseTracking(True)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Points")
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(scaled(ROW_HEIGHT))
        table.verticalHeader().setDefaultSectionSize(scaled(ROW_HEIGHT))
        header = table.horizontalHeader()
        header.setMinimumSectionSize(20)
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._editor.review.sort)
        header.setFixedHeight(scaled(24))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, width in WIDTHS.items():
            table.setColumnWidth(column, scaled(width))
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        return table


def _confirm_all_text(left: int, missing: tuple[str, ...], *, is_done: bool) -> str:
    if left:
        return f"Confirm the remaining {left}" if left > 1 else "Confirm the last one"
    if missing:
        one = len(missing) == 1
        return f"{missing[0]} is not placed" if one else f"{len(missing)} points are not placed"
    return "All points are checked" if is_done else "Nothing to confirm yet"

"""The dialog that shows what is in the bin of a workspace."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cephview.ui.look.theme import scaled

if TYPE_CHECKING:
    from cephview.store import FilmRecord

_SIZE = 460, 380


class BinDialog(QDialog):
    """A list of films, what came last first; any number of them can be chosen."""

    def __init__(self, records: "Sequence[FilmRecord]", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Bin of the workspace")
        self.list = QListWidget()
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for record in records:
            item = QListWidgetItem(row_text(record))
            item.setData(Qt.ItemDataRole.UserRole, record.sha256)
            item.setToolTip(str(record.path))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        said = QLabel("Films that were taken out of the workspace, with their points.")
        said.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        put_back = buttons.addButton("Put back", QDialogButtonBox.ButtonRole.AcceptRole)
        put_back.setProperty("kind", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(said)
        rows.addWidget(self.list)
        rows.addWidget(buttons)
        self.resize(scaled(_SIZE[0]), scaled(_SIZE[1]))

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the SHA-256 of the films that are selected."""
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems())


def row_text(record: "FilmRecord") -> str:
    """Return which film it is, how far it was traced, and when it was put in the bin."""
    points = "1 point" if record.placed == 1 else f"{record.placed} points"
    return f"{record.name}    {points}, {record.binned_at[:10]}"


def ask_from_bin(parent: QWidget, records: "Sequence[FilmRecord]") -> tuple[str, ...]:
    """Ask which films to put back; none where the user thought better of it."""
    dialog = BinDialog(records, parent)
    chosen = dialog.chosen if dialog.exec() else ()
    dialog.deleteLater()
    return chosen

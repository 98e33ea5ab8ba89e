"""The dialog that asks which backup to put back."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
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
    from cephview.store.backups import Backup

_SIZE = 460, 380


class BackupsDialog(QDialog):
    """A list of backups, newest first."""

    def __init__(self, backups: "tuple[Backup, ...]", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Restore")
        self.list = QListWidget()
        for backup in backups:
            item = QListWidgetItem(row_text(backup))
            item.setData(Qt.ItemDataRole.UserRole, backup)
            item.setToolTip(str(backup.path))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        said = QLabel(
            "The workspace becomes what it was in the backup you choose. "
            "What is there now is backed up first."
        )
        said.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        restore = buttons.addButton("Restore", QDialogButtonBox.ButtonRole.AcceptRole)
        restore.setProperty("kind", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(said)
        rows.addWidget(self.list)
        rows.addWidget(buttons)
        self.resize(scaled(_SIZE[0]), scaled(_SIZE[1]))

    @property
    def chosen(self) -> "Backup | None":
        item = self.list.currentItem()
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)


def row_text(backup: "Backup") -> str:
    """Return when a backup was made and what it holds."""
    films = "1 film" if backup.films == 1 else f"{backup.films} films"
    steps = "1 step" if backup.steps == 1 else f"{backup.steps} steps"
    made = backup.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{made}    {films}, {steps}"


def ask_backup(parent: QWidget, backups: "tuple[Backup, ...]") -> "Backup | None":
    """Ask for a backup; None where the user thought better of it."""
    dialog = BackupsDialog(backups, parent)
    chosen = dialog.chosen if dialog.exec() else None
    dialog.deleteLater()
    return chosen

"""A dialog with a list to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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

_SIZE = 460, 380


@dataclass(frozen=True)
class Choice:
    """A row of the list: its words, its tool tip, and what it stands for."""

    text: str
    tip: str
    value: Any


class ChoiceDialog(QDialog):
    """A list under a few words; the first row is chosen at first."""

    def __init__(
        self,
        title: str,
        said: str,
        choices: Iterable[Choice],
        button: str,
        parent: QWidget,
        *,
        takes_many: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.list = QListWidget()
        if takes_many:
            self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for choice in choices:
            item = QListWidgetItem(choice.text)
            item.setData(Qt.ItemDataRole.UserRole, choice.value)
            item.setToolTip(choice.tip)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        words = QLabel(said)
        words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        accepting = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        accepting.setProperty("kind", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(words)
        rows.addWidget(self.list)
        rows.addWidget(buttons)
        self.resize(scaled(_SIZE[0]), scaled(_SIZE[1]))

    @property
    def chosen(self) -> tuple[Any, ...]:
        """Return what the selected rows stand for."""
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems())

    def ask(self) -> tuple[Any, ...]:
        """Wait for the user; return what was chosen, nothing where they thought better of it."""
        chosen = self.chosen if self.exec() else ()
        self.deleteLater()
        return chosen

"""The films that could not be detected, each with the reason."""

from PySide6.QtCore import QStringListModel, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QWidget,
)

from cephview.ui.detection.batch import Failure
from cephview.ui.dialogs.cover import Sheet
from cephview.ui.look.theme import Theme, scaled


class FailureSheet(Sheet):
    """A list over the window; again_wanted asks for another try of them all."""

    again_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.rows.setContentsMargins(24, 20, 24, 20)
        self.rows.setSpacing(12)
        self._title = QLabel()
        self._title.setProperty("role", "title")
        self.rows.addWidget(self._title)
        self._lines = QStringListModel(self)
        self.list = QListView()
        self.list.setModel(self._lines)
        self.list.setWordWrap(True)
        self.list.setSpacing(4)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName("Films that could not be detected")
        self.rows.addWidget(self.list)
        self.again = QPushButton("Try them again")
        self.again.clicked.connect(self._again)
        close = QPushButton("Close")
        close.clicked.connect(self.put_away)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.again)
        self.rows.addLayout(buttons)

    def open(self, failures: tuple[Failure, ...], *, can_try_again: bool) -> None:
        """Show these films."""
        counted = "1 film" if len(failures) == 1 else f"{len(failures):,} films"
        self._title.setText(f"{counted} could not be detected")
        self._lines.setStringList([f"{f.path.name}\n{f.sentence}" for f in failures])
        self.again.setEnabled(can_try_again)
        page = self.covered.size()
        self.list.setFixedSize(
            min(scaled(620), page.width() - 100), min(scaled(380), page.height() - 180)
        )
        self.lay_over(self.list)

    def _again(self) -> None:
        self.put_away()
        self.again_wanted.emit()

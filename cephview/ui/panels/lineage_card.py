"""Where a model comes from: its ancestors, one click each, and how each of them came about."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cephview.ui.learning.models import Models
from cephview.ui.panels.model_facts import Facts, lineage

_TITLE = "Where it comes from"
_OPEN, _FOLDED = "\u25bc", "\u25ba"


class LineageCard(QFrame):
    """Folded until asked for: most look at a model, and few at its making."""

    model_wanted = Signal(object)

    def __init__(self, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._models = models
        self.title = QPushButton()
        self.title.setProperty("kind", "ghost")
        self.title.setCheckable(True)
        self.title.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title.toggled.connect(self.refresh)
        self.uses: list[QPushButton] = []
        self._page: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 6, 8, 6)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.title)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Read the active model and its ancestors again."""
        is_open = self.title.isChecked()
        self.title.setText(f"{_OPEN if is_open else _FOLDED}  {_TITLE}")
        if self._page is not None:
            self._layout.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
            self._page = None
        self.uses = []
        self.setVisible(self._models.active is not None)
        if is_open and self._models.active is not None:
            self._page = self._make_page()
            self._layout.addWidget(self._page)

    def _make_page(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 0, 4, 6)
        rows.setSpacing(6)
        line = self._models.lineage
        for n, model in enumerate(line):
            parent = line[n + 1].name if n + 1 < len(line) else ""
            if not parent and model.info.parent:
                parent = f"{model.info.parent[:12]}, not installed"
            name = QLabel(model.name)
            name.setProperty("role", "heading")
            name.setTextFormat(Qt.TextFormat.PlainText)
            rows.addWidget(name)
            rows.addLayout(_grid(lineage(model.info, parent)))
            if n:
                use = QPushButton(f"Back to {model.name}")
                use.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                use.clicked.connect(lambda _=False, to=model.folder: self.model_wanted.emit(to))
                rows.addWidget(use)
                self.uses.append(use)
        return page


def _grid(facts: Facts) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for n, (name, value, role) in enumerate(facts):
        key = QLabel(name)
        key.setProperty("role", "hint")
        key.setTextFormat(Qt.TextFormat.PlainText)
        text = QLabel(value)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if role:
            text.setProperty("role", role)
        grid.addWidget(key, n, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(text, n, 1)
    return grid

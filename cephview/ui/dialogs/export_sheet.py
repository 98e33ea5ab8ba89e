"""Asks which films an export takes and what it calls them, and says what it will write."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QWidget,
)

from cephview.ui.dialogs.cover import Sheet
from cephview.ui.editing.exporting import Export, Scope
from cephview.ui.look.theme import Theme, scaled

_WIDTH = 460
_NAMES = (
    ("Path from the folder common to the films", "relative"),
    ("Name of the file", "file"),
    ("Number instead of a name", "pseudonym"),
)
# Other people's films leave this computer only where they were asked for.
_USUAL = (Scope.LISTED, Scope.THIS, Scope.ALL)


class ExportSheet(Sheet):
    """wanted(export, scope, names) follows the button; nothing is written before."""

    wanted = Signal(object, object, str)

    def __init__(
        self, told: Callable[[Any], str], theme: Theme, parent: QWidget, unchecked: QCheckBox
    ) -> None:
        """told(films) says what an export of films would hold; unchecked adds the model's."""
        super().__init__(theme, parent)
        self._told = told
        self._export: Export | None = None
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self._group = QButtonGroup(self)
        self.scopes = {scope: QRadioButton() for scope in Scope}
        self.names = QComboBox()
        self.names.setAccessibleName("What films are called")
        for words, name in _NAMES:
            self.names.addItem(words, name)
        self.unchecked = unchecked
        self.unchecked.clicked.connect(self._refresh)
        self.plan = QLabel()
        self.plan.setWordWrap(True)
        self.go = QPushButton("Choose where\u2026")
        self.go.setProperty("kind", "primary")
        self.go.clicked.connect(self._accept)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.put_away)
        self._lay_out()

    @property
    def scope(self) -> Scope:
        """Return which films are chosen."""
        return next(scope for scope, button in self.scopes.items() if button.isChecked())

    def ask(self, export: Export, film: str, selected: str, listed: int, of: int) -> None:
        """Ask what to write.

        film is the name of the open one, selected that of the only one selected or "", and
        listed of so many are in sight.
        """
        self._export = export
        self.title.setText(export.title)
        words = {
            Scope.THIS: f"This film, {film}",
            Scope.SELECTED: f"The selected film, {selected}" if selected else "The selected films",
            Scope.LISTED: "The listed films" if listed == of else "The films found in the list",
            Scope.ALL: "All films of the workspace",
        }
        chosen = export.films.get(Scope.SELECTED, ())
        is_apart = bool(chosen) and chosen != export.films.get(Scope.THIS)
        for scope, button in self.scopes.items():
            count = len(export.films.get(scope, ()))
            is_named = scope is Scope.THIS or (scope is Scope.SELECTED and selected)
            with_count = "" if is_named else f": {count:,} with points"
            button.setText(words[scope] + with_count)
            button.setEnabled(bool(count))
            # Usually the open one alone is selected.
            button.setVisible(scope is not Scope.SELECTED or is_apart)
        usual = next(scope for scope in _USUAL if scope in export.films)
        if is_apart:
            usual = Scope.SELECTED
        self.scopes[usual].setChecked(True)
        self._refresh()
        self.lay_over(self.go)

    def _refresh(self, *_: object) -> None:
        if self._export is not None:
            self.plan.setText(f"To write: {self._told(self._export.films[self.scope])}")

    def _accept(self) -> None:
        export = self._export
        if export is not None:
            self.put_away()
            self.wanted.emit(export, self.scope, self.names.currentData())

    def _lay_out(self) -> None:
        self.card.setFixedWidth(scaled(_WIDTH))
        self.rows.setContentsMargins(24, 20, 24, 20)
        self.rows.setSpacing(8)
        self.rows.addWidget(self.title)
        for button in self.scopes.values():
            self._group.addButton(button)
            button.clicked.connect(self._refresh)
            self.rows.addWidget(button)
        self.rows.addSpacing(4)
        names = QHBoxLayout()
        names.setSpacing(8)
        label = QLabel("Films are called by")
        label.setProperty("role", "hint")
        names.addWidget(label)
        names.addWidget(self.names, 1)
        self.rows.addLayout(names)
        self.rows.addWidget(self.unchecked)
        self.rows.addSpacing(4)
        self.rows.addWidget(self.plan)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.go)
        self.rows.addLayout(ends)

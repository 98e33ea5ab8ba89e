"""Asks which films an export takes and what it calls them, and says what it will write."""

from collections.abc import Callable, Mapping
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
        self,
        told: Callable[[Any], tuple[str, bool]],
        theme: Theme,
        parent: QWidget,
        unchecked: QCheckBox,
    ) -> None:
        """Take what an export is told by.

        told(films) says what an export of films would hold, and whether that is anything;
        unchecked adds the model's.
        """
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

    def ask(
        self,
        export: Export,
        film: str,
        selected: str,
        *,
        is_apart: bool,
        is_searched: bool,
        skipped: Mapping[Scope, int],
    ) -> None:
        """Ask what to write.

        film is the name of the open one, selected that of the only one selected or "". is_apart:
        others than the open one are selected. is_searched: the list shows some films alone.
        skipped: how many films of a scope are to be left out.
        """
        self._export = export
        self.title.setText(export.title)
        words = {
            Scope.THIS: f"This film, {film}",
            Scope.SELECTED: f"The selected film, {selected}" if selected else "The selected films",
            Scope.LISTED: "The films found in the list" if is_searched else "The listed films",
            Scope.ALL: "All films of the workspace",
        }
        for scope, button in self.scopes.items():
            count = len(export.films.get(scope, ()))
            is_named = scope is Scope.THIS or (scope is Scope.SELECTED and selected)
            with_count = f": {count:,} with points" if not (is_named and count) else ""
            left_out = skipped.get(scope, 0)
            number = "" if is_named else f"{left_out:,} "
            with_skipped = f", {number}skipped" if left_out else ""
            button.setText(words[scope] + with_count + with_skipped)
            button.setEnabled(bool(count))
            # Usually the open one alone is selected.
            button.setVisible(scope is not Scope.SELECTED or is_apart)
        usual = next(scope for scope in _USUAL if scope in export.films)
        # Never others in place of those that were selected for it.
        if is_apart:
            usual = Scope.SELECTED
        self.scopes[usual].setChecked(True)
        self._refresh()
        self.lay_over(self.go)

    def _refresh(self, *_: object) -> None:
        if self._export is not None:
            sentence, is_any = self._told(self._export.films.get(self.scope, ()))
            self.plan.setText(f"To write: {sentence}" if is_any else sentence)
            self.go.setEnabled(is_any)

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

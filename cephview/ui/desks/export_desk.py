"""Asks before an export what it is to hold, by what is in sight in the window."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox

from cephview.core.landmarks import LandmarkSet
from cephview.ui.dialogs.export_sheet import ExportSheet
from cephview.ui.editing.exporting import Export, InSight, Scope

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow


class ExportDesk(QObject):
    """Lays the sheet over the window, made when it is first wanted."""

    def __init__(
        self,
        window: "MainWindow",
        what_is_exported: Callable[[Any, LandmarkSet, bool], tuple[str, bool]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._what_is_exported = what_is_exported
        self.sheet: ExportSheet | None = None
        exporting = window.session.exporting
        exporting.in_sight = self._in_sight
        exporting.offered.connect(self._ask)

    def _in_sight(self) -> InSight:
        films = self._window.films
        return InSight(self._window.session.path, films.selected_paths(), films.shown_paths())

    def _ask(self, export: Export) -> None:
        window = self._window
        if self.sheet is None:
            page = window.centralWidget()
            assert page is not None
            self.sheet = ExportSheet(self._told, window.theme, page, self._make_box())
            self.sheet.wanted.connect(window.session.exporting.write)
        path = window.session.path
        # Films of one name lie in several folders: they are called here as they are in the list.
        label = window.session.films.label_of
        name = "" if path is None else label(path)
        selected = window.films.selected_paths()
        only = label(selected[0]) if len(selected) == 1 else ""
        listed = window.films.shown_paths()
        window.notices.withdraw("export")
        self.sheet.ask(
            export,
            name,
            only,
            is_apart=bool(selected) and selected != (path,),
            is_searched=len(listed) != window.session.films.rowCount(),
            skipped={
                Scope.THIS: self._skipped(() if path is None else (path,)),
                Scope.SELECTED: self._skipped(selected),
                Scope.LISTED: self._skipped(listed),
                Scope.ALL: window.session.count_skipped(),
            },
        )

    def _skipped(self, paths: Iterable[Path]) -> int:
        rows = (self._window.session.films.row_of(path) for path in paths)
        return sum(row is not None and row.is_skipped for row in rows)

    def _make_box(self) -> QCheckBox:
        """Return the action that adds the model's points, as a box to tick."""
        action = self._window.actions_book["export-unchecked"]
        box = QCheckBox("Include points nobody checked, marked as the model's")
        box.setChecked(action.isChecked())
        action.toggled.connect(box.setChecked)
        box.clicked.connect(lambda _: action.trigger())
        return box

    def _told(self, films: Any) -> tuple[str, bool]:
        session = self._window.session
        with_unchecked = session.exporting.is_with_unchecked
        return self._what_is_exported(films, session.editor.landmarks, with_unchecked)

"""Writes the points of all traced films to a file the user names."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cephview.ui.work.background import Background
from cephview.ui.work.job import Job

if TYPE_CHECKING:
    from cephview.core.tracing import Tracing
    from cephview.store import FilmRecord


class Exporting(QObject):
    """One export at a time, off the window's thread; the file appears whole or not at all."""

    done = Signal(object, str)
    failed = Signal(str)
    began = Signal(object)

    def __init__(
        self,
        traced_films: "Callable[[], tuple[tuple[FilmRecord, Tracing], ...]]",
        ask_path: Callable[[str, str], Path | None],
        write: Callable[[str, Any, bool, Path], str],
        errors: tuple[type[Exception], ...],
        parent: QObject,
    ) -> None:
        """Take the parts of an export.

        ask_path(title, proposed name) gives the place, or None where the user thought better of
        it. write(format, films, with_unchecked, path) writes and gives a sentence of what it wrote.
        traced_films raises one of errors where the workspace cannot be read.
        """
        super().__init__(parent)
        self._traced_films = traced_films
        self._ask_path = ask_path
        self._write = write
        self._errors = errors
        self._background = Background(self)
        self._is_with_unchecked = False

    def set_with_unchecked(self, with_unchecked: bool) -> None:
        """Write the model's points too that nobody checked, marked as such."""
        self._is_with_unchecked = with_unchecked

    def export_csv(self) -> None:
        """Write a tidy table."""
        self._export("csv", "Export to CSV", "cephview-points.csv")

    def export_coco(self) -> None:
        """Write COCO keypoints."""
        self._export("coco", "Export to COCO keypoints", "cephview-keypoints.json")

    def close(self) -> None:
        self._background.close()

    def _export(self, name: str, title: str, proposed: str) -> None:
        try:
            films = self._traced_films()
        except self._errors as error:
            self.failed.emit(str(error))
            return
        if not films:
            self.failed.emit("There is nothing to export yet: no film has points.")
            return
        path = self._ask_path(title, proposed)
        if path is None:
            return
        write, with_unchecked = self._write, self._is_with_unchecked
        films_word = "1 film" if len(films) == 1 else f"{len(films)} films"
        # Some seconds for ten thousand films, of which the last is the file itself.
        job = Job(f"Writing the points of {films_word}", self, can_stop=False)

        def done(sentence: str) -> None:
            job.end()
            self.done.emit(path, sentence)

        def failed(error: Exception) -> None:
            job.end()
            self.failed.emit(str(error))

        self._background.run(lambda: write(name, films, with_unchecked, path), done, failed)
        self.began.emit(job)

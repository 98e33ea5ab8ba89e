"""Writes the points of chosen films to a file, once a user was told what that will be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cephview.ui.work.background import Background
from cephview.ui.work.job import Job

if TYPE_CHECKING:
    from cephview.core.tracing import Tracing
    from cephview.store import FilmRecord

    Films = tuple[tuple[FilmRecord, Tracing], ...]

_NOTHING = "There is nothing to export yet: no film of the workspace has points."


class Scope(StrEnum):
    """Which films are exported."""

    THIS = "this film"
    SELECTED = "selected"
    LISTED = "listed"
    ALL = "all"


@dataclass(frozen=True)
class InSight:
    """What a user sees of the films: the open one, those selected, and those that are listed."""

    film: Path | None = None
    selected: tuple[Path, ...] = ()
    listed: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Export:
    """An export that a user was asked about: its format, and the films with points of each scope.

    Scopes without any film are not in it.
    """

    format: str
    title: str
    proposed: str
    films: "dict[Scope, Films]"


class Exporting(QObject):
    """One export at a time, off the window's thread; the file appears whole or not at all.

    offered asks what to write; write() does so.
    """

    offered = Signal(object)
    done = Signal(object, str)
    failed = Signal(str)
    began = Signal(object)

    def __init__(
        self,
        traced_films: "Callable[[], Films]",
        listed_among: "Callable[[Films, Sequence[Path]], Films]",
        ask_path: Callable[[str, str], Path | None],
        write: Callable[[str, Any, bool, Path, str], str],
        errors: tuple[type[Exception], ...],
        parent: QObject,
    ) -> None:
        """Take the parts of an export.

        listed_among(films, paths) gives those that lie at some paths, in the order of these.
        ask_path(title, proposed name) gives the place, or None where the user thought better of
        it. write(format, films, with_unchecked, path, names) writes and gives a sentence of what
        it wrote. traced_films raises one of errors where the workspace cannot be read.
        """
        super().__init__(parent)
        self._traced_films = traced_films
        self._listed_among = listed_among
        self._ask_path = ask_path
        self._write = write
        self._errors = errors
        self._background = Background(self, must_finish=True)
        self.is_with_unchecked = False
        self.in_sight: Callable[[], InSight] = InSight

    def set_with_unchecked(self, with_unchecked: bool) -> None:
        """Write the model's points too that nobody checked, marked as such."""
        self.is_with_unchecked = with_unchecked

    def export_csv(self) -> None:
        """Ask what to write to a tidy table."""
        self._offer("csv", "Export to CSV", "cephview-points.csv")

    def export_coco(self) -> None:
        """Ask what to write as COCO keypoints."""
        self._offer("coco", "Export to COCO keypoints", "cephview-keypoints.json")

    def close(self) -> None:
        self._background.close()

    def _offer(self, name: str, title: str, proposed: str) -> None:
        try:
            every = self._traced_films()
        except self._errors as error:
            self.failed.emit(str(error))
            return
        seen = self.in_sight()
        this = () if seen.film is None else (seen.film,)
        films = {
            Scope.THIS: self._listed_among(every, this),
            Scope.SELECTED: self._listed_among(every, seen.selected),
            Scope.LISTED: self._listed_among(every, seen.listed),
            Scope.ALL: every,
        }
        if every:
            found = {scope: some for scope, some in films.items() if some}
            self.offered.emit(Export(name, title, proposed, found))
        else:
            self.failed.emit(_NOTHING)

    def write(self, export: Export, scope: Scope, names: str) -> None:
        """Ask for a place, and write the films of a scope there under these names."""
        films = export.films[scope]
        path = self._ask_path(export.title, export.proposed)
        if path is None:
            return
        write, with_unchecked = self._write, self.is_with_unchecked
        films_word = "1 film" if len(films) == 1 else f"{len(films)} films"
        # Some seconds for ten thousand films, of which the last is the file itself.
        job = Job(f"Writing the points of {films_word}", self, can_stop=False)

        def done(sentence: str) -> None:
            job.end()
            self.done.emit(path, sentence)

        def failed(error: Exception) -> None:
            job.end()
            self.failed.emit(str(error))

        self._background.run(
            lambda: write(export.format, films, with_unchecked, path, names), done, failed
        )
        self.began.emit(job)

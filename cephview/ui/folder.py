"""The open folder: which of its files are films, and what the workspace knows of them."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cephview.core.tracing import State, Tracing
from cephview.ui.background import Background
from cephview.ui.panels.film_list_model import FilmListModel, FilmRow, FilmState

if TYPE_CHECKING:
    from cephview.store import FilmRecord

_NO_FILM = "“{}” has the name of a film but does not begin like one; copy it again from its source."


class Folder(QObject):
    """Fills the list of films. Reading the folder happens off the window's thread."""

    listed = Signal(object, int)
    failed = Signal(object, object)

    def __init__(
        self,
        model: FilmListModel,
        looks_like_film: Callable[[Path], bool],
        suffixes: tuple[str, ...],
        records: "Callable[[], Iterable[FilmRecord]]",
        parent: QObject,
    ) -> None:
        """records() gives what the workspace knows, read anew each time a folder is opened."""
        super().__init__(parent)
        self._model = model
        self._looks_like_film = looks_like_film
        self._suffixes = suffixes
        self._records = records
        self._background = Background(self)
        self._path: Path | None = None

    @property
    def path(self) -> Path | None:
        return self._path

    def open(self, folder: Path) -> None:
        """List the films of a folder; listed(folder, how many) follows."""
        self._path = folder
        test, suffixes = self._looks_like_film, self._suffixes
        self._background.clear()
        self._background.run(
            lambda: films_in(folder, test, suffixes),
            lambda found: self._show(folder, found),
            lambda error: self.failed.emit(folder, error),
        )

    def add(self, path: Path) -> None:
        """Put a single film on the list, unless it is there."""
        if self._model.row_of(path) is not None:
            return
        self._model.add(self._row(path, self._known()))

    def reread(self) -> None:
        """Bring rows that were listed before the workspace opened up to what it knows."""
        known = self._known()
        for path in self._model.paths():
            if path.absolute() in known:
                row = self._row(path, known)
                self._model.change(path, state=row.state, checked=row.checked, total=row.total)

    def show_tracing(self, path: Path, tracing: Tracing) -> None:
        """Bring the row of the open film up to date."""
        checked, total = progress(tracing)
        placed = sum(p.best is not None or p.hidden is not None for p in tracing)
        self._model.change(
            path, state=film_state(placed, checked, total), checked=checked, total=total,
            sentence="",
        )  # fmt: skip

    def show_detecting(self, path: Path) -> None:
        self._model.change(path, state=FilmState.DETECTING)

    def show_unreadable(self, path: Path, sentence: str) -> None:
        self._model.change(path, state=FilmState.UNREADABLE, sentence=sentence)

    def close(self) -> None:
        self._background.close()

    def _show(self, folder: Path, found: list[tuple[Path, bool]]) -> None:
        if folder != self._path:
            return
        known = self._known()
        rows = [
            self._row(path, known)
            if is_film
            else FilmRow(path, FilmState.UNREADABLE, sentence=_NO_FILM.format(path.name))
            for path, is_film in found
        ]
        self._model.set_rows(rows)
        self.listed.emit(folder, len(rows))

    def _known(self) -> "dict[Path, FilmRecord]":
        return {record.path: record for record in self._records()}

    @staticmethod
    def _row(path: Path, known: "dict[Path, FilmRecord]") -> FilmRow:
        record = known.get(path.absolute())
        if record is None:
            return FilmRow(path)
        state = film_state(record.placed, record.confirmed, record.total)
        return FilmRow(path, state, record.confirmed, record.total)


def films_in(
    folder: Path, looks_like_film: Callable[[Path], bool], suffixes: tuple[str, ...]
) -> list[tuple[Path, bool]]:
    """Return the films directly in a folder, in the order people count in. Raises OSError.

    A file that only has the name of a film is listed too, with False: silence would hide damage.
    """
    files = (f for f in folder.iterdir() if not f.name.startswith(".") and f.is_file())
    found = [(f, looks_like_film(f)) for f in sorted(files, key=natural_order)]
    return [(f, is_film) for f, is_film in found if is_film or f.suffix.lower() in suffixes]


def natural_order(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which film 9 comes before film 10."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def film_state(placed: int, checked: int, total: int) -> FilmState:
    """Return the state of a film from its counts; total leaves out what is not visible."""
    if total and checked >= total:
        return FilmState.DONE
    return FilmState.REVIEW if placed else FilmState.NEW


def progress(tracing: Tracing) -> tuple[int, int]:
    """Return how many points are confirmed, of how many that can be seen."""
    states = [point.state for point in tracing]
    return states.count(State.CONFIRMED), sum(s is not State.NOT_VISIBLE for s in states)

"""Which corrected films are gone, or lie where nothing answers; looked at beside the window."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.core.learning import CorrectedFilm
from cephview.formats.frames import file_of
from cephview.ui.work.background import Background


class GoneFilms(QObject):
    """Knows the paths of films that were not there when they were last looked for.

    changed tells that others are gone than before. A drive that is away may not answer for long.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._is_looking = False
        self._gone: frozenset[str] = frozenset()

    def among(self, films: Iterable[CorrectedFilm]) -> frozenset[str]:
        """Return the paths that are known to be gone, and have all looked for anew."""
        paths = tuple(film.path for film in films)
        if not self._is_looking:
            self._is_looking = True
            self._background.run(lambda: _absent(paths), self._found, _raise)
        return self._gone & set(paths)

    def close(self) -> None:
        self._background.close()

    def _found(self, gone: frozenset[str]) -> None:
        self._is_looking = False
        if gone != self._gone:
            self._gone = gone
            self.changed.emit()


def _absent(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path for path in paths if not file_of(Path(path)).is_file())


def _raise(error: Exception) -> None:
    raise error

"""Opens films off the window's thread; the last wish wins."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.core.film import Film
from cephview.ui.work.background import Background


class FilmLoading(QObject):
    """Reads one film at a time; what was asked for before the newest is given up."""

    loading = Signal(object)
    pending_changed = Signal()
    loaded = Signal(object, object)
    failed = Signal(object, object)

    def __init__(
        self,
        read: Callable[[Path], Film],
        parent: QObject,
        give_up: Callable[[Path], None] = lambda _: None,
    ) -> None:
        """read(path) opens a film or raises an error whose str() is a sentence for the user.

        give_up(path) has what reads that film raise such an error at once.
        """
        super().__init__(parent)
        self._read = read
        self._give_up = give_up
        # Two, so that a drive that has gone silent does not hold up the next film.
        self._background = Background(self, threads=2)
        self._wanted = 0
        self._pending: Path | None = None

    @property
    def pending(self) -> Path | None:
        """Return the film that was asked for and has not come yet."""
        return self._pending

    def open(self, path: Path) -> None:
        """Ask for a film; loaded(path, film) or failed(path, error) follows, or a newer wish."""
        self._wanted += 1
        wish, read = self._wanted, self._read
        self._leave(path)
        self.loading.emit(path)

        def done(film: Film) -> None:
            if wish == self._wanted:
                self._set_pending(None)
                self.loaded.emit(path, film)

        def failed(error: Exception) -> None:
            if wish == self._wanted:
                self._set_pending(None)
                self.failed.emit(path, error)

        self._background.run(lambda: read(path), done, failed)

    def forget(self) -> None:
        """Drop what was asked for so far."""
        self._wanted += 1
        self._leave(None)

    def close(self) -> None:
        self.forget()
        self._background.close()

    def _leave(self, wanted: Path | None) -> None:
        """Give up what is read, unless it is what is wanted again."""
        self._background.clear()
        before = self._pending
        if before is not None and before != wanted:
            self._give_up(before)
        self._set_pending(wanted)

    def _set_pending(self, path: Path | None) -> None:
        self._pending = path
        self.pending_changed.emit()


def sentence_on(path: Path, error: Exception, told: tuple[type[Exception], ...]) -> str:
    """Return a sentence on why a film or a folder cannot be shown.

    told are the errors whose own words are one. Raises any other.
    """
    if isinstance(error, OSError):
        return f"\u201c{path.name}\u201d cannot be read: {error.strerror or error}."
    if isinstance(error, told):
        return str(error)
    raise error

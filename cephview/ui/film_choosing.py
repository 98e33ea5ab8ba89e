"""From what a user opens to the list of films and the film that is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cephview.core.demo import is_demo
from cephview.core.film import Film
from cephview.ui.films.listing import Listed, told_of_no_films
from cephview.ui.notice import Kind
from cephview.ui.workspace.keeping import KeepError

if TYPE_CHECKING:
    from cephview.ui.session import Session


class FilmChoosing(QObject):
    """Opens what is named by hand, or chosen in a session's list.

    What is named by hand and turns out to be no film is said, and leaves the list and the open film
    as they are. A film of the list that cannot be read is shown as such, in its place.
    """

    def __init__(self, session: "Session", is_place: Callable[[Path], bool]) -> None:
        """is_place says of a path whether it stands for the films in it."""
        super().__init__(session)
        self._session = session
        self._is_place = is_place
        self._by_hand: Path | None = None
        session.film_loading.loaded.connect(self._loaded)
        session.film_loading.failed.connect(self._not_loaded)
        session.folder.listed.connect(self._listed)
        session.folder.missed.connect(self._missed)
        session.folder.failed.connect(self._not_listed)

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open films by hand: from files, folders with all below them, and discs."""
        paths = tuple(path.absolute() for path in paths)
        if len(paths) > 1 or any(map(self._is_place, paths)):
            self._session.folder.open(paths)
        elif paths:
            self._by_hand = paths[0]
            self._session.film_loading.open(paths[0])

    def open_film(self, path: Path) -> None:
        """Ask for a film of the list, or one that is to join it in any case."""
        self._by_hand = None
        self._session.folder.add(path)
        self._session.film_loading.open(path)

    def _loaded(self, path: Path, film: Film) -> None:
        session = self._session
        # The demo film is none of the user's: it is listed only where it was asked for.
        if not is_demo(film.sha256):
            session.folder.add(path)
        if session.folder.is_binned(film.sha256):
            try:
                session.keeping.take_from_bin((film.sha256,))
            except KeepError as error:
                session.note(str(error), Kind.DANGER, "store")
            else:
                text = f"“{path.name}” was in the bin and is in the workspace again."
                session.note(text, Kind.NOTE, "bin")
                session.folder.reread()
        session.folder.know(path, film.sha256)

    def _not_loaded(self, path: Path, error: Exception) -> None:
        session = self._session
        if path != self._by_hand:
            session.refuse_film(path, error)
            return
        sentence = session.sentence_on(path, error)
        if path != session.path:
            session.folder.show_unreadable(path, sentence)
        session.note(sentence, Kind.DANGER, "film")
        session.stayed.emit()

    def _listed(self, listed: Listed) -> None:
        session = self._session
        if listed.not_films:
            session.note(told_of_no_films(listed.not_films), Kind.ATTENTION, "no film")
        else:
            session.settled.emit("no film")
        if not listed.count:
            if not listed.not_films:
                session.note(f"There is no film in {listed.where}.", Kind.ATTENTION, "folder")
            return
        session.settled.emit("folder")
        self._by_hand = None
        if session.path in session.films.paths() and listed.first is None:
            session.film_shown.emit(session.path)
            session.row.show()
        else:
            session.film_loading.open(listed.first or session.films.first_readable())

    def _not_listed(self, error: Exception) -> None:
        place = Path(getattr(error, "filename", None) or "")
        session = self._session
        session.note(session.sentence_on(place, error), Kind.DANGER, "folder")

    def _missed(self, gone: int, count: int) -> None:
        if not gone:
            self._session.settled.emit("gone")
            return
        films = "One film" if gone == 1 else f"{gone:,} films"
        self._session.note(
            f"{films} of {count:,} are no longer where they were. Open the folder where they lie "
            "now: they are recognised by their bytes.", Kind.ATTENTION, "gone",
        )  # fmt: skip

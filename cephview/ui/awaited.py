"""What is on its way to a window that shows no film yet: films looked for, or a film being read."""

from PySide6.QtCore import QObject, Signal

from cephview.ui.films.film_loading import FilmLoading
from cephview.ui.films.folder import Folder
from cephview.ui.opening import Opening
from cephview.ui.work.job import Job

LOOKING, OPENING = "Looking for films …", "Opening the film …"


class Awaited(QObject):
    """Says what comes, so that nothing invites to open what was opened already.

    changed carries the words.
    """

    changed = Signal(str)

    def __init__(
        self,
        folder: Folder,
        film_loading: FilmLoading,
        opening: Opening,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._film_loading = film_loading
        self._opening = opening
        self._announced = ""
        self._looking: Job | None = None
        self._told = ""
        folder.began.connect(self._began)
        film_loading.pending_changed.connect(self._tell)
        # After the session's own: what it holds back is still to come.
        film_loading.loaded.connect(self._tell)
        opening.opened.connect(self._tell)

    @property
    def words(self) -> str:
        """Return what is done now; "" while nothing comes."""
        if self._announced:
            return self._announced
        if self._looking is not None:
            return LOOKING
        is_opening = self._film_loading.pending or self._opening.waiting
        return OPENING if is_opening else ""

    def announce(self, words: str) -> None:
        """Say what will be asked for in a moment, LOOKING or OPENING; "" once it is."""
        self._announced = words
        self._tell()

    def _began(self, job: Job) -> None:
        self._looking = job
        job.ended.connect(lambda: self._ended(job))
        self._tell()

    def _ended(self, job: Job) -> None:
        # One that was given up for a newer one says nothing of that.
        if job is self._looking:
            self._looking = None
            self._tell()

    def _tell(self, *_: object) -> None:
        if self._told != self.words:
            self._told = self.words
            self.changed.emit(self._told)

"""One window's work: opening films, keeping their tracings, and the flows between the parts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.film import Film
from cephview.core.film_history import was_traced
from cephview.core.history import History
from cephview.core.learning import CorrectedFilm, without_points
from cephview.core.tracing import Tracing
from cephview.formats.frames import other_picture, several_pictures
from cephview.ui.awaited import Awaited
from cephview.ui.canvas.pyramid import prepared
from cephview.ui.detection.background_detection import BackgroundDetection
from cephview.ui.detection.detecting import Detecting
from cephview.ui.detection.quiet_detection import QuietDetection
from cephview.ui.detection.shelf import Shelf
from cephview.ui.detection.turning import Turning
from cephview.ui.editing.comparing import Comparing
from cephview.ui.editing.exporting import Exporting
from cephview.ui.editing.own_landmarks import OwnLandmarks
from cephview.ui.editing.readings import Readings
from cephview.ui.editing.scaling import Scaling
from cephview.ui.editor import Editor
from cephview.ui.film_choosing import FilmChoosing
from cephview.ui.films.film_digests import FilmDigests, digests_file
from cephview.ui.films.film_loading import FilmLoading, sentence_on
from cephview.ui.films.folder import Folder
from cephview.ui.learning.finetuning import Finetuning
from cephview.ui.learning.models import Models
from cephview.ui.notice import Kind, Notice
from cephview.ui.open_row import OpenRow
from cephview.ui.opening import Opening
from cephview.ui.rows.film_list_model import FilmListModel
from cephview.ui.services import Services
from cephview.ui.session_notices import SessionNotices
from cephview.ui.team.colleagues import Team
from cephview.ui.team.together import Together
from cephview.ui.work import timing
from cephview.ui.workspace.keeping import ConflictError, KeepError, Keeping


class Session(QObject):
    """Owns the controllers. Speaks to the user by notices alone."""

    noticed = Signal(object)
    settled = Signal(str)
    film_shown = Signal(object)
    loading = Signal(object)
    stayed = Signal()

    def __init__(
        self,
        services: Services,
        ask_path: Callable[[str, str], Path | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._path: Path | None = None
        self.keeping = Keeping()
        self.films = FilmListModel(self)
        self.editor = Editor(
            services.landmarks,
            services.settings.author,
            self,
            journal_errors=(KeepError,),
            conflicts=(ConflictError,),
        )
        self.readings = Readings(self.editor, self.keeping, self)
        self.comparing = Comparing(self.editor, self.keeping, self.readings, self)
        self.landmarks = OwnLandmarks(self.editor, self.keeping, services.catalogue, self)
        self.scaling = Scaling(self.editor, self)
        self.models = Models(self.keeping.set_active_model, (KeepError,), self)
        self.folder = Folder(
            self.films,
            services.looks_like_film,
            services.find_films,
            self._records,
            lambda: self._ask(self.keeping.films_in_bin, ()),
            FilmDigests(digests_file(services.workspace)),
            self,
        )
        shelf = Shelf(lambda path: prepared(services.show_film(path)))
        self.film_loading = FilmLoading(shelf.take, self, services.give_up_film)
        settings = services.settings
        self.detecting = Detecting(
            services.engine, self.editor, settings.passes, self, on_open=settings.detect_on_open
        )
        quiet = partial(
            QuietDetection, services.engine, self.editor, self.keeping, self.folder,
            self.detecting, self._history, lambda: self.readings.journal,
        )  # fmt: skip
        # A batch shows none of its films, so it needs no levels of them.
        of_batch, of_next = quiet(services.open_film, self), quiet(shelf.take, self)
        self.behind = BackgroundDetection(of_batch, of_next, shelf, self.detecting, self)
        self.turning = Turning(self.editor, self.detecting, self)
        self.finetuning = Finetuning(
            services.engine, self.models, self._corrected_films, (KeepError,),
            services.workspace, self,
        )  # fmt: skip
        self.finetuning.told_of_data = self.readings.told_of_data
        self.exporting = Exporting(
            self._traced_films, self.folder.traced_films, ask_path, self._write_export,
            (KeepError,), self,
        )  # fmt: skip
        self.row = OpenRow(self)
        self.choosing = FilmChoosing(self, services.is_place)
        self.opening = Opening(self, services)
        self._connect()
        self.awaited = Awaited(self.folder, self.film_loading, self.opening, self)
        self.together = Together(
            self.editor, self.keeping, self._history,
            lambda error: self.refuse_film(self._path or Path(), error), self.noticed.emit, self,
        )  # fmt: skip
        self.team = Team(self.editor, self.keeping, self.together, self)
        self.team.claimed.connect(self.folder.show_claims)

    @property
    def path(self) -> Path | None:
        """Return the file of the open film."""
        return self._path

    @property
    def is_saved(self) -> bool:
        """Whether every step is on disk."""
        return not self.editor.has_unsaved

    def count_moved(self, is_on: bool) -> None:
        """Let moving a point count as checking it, in the walk and on the list, or not."""
        if is_on == self.editor.review.moved_counts:
            return
        self.folder.moved_counts = is_on
        self.editor.review.set_moved_counts(is_on)
        self.folder.show_reading()
        self.row.show()

    def start(self) -> None:
        """Open the workspace, find the models, and tell what is amiss from the start."""
        self.opening.start()

    def open_path(self, path: Path) -> None:
        """Open a film, or a folder and the first of its films."""
        self.choosing.open_paths((path,))

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open films by hand: from files, folders with all below them, and discs."""
        self.choosing.open_paths(paths)

    def open_film(self, path: Path) -> None:
        """Ask for a film of the list, or one that is to join it in any case."""
        self.choosing.open_film(path)

    def close(self) -> bool:
        """Write what waits; return False, with everything as it was, where that fails."""
        if not self.editor.flush() and not self.editor.queue.is_sheltered:
            return False
        self._services.end_reading()
        self.opening.close()
        self.behind.close()
        self.team.close()
        self.film_loading.close()
        self.folder.close()
        self.exporting.close()
        self.finetuning.close()
        return True

    # Opening

    def _loaded(self, path: Path, film: Film) -> None:
        if self.opening.holds_back(path):
            return
        for topic in ("film", "overtaken"):
            self.settled.emit(topic)
        self.readings.leave_film(film.sha256)
        keeping, size = self.keeping, film.pixel_size
        try:
            size = keeping.pixel_size(film)
            size = keeping.remember_film(film, path)
        except KeepError as error:
            self.note(str(error), Kind.DANGER, "store")
        try:
            history = self._history(film.sha256)
        except KeepError as error:
            self.refuse_film(path, error)
            return
        for topic in ("scale", "detect", "export", "store"):
            self.settled.emit(topic)
        # Before the film changes: what ends now still belongs to the row of the one before.
        self.detecting.show_film(path)
        self._path = path
        self.editor.open(film, history, self.readings.journal, size)
        self._ask(self.readings.begin_film, None)
        self.film_shown.emit(path)
        self.row.show()
        self._tell_of_pictures(path, film)
        timing.mark_when_painted("film shown")
        tracing, detecting = self.editor.tracing, self.detecting
        detects = detecting.is_on_open and detecting.is_allowed
        if tracing is not None and any(point.best is not None for point in tracing):
            timing.mark_when_painted("points shown")
        elif detects and not history.can_redo and not was_traced(history):
            # On a film that was ever traced a detection would drop the steps that were undone.
            self.detecting.detect(is_asked=False)

    def _tell_of_pictures(self, path: Path, film: Film) -> None:
        """Say of a file of several pictures which one is shown, and offer the next."""
        if several := several_pictures(film, path):
            other = other_picture(film, path)
            self.note(several, Kind.NOTE, "film", "Show the next", lambda: self.open_film(other))

    def _reading_changed(self) -> None:
        self.behind.stop()
        self.detecting.is_allowed = self.readings.may_detect
        self.folder.show_reading()

    def _show_again(self) -> None:
        """Show the open film as the present reading has it."""
        if self._path is not None and self.editor.film is not None:
            self._loaded(self._path, self.editor.film)

    def _history(self, sha256: str) -> History[Tracing]:
        # What waits may be written now, or be found to be overtaken.
        self.editor.flush()
        # Another window may have placed a landmark that it added.
        self.landmarks.reread()
        empty = Tracing.of(self.editor.landmarks)
        readings = self.readings
        return self.editor.unsaved(readings.journal, sha256) or readings.history(sha256, empty)

    def refuse_film(self, path: Path, error: Exception) -> None:
        """Show no film at all: the one before under this one's name would be a wrong patient."""
        self.detecting.show_film(None)
        self._path = None
        self.editor.close()
        for topic in ("overtaken", "detect", "device"):
            self.settled.emit(topic)
        self.film_shown.emit(path)
        sentence = self.sentence_on(path, error)
        self.folder.show_unreadable(path, sentence)
        self.note(sentence, Kind.DANGER, "film")

    def leave_film(self) -> None:
        """Show no film, and say nothing of it."""
        self.film_loading.forget()
        self.detecting.show_film(None)
        self._path = None
        self.editor.close()
        self.film_shown.emit(None)

    # What the workspace knows

    def _records(self) -> Any:
        return self._ask(lambda: self.keeping.films(self.readings.listed.number), ())

    def count_skipped(self) -> int:
        """Return how many films of the workspace are left out of learning and exports."""
        return sum(film.is_skipped for film in self._records())

    def _traced_films(self) -> Any:
        """Return the traced films of the workspace, with where those of the list lie now.

        Raises KeepError while a listed film may still turn out to be one of them.
        """
        if self.folder.has_open_questions():
            raise KeepError("The films of the list are still being compared with the workspace; "
                            "export them in a moment.")  # fmt: skip
        return self.folder.located(self.keeping.traced_films(self.readings.data.number))

    def _write_export(
        self, name: str, films: Any, with_unchecked: bool, path: Path, names: str
    ) -> str:
        landmarks, write = self.editor.landmarks, self._services.write_export
        return write(name, films, landmarks, with_unchecked, path, names)

    def _corrected_films(self) -> tuple[CorrectedFilm, ...]:
        data = self.readings.data.number
        retired = {landmark.id for landmark in self.editor.landmarks.retired}
        films = without_points(self.keeping.corrected_films(data), retired)
        return self.folder.where_they_lie(films)

    def load_models(self) -> None:
        """Find the models, and the one that was in use."""
        wanted = self._services.model or self._ask(self.keeping.active_model, "")
        if lack := self.models.lack_of(wanted):
            self.note(lack, Kind.ATTENTION, "model", holds=lambda: self.models.active is None)

    def _ask(self, question: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return question()
        except KeepError as error:
            self.note(str(error), Kind.DANGER, "store")
            return otherwise

    # Flows

    def _connect(self) -> None:
        detecting = self.detecting
        self.film_loading.loading.connect(self.loading)
        self.film_loading.loaded.connect(self._loaded)
        self.film_shown.connect(self.behind.film_shown)
        self.landmarks.changed.connect(self.folder.reread)
        self.readings.reopening.connect(self._show_again)
        self.readings.changed.connect(self._reading_changed)
        self.models.changed.connect(lambda: detecting.use_model(self.models.active))
        detecting.landed.connect(lambda _: timing.mark_when_painted("points shown"))
        self.notices = SessionNotices(self, self._services.engine)

    def sentence_on(self, path: Path, error: Exception) -> str:
        return sentence_on(path, error, (KeepError, *self._services.film_errors))

    def note(
        self,
        text: str,
        kind: Kind,
        topic: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        holds: Callable[[], bool] = lambda: True,
        *,
        passes: bool = False,
    ) -> None:
        """Say something for as long as it holds, or until its topic is settled (see Notice)."""
        self.noticed.emit(Notice(text, kind, topic, action, on_action, holds=holds, passes=passes))

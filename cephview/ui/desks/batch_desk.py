"""What actions say to a batch: which films, in which order, and where its progress is seen."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.ui.dialogs.failures import FailureSheet
from cephview.ui.look.theme import Theme
from cephview.ui.notice import Kind, Notice
from cephview.ui.panels.batch_strip import BatchStrip
from cephview.ui.panels.film_list import FilmList
from cephview.ui.rows.film_list_model import FilmState
from cephview.ui.session import Session


class BatchDesk(QObject):
    """Ties a session's batch to the list of films and to its strip there."""

    changed = Signal()

    def __init__(self, session: Session, films: FilmList, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._batch = batch = session.behind.batch
        self._model = session.films
        self._notice = session.noticed.emit
        self._films = films
        self._theme = theme
        self._sheet: FailureSheet | None = None
        self.strip = BatchStrip(theme)
        films.put_strip(self.strip)
        self.strip.toggle_wanted.connect(batch.toggle)
        self.strip.stop_wanted.connect(batch.stop)
        self.strip.failures_wanted.connect(self.show_failures)
        session.behind.read_ahead.next_of = films.path_after
        batch.changed.connect(self._refresh)
        batch.changed.connect(self.changed)
        batch.halted.connect(self._halted)
        batch.ended.connect(self._ended)

    def detect_new(self) -> None:
        """Detect every listed film without points."""
        self._batch.start(self._paths((FilmState.NEW,)))

    def detect_untouched(self) -> None:
        """Detect every listed film without a point of a hand, also those that have points."""
        self._batch.start(self._paths((FilmState.NEW, FilmState.REVIEW)), is_again=True)

    def detect_these(self, paths: Collection[Path]) -> None:
        """Detect some listed films, also those that have points, unless a hand was at work."""
        wanted = [p for p in self._paths((FilmState.NEW, FilmState.REVIEW)) if p in set(paths)]
        if wanted:
            self._batch.start(wanted, is_again=True)
        elif paths:
            text = "Nothing to detect: a person worked on every film that is selected."
            self._notice(Notice(text, Kind.NOTE, "batch"))

    def toggle(self) -> None:
        self._batch.toggle()

    def stop(self) -> None:
        self._batch.stop()

    def show_failures(self) -> None:
        """Lay a sheet with the films that failed over the page."""
        failures = self._batch.standing.failures
        if not failures:
            return
        if self._sheet is None:
            self._sheet = FailureSheet(self._theme, self._films.window())
            self._sheet.again_wanted.connect(self._batch.try_again)
        self._sheet.open(failures, can_try_again=not self._batch.is_running)

    def _paths(self, states: tuple[FilmState, ...]) -> list[Path]:
        """Return the films in these states that nobody checked a point of, those in sight first."""
        in_order = dict.fromkeys((*self._films.shown_paths(), *self._model.paths()))
        rows = (self._model.row_of(path) for path in in_order)
        return [r.path for r in rows if r is not None and r.state in states and not r.checked]

    def _halted(self, sentence: str) -> None:
        text = f"Detecting the films rests. {sentence}"
        self._notice(Notice(
            text, Kind.DANGER, "batch", "Go on", self._batch.go_on,
            holds=lambda: bool(self._batch.standing.halted),
        ))  # fmt: skip

    def _ended(self) -> None:
        # What was found changes the order; while it ran, no film was to leave its place.
        self._model.arrange()
        failures = self._batch.standing.failures
        failed = len(failures)
        if failed:
            films = "One film" if failed == 1 else f"{failed:,} films"
            self._notice(Notice(
                f"{films} could not be detected.", Kind.ATTENTION, "batch", "Show",
                self.show_failures, holds=lambda: self._batch.standing.failures == failures,
            ))  # fmt: skip

    def _refresh(self) -> None:
        self.strip.show_standing(self._batch.standing)

"""How long a hand is at work on a film, without idle minutes."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from cephview.core.film import Film
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.session import Session
from cephview.ui.workspace.keeping import KeepError

# A hand that rests longer has left the film.
IDLE_S = 60.0
_KEEP_MS = 30_000
_LEAST_S = 1.0


class WorkingTime(QObject):
    """Adds up the time between one sign of work and the next, and keeps it film by film."""

    def __init__(
        self,
        session: Session,
        view: FilmView,
        parent: QObject,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._keeping = session.keeping
        self._folder = session.folder
        self._readings = session.readings
        self._reading, self._reader = 0, ""
        self._clock = clock
        self._film = ""
        self._last = 0.0
        self._seconds = 0.0
        editor = session.editor
        editor.film_changed.connect(self._film_changed)
        for signal in (
            view.cursor_moved,
            view.zoom_changed,
            editor.changed,
            editor.selection_changed,
            editor.preview_changed,
        ):
            signal.connect(self.see)
        self._timer = QTimer(self, interval=_KEEP_MS)
        self._timer.timeout.connect(self._keep_unless_dragging)
        self._timer.start()

    def see(self, *_: object) -> None:
        """Take note of a sign of work."""
        now = self._clock()
        if now - self._last <= IDLE_S:
            self._seconds += now - self._last
        self._last = now

    def keep(self) -> None:
        """Write what has been added up."""
        seconds, self._seconds = self._seconds, 0.0
        if self._film and seconds >= _LEAST_S:
            try:
                self._keeping.append_work(self._film, seconds, self._reading, self._reader)
            except KeepError:
                # No label is lost with it, and the journal says what is amiss with the disk.
                return
            if self._reading == self._readings.listed.number:
                self._folder.add_time(self._film, seconds)

    def _keep_unless_dragging(self) -> None:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.keep()

    def _film_changed(self, film: Film | None) -> None:
        self.keep()
        self._film = "" if film is None else film.sha256
        self._reading, self._reader = self._readings.current.number, self._readings.reader
        self._seconds, self._last = 0.0, self._clock()

"""Reads and detects the film that is likely to come next, so that going on costs no waiting."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from cephview.core.film import Film
from cephview.ui.detection.detecting import Detecting
from cephview.ui.detection.quiet_detection import QuietDetection
from cephview.ui.detection.shelf import Shelf
from cephview.ui.work.background import Background

# What a film needs once it is shown comes before the next one.
_REST_MS = 300


class ReadAhead(QObject):
    """Waits until the open film has its points; then one film at the most is read ahead.

    next_of, once set, gives the film that would follow a film, or None.
    """

    def __init__(
        self,
        shelf: Shelf,
        quiet: QuietDetection,
        detecting: Detecting,
        is_batch_at_work: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._quiet = quiet
        self._detecting = detecting
        self._is_batch_at_work = is_batch_at_work
        self._background = Background(self)
        self._open: Path | None = None
        self.next_of: Callable[[Path], Path | None] = lambda _: None
        self._soon = QTimer(self, interval=_REST_MS, singleShot=True)
        self._soon.timeout.connect(self._begin)
        detecting.ended.connect(lambda _: self._soon.start())

    def film_shown(self, path: Path) -> None:
        """Take note of the open film."""
        self._open = path
        self._background.clear()
        # What runs for this very film is handed over to it.
        if self._quiet.path != path:
            self._quiet.cancel()
        self._soon.start()

    def stop(self) -> None:
        """Give up what runs, until another film is shown."""
        self._soon.stop()
        self._background.clear()
        self._quiet.cancel()

    def close(self) -> None:
        self._soon.stop()
        self._quiet.close()
        self._background.close()
        self._shelf.clear()

    def _begin(self) -> None:
        # Its end begins the next try.
        if self._open is None or self._detecting.is_busy:
            return
        path = self.next_of(self._open)
        if path is None:
            return
        self._shelf.expect(path)
        shelf = self._shelf

        def read(_film: Film) -> None:
            is_next = self._open is not None and path == self.next_of(self._open)
            is_wanted = self._detecting.is_on_open and self._detecting.model is not None
            if is_next and is_wanted and not self._is_batch_at_work():
                self._quiet.begin(path)

        # A film that cannot be read is told when it is asked for.
        self._background.run(lambda: shelf.put(path), read, lambda _: None)

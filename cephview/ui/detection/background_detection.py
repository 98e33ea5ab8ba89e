"""What is detected while a reader works on a film: a batch, and the film that comes next."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from cephview.ui.detection.batch import Batch
from cephview.ui.detection.detecting import Detecting
from cephview.ui.detection.quiet_detection import QuietDetection
from cephview.ui.detection.read_ahead import ReadAhead
from cephview.ui.detection.shelf import Shelf


class BackgroundDetection(QObject):
    """Holds both, and gives the open film what runs for it already."""

    def __init__(
        self,
        of_batch: QuietDetection,
        of_next: QuietDetection,
        shelf: Shelf,
        detecting: Detecting,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.batch = Batch(of_batch, self)
        self.read_ahead = ReadAhead(shelf, of_next, detecting, lambda: self.batch.is_running, self)

        def underway(*asked: Any) -> int:
            return of_batch.hand_over(*asked) or of_next.hand_over(*asked)

        detecting.underway = underway

    def film_shown(self, path: Path) -> None:
        self.read_ahead.film_shown(path)

    def stop(self) -> None:
        """Give up what runs: points would go to another reading than they were asked for."""
        self.batch.stop()
        self.read_ahead.stop()

    def close(self) -> None:
        """Begin nothing more and wait for what reads a film."""
        self.batch.close()
        self.read_ahead.close()

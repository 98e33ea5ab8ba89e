"""A line on work that takes long, in the bottom line: how far, how long yet, and Stop."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from cephview.ui.job import Job
from cephview.ui.panels.result_rows import time_left
from cephview.ui.theme import TARGET_PX

# Most work is over before one could read of it.
SHOWN_AFTER_MS = 400


class JobStrip(QWidget):
    """Shows the newest job from a moment after it began until it ends."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self.words = QLabel()
        self.words.setProperty("role", "value")
        self.stop = QPushButton("Stop")
        self.stop.setFixedHeight(TARGET_PX)
        self.stop.setStyleSheet("padding: 0 8px; min-height: 20px;")
        self.stop.clicked.connect(self._stop)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._show)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.words)
        row.addWidget(self.stop)
        self.hide()

    def show_job(self, job: Job) -> None:
        """Follow a job that has begun."""
        self._job = job
        self.words.setText(f"{job.title} …")
        self.stop.setVisible(job.can_stop)
        self.stop.setEnabled(True)
        self.stop.setAccessibleName(f"Stop: {job.title}")
        job.told.connect(self._tell)
        job.ended.connect(self._ended)
        self._soon.start()

    def _tell(self, done: int, every: int) -> None:
        job = self._job
        if job is None or self.sender() is not job:
            return
        left = job.seconds_left(done, every)
        parts = [f"{job.title}: {_grouped(done)} of {_grouped(every)}"]
        if left is not None:
            parts.append(f"{time_left(left)} left")
        self.words.setText(" · ".join(parts))
        if self.isVisible():
            self.resized.emit()

    def _show(self) -> None:
        self.show()
        self.resized.emit()

    def _ended(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._soon.stop()
            self.hide()
            self.resized.emit()

    def _stop(self) -> None:
        if self._job is not None:
            self.stop.setEnabled(False)
            self._job.stop()


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")

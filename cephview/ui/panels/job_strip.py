"""A line on work that takes long, in the bottom line: how far, how long yet, and Stop."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from cephview.ui.look.theme import TARGET_PX
from cephview.ui.panels.result_rows import time_left
from cephview.ui.work.job import Job

# Most work is over before one could read of it.
SHOWN_AFTER_MS = 400
_GAP = 8


class JobStrip(QWidget):
    """Shows the newest job from a moment after it began until it ends, then the one before."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._text = ""
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
        row.setSpacing(_GAP)
        row.addWidget(self.words)
        row.addWidget(self.stop)
        self.hide()

    @property
    def _job(self) -> Job | None:
        return self._jobs[-1] if self._jobs else None

    def show_job(self, job: Job) -> None:
        """Follow a job that has begun."""
        self._jobs.append(job)
        job.told.connect(self._tell)
        job.ended.connect(self._ended)
        self._name(job)
        self._soon.start()

    def show_words(self, *, shorter_by: int = 0) -> None:
        """Show what is told of the job, shorter by so many pixels where that is more than 0."""
        words = shortened(self.words, self._text, shorter_by) if shorter_by > 0 else self._text
        self.words.setText(words)
        self.words.setToolTip(self._text if words != self._text else "")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        # The layout's own is that of before the words changed.
        parts = [part for part in (self.words, self.stop) if not part.isHidden()]
        hints = [part.sizeHint() for part in parts]
        wide = sum(hint.width() for hint in hints) + _GAP * (len(parts) - 1)
        return QSize(wide, max((hint.height() for hint in hints), default=0))

    def _name(self, job: Job) -> None:
        self._text = f"{job.title} …"
        self.show_words()
        self.stop.setVisible(job.can_stop)
        self.stop.setEnabled(True)
        self.stop.setAccessibleName(f"Stop: {job.title}")

    def _tell(self, done: int, every: int) -> None:
        job = self._job
        if job is None or self.sender() is not job:
            return
        left = job.seconds_left(done, every)
        share = f"{100 * done // every} %"
        parts = [
            f"{job.title}: "
            + (share if job.is_in_percent else f"{_grouped(done)} of {_grouped(every)}")
        ]
        if left is not None:
            parts.append(f"{time_left(left)} left")
        self._text = " · ".join(parts)
        self.show_words()
        if self.isVisible():
            self.resized.emit()

    def _show(self) -> None:
        self.show()
        self.resized.emit()

    def _ended(self) -> None:
        ended, shown = self.sender(), self._job
        self._jobs = [job for job in self._jobs if job is not ended]
        if self._job is None:
            self._soon.stop()
            self.hide()
        elif self._job is not shown:
            self._name(self._job)
        self.resized.emit()

    def _stop(self) -> None:
        if self._job is not None:
            self.stop.setEnabled(False)
            self._job.stop()


def shortened(part: QLabel | QPushButton, text: str, by_px: int) -> str:
    """Return a text that takes so many pixels less in a widget, or the ellipsis alone."""
    metrics = part.fontMetrics()
    room = max(metrics.horizontalAdvance(text) - by_px, metrics.horizontalAdvance("…"))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")

"""How far a batch is, above the buttons of the film list; nothing while there is none."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cephview.ui.detection.batch import Standing
from cephview.ui.look.icons import put_icon
from cephview.ui.look.theme import Theme, scaled


class BatchStrip(QFrame):
    """Shows a standing; its buttons say what is wanted."""

    toggle_wanted = Signal()
    stop_wanted = Signal()
    failures_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._what = QLabel()
        self._what.setProperty("role", "value")
        self._more = QLabel()
        self._more.setProperty("role", "hint")
        self._more.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(scaled(4))
        self.toggle = self._button("Pause", self.toggle_wanted)
        self.stop = self._button("Stop", self.stop_wanted)
        self.failures = self._button("", self.failures_wanted)
        self.dismiss = QToolButton()
        put_icon(self.dismiss, "close", theme)
        self.dismiss.setToolTip("Put this away")
        self.dismiss.setAccessibleName("Put this away")
        self.dismiss.clicked.connect(self.hide)

        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 8, 10)
        rows.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self._what, 1)
        head.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(head)
        rows.addWidget(self.bar)
        rows.addWidget(self._more)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.toggle, self.stop, self.failures):
            buttons.addWidget(button, 1)
        rows.addLayout(buttons)
        self.hide()

    def show_standing(self, standing: Standing) -> None:
        """Show how far a batch is."""
        self._what.setText(headline(standing))
        self._more.setText(detail(standing))
        self._more.setVisible(bool(self._more.text()))
        self.bar.setMaximum(max(standing.total, 1))
        self.bar.setValue(standing.done)
        running, failed = standing.is_running, len(standing.failures)
        self.toggle.setText("Go on" if standing.is_paused else "Pause")
        for part in (self.bar, self.toggle, self.stop):
            part.setVisible(running)
        self.dismiss.setVisible(not running)
        self.failures.setText(
            f"{failed} failed"
            if running
            else ("Show the one that failed" if failed == 1 else f"Show the {failed:,} that failed")
        )
        self.failures.setVisible(failed > 0)
        self.setVisible(standing.total > 0)

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setStyleSheet(f"padding: 4px 6px; font-size: {scaled(12)}px;")
        button.clicked.connect(signal)
        return button


def headline(standing: Standing) -> str:
    """Return in a line how far a batch is."""
    if standing.is_running:
        verb = "Paused at" if standing.is_paused else "Detecting"
        return f"{verb} {min(standing.done + 1, standing.total):,} of {standing.total:,}"
    return f"{standing.detected:,} {'film' if standing.detected == 1 else 'films'} detected"


def detail(standing: Standing) -> str:
    """Return what else to know of a batch, "" where there is nothing."""
    if standing.halted:
        return standing.halted
    said = []
    if standing.is_running and not standing.is_paused and standing.seconds_left is not None:
        said.append(time_left(standing.seconds_left))
    if standing.left and not standing.is_running:
        said.append(f"{standing.left:,} left as they were")
    return " \u00b7 ".join(said)


def time_left(seconds: float) -> str:
    """Return a time as one says it."""
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min left"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min left"

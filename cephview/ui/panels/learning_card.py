"""The card on which a model learns from corrections, and on which its candidate is judged."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cephview.core.learning import what_is_learnt, what_is_taught
from cephview.ui.learning.finetuning import Learning, Material, Stage
from cephview.ui.look.theme import Theme
from cephview.ui.panels.result_rows import time_left
from cephview.ui.panels.result_view import ResultView

if TYPE_CHECKING:
    from cephview.ui.panels.learning_plot import LearningPlot

_LIMITS = (
    "It adapts the model to your films and to where you place points. It does not replace looking "
    "at each film. It is judged on films that did not teach it; nothing changes until you say so."
)
_GOES_ON = (
    "It goes on where it was, with the corrections it began with, to the model it would have been. "
    "What you corrected since is for the next time."
)


class LearningCard(QFrame):
    """Shows the stage a fine-tune is in; asks for what the user presses."""

    start_wanted = Signal()
    go_on_wanted = Signal()
    cancel_wanted = Signal()
    adopt_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._theme = theme
        self._plot: LearningPlot | None = None
        self._title = _label("title", "Learn from corrections")
        self.sentence = _wrapped("")
        self._limits = _wrapped("hint", _LIMITS)
        self.start = QPushButton("Fine-tune on my corrections")
        self.start.clicked.connect(self.start_wanted)
        self.go_on = QPushButton("Go on")
        self.go_on.setProperty("kind", "primary")
        self.go_on.clicked.connect(self.go_on_wanted)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.status = _wrapped("hint")
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancel_wanted)
        self.result = ResultView(theme)
        self.adopt = QPushButton("Use this model")
        self.adopt.setProperty("kind", "confirm")
        self.adopt.clicked.connect(self.adopt_wanted)
        self.discard = QPushButton("Discard")
        self.discard.clicked.connect(self.discard_wanted)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 10, 12, 12)
        self._layout.setSpacing(8)
        for widget in (self._title, self.sentence, self._limits, self.start, self.bar, self.status):
            self._layout.addWidget(widget)
        self._layout.addWidget(self.cancel)
        self._layout.addWidget(self.result.sentence)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.go_on, 1)
        row.addWidget(self.adopt, 1)
        row.addWidget(self.discard, 1)
        self._layout.addLayout(row)
        self._layout.addWidget(self.result)

    def show_learning(self, learning: Learning, material: Material, *, has_model: bool) -> None:
        """Show the widgets of the stage with what is known in it."""
        stage, result = learning.stage, learning.result
        focused = self.window().focusWidget()
        had_focus = focused is self or self.isAncestorOf(focused)
        is_running = stage in (Stage.RUNNING, Stage.CANCELLING)
        is_idle = stage is Stage.IDLE
        is_interrupted = stage is Stage.INTERRUPTED
        _show((self._limits, self.start), is_idle)
        self.sentence.setVisible(is_idle or is_interrupted)
        self.go_on.setVisible(is_interrupted)
        _show((self.bar, self.status, self.cancel), is_running)
        _show((self.result.sentence, self.result), result is not None)
        self.discard.setVisible(result is not None or is_interrupted)
        self.adopt.setVisible(result is not None and result.is_better)
        if self._plot is not None:
            self._plot.setVisible(is_running and has_curve(learning.losses))
        if is_idle:
            self._title.setText("Learn from corrections")
            self.sentence.setText(material_sentence(material) + material.told)
            self.start.setEnabled(has_model and not material.missing)
        elif learning.begun is not None and is_interrupted:
            self._title.setText("Learning was interrupted")
            parts = (learning.text, learning.begun.sentence, _GOES_ON)
            self.sentence.setText(" ".join(part for part in parts if part))
        elif is_running:
            self._title.setText("Learning")
            self._show_running(learning)
        elif result is not None:
            self._title.setText("The new model, judged")
            self.result.show_result(result)
        if had_focus:
            self._keep_focus()

    def _keep_focus(self) -> None:
        """Hand the keyboard on from a button that went to one that came."""
        for button in (self.cancel, self.go_on, self.adopt, self.discard, self.start):
            if not button.isHidden() and button.isEnabled():
                button.setFocus()
                return
        self.setFocus()

    def _show_running(self, learning: Learning) -> None:
        self.bar.setValue(round(1000 * min(1.0, max(0.0, learning.fraction))))
        parts = [learning.text]
        progress = learning.progress
        if progress is not None:
            parts.append(f"step {progress.step} of {progress.steps}")
            parts.append(f"{time_left(progress.seconds_left)} left")
        self.status.setText(" \u00b7 ".join(part for part in parts if part))
        self.cancel.setEnabled(learning.stage is Stage.RUNNING)
        if has_curve(learning.losses):
            plot = self._plot_widget()
            plot.setVisible(True)
            unit = progress.unit if progress is not None else ""
            plot.show_curves(learning.losses, learning.holdout, unit)

    def _plot_widget(self) -> "LearningPlot":
        if self._plot is None:
            # Imported here: it costs a good part of the window's first second.
            from cephview.ui.panels.learning_plot import LearningPlot

            self._plot = LearningPlot(self._theme)
            self._layout.insertWidget(self._layout.indexOf(self.cancel), self._plot)
        return self._plot


def material_sentence(material: Material) -> str:
    """Say how much a fine-tune would learn from."""
    if not material.films:
        return (
            "There are no corrections yet. Move or confirm points on a few films, and the model "
            "can learn from them."
        )
    films = "1 film" if material.films == 1 else f"{material.films} films"
    points = "1 point" if material.points == 1 else f"{material.points} points"
    said = f"Would learn from {points} on {films} that you moved or confirmed"
    if not material.missing:
        taught = what_is_taught(dict(material.new))
        learnt = what_is_learnt(material.patients) if material.has_known else ""
        return " ".join(filter(None, [f"{said}.", learnt, taught]))
    more = "1 more film is" if material.missing == 1 else f"{material.missing} more films are"
    whose = "" if material.patients == material.films else " of other patients"
    return f"{said}; {more} needed{whose}, to learn from some and to judge by the others."


def has_curve(losses: tuple[tuple[int, float], ...]) -> bool:
    """Say whether there is a curve to draw: without a loss, zero is told at every step."""
    return any(loss > 0 for _, loss in losses)


def _show(widgets: Iterable[QWidget], visible: bool) -> None:
    for widget in widgets:
        widget.setVisible(visible)


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    if role:
        label.setProperty("role", role)
    return label


def _wrapped(role: str, text: str = "") -> QLabel:
    label = _label(role, text)
    label.setWordWrap(True)
    return label

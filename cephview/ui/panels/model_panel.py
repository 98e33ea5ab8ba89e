"""The Model panel: which model is at work, how good it is, and how it learns."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cephview.ui.learning.finetuning import Finetuning, Material, Stage
from cephview.ui.learning.models import Models
from cephview.ui.look.theme import Theme
from cephview.ui.panels.learning_card import LearningCard
from cephview.ui.panels.lineage_card import LineageCard
from cephview.ui.panels.model_facts import Facts, about, facts

_SOON_MS = 400


class ModelPanel(QScrollArea):
    """Reads the models and the fine-tune; passes what a user presses on to them."""

    def __init__(
        self, models: Models, finetuning: Finetuning, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._models = models
        self._finetuning = finetuning
        self._device = ""
        self._is_shown = False
        self._material = Material(0, 0, 0)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self.refresh_learning)
        self._stage = Stage.IDLE
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.choice = QComboBox()
        self.choice.setAccessibleName("Model")
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choice.activated.connect(self._chosen)
        self.set_aside = QLabel()
        self.set_aside.setProperty("role", "hint")
        self.set_aside.setWordWrap(True)
        self.set_aside.setTextFormat(Qt.TextFormat.PlainText)
        self.back = QPushButton()
        self.back.clicked.connect(models.go_back)
        self.lineage = LineageCard(models)
        self.lineage.model_wanted.connect(models.use)
        self.learning = LearningCard(theme)
        self.learning.start_wanted.connect(finetuning.start)
        self.learning.go_on_wanted.connect(finetuning.go_on)
        self.learning.cancel_wanted.connect(finetuning.cancel)
        self.learning.adopt_wanted.connect(finetuning.adopt)
        self.learning.discard_wanted.connect(finetuning.discard)

        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addWidget(self.choice)
        layout.addWidget(self.set_aside)
        layout.addWidget(self._make_card())
        layout.addWidget(self.back)
        layout.addWidget(self.lineage)
        layout.addWidget(self.learning)
        layout.addStretch(1)
        self.setWidget(page)

        models.changed.connect(self.refresh)
        finetuning.changed.connect(self.refresh_learning)
        self.refresh()

    def show_device(self, device: str) -> None:
        """Name the device the engine runs on."""
        self._device = device
        self.refresh()

    def refresh(self) -> None:
        """Read the models again."""
        models, active = self._models, self._models.active
        self.choice.clear()
        for model in models.installed:
            self.choice.addItem(
                model.name + (" \u00b7 yours" if model.is_own else ""), model.folder
            )
            if active is not None and model.folder == active.folder:
                self.choice.setCurrentIndex(self.choice.count() - 1)
        self.choice.setEnabled(self.choice.count() > 0)
        self.set_aside.setText("\n".join(f"Set aside: {why}" for why in models.set_aside))
        self.set_aside.setVisible(bool(models.set_aside))
        previous = models.previous
        self.back.setVisible(previous is not None)
        self.back.setText("" if previous is None else f"Back to {previous.name}")
        self.lineage.refresh()
        if active is None:
            self._name.setText("No model")
            self._about.setText("Points can be placed by hand.")
            self._show_facts(())
        else:
            self._name.setText(active.name)
            self._about.setText(about(active))
            self._show_facts(facts(active.info, self._device))
        self.refresh_learning()

    def refresh_learning(self) -> None:
        """Read where the fine-tune stands."""
        if not self._is_shown:
            return
        finetuning = self._finetuning
        if finetuning.learning.stage is Stage.IDLE:
            self._material = finetuning.material()
        self.learning.show_learning(
            finetuning.learning, self._material, has_model=self._models.active is not None
        )
        if finetuning.learning.stage is not self._stage:
            self._stage = finetuning.learning.stage
            # Once what came with the stage has its place.
            QTimer.singleShot(0, self, self._bring_learning_up)

    def _bring_learning_up(self) -> None:
        """Put what a stage asks to be looked at where it is seen."""
        if self._stage in (Stage.RUNNING, Stage.INTERRUPTED, Stage.JUDGED):
            self.verticalScrollBar().setValue(self.learning.y() - 12)

    def refresh_soon(self, *_: object) -> None:
        """Count the corrections again once the hand rests; counting reads every tracing."""
        if self._is_shown:
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_shown = True
        self.refresh_learning()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._is_shown = False

    def _chosen(self, place: int) -> None:
        self._models.use(self.choice.itemData(place))

    def _make_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(6)
        self._name = QLabel()
        self._name.setProperty("role", "title")
        self._name.setWordWrap(True)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._about = QLabel()
        self._about.setWordWrap(True)
        layout.addWidget(self._name)
        layout.addWidget(self._about)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        layout.addLayout(self._facts)
        return card

    def _show_facts(self, rows: Facts) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for n, (name, value, role) in enumerate(rows):
            key = QLabel(name)
            key.setProperty("role", "hint")
            text = QLabel(value)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setProperty("role", role)
            self._facts.addWidget(key, n, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(text, n, 1)

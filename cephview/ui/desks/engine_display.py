"""Keeps the model's pill true: which model, on what device, in what state, how fast last time."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from cephview.core.detection import Detection
from cephview.ui.panels.model_panel import ModelPanel
from cephview.ui.panels.top_bar import LOOKING, TopBar
from cephview.ui.session import Session

# State of the engine: (colour of the dot, filled, what the tip says).
_DOTS = {
    "starting": ("text_3", False, "The engine is starting"),
    "restarting": ("attention", False, "The engine is starting again"),
    "ready": ("human", True, "The engine is ready"),
    "busy": ("refined", False, "The engine is at work"),
    "failed": ("danger", True, "The engine does not run"),
    "stopped": ("text_3", False, "The engine does not run yet"),
}
_WORDS = {
    "starting": "starting",
    "restarting": "starting",
    "stopped": "starting",
    "failed": "engine stopped",
}


class EngineDisplay(QObject):
    """Reads the engine and the session, and writes the top bar and the Model panel."""

    def __init__(
        self, engine: Any, session: Session, bar: TopBar, panel: ModelPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._session = session
        self._bar = bar
        self._panel = panel
        self._device = ""
        self._seconds: float | None = None
        self._doing = ""
        detecting = session.detecting
        detecting.started.connect(self._started)
        detecting.progressed.connect(self._progressed)
        detecting.ended.connect(self._ended)
        detecting.landed.connect(self._landed)
        session.models.changed.connect(self._model_changed)
        engine.state_changed.connect(self.refresh)
        engine.described.connect(self._described)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Write the pill."""
        models = self._session.models
        if not models.is_read:
            tip = "The models are read in a moment"
            self._bar.pill.show_state(LOOKING, "text_3", tip, is_filled=False)
            return
        active = models.active
        state = getattr(self._engine, "state", "stopped")
        dot, is_filled, tip = _DOTS.get(state, _DOTS["stopped"])
        if active is None:
            tip = "No model is chosen. Click to choose one."
            self._bar.pill.show_state("no model", "attention", tip)
            return
        if self._doing or state in _WORDS:
            parts = [active.name, self._doing or _WORDS[state]]
        else:
            time = "" if self._seconds is None else f"{self._seconds:.1f} s"
            parts = [active.name, self._device, time]
        text = " \u00b7 ".join(part for part in parts if part)
        self._bar.pill.show_state(text, dot, f"{tip}. Click for the model.", is_filled=is_filled)

    def _started(self, _path: Path) -> None:
        self._doing = "detecting"
        self._bar.show_detecting(True)
        self.refresh()

    def _progressed(self, fraction: float, _text: str) -> None:
        self._doing = f"detecting {fraction * 100:.0f} %"
        self.refresh()

    def _ended(self, _path: Path) -> None:
        self._doing = ""
        self._bar.show_detecting(False)
        self.refresh()

    def _landed(self, detection: Detection) -> None:
        self._seconds = detection.seconds
        # The engine may have turned to the processor for this film alone.
        self._described("CPU" if detection.device == "cpu" else self._device)

    def _model_changed(self) -> None:
        self._seconds = None
        self.refresh()

    def _described(self, device: str) -> None:
        self._device = device
        self._panel.show_device(device)
        self.refresh()

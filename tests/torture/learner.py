"""A hand that corrects films until a model can learn from them, and has it learn, again and again.

Says for each fine-tune "begun", "learning" with each sign of progress, and "ended" with what the
window said of it.
"""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from cephview.ui.learning.finetuning import Stage
from cephview.ui.learning.installed_models import read_model
from cephview.ui.main_window import MainWindow

JUDGED = "judged"
_AGAIN_MS = 100
_FARTHEST_PX = 3.0


class Learner(QObject):
    """Works in a window whose engine is the real one; say() takes what it has to tell."""

    def __init__(self, window: MainWindow, say: Callable[..., None], dice: random.Random) -> None:
        super().__init__(window)
        self.window, self.say, self.dice = window, say, dice
        self.session = window.session
        finetuning = self.session.finetuning
        finetuning.changed.connect(self._changed)
        finetuning.failed.connect(self._failed)
        self.session.detecting.landed.connect(lambda _: self._correct())
        self.session.detecting.failed.connect(lambda _: self._again(self.go_on))

    def go_on(self) -> None:
        """Correct the next film, or learn where enough are corrected."""
        session, editor = self.session, self.session.editor
        stage = session.finetuning.learning.stage
        if stage is Stage.JUDGED:
            # Of a window before.
            self._judged()
        elif stage is Stage.INTERRUPTED:
            self._learn()
        elif editor.film is None or session.models.active is None or session.finetuning.is_running:
            if not session.finetuning.is_running:
                self._again(self.go_on)
        elif not session.finetuning.material().missing:
            self._learn()
        elif editor.tracing["S"].best is None:
            session.detecting.detect()
        elif editor.tracing["S"].truth is None:
            self._correct()
        else:
            self.window.next_film()
            self._again(self.go_on)

    def _correct(self) -> None:
        """Move a point of the open film by as much as a hand differs, and confirm all."""
        self._nudge()
        self.session.editor.confirm_all()
        self._again(self.go_on)

    def _learn(self) -> None:
        finetuning = self.session.finetuning
        if finetuning.learning.stage is Stage.INTERRUPTED:
            finetuning.go_on()
        else:
            finetuning.start()
        if finetuning.is_running:
            self.say(begun="fine-tune")
            # A hand goes on while the model learns.
            self._nudge()
        else:
            self._again(self.go_on)

    def _changed(self) -> None:
        learning = self.session.finetuning.learning
        if learning.result is not None:
            self._judged()
        elif learning.stage is Stage.INTERRUPTED:
            self._failed(learning.text)
        elif learning.progress is not None:
            self.say(learning=learning.progress.step, of=learning.progress.steps)

    def _judged(self) -> None:
        sentence = self.session.finetuning.learning.result.sentence
        self.say(ended=JUDGED, sentence=sentence, is_whole=self._is_whole())
        self.session.finetuning.discard()
        self._again(self.go_on)

    def _is_whole(self) -> bool:
        """Whether the judged model is the one its description names."""
        folder = Path(self.session.finetuning.learning.result.model_dir)
        weights = (folder / "model.safetensors").read_bytes()
        described = read_model(folder, is_own=True)
        return described is not None and (
            hashlib.sha256(weights).hexdigest() == described.info.sha256
        )

    def _failed(self, sentence: str) -> None:
        self.say(ended=sentence)
        self._nudge()
        self._again(self.go_on)

    def _nudge(self) -> None:
        far = self.dice.uniform(1.0, _FARTHEST_PX)
        self.session.editor.nudge("S", far * self.dice.choice((-1, 1)), 0.0)

    def _again(self, call: Callable[[], Any]) -> None:
        QTimer.singleShot(self.dice.randrange(1, _AGAIN_MS), self, call)

"""A window with a hand that never rests: run by the torture, killed by it, and read by it.

    python tests/torture/hand.py WORKSPACE FILMS SEED KIND

Speaks JSON lines on its standard output: every step the journal acknowledged, at once, and what the
window said to its user. KIND is edit (an engine that answers at once, edits without end), detect
(the real engine, one detection after the other) or finetune (the real engine learns). A line on
the standard input has the edits tried again that a disk refused, "quit" closes the window.
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "stand_ins"))

from fake_engine import FakeEngine
from learner import Learner
from proof import digest
from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from cephview import app
from cephview.core.detection import DetectedPoint, Detection
from cephview.engine.client import EngineClient
from cephview.settings import Settings
from cephview.ui.look.theme import DARK
from cephview.ui.main_window import MainWindow


def say(**fields: Any) -> None:
    """Write one line in one piece."""
    os.write(1, (json.dumps(fields) + "\n").encode())


class QuickEngine(FakeEngine):
    """Answers every detection at once with points on a grid that moves a little each time."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self.landmarks: tuple[str, ...] = ()

    def detect(self, *args: Any) -> int:
        request, shift = super().detect(*args), self._dice.random()
        points = tuple(
            DetectedPoint(name, (9 * n + shift, 40.0), 2.0, (9 * n + shift, 41.0), 1.0)
            for n, name in enumerate(self.landmarks, 1)
        )
        passes, turn = self.detections[-1][3], self.turns[-1]
        found = Detection(points, "e" * 64, "quick", passes, "cpu", 0.0, turn=turn)
        QTimer.singleShot(self._dice.randrange(5), lambda: self.detected.emit(request, found))
        return request


class Hand(QObject):
    """Works in a window at random, and says what was acknowledged."""

    def __init__(self, window: MainWindow, films: list[Path], dice: random.Random) -> None:
        super().__init__(window)
        self.window, self.films, self.dice = window, films, dice
        self.editor = window.session.editor
        self._listen(window.session.keeping)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.work)
        window.session.noticed.connect(lambda notice: say(said=notice.text, topic=notice.topic))
        self.editor.saved.connect(lambda: say(saved=True))

    def _listen(self, keeping: Any) -> None:
        def heard(append: Any) -> Any:
            def call(sha256: str, *args: Any) -> int:
                number = append(sha256, *args)
                tracing = keeping._workspace.tracing(sha256)
                say(film=sha256, number=number, digest=digest(tracing))
                return int(number)

            return call

        for name in ("append_commit", "append_undo", "append_redo"):
            setattr(keeping, name, heard(getattr(keeping, name)))

    def work(self) -> None:
        """Do one thing that a user does."""
        editor, dice = self.editor, self.dice
        if editor.film is None:
            return
        name = dice.choice([landmark.id for landmark in editor.landmarks])
        place = dice.uniform(0, editor.film.width - 1), dice.uniform(0, editor.film.height - 1)
        things = (
            (8, lambda: editor.move(name, place)),
            (4, lambda: editor.nudge(name, dice.uniform(-2, 2), 1.0)),
            (3, lambda: editor.confirm(name)),
            (1, editor.confirm_all),
            (2, lambda: editor.revert(name)),
            (1, lambda: editor.mark_not_visible(name)),
            (4, editor.undo),
            (3, editor.redo),
            (1, self.window.session.detecting.detect),
            (1, lambda: self.window.open_paths((dice.choice(self.films),))),
        )
        weights = [weight for weight, _ in things]
        dice.choices(things, weights)[0][1]()
        self.timer.setInterval(dice.choice((0, 0, 1, 5)))

    def detect_again(self) -> None:
        """Detect, whatever became of the detection before; then move a point by hand."""
        session = self.window.session
        engine = self.window._services.engine

        def ended(outcome: str) -> None:
            say(ended=outcome)
            self.work()
            self.work()
            if engine.state == "failed":
                engine.retry()
            QTimer.singleShot(self.dice.randrange(300), begin)

        def begin() -> None:
            if self.editor.film is None or session.models.active is None:
                QTimer.singleShot(100, begin)
                return
            say(begun="detection")
            session.detecting.detect()

        def given_up() -> None:
            # Neither landed nor failed: another film was opened meanwhile.
            if outcomes:
                ended(outcomes.pop())
            else:
                ended("given up for another film")

        outcomes: list[str] = []
        session.detecting.landed.connect(lambda _: outcomes.append("landed"))
        session.detecting.failed.connect(outcomes.append)
        session.detecting.ended.connect(lambda _: QTimer.singleShot(0, given_up))
        begin()


def main() -> int:
    workspace, films, seed, kind = sys.argv[1:5]
    dice = random.Random(int(seed))
    app_ = QApplication(sys.argv[:1])
    quick = QuickEngine(dice)
    engine = quick if kind == "edit" else EngineClient(device="cpu")
    settings = Settings(author="torture", detect_on_open=kind == "edit")
    window = app.make_window(app.make_services(settings, workspace, "", engine), DARK)
    quick.landmarks = tuple(landmark.id for landmark in window.session.editor.landmarks)
    hand = Hand(window, sorted(Path(films).iterdir()), dice)
    window.show()
    window.open_paths((Path(films),))
    window.session.start()
    window.safekeeping.start()
    engine.start()
    say(ready=True)
    if kind == "edit":
        hand.timer.start(0)
    elif kind == "detect":
        hand.detect_again()
    else:
        Learner(window, say, dice).go_on()

    def told() -> None:
        # Not by lines: what Python holds back would wake nobody.
        if b"quit" in os.read(0, 4096):
            notifier.setEnabled(False)
            hand.timer.stop()
            window.session.finetuning.discard()
            is_closed = window.close()
            if not is_closed and window.session.finetuning.is_running:
                # It asks first while it learns, and is told to keep nothing.
                window.notices.current.on_other()
                is_closed = not window.isVisible()
            if not is_closed:
                # Then Qt would not quit either; who waits for the word that it closed sees the end.
                print(window.notices.current.text, file=sys.stderr, flush=True)
                os._exit(1)
            window.session.keeping.close()
            engine.close()
            say(closed=True)
            app_.quit()
        else:
            window.session.editor.flush()

    notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, app_)
    notifier.activated.connect(told)
    return app_.exec()


if __name__ == "__main__":
    sys.exit(main())

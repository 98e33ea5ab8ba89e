"""A hand that corrects films and has the model learn, in a window with the real engine.

    python tests/e2e/learning_hand.py WORKSPACE FILMS COUNT

In a process of its own, to be killed: corrects so many films, presses the button, and writes a line
for every step that was learnt.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.app import make_services, make_window
from cephview.core.tracing import State
from cephview.engine.client import EngineClient
from cephview.settings import Settings
from cephview.ui.look.theme import DARK, apply_theme

# The hand places these elsewhere than the model, by so many pixels, all others where it has them.
ELSEWHERE = ("Me", "Go")
BY = (8.0, -4.0)
WAIT_S = 240.0
LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


class Program:
    """The program on a workspace, worked by real events."""

    def __init__(self, workspace: Path) -> None:
        self.engine = EngineClient(device="cpu")
        self.window = make_window(
            make_services(Settings(author="Dr A"), str(workspace), "", self.engine), DARK
        )
        self.window.resize(1280, 720)
        self.window.show()
        self.engine.start()
        self.window.session.start()
        self.session, self.editor = self.window.session, self.window.session.editor
        self._previewed = (0.0, 0.0)
        self.editor.preview_changed.connect(self._preview)
        # What is detected ahead takes the processor from what a test waits for.
        self.session.behind.stop()

    @property
    def card(self) -> Any:
        return self.window.model.learning

    @property
    def learning(self) -> Any:
        return self.session.finetuning.learning

    def wait(self, until: Callable[[], object]) -> None:
        end = time.monotonic() + WAIT_S
        while not until():
            assert time.monotonic() < end, "what was waited for never came"
            QTest.qWait(20)

    def open(self, path: Path) -> None:
        """Open a film and wait for its points."""
        self.window.open_paths((path,))
        self.wait(lambda: self.session.path == path and self._is_detected())

    def correct(self, path: Path) -> None:
        """Put what lies elsewhere right by the mouse, and confirm the rest by a key."""
        self.open(path)
        for name in ELSEWHERE:
            self._drag(name)
            assert self.editor.tracing[name].state is State.MOVED, name
        QTest.keyClick(self.window, Qt.Key.Key_Return, CTRL)
        assert all(point.state is State.CONFIRMED for point in self.editor.tracing)

    def press_learn(self) -> None:
        self.click(self.window.bar.pill)
        self.click(self.card.start)
        assert self.session.finetuning.is_running

    def click(self, button: Any) -> None:
        self.wait(lambda: button.isVisible() and button.isEnabled())
        QTest.mouseClick(button, LEFT)

    def close(self) -> None:
        self.window._may_lose = True
        self.window.close()
        self.engine.close()
        self.session.keeping.close()

    def _preview(self, _landmark: str, xy: tuple[float, float] | None) -> None:
        self._previewed = xy or self._previewed

    def _is_detected(self) -> bool:
        tracing = self.editor.tracing
        return tracing is not None and all(point.refined for point in tracing)

    def _drag(self, name: str) -> None:
        view, points = self.window.view, self.window.points
        self.window.tabs.setCurrentWidget(points)
        index = points.model.index(points.model.row_of(name), 2)
        points.table.scrollTo(index)
        at = points.table.visualRect(index).center()
        QTest.mouseClick(points.table.viewport(), LEFT, pos=at)
        assert self.editor.selection == name
        x, y = self.editor.tracing[name].best.xy
        start, end = self._on_screen((x, y)), self._on_screen((x + BY[0], y + BY[1]))
        QTest.mousePress(view, LEFT, pos=start)
        for step in range(1, 6):
            QTest.mouseMove(view, start + (end - start) * step / 5)
        # A point moves only once the hand clearly drags it, and then follows at that distance:
        # whoever looks goes on until it is where it belongs.
        QTest.mouseMove(view, end + end - self._on_screen(self._previewed))
        QTest.mouseRelease(view, LEFT, pos=end)

    def _on_screen(self, xy: tuple[float, float]) -> QPoint:
        x, y = self.window.view.viewport.to_screen(xy)
        return QPoint(round(x), round(y))


def main() -> int:
    workspace, films, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    app = QApplication(sys.argv[:1])
    apply_theme(app, DARK)
    program = Program(workspace)
    for path in sorted(films.iterdir())[:count]:
        program.correct(path)
    program.engine.trained.connect(
        lambda _, progress: os.write(1, f"{progress.step if progress.loss else 0}\n".encode())
    )
    program.press_learn()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())

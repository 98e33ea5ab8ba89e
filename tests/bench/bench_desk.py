"""A whole window on a workspace of its own, and hands that time every frame they cause."""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "stand_ins"))

from fake_engine import FakeEngine
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from cephview import app
from cephview.core.detection import DetectedPoint, Detection
from cephview.core.uncertainty import Covariance
from cephview.settings import Settings
from cephview.ui.look.theme import DARK, apply_theme
from cephview.ui.main_window import SIZE, MainWindow

NONE = Qt.KeyboardModifier.NoModifier
NO_BUTTON = Qt.MouseButton.NoButton
LEFT = Qt.MouseButton.LeftButton
MIDDLE = Qt.MouseButton.MiddleButton


class PaintCount(QObject):
    """Counts what a widget paints, without a change to the widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


class Desk:
    """The program's window, shown and ready, as the composition root makes it.

    clock gives seconds: time.perf_counter on a quiet machine, time.process_time on a busy one.
    """

    def __init__(self, workspace: Path, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.app = app._application()
        apply_theme(self.app, DARK)
        settings = Settings(author="bench", detect_on_open=False)
        services = app.make_services(settings, str(workspace), "", FakeEngine())
        self.window: MainWindow = app.make_window(services, DARK)
        self.window.resize(SIZE)
        self.window.show()
        self.window.session.start()
        self.view = self.window.view
        self.painted = PaintCount(self.view)
        self.settle()

    def settle(self, seconds: float = 0.3) -> None:
        """Let everything that waits happen."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            QApplication.processEvents()
            time.sleep(0.005)

    def open(self, path: Path, timeout_s: float = 600) -> float:
        """Open a film and return the seconds until its pixels are painted."""
        editor = self.window.session.editor
        before = editor.film
        deadline = time.monotonic() + timeout_s
        start = self.clock()
        self.window.open_paths((path,))
        while editor.film is before or editor.film is None:
            QApplication.processEvents()
            if time.monotonic() > deadline:
                raise SystemExit(f"{path.name} was not shown in {timeout_s} s")
            time.sleep(0.0005)
        self.view.repaint()
        return self.clock() - start

    def place(self, places: dict[str, tuple[float, float]]) -> None:
        """Lay points on the film as a model with ellipses would."""
        film = self.window.session.editor.film
        assert film is not None
        px = film.width / 1935
        points = tuple(
            DetectedPoint(name, (x + 12 * px, y - 9 * px), 14 * px, (x, y), 8 * px,
                          Covariance(140 * px * px, 30 * px * px, 60 * px * px))
            for name, (x, y) in places.items()
        )  # fmt: skip
        self.window.session.editor.apply_detection(
            Detection(points, "0" * 64, "bench", 1, "cpu", 0.1)
        )
        self.settle()

    def frame(self, act: Callable[[], object]) -> float:
        """Return the milliseconds from an event to the end of the painting it asked for."""
        before = self.painted.count
        start = self.clock()
        act()
        QApplication.processEvents()
        took = (self.clock() - start) * 1000
        if self.painted.count == before:
            raise SystemExit("an event painted nothing: the bench times the wrong thing")
        return took

    def drag(self, path: Iterable[QPointF], button: Qt.MouseButton) -> list[float]:
        """Drag along a path on the film and return the time of every frame."""
        places = list(path)
        self.mouse(QEvent.Type.MouseButtonPress, places[0], button, button)
        QApplication.processEvents()
        took = [
            self.frame(lambda at=at: self.mouse(QEvent.Type.MouseMove, at, NO_BUTTON, button))
            for at in places[1:]
        ]
        self.mouse(QEvent.Type.MouseButtonRelease, places[-1], button, NO_BUTTON)
        QApplication.processEvents()
        return took

    def mouse(
        self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        on_monitor = self.view.mapToGlobal(at)
        QApplication.sendEvent(self.view, QMouseEvent(kind, at, on_monitor, button, held, NONE))

    def wheel(self, at: QPointF, steps: int) -> None:
        on_monitor = self.view.mapToGlobal(at)
        QApplication.sendEvent(self.view, QWheelEvent(
            at, on_monitor, QPoint(), QPoint(0, 120 * steps), NO_BUTTON, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        ))  # fmt: skip

    def key(self, key: Qt.Key) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.view, QKeyEvent(kind, key, NONE))

    def close(self) -> None:
        self.window._may_lose = True
        self.window.close()
        self.window.session.keeping.close()

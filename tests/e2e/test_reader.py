"""A reader at work: five films, their worst points put right by keyboard and mouse, a restart.

Real events on the real window, with the model that ships in its own process. What is compared are
the exact places in the store.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from cephview.app import make_services, make_window
from cephview.core.tracing import XY, State, Tracing
from cephview.engine.client import EngineClient
from cephview.formats.truth import read_truth
from cephview.phantom.dataset import write_dataset
from cephview.settings import Settings
from cephview.store import Workspace
from cephview.ui.look.theme import DARK, apply_theme
from cephview.ui.rows.film_list_model import Filter

ENGINE_MS = 120_000
FILMS = 5
WORST = 5
REAL = ("151", "187", "222", "256", "300")
LEFT = Qt.MouseButton.LeftButton
PLAIN, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@dataclass
class Round:
    """The films, and where their points truly are."""

    films: Path
    truth: dict[str, dict[str, XY]]


@pytest.fixture(params=["phantoms", "real films"])
def task(request: pytest.FixtureRequest, tmp_path: Path) -> Round:
    if request.param == "phantoms":
        table = write_dataset(tmp_path / "data", FILMS, 70, (640, 800))
        films = table.with_name("images")
    else:
        data = request.getfixturevalue("shared_data") / "isbi2015"
        table, films = data / "landmarks_senior.csv", tmp_path / "films"
        films.mkdir()
        for number in REAL:
            (films / f"{number}.jpg").symlink_to(data / "images" / f"{number}.jpg")
    truth = read_truth(table)
    return Round(films, {path.name: dict(truth.points[path.name]) for path in films.iterdir()})


class Program:
    """The program on one workspace, from its start to its end."""

    def __init__(self, workspace: Path, qtbot: Any) -> None:
        self.qtbot = qtbot
        self.engine = EngineClient(device="cpu")
        services = make_services(Settings(author="Dr A"), str(workspace), "", self.engine)
        self.window = make_window(services, DARK)
        self.window.resize(1440, 900)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.engine.start()
        self.window.session.start()
        self.view, self.editor = self.window.view, self.window.session.editor
        self.changes = 0
        self.previewed = (0.0, 0.0)
        self.editor.changed.connect(self._count)
        self.editor.preview_changed.connect(self._previewed)

    @property
    def tracing(self) -> Tracing:
        assert self.editor.tracing is not None
        return self.editor.tracing

    def _count(self, *_: object) -> None:
        self.changes += 1

    def _previewed(self, _landmark: str, xy: XY | None) -> None:
        self.previewed = xy or self.previewed

    def shows(self, path: Path) -> bool:
        """Whether a film is open and has points."""
        is_open = self.window.session.path == path and self.editor.tracing is not None
        return is_open and all(point.best is not None for point in self.tracing)

    def wait_for(self, path: Path) -> None:
        self.qtbot.waitUntil(lambda: self.shows(path), timeout=ENGINE_MS)

    def close(self) -> None:
        self.window.close()
        self.engine.close()
        self.window.session.keeping.close()

    def worst(self, truth: dict[str, XY]) -> list[str]:
        """Return the landmarks that are furthest from the truth, the worst first."""
        return sorted(truth, key=lambda name: -self.off(name, truth))[:WORST]

    def off(self, name: str, truth: dict[str, XY]) -> float:
        """Return how far a point is from the truth, px."""
        return math.dist(self.tracing[name].best.xy, truth[name])


class Keyboard:
    """Hands that know no mouse."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def correct(self, name: str, to: XY) -> None:
        program = self.program
        for _ in range(2 * len(program.tracing.points)):
            if program.editor.selection == name:
                break
            QTest.keyClick(program.view, Qt.Key.Key_Tab)
        assert program.editor.selection == name, "Tab reaches every point"
        x, y = program.tracing[name].best.xy
        self._hold(Qt.Key.Key_Right if to[0] > x else Qt.Key.Key_Left, round(abs(to[0] - x)))
        self._hold(Qt.Key.Key_Down if to[1] > y else Qt.Key.Key_Up, round(abs(to[1] - y)))

    def undo(self) -> None:
        QTest.keyClick(self.program.window, Qt.Key.Key_Z, CTRL)

    def redo(self) -> None:
        QTest.keyClick(self.program.window, Qt.Key.Key_Z, CTRL | SHIFT)

    def mark_not_visible(self, name: str) -> None:
        assert self.program.editor.selection == name
        QTest.keyClick(self.program.window, Qt.Key.Key_H, CTRL)

    def confirm_rest(self) -> None:
        QTest.keyClick(self.program.window, Qt.Key.Key_Return, CTRL)

    def next_film(self, _path: Path) -> None:
        QTest.keyClick(self.program.view, Qt.Key.Key_Return)

    def _hold(self, key: Qt.Key, steps: int) -> None:
        """Hold a key down for so many steps, as a keyboard repeats it."""
        if not steps:
            return
        view = self.program.view
        for n in range(steps):
            QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyPress, key, PLAIN, "", n > 0))
        QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyRelease, key, PLAIN))


class Mouse:
    """A hand that knows no keys."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def correct(self, name: str, to: XY) -> None:
        program, view, points = self.program, self.program.view, self.program.window.points
        table, index = points.table, points.model.index(points.model.row_of(name), 2)
        table.scrollTo(index)
        at = table.visualRect(index).center()
        QTest.mouseClick(table.viewport(), LEFT, pos=at)
        QTest.mouseDClick(table.viewport(), LEFT, pos=at)
        assert program.editor.selection == name
        start, end = (self._on_screen(xy) for xy in (program.tracing[name].best.xy, to))
        if not view.rect().contains(end):
            view.fit()
            start, end = (self._on_screen(xy) for xy in (program.tracing[name].best.xy, to))
        QTest.mousePress(view, LEFT, pos=start)
        # Off and back, for a point moves only once the hand clearly drags it, and then follows at
        # that distance: whoever looks goes on until it is where it belongs.
        for at in (start + QPoint(12, 0), start + QPoint(12, 6), end):
            QTest.mouseMove(view, at)
        QTest.mouseMove(view, end + end - self._on_screen(program.previewed))
        QTest.mouseRelease(view, LEFT, pos=end)

    def undo(self) -> None:
        self._tool("undo")

    def redo(self) -> None:
        self._tool("redo")

    def mark_not_visible(self, name: str) -> None:
        assert self.program.editor.selection == name
        self._click(self.program.window.points.card.not_visible)

    def confirm_rest(self) -> None:
        self._click(self.program.window.points.confirm_all)

    def next_film(self, path: Path) -> None:
        films = self.program.window.films.view
        model = films.model()
        rows = [model.index(n, 0) for n in range(model.rowCount())]
        row = next(index for index in rows if index.data() == path.name)
        films.scrollTo(row)
        QTest.mouseClick(films.viewport(), LEFT, pos=films.visualRect(row).center())

    def _on_screen(self, xy: XY) -> QPoint:
        x, y = self.program.view.viewport.to_screen(xy)
        return QPoint(round(x), round(y))

    def _tool(self, name: str) -> None:
        bar, action = self.program.window.bar, self.program.window.actions_book[name]
        buttons = bar.findChildren(QToolButton)
        self._click(next(one for one in buttons if one.defaultAction() is action))

    def _click(self, button: QWidget) -> None:
        assert button.isVisible() and button.isEnabled()
        QTest.mouseClick(button, LEFT)


@pytest.fixture
def start(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[], Program]]:
    """Return a function that starts the program on the one workspace."""
    apply_theme(qapp, DARK)
    running: list[Program] = []

    def begin() -> Program:
        running.append(Program(tmp_path / "workspace", qtbot))
        return running[-1]

    yield begin
    for program in running:
        program.window._may_lose = True
        program.close()


@pytest.mark.timeout(400)
def test_a_round_of_five_films_is_there_after_a_restart(qtbot, start, task, tmp_path):
    program = start()
    paths = sorted(task.films.iterdir())
    program.window.open_paths((task.films,))
    kept: dict[str, Tracing] = {}
    for n, path in enumerate(paths):
        program.wait_for(path)
        begun = time.perf_counter()
        truth, found = task.truth[path.name], program.tracing
        # Every second film is the mouse's in the end; what the other hand did is all taken back.
        hands = [Keyboard(program), Mouse(program)]
        other, hand = hands if n % 2 else hands[::-1]
        worst = program.worst(truth)
        steps = correct_all(program, other, worst, truth)
        for _ in range(steps):
            other.undo()
        assert program.tracing == found, "undo goes back to what the model said"
        other.redo()
        other.undo()
        correct_all(program, hand, worst, truth)
        corrected = program.tracing
        hand.undo()
        assert program.tracing != corrected
        hand.redo()
        assert program.tracing == corrected
        hidden = program.editor.selection
        hand.mark_not_visible(hidden)
        hand.confirm_rest()
        states = [point.state for point in program.tracing]
        assert states.count(State.NOT_VISIBLE) == 1
        assert states.count(State.CONFIRMED) == len(states) - 1
        for name in worst:
            assert name == hidden or program.off(name, truth) < 1.0
        assert program.window.session.is_saved
        kept[program.editor.film.sha256] = program.tracing
        took = time.perf_counter() - begun
        print(f"{path.name}: {took:.1f} s, {type(hand).__name__.lower()} last, {steps} steps back")
        if n + 1 < len(paths):
            hand.next_film(paths[n + 1])
    last = program.window.session.path
    program.close()

    with_store = Workspace.open(tmp_path / "workspace", author="Dr A")
    for sha256, tracing in kept.items():
        assert with_store.tracing(sha256) == tracing
    with_store.close()

    again = start()
    again.window.open_paths((task.films,))
    films = again.window.session.films
    qtbot.waitUntil(lambda: films.count(Filter.DONE) == FILMS, timeout=20_000)
    for path in paths:
        again.window.open_paths((path,))
        again.wait_for(path)
        assert again.tracing == kept[again.editor.film.sha256]
    assert again.window.session.path == last
    Keyboard(again).undo()
    assert again.tracing != kept[again.editor.film.sha256], "steps outlive the program"
    Keyboard(again).redo()
    assert again.tracing == kept[again.editor.film.sha256]


def correct_all(program: Program, hand: Any, names: list[str], truth: dict[str, XY]) -> int:
    """Put points right and return how many steps that made."""
    before = program.changes
    for name in names:
        hand.correct(name, truth[name])
        assert program.off(name, truth) < 1.0, name
        assert program.tracing[name].state is State.MOVED
    return program.changes - before

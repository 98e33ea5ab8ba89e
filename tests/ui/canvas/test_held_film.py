"""A film stays still under the hand that holds it, whatever the window does around it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from cephview.core.tracing import State
from cephview.ui.canvas.film_view import FilmView
from cephview.ui.look.theme import DARK

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE = Qt.KeyboardModifier.NoModifier


class Mouse:
    """A mouse that stays where it is on the monitor while widgets move under it."""

    def __init__(self, view):
        self._view = view
        self._at = QPoint()

    def press(self, at, button=LEFT):
        self._at = self._view.mapToGlobal(at)
        QTest.mousePress(self._view, button, NONE, at)

    def move(self, dx=0, dy=0):
        self._at += QPoint(dx, dy)
        QTest.mouseMove(self._view, self._view.mapFromGlobal(self._at))

    def release(self, button=LEFT):
        QTest.mouseRelease(self._view, button, NONE, self._view.mapFromGlobal(self._at))


@pytest.fixture
def page(qtbot, editor):
    """A window with a hidden row above the film."""
    made = QWidget()
    made.row = QLabel("A notice", made)
    made.row.setFixedHeight(45)
    made.film = FilmView(editor, DARK, made)
    rows = QVBoxLayout(made)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    rows.addWidget(made.row)
    rows.addWidget(made.film, 1)
    made.row.hide()
    made.resize(600, 640)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def let_in(row):
    row.show()
    QApplication.processEvents()


def on_view(view, xy):
    return QPoint(*(round(c) for c in view.viewport.to_screen(xy)))


def test_a_notice_during_a_drag_does_not_throw_the_point(page, editor):
    view, mouse = page.film, Mouse(page.film)
    old, scale = editor.tracing["Go"].best.xy, page.film.viewport.scale
    mouse.press(on_view(view, old))
    mouse.move(20, 10)
    placed = []
    editor.preview_changed.connect(lambda _, xy: placed.append(xy))
    mouse.move()
    let_in(page.row)
    assert view.viewport.scale == scale
    mouse.move(1, 0)
    mouse.move(-1, 0)
    assert placed[-1] == pytest.approx(placed[0], abs=1e-6)
    mouse.release()
    assert editor.tracing["Go"].best.xy == pytest.approx(placed[0], abs=1e-6)


def test_the_film_is_fitted_again_when_the_hand_lets_go(page, editor):
    view, mouse = page.film, Mouse(page.film)
    mouse.press(on_view(view, editor.tracing["Go"].best.xy))
    mouse.move(20, 10)
    scale = view.viewport.scale
    page.resize(500, 400)
    QApplication.processEvents()
    assert view.viewport.scale == scale
    mouse.release()
    left, top, right, bottom = view.viewport.film_on_screen()
    assert view.viewport.scale < scale
    assert left >= 0 and top >= 0 and right <= view.width() and bottom <= view.height()


def test_escape_lets_go_of_the_film_too(page, editor):
    view, mouse = page.film, Mouse(page.film)
    mouse.press(on_view(view, editor.tracing["Go"].best.xy))
    mouse.move(20, 10)
    let_in(page.row)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.viewport.film_on_screen()[3] <= view.height()


def test_a_press_on_a_point_stays_a_click_where_a_notice_comes(page, editor):
    view, mouse = page.film, Mouse(page.film)
    mouse.press(on_view(view, editor.tracing["Go"].best.xy))
    let_in(page.row)
    mouse.move(1, 1)
    mouse.release()
    assert editor.selection == "Go"
    assert editor.tracing["Go"].state is State.MODEL


def test_a_pan_goes_on_from_where_it_was(page):
    view, mouse = page.film, Mouse(page.film)
    view.zoom_by(2)
    mouse.press(QPoint(300, 300), MIDDLE)
    mouse.move(20, 10)
    under = view.viewport.to_film((320, 310))
    let_in(page.row)
    mouse.move(5, 0)
    assert view.viewport.to_film((325, 265)) == pytest.approx(under)
    mouse.release(MIDDLE)


def test_the_window_of_greys_does_not_jump(page):
    view, mouse = page.film, Mouse(page.film)
    mouse.press(QPoint(300, 300), RIGHT)
    mouse.move(20, 10)
    levels = view.levels
    let_in(page.row)
    mouse.move()
    assert view.levels.low == pytest.approx(levels.low, abs=1e-6)
    assert view.levels.high == pytest.approx(levels.high)
    mouse.release(RIGHT)


def test_a_zoom_by_key_keeps_the_held_point_under_the_hand(page, editor):
    view, mouse = page.film, Mouse(page.film)
    at = on_view(view, editor.tracing["Go"].best.xy)
    placed = []
    editor.preview_changed.connect(lambda _, xy: placed.append(xy))
    mouse.press(at)
    mouse.move(20, 10)
    view.zoom_by(2.0)
    mouse.move()
    assert placed[-1] == pytest.approx(placed[0], abs=1e-6)
    for change in (view.fit, view.one_to_one, lambda: view.zoom_to("N")):
        change()
        mouse.move()
        assert placed[-1] == pytest.approx(placed[0], abs=1e-6)
    mouse.release()

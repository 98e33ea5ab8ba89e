"""Notices float over the film: nothing gives way to them, and they hide little."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.ui.canvas.overlay import HintStrip
from cephview.ui.notice import Kind, Notice

LEFT = Qt.MouseButton.LeftButton
LONG = "Something was said that takes more words than one line of the film can hold. " * 2


def on_page(widget) -> QRect:
    """Return where a widget lies in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1000, 640)])
def test_a_notice_changes_no_layout_and_leaves_the_hints_free(make_desk, size):
    desk = make_desk(size=size)
    desk.open(desk.films)
    desk.answer()
    window, view = desk.window, desk.window.view
    desk.process()
    before = view.geometry(), window.tabs.geometry(), window.films.geometry(), view.viewport
    window.notices.post(Notice(LONG, Kind.ATTENTION, "a", "Do it", lambda: None))
    desk.process()
    after = view.geometry(), window.tabs.geometry(), window.films.geometry(), view.viewport
    assert after == before
    bar = window.notices
    assert bar.isVisible() and on_page(view).contains(on_page(bar))
    hints = view.findChild(HintStrip)
    assert hints.isVisible()
    assert not on_page(bar).intersects(on_page(hints))
    assert on_page(bar).top() - on_page(view).top() < 60
    # In a narrow view the words have its width, and the button stands below them.
    assert bar.height() < 150


def test_a_notice_that_comes_during_a_drag_does_not_throw_the_point(desk):
    desk.open(desk.films)
    desk.answer()
    view = desk.window.view
    x, y = view.viewport.to_screen(desk.editor.tracing["Go"].best.xy)
    start, end = QPoint(round(x), round(y)), QPoint(round(x) + 40, round(y) + 12)
    QTest.mousePress(view, LEFT, pos=start)
    QTest.mouseMove(view, start + QPoint(20, 6))
    desk.window.notices.post(Notice("meanwhile", Kind.ATTENTION))
    QApplication.processEvents()
    wanted = view.viewport.to_film((end.x(), end.y()))
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, pos=end)
    assert desk.editor.tracing["Go"].best.xy == pytest.approx(wanted, abs=6.0)


def test_a_notice_follows_the_film_and_what_a_tool_asks_for(desk):
    desk.open(desk.films)
    window = desk.window
    window.notices.post(Notice("said"))
    desk.process()
    top = window.notices.y()
    QTest.keyClick(window, Qt.Key.Key_F9)
    desk.process()
    assert abs(on_page(window.notices).center().x() - on_page(window.view).center().x()) <= 2
    QTest.keyClick(window.view, Qt.Key.Key_P)
    assert window.notices.y() > top + 30
    QTest.keyClick(window.view, Qt.Key.Key_V)
    assert window.notices.y() == top


def test_a_click_on_a_notice_is_no_click_on_the_film(desk):
    desk.open(desk.films)
    desk.window.actions_book["place"].trigger()
    desk.window.notices.post(Notice(LONG))
    desk.process()
    QTest.mouseClick(desk.window.notices, LEFT, pos=QPoint(3, 3))
    assert not desk.editor.can_undo


def test_the_film_gets_the_keyboard_back_from_a_notice(desk):
    desk.open(desk.films)
    bar = desk.window.notices
    bar.post(Notice("said"))
    bar.close_button.setFocus()
    QTest.keyClick(bar.close_button, Qt.Key.Key_Space)
    assert desk.window.view.hasFocus() and not bar.isVisible()


def texts(bar) -> list[str]:
    return [notice.text for notice in bar._notices]


def test_a_notice_goes_with_the_state_it_belongs_to(desk):
    bar, is_true = desk.window.notices, [True]
    bar.post(Notice("for ever"))
    bar.post(Notice("for now", holds=lambda: is_true[0]))
    bar.review()
    assert texts(bar) == ["for ever", "for now"]
    is_true[0] = False
    desk.window.refresh()
    assert texts(bar) == ["for ever"] and bar.current.text == "for ever"


def test_what_is_said_of_a_detection_goes_with_its_film(desk):
    desk.open(desk.films)
    desk.engine.failed.emit(desk.engine.last, "The model broke.")
    assert texts(desk.window.notices) == ["The model broke."]
    (desk.films / "film-2.png").write_bytes(b"")
    with desk.qtbot.waitSignal(desk.window.session.film_shown, timeout=5000):
        desk.window.session.open_film(desk.films / "film-2.png")
    assert "The model broke." not in texts(desk.window.notices)


def test_a_note_of_a_detection_goes_with_the_next_one(desk):
    desk.open(desk.films)
    desk.answer(note="Memory was short.")
    assert "Memory was short." in texts(desk.window.notices)
    desk.window.session.detecting.detect()
    desk.answer()
    assert "Memory was short." not in texts(desk.window.notices)


def test_a_model_that_is_not_there_is_spoken_of_until_another_is_chosen(desk, make_model):
    session = desk.window.session
    session.models.load("nowhere")
    session.note(session.models.lack_of("nowhere"), Kind.ATTENTION, "model",
                 holds=lambda: session.models.active is None)  # fmt: skip
    assert any("nowhere" in text for text in texts(desk.window.notices))
    session.models.use(session.models.installed[0].folder)
    assert not any("nowhere" in text for text in texts(desk.window.notices))


def test_a_learning_that_failed_is_forgotten_when_the_next_begins(desk):
    session = desk.window.session
    session.finetuning.failed.emit("Too few films.")
    assert texts(desk.window.notices) == ["Too few films."]
    session.finetuning._request = 7
    session.finetuning.changed.emit()
    session.finetuning._request = 0
    assert texts(desk.window.notices) == []


def test_that_there_is_no_backup_is_said_until_there_is_one(desk):
    session = desk.window.session
    session.noticed.emit(Notice("No backup yet.", topic="no backup"))
    desk.window.safekeeping._backed_up()
    assert texts(desk.window.notices) == []

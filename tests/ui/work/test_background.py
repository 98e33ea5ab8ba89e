"""Work off the window's thread ends with the window, or is left behind."""

import threading
from typing import Any

from PySide6.QtCore import QObject

from cephview.ui.work import background
from cephview.ui.work.background import Background


def test_answers_and_errors_come_back_in_order(qtbot: Any) -> None:
    parent, found = QObject(), []
    work = Background(parent)
    for n in (0, 1, 2):
        work.run(lambda n=n: 6 // n, found.append, lambda error: found.append(type(error)))
    qtbot.waitUntil(lambda: len(found) == 3)
    assert found == [ZeroDivisionError, 6, 3]
    work.close()


def test_two_threads_work_side_by_side_and_what_waits_can_be_dropped(qtbot: Any) -> None:
    parent, found, go_on = QObject(), [], threading.Event()
    work = Background(parent, threads=2)
    meeting = threading.Barrier(3)

    def meet() -> int:
        meeting.wait(300)
        go_on.wait(300)
        return 1

    for _ in range(2):
        work.run(meet, found.append, found.append)
    # Both have begun, or one of them would be dropped, too.
    meeting.wait(300)
    work.run(lambda: 2, found.append, found.append)
    work.clear()
    go_on.set()
    qtbot.waitUntil(lambda: len(found) == 2)
    work.run(lambda: 3, found.append, found.append)
    qtbot.waitUntil(lambda: len(found) == 3)
    assert found == [1, 1, 3]
    work.close()


def test_closing_waits_for_nothing_that_does_not_end(qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(background, "_left", [])
    monkeypatch.setattr(background, "_FINISHING_S", 0.01)
    parent, found, go_on, begun = QObject(), [], threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        go_on.wait(300)

    work = Background(parent)
    work.run(hang, found.append, found.append)
    begun.wait(300)
    work.close()
    assert background.end_of_program()
    go_on.set()
    for thread, _ in background._left:
        thread.join(300)
    assert not background.end_of_program() and not found


def test_what_must_finish_does(qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(background, "_left", [])
    monkeypatch.setattr(background, "_CLOSING_S", 0.0)
    parent, written, begun, go_on = QObject(), [], threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        go_on.wait(300)
        written.append(True)

    work = Background(parent, must_finish=True)
    work.run(write, lambda _: None, lambda _: None)
    begun.wait(300)
    work.close()
    threading.Timer(0.05, go_on.set).start()
    assert not background.end_of_program() and written

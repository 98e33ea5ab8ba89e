"""Detecting film after film in the background, and reading the next one ahead."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State
from cephview.ui.detection.batch import Failure, Standing
from cephview.ui.detection.shelf import Shelf
from cephview.ui.panels.batch_strip import detail, headline, time_left
from cephview.ui.rows.film_list_model import FilmState
from cephview.ui.workspace.keeping import KeepError

from ..conftest import detection


class Worker:
    """Answers the fake engine's requests one by one, and knows which films they were of."""

    def __init__(self, desk):
        self.desk = desk
        self.answered = 0

    def wait(self, number):
        """Wait until so many requests were made in all."""
        engine = self.desk.engine
        self.desk.qtbot.waitUntil(lambda: engine.last >= number, timeout=10_000)

    def name(self, number):
        return self.desk.engine.detections[number - 1][0].name

    def answer(self, number, **changes):
        self.wait(number)
        engine = self.desk.engine
        found = detection(self.desk.editor.landmarks, **changes)
        engine.detected.emit(number, replace(found, turn=engine.turns[number - 1]))


@pytest.fixture
def desk(make_desk):
    """A window that detects nothing by itself, on three films of which the first is open."""
    made = make_desk(detect_on_open=False)
    made.open(made.films)
    return made


@pytest.fixture
def worker(desk):
    return Worker(desk)


def states(desk):
    model = desk.list_model
    return {path.name: model.row_of(path).state for path in model.paths()}


def press(desk, key, modifiers=Qt.KeyboardModifier.NoModifier):
    desk.window.activateWindow()
    QTest.keyClick(desk.window.view, key, modifiers)
    desk.process()


CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def test_a_key_detects_every_film_but_the_open_one_and_keeps_the_points(desk, worker):
    press(desk, Qt.Key.Key_D, CTRL_ALT)
    batch = desk.window.session.behind.batch
    assert batch.is_running and desk.window.batch.strip.isVisible()
    worker.answer(1)
    worker.answer(2)
    desk.qtbot.waitUntil(lambda: not batch.is_running, timeout=10_000)
    assert [worker.name(n) for n in (1, 2)] == ["film-2.png", "film-10.png"]
    assert batch.standing.detected == 2 and batch.standing.left == 1
    assert states(desk) == {
        "film-1.png": FilmState.NEW, "film-2.png": FilmState.REVIEW, "film-10.png": FilmState.REVIEW
    }  # fmt: skip
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        press(desk, Qt.Key.Key_PageDown)
    assert desk.editor.film.name == "film-2.png"
    assert all(point.state is State.MODEL for point in desk.editor.tracing)
    assert desk.editor.can_undo
    desk.editor.undo()
    assert all(point.state is State.MISSING for point in desk.editor.tracing)


def test_what_a_hand_did_meanwhile_is_left_alone(desk, worker):
    desk.window.batch.detect_new()
    worker.wait(1)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.open_paths((desk.films / "film-2.png",))
    desk.editor.move("S", (5.0, 6.0))
    worker.answer(1)
    assert desk.editor.tracing["N"].best is None and desk.editor.tracing["S"].best.xy == (5.0, 6.0)
    worker.answer(2)
    batch = desk.window.session.behind.batch
    desk.qtbot.waitUntil(lambda: not batch.is_running, timeout=10_000)
    assert batch.standing.detected == 1


def test_again_looks_at_films_with_points_but_at_none_of_a_hand(desk, worker):
    desk.window.batch.detect_new()
    worker.answer(1)
    worker.answer(2)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.open_paths((desk.films / "film-10.png",))
    desk.editor.move("S", (5.0, 6.0))
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.open_paths((desk.films / "film-1.png",))
    press(desk, Qt.Key.Key_D, CTRL_ALT | Qt.KeyboardModifier.ShiftModifier)
    worker.answer(3, shift=2.0)
    batch = desk.window.session.behind.batch
    desk.qtbot.waitUntil(lambda: not batch.is_running, timeout=10_000)
    assert worker.name(3) == "film-2.png" and desk.engine.last == 3
    assert (batch.standing.detected, batch.standing.left) == (1, 2)


def test_pause_gives_the_film_back_and_go_on_begins_with_it(desk, worker):
    desk.window.batch.detect_new()
    worker.wait(1)
    QTest.mouseClick(desk.window.batch.strip.toggle, Qt.MouseButton.LeftButton)
    assert desk.engine.gone == [1] and states(desk)["film-2.png"] is FilmState.NEW
    worker.answer(1)
    assert states(desk)["film-2.png"] is FilmState.NEW
    assert desk.window.batch.strip.toggle.text() == "Go on"
    press(desk, Qt.Key.Key_P, CTRL_ALT)
    worker.answer(2)
    assert worker.name(2) == "film-2.png" and states(desk)["film-2.png"] is FilmState.REVIEW
    worker.wait(3)
    QTest.mouseClick(desk.window.batch.strip.stop, Qt.MouseButton.LeftButton)
    batch = desk.window.session.behind.batch
    assert not batch.is_running and batch.standing.detected == 1


def test_a_film_that_fails_is_named_with_its_reason_and_can_be_tried_again(desk, worker):
    (desk.films / "film-2.png").write_bytes(b"\x89PNG\r\n\x1a\nno film")
    desk.window.batch.detect_new()
    worker.wait(1)
    desk.engine.failed.emit(1, "film-10.png asks for more memory than there is.")
    batch = desk.window.session.behind.batch
    desk.qtbot.waitUntil(lambda: not batch.is_running, timeout=10_000)
    assert [f.path.name for f in batch.standing.failures] == ["film-2.png", "film-10.png"]
    assert "more memory" in batch.standing.failures[1].sentence
    assert desk.window.notices.current.text == "2 films could not be detected."
    assert states(desk)["film-10.png"] is FilmState.NEW
    QTest.mouseClick(desk.window.batch.strip.failures, Qt.MouseButton.LeftButton)
    sheet = desk.window.batch._sheet
    assert sheet.isVisible() and sheet.list.model().rowCount() == 2
    QTest.mouseClick(sheet.again, Qt.MouseButton.LeftButton)
    worker.answer(2)
    desk.qtbot.waitUntil(lambda: not batch.is_running, timeout=10_000)
    assert not sheet.isVisible() and batch.standing.detected == 1
    assert [f.path.name for f in batch.standing.failures] == ["film-2.png"]


def test_it_rests_where_nothing_can_be_kept_and_goes_on_with_the_same_film(
    desk, worker, monkeypatch
):
    keeping = desk.window.session.keeping

    def refuse(*_args, **_named):
        raise KeepError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "append_commit", refuse)
        desk.window.batch.detect_new()
        worker.answer(1)
    batch = desk.window.session.behind.batch
    assert batch.standing.is_paused and "disk is full" in desk.window.notices.current.text
    assert states(desk)["film-2.png"] is FilmState.NEW
    batch.go_on()
    worker.answer(2)
    assert worker.name(2) == "film-2.png" and states(desk)["film-2.png"] is FilmState.REVIEW


def test_it_rests_when_the_engine_is_gone(desk, worker):
    desk.window.batch.detect_new()
    worker.wait(1)
    desk.engine.become("failed")
    desk.engine.failed.emit(1, "The engine cannot start.")
    batch = desk.window.session.behind.batch
    assert batch.standing.is_paused and not batch.standing.failures
    assert batch.standing.halted == "The engine cannot start."
    batch.go_on()
    assert desk.engine.retries == 1


def test_a_film_opened_while_it_is_looked_at_takes_that_answer(make_desk):
    desk = make_desk(reads_ahead=True)
    worker = Worker(desk)
    desk.open(desk.films)
    worker.answer(1)
    desk.window.batch.detect_new()
    worker.wait(2)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.open_paths((desk.films / worker.name(2),))
    assert desk.window.session.detecting.is_busy
    worker.answer(2)
    assert desk.editor.tracing["S"].best is not None
    worker.wait(3)
    assert worker.name(3) == "film-10.png" and desk.engine.gone == []


def test_the_next_film_is_read_and_detected_ahead(make_desk):
    desk = make_desk(reads_ahead=True)
    worker = Worker(desk)
    desk.open(desk.films)
    worker.answer(1)
    worker.answer(2)
    assert worker.name(2) == "film-2.png" and states(desk)["film-2.png"] is FilmState.REVIEW
    read = []
    shelf_read = desk.window.session.film_loading._read.__self__
    before = shelf_read._read
    shelf_read._read = lambda path: read.append(path) or before(path)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        press(desk, Qt.Key.Key_PageDown)
    assert desk.editor.film.name == "film-2.png" and desk.editor.tracing["S"].best is not None
    assert desk.films / "film-2.png" not in read
    worker.wait(3)
    assert worker.name(3) == "film-10.png"


def test_a_window_closes_in_the_middle_of_a_batch(desk, worker):
    desk.window.batch.detect_new()
    worker.wait(1)
    desk.window.close()
    worker.answer(1)
    assert desk.engine.last == 1


def test_a_shelf_gives_a_film_once_read_unless_its_file_changed(tmp_path):
    path, read = tmp_path / "a.png", []
    path.write_bytes(b"one")
    shelf = Shelf(lambda p: read.append(p) or object())
    shelf.expect(path)
    film = shelf.put(path)
    assert shelf.take(path) is film and shelf.put(path) is film and len(read) == 1
    path.write_bytes(b"longer")
    assert shelf.take(path) is not film
    assert shelf.take(Path("b")) is not film
    shelf.clear()
    assert shelf.take(path) is not film


def test_words():
    running = Standing(340, 11, is_running=True, seconds_left=170.0)
    assert headline(running) == "Detecting 12 of 340" and detail(running) == "3 min left"
    assert headline(replace(running, is_paused=True)) == "Paused at 12 of 340"
    done = Standing(3, 1, 1, (Failure(Path("a"), "Why."),))
    assert headline(done) == "1 film detected" and detail(done) == "1 left as they were"
    assert time_left(20) == "less than a minute left" and time_left(7300) == "2 h 2 min left"

"""Work that takes long is told in the bottom line, with what is left, and can be given up."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.ui.work import job as jobs
from cephview.ui.work.job import Job, Stopped


class Gate:
    """A look at files that waits at one of them until it is let through."""

    def __init__(self, at: str) -> None:
        self.at, self.reached, self.go = at, threading.Event(), threading.Event()

    def __call__(self, path: Path) -> bool:
        if path.name == self.at:
            self.reached.set()
            assert self.go.wait(20)
        return path.suffix == ".png"


@pytest.fixture
def slow(desk, monkeypatch):
    """A desk whose folder takes long to read from its third file on."""
    monkeypatch.setattr(jobs, "_TOLD_EVERY_S", 0.0)
    gate = Gate("film-10.png")
    monkeypatch.setattr(desk.window.session.folder, "_looks_like_film", gate)
    yield desk, gate
    gate.go.set()


def test_reading_a_folder_is_told_once_it_takes_a_moment(slow, qtbot):
    desk, gate = slow
    strip = desk.window.status.work
    desk.window.open_paths((desk.films,))
    assert not strip.isVisible()
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    qtbot.waitUntil(lambda: "2 of 4" in strip.words.text(), timeout=5000)
    assert strip.words.text().startswith("Reading the folder")
    assert strip.stop.isVisible() and strip.stop.height() >= 28
    with qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        gate.go.set()
    assert not strip.isVisible()
    assert len(desk.list_model.paths()) == 3


def test_what_is_given_up_leaves_the_list_as_it_was(slow, qtbot, make_film, tmp_path):
    desk, gate = slow
    other = make_film(tmp_path / "other.png", 3)
    desk.open(other)
    strip = desk.window.status.work
    desk.window.open_paths((desk.films,))
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    QTest.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    assert not strip.stop.isEnabled()
    gate.go.set()
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=5000)
    assert desk.list_model.paths() == (other,)
    assert desk.window.notices.current is None


def test_another_folder_ends_the_reading_of_the_first(slow, qtbot, make_film, tmp_path):
    desk, gate = slow
    second = tmp_path / "second"
    second.mkdir()
    film = make_film(second / "film.png", 9)
    desk.window.open_paths((desk.films,))
    assert gate.reached.wait(10)
    desk.window.open_paths((second,))
    gate.go.set()
    qtbot.waitUntil(lambda: desk.list_model.paths() == (film,), timeout=5000)
    qtbot.waitUntil(lambda: desk.window.session.path == film, timeout=5000)
    assert not desk.window.status.work.isVisible()


def test_a_window_closes_while_a_folder_is_read(slow):
    desk, gate = slow
    desk.window.open_paths((desk.films,))
    assert gate.reached.wait(10)
    threading.Timer(0.1, gate.go.set).start()
    desk.window.close()
    assert not desk.window.isVisible()


def test_an_export_that_takes_long_is_told_without_a_way_to_stop_it(desk, qtbot, tmp_path):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    qtbot.waitUntil(lambda: not desk.window.session.folder.has_open_questions(), timeout=9000)
    exporting, held = desk.window.session.exporting, threading.Event()

    def write(*_args):
        assert held.wait(20)
        return "Wrote it."

    exporting._write, exporting._ask_path = write, lambda *_: tmp_path / "points.csv"
    desk.export("export-csv")
    strip = desk.window.status.work
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    assert strip.words.text() == "Writing the points of 1 film …"
    assert not strip.stop.isVisible()
    held.set()
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: desk.window.notices.current is not None, timeout=5000)
    assert desk.window.notices.current.text == "Wrote it."


def test_what_is_left_is_told_by_what_it_took(monkeypatch, qapp):
    now = [100.0]
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now[0])
    job = Job("Reading", qapp)
    assert job.seconds_left(5, 100) is None
    now[0] += 2
    assert job.seconds_left(0, 100) is None
    assert job.seconds_left(10, 100) == pytest.approx(18)
    told = []
    job.told.connect(lambda done, every: told.append((done, every)))
    items = job.each("abc")
    assert next(items) == "a"
    now[0] += 1
    assert next(items) == "b"
    job.stop()
    with pytest.raises(Stopped):
        next(items)
    assert told == [(0, 3), (1, 3)]
    job.end()


def test_after_the_newest_job_the_one_before_is_shown_again(desk, qtbot):
    strip = desk.window.status.work
    long, short = Job("Recovering", desk.window, is_in_percent=True), Job("Reading", desk.window)
    strip.show_job(long)
    strip.show_job(short)
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    assert strip.words.text() == "Reading \u2026"
    short.end()
    assert strip.isVisible() and strip.words.text() == "Recovering \u2026"
    long.told.emit(41, 100)
    assert strip.words.text() == "Recovering: 41 %"
    long.end()
    assert not strip.isVisible()

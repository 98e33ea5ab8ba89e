"""What comes first when the program starts: the film, then the engine, then small pictures."""

import gc
from pathlib import Path

import numpy as np
import pytest
from fake_engine import FakeEngine
from PIL import Image
from PySide6.QtCore import QObject

from cephview import app
from cephview.settings import Settings
from cephview.ui.panels.thumbnails import Thumbnails
from cephview.ui.rows.film_list_model import FilmState


class Counting(FakeEngine):
    """Notes what ask() gives whenever it is started."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.ask = lambda: None

    def start(self) -> None:
        self.seen.append(self.ask())


@pytest.fixture
def films(tmp_path: Path) -> tuple[Path, ...]:
    made = []
    for n in range(3):
        made.append(tmp_path / f"{n}.png")
        Image.fromarray(np.full((400, 320), 50 * n, np.uint8)).save(made[-1])
    return tuple(made)


@pytest.fixture
def make(qtbot, tmp_path: Path):
    made = []

    def make_window():
        engine = Counting()
        services = app.make_services(Settings(author="r"), str(tmp_path / "ws"), "", engine)
        window = app.make_window(services, app.DARK)
        qtbot.addWidget(window)
        window.show()
        engine.ask = lambda: window.session.editor.film
        made.append(window)
        return window, engine

    yield make_window
    for window in made:
        window._may_lose = True
        window.close()
        window.session.keeping.close()


def test_the_engine_waits_for_the_film_but_not_for_ever(make, films, qtbot, monkeypatch):
    window, engine = make()
    app._begin(window, engine, (films[0],))
    assert not engine.seen
    qtbot.waitUntil(lambda: bool(engine.seen), timeout=5000)
    assert engine.seen[0] is not None
    monkeypatch.setattr(app, "_FILM_FIRST_MS", 20)
    slow, engine = make()
    monkeypatch.setattr(slow.session.film_loading, "_read", lambda _: pytest.fail("too early"))
    monkeypatch.setattr(slow.session.film_loading, "open", lambda _: None)
    app._begin(slow, engine, (films[0],))
    qtbot.waitUntil(lambda: bool(engine.seen), timeout=5000)
    assert engine.seen == [None]


def test_without_a_film_the_engine_starts_at_once(make, qtbot):
    window, engine = make()
    app._begin(window, engine, ())
    qtbot.waitUntil(lambda: bool(engine.seen), timeout=1000)


def test_films_listed_before_the_workspace_opened_show_what_it_knows(make, films, qtbot):
    window, engine = make()
    app._begin(window, engine, films)
    editor = window.session.editor
    qtbot.waitUntil(lambda: editor.film is not None, timeout=5000)
    with qtbot.waitSignal(editor.film_changed, timeout=5000):
        window.open_paths((films[1],))
    editor.move("S", (3.0, 4.0))
    window.close()
    window.session.keeping.close()
    again, engine = make()
    app._begin(again, engine, films)
    rows = again.session.films
    qtbot.waitUntil(lambda: all(rows.row_of(film) is not None for film in films))
    states = [rows.row_of(film).state for film in films]
    assert states == [FilmState.NEW, FilmState.REVIEW, FilmState.NEW]


def test_small_pictures_wait_while_they_are_held(qtbot):
    parent = QObject()
    thumbnails = Thumbnails(parent, lambda _path, side: np.zeros((side, side), np.uint8))
    made: list[Path] = []
    thumbnails.made.connect(lambda path, _: made.append(path))
    thumbnails.hold()
    thumbnails.want(Path("a"))
    qtbot.wait(50)
    assert not made
    thumbnails.go_on()
    qtbot.waitUntil(lambda: made == [Path("a")], timeout=2000)
    thumbnails.close()


def test_garbage_is_collected_again_once_the_start_is_over(make, qtbot, monkeypatch):
    monkeypatch.setattr(app, "_START_TAKES_MS", 10)
    gc.disable()
    try:
        window, engine = make()
        app._begin(window, engine, ())
        qtbot.waitUntil(gc.isenabled, timeout=2000)
    finally:
        gc.enable()
        gc.unfreeze()

"""Until a film is shown the window says what is on its way, and invites only where nothing is."""

from threading import Event

import pytest

from cephview import app, places
from cephview.settings import Settings
from cephview.ui.awaited import LOOKING, OPENING
from cephview.ui.canvas.empty import TITLE


class Slow:
    """A function that answers only when it may."""

    def __init__(self, function) -> None:
        self._function = function
        self.may_go_on = Event()

    def __call__(self, *arguments):
        self.may_go_on.wait(30)
        return self._function(*arguments)


@pytest.fixture
def slow():
    """Return what puts a slow function in the place of another."""
    made = []

    def put(owner, name: str) -> Slow:
        made.append(Slow(getattr(owner, name)))
        setattr(owner, name, made[-1])
        return made[-1]

    yield put
    for function in made:
        function.may_go_on.set()


@pytest.fixture
def lines(monkeypatch):
    """Return what is written in the middle of the window, as of its last painting."""
    from cephview.ui.canvas import empty

    written: list[str] = []
    paint, write = empty.paint_empty, empty._paint_line

    def painted(*arguments):
        written.clear()
        paint(*arguments)

    def wrote(painter, area, text, *rest):
        written.append(text)
        write(painter, area, text, *rest)

    monkeypatch.setattr("cephview.ui.canvas.film_view.paint_empty", painted)
    monkeypatch.setattr(empty, "_paint_line", wrote)
    return written


def test_while_a_folder_is_looked_through_nothing_invites_to_open_one(desk, slow, lines):
    window = desk.window
    finding = slow(window.session.folder, "_find_films")
    window.open_paths((desk.films,))
    window.view.grab()
    assert lines == [LOOKING] and window.films._message.text() == LOOKING
    reading = slow(window.session.film_loading, "_read")
    with desk.qtbot.waitSignal(window.session.folder.listed):
        finding.may_go_on.set()
    window.view.grab()
    assert lines == [OPENING]
    with desk.qtbot.waitSignal(desk.editor.film_changed):
        reading.may_go_on.set()
    assert not window.session.awaited.words


def test_a_folder_without_films_brings_the_invitation_back(desk, lines, tmp_path):
    (tmp_path / "empty").mkdir()
    with desk.qtbot.waitSignal(desk.window.session.folder.listed):
        desk.window.open_paths((tmp_path / "empty",))
    desk.window.view.grab()
    assert lines[0] == TITLE and desk.window.films._message.text().startswith("No films here yet")


def test_a_film_that_cannot_be_read_brings_it_back_too(desk, lines, tmp_path):
    with desk.qtbot.waitSignal(desk.window.session.stayed):
        desk.window.open_paths((tmp_path / "gone.png",))
        desk.window.view.grab()
        assert lines == [OPENING]
    desk.window.view.grab()
    assert lines[0] == TITLE


def test_a_folder_given_up_for_another_does_not_end_the_looking(desk, slow):
    awaited, folder = desk.window.session.awaited, desk.window.session.folder
    finding = slow(folder, "_find_films")
    jobs = []
    folder.began.connect(jobs.append)
    desk.window.open_paths((desk.films,))
    desk.window.open_paths((desk.films,))
    first_ended = jobs[0].ended
    with desk.qtbot.waitSignal(first_ended):
        said = []
        first_ended.connect(lambda: said.append(awaited.words))
        finding.may_go_on.set()
    assert said == [LOOKING]
    desk.qtbot.waitUntil(lambda: desk.editor.film is not None)


@pytest.fixture
def starting(qtbot, tmp_path, model_dirs, make_engine):
    """A window as it is before its workspace is opened."""
    services = app.make_services(Settings(author="r"), str(tmp_path / "ws"), "", make_engine())
    window = app.make_window(services, app.DARK)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()
    window.session.keeping.close()


def test_a_start_says_no_model_only_when_models_have_been_read(starting):
    pill = starting.bar.pill
    assert pill.text() == "looking for models" and pill._dot == "text_3" and not pill._is_filled
    starting.session.start()
    assert "test-base" in pill.text()


def test_a_start_without_a_model_says_so(starting, monkeypatch, tmp_path):
    monkeypatch.setattr(places, "models_dir", lambda: tmp_path / "none")
    starting.session.start()
    assert starting.bar.pill.text() == "no model"


def test_what_a_start_was_given_is_announced_until_it_is_opened(starting, lines, tmp_path):
    assert app._to_come(starting, ()) == ""
    assert app._to_come(starting, (tmp_path / "film.png",)) == OPENING
    starting.session.awaited.announce(app._to_come(starting, (tmp_path,)))
    starting.view.grab()
    assert lines == [LOOKING] and starting.films._message.text() == LOOKING
    app._begin(starting, starting._services.engine, ())
    starting.view.grab()
    assert lines[0] == TITLE

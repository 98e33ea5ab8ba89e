"""A film whose reading hangs holds up neither the next film nor the window's end."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cephview.formats.film_reader import FilmReader
from cephview.ui.rows.film_list_model import FilmState

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a process is not stopped")


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], list[FilmReader]]]:
    """Return what has a film hang from now on; it returns the processes that do, as they come."""
    hanging: list[FilmReader] = []
    ask = FilmReader.ask

    def hang_at(film: Path) -> list[FilmReader]:
        def ask_or_hang(reader: FilmReader, request: Any, *how: Any) -> Any:
            if request["read"] == "film" and Path(request["path"]) == film:
                os.kill(reader.pid, signal.SIGSTOP)
                hanging.append(reader)
            return ask(reader, request, *how)

        monkeypatch.setattr(FilmReader, "ask", ask_or_hang)
        return hanging

    yield hang_at
    for reader in hanging:
        reader.kill()


def test_the_next_film_opens(desk: Any, hang: Any) -> None:
    hanging = hang(desk.films / "film-1.png")
    desk.window.open_paths((desk.films / "film-1.png",))
    desk.qtbot.waitUntil(lambda: len(hanging) == 1)
    desk.open(desk.films / "film-2.png")
    assert desk.window.session.path == desk.films / "film-2.png"
    desk.qtbot.waitUntil(lambda: not hanging[0].is_alive)


def test_a_film_that_is_given_up_is_marked_and_the_others_are_listed(desk: Any, hang: Any) -> None:
    bad = desk.films / "film-1.png"
    hanging = hang(bad)
    desk.window.open_paths((desk.films,))
    desk.qtbot.waitUntil(lambda: len(hanging) == 1)
    assert desk.list_model.rowCount() == 3
    os.kill(hanging[0].pid, signal.SIGKILL)
    row = desk.list_model.row_of
    desk.qtbot.waitUntil(lambda: row(bad).state is FilmState.UNREADABLE)
    assert row(desk.films / "film-2.png").state is FilmState.NEW


def test_the_window_closes(desk: Any, hang: Any) -> None:
    hanging = hang(desk.films / "film-1.png")
    desk.window.open_paths((desk.films / "film-1.png",))
    desk.qtbot.waitUntil(lambda: len(hanging) == 1)
    begun = time.monotonic()
    assert desk.window.close()
    assert time.monotonic() - begun < 2
    desk.qtbot.waitUntil(lambda: not hanging[0].is_alive)


def test_the_window_closes_though_a_drive_is_silent(desk: Any) -> None:
    speaks, is_asked = threading.Event(), threading.Event()

    def looks_like_film(_: Any) -> bool:
        is_asked.set()
        return speaks.wait(300)

    desk.window.session.folder._looks_like_film = looks_like_film
    desk.window.open_paths((desk.films,))
    desk.qtbot.waitUntil(is_asked.is_set)
    begun = time.monotonic()
    assert desk.window.close()
    assert time.monotonic() - begun < 2
    speaks.set()

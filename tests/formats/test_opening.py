"""A film is read by a process of its own, which may hang, die or be given up."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cephview.formats import FormatError, film_reader, opening
from cephview.formats.bounds import MOST_SECONDS, allowed
from cephview.formats.film_reader import FilmReader
from cephview.formats.opening import FilmOpener

Picture = Callable[..., Any]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pipe has a name only on Unix")


@pytest.fixture
def film(tmp_path: Path, picture: Picture) -> Path:
    path = tmp_path / "film.png"
    Image.fromarray(picture(8)).save(path)
    return path


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FilmReader]]:
    """What reads films from now on, in the order it was started; none waits from before."""
    started: list[FilmReader] = []

    class Noted(FilmReader):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(opening, "FilmReader", Noted)
    monkeypatch.setattr(opening, "_idle", [])
    yield started
    for reader in started:
        reader.kill()


def stopped(reader: FilmReader) -> None:
    """Have a process hang, as in the midst of a film."""
    os.kill(reader.pid, signal.SIGSTOP)


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except FormatError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def hanging(opener: FilmOpener, film: Path, readers: list[FilmReader]) -> tuple[Any, list[Any]]:
    """Open a film with a process that hangs."""
    assert opener.open_film(film).width
    stopped(readers[0])
    thread, found = in_thread(lambda: opener.open_film(film))
    wait_until(lambda: bool(opener._at_work))
    return thread, found


def test_the_next_film_opens_while_one_hangs(film: Path, readers: list[FilmReader]) -> None:
    opener = FilmOpener()
    thread, found = hanging(opener, film, readers)
    second = film.with_name("second.png")
    second.write_bytes(film.read_bytes())
    assert opener.open_film(second).name == "second.png"
    assert opener.thumbnail(film.rename(film.with_name("third.png")), 40).shape[1] == 40
    assert not found
    opener.give_up(film)
    thread.join(300)
    assert isinstance(found[0], FormatError) and "“film.png”" in str(found[0])


def test_closing_ends_what_is_read_and_reads_no_more(film: Path, readers: list[FilmReader]) -> None:
    opener = FilmOpener()
    thread, found = hanging(opener, film, readers)
    opener.close()
    thread.join(300)
    assert isinstance(found[0], FormatError)
    wait_until(lambda: not readers[0].is_alive)
    with pytest.raises(FormatError, match="closed"):
        opener.open_film(film)


def test_a_film_that_takes_too_long_is_given_up_and_a_process_is_ready_for_the_next(
    film: Path, readers: list[FilmReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = FilmOpener()
    opener.open_film(film)
    monkeypatch.setattr(film_reader, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(film_reader, "START_S", 0.1)
    stopped(readers[0])
    with pytest.raises(FormatError, match="far longer to read"):
        opener.open_film(film)
    assert len(readers) == 2 and readers[1] in opening._idle


def test_a_film_that_ends_its_process_is_a_sentence_and_harms_no_other(
    film: Path, readers: list[FilmReader]
) -> None:
    opener = FilmOpener()
    thread, found = hanging(opener, film, readers)
    os.kill(readers[0].pid, signal.SIGKILL)
    thread.join(300)
    assert "“film.png” is damaged in a way that ended the process" in str(found[0])
    assert opener.open_film(film).width


def test_a_process_that_died_while_it_waited_costs_no_film(
    film: Path, readers: list[FilmReader]
) -> None:
    opener = FilmOpener()
    opener.open_film(film)
    os.kill(readers[0].pid, signal.SIGKILL)
    wait_until(lambda: not readers[0].is_alive)
    assert opener.open_film(film).width


def test_pixels_and_all_that_is_known_of_a_film_arrive(
    picture: Picture, make_dicom: Callable[..., Path]
) -> None:
    path = make_dicom(
        picture(12), 12, PixelSpacing=[0.1, 0.2], Manufacturer="Ä", WindowCenter=900.5,
        WindowWidth=300,
    )  # fmt: skip
    from cephview.formats.reading import read_film

    here, there = read_film(path), opening.open_film(path)
    assert np.array_equal(here.pixels, there.pixels) and here.pixels.dtype == there.pixels.dtype
    for name in ("sha256", "name", "pixel_size", "levels", "origin"):
        assert getattr(here, name) == getattr(there, name)
    assert not there.pixels.flags.writeable


def test_the_process_ends_with_its_input(readers: list[FilmReader]) -> None:
    reader = opening.FilmReader()
    assert reader._process.stdin is not None
    reader._process.stdin.close()
    wait_until(lambda: not reader.is_alive)


def test_what_a_film_may_take_grows_with_it_and_has_an_end() -> None:
    small, large = allowed(1_000_000, 4_000_000), allowed(190_000_000, 95_000_000)
    assert small[0] < 20 and small[1] < 512 * 1024**2
    assert large[0] > 60 and large[1] > 2 * 1024**3
    assert allowed(2 * 1024**3, 200_000_000)[0] == MOST_SECONDS

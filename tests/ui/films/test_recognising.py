"""A film is known by its bytes: moved, renamed, copied or replaced."""

import csv
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from cephview.ui.films.film_digests import FilmDigests, Stamp, digests_file, stamp_of
from cephview.ui.films.recognising import Recognising
from cephview.ui.rows.film_list_model import FilmState


def go_on() -> bool:
    return False


def states(desk) -> dict[str, FilmState]:
    return {path.name: desk.list_model.row_of(path).state for path in desk.list_model.paths()}


def settle(desk) -> None:
    recognising = desk.window.session.folder.recognising
    desk.qtbot.waitUntil(lambda: not recognising.is_busy, timeout=5000)


def traced(make_desk: Callable, name: str = "film-1.png"):
    """Return a window whose film of a name has every point confirmed, and close it."""
    desk = make_desk()
    desk.open(desk.films)
    if name != "film-1.png":
        desk.open(desk.films / name)
    desk.answer()
    desk.editor.confirm_all()
    settle(desk)
    return desk


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_moved_folder_keeps_what_is_known_of_its_films(
    make_desk: Callable, tmp_path: Path, is_remembered: bool, monkeypatch
):
    desk = traced(make_desk, "film-10.png")
    desk.window.close()
    if not is_remembered:
        digests_file(str(tmp_path / "ws")).unlink()
    moved = tmp_path / "moved"
    desk.films.rename(moved)
    again = make_desk()
    again.open(moved)
    settle(again)
    found = states(again)
    assert found.pop("film-10.png") is FilmState.DONE
    assert FilmState.DONE not in found.values()
    (corrected,) = again.window.session._corrected_films()
    assert corrected.path == str(moved / "film-10.png")
    out = tmp_path / "points.csv"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(out)])
    again.export("export-csv")
    again.qtbot.waitUntil(out.exists, timeout=5000)
    with out.open(encoding="utf-8", newline="") as file:
        assert {row["film"] for row in csv.DictReader(file)} == {"film-10.png"}


def test_copies_of_a_film_are_one_film(desk, tmp_path: Path, monkeypatch):
    copy = shutil.copy(desk.films / "film-1.png", desk.films / "film-3.png")
    desk.open(desk.films)
    desk.answer()
    settle(desk)
    desk.editor.confirm_all()
    assert states(desk)["film-1.png"] is states(desk)["film-3.png"] is FilmState.DONE
    desk.open(Path(copy))
    settle(desk)
    assert states(desk)["film-1.png"] is states(desk)["film-3.png"] is FilmState.DONE
    ((record, _),) = desk.window.session._traced_films()
    assert record.path == Path(copy)


def test_a_copy_is_found_that_is_listed_after_its_film_was_opened(qtbot, qapp, tmp_path: Path):
    film, copy = tmp_path / "a.png", tmp_path / "b.png"
    for path in (film, copy):
        path.write_bytes(b"film")
    recognising = Recognising(FilmDigests(tmp_path / "digests"), qapp)
    found: dict[Path, str] = {}
    recognising.recognised.connect(found.update)
    recognising.look_for_copies(film)
    with qtbot.waitSignal(recognising.ended, timeout=5000):
        recognising.look_at([copy], {})
    qtbot.waitUntil(lambda: not recognising.is_busy, timeout=5000)
    assert found == dict.fromkeys((film, copy), hashlib.sha256(b"film").hexdigest())
    recognising.close()


def test_another_film_in_an_old_place_is_new(make_desk: Callable, make_film):
    desk = traced(make_desk)
    desk.window.close()
    make_film(desk.films / "film-1.png", 77)
    again = make_desk()
    again.open(desk.films / "film-2.png")
    with again.qtbot.waitSignal(again.window.session.folder.listed, timeout=5000):
        again.window.open_paths((desk.films,))
    settle(again)
    assert states(again)["film-1.png"] is FilmState.NEW


def test_an_export_waits_for_films_that_are_not_compared_yet(make_desk: Callable, tmp_path: Path):
    desk = traced(make_desk)
    desk.window.close()
    digests_file(str(tmp_path / "ws")).unlink()
    desk.films.rename(tmp_path / "moved")
    again = make_desk()
    folder = again.window.session.folder
    folder.recognising.hold()
    folder._background.run = lambda work, done, failed: done(work())
    again.window.session.film_loading.open = lambda _: None
    again.window.open_paths((tmp_path / "moved",))
    again.window.session.exporting.export_csv()
    assert "still being compared" in again.window.notices.current.text


def test_nothing_is_read_that_cannot_be_a_known_film(qtbot, qapp, tmp_path: Path):
    reads: list[Path] = []

    class Counting(FilmDigests):
        def read(self, path, should_stop):
            reads.append(path)
            return super().read(path, should_stop)

    films = [tmp_path / f"{n}.png" for n in range(5000)]
    for n, film in enumerate(films):
        film.write_bytes(b"x" * (n + 1))
    recognising = Recognising(Counting(tmp_path / "digests"), qapp)
    found: dict[Path, str] = {}
    recognising.recognised.connect(found.update)
    known = {hashlib.sha256(films[7].read_bytes()).hexdigest(): films[7]}
    recognising.look_at(films, known)
    with qtbot.waitSignal(recognising.ended, timeout=5000):
        pass
    assert list(found) == reads == [films[7]]
    recognising.close()


def test_digests_are_remembered_by_path_size_and_time(tmp_path: Path):
    file, film = tmp_path / "digests", tmp_path / os.fsdecode(b"odd\xff.png")
    film.write_bytes(b"film")
    digest = hashlib.sha256(b"film").hexdigest()
    assert FilmDigests(file).read(film, go_on) == digest
    again, stamp = FilmDigests(file), stamp_of(film)
    assert again.remembered(film, stamp) == digest and again.sizes(digest) == {4}
    assert again.remembered(film, Stamp(4, stamp.changed_ns + 1, stamp.status_ns)) is None
    assert again.remembered(film, Stamp(5, stamp.changed_ns, stamp.status_ns)) is None
    assert again.read(film, lambda: True) is None
    assert again.read(tmp_path / "none", go_on) is None


def test_a_damaged_file_of_digests_is_read_as_far_as_it_goes(tmp_path: Path):
    file, film = tmp_path / "digests", tmp_path / "film.png"
    film.write_bytes(b"film")
    for _ in range(12):
        os.utime(film, ns=(0, time.monotonic_ns()))
        FilmDigests(file).read(film, go_on)
    file.write_bytes(file.read_bytes() + b'["half", 3\n\xff\n[1]\n')
    digests = FilmDigests(file)
    assert digests.remembered(film, stamp_of(film)) is not None
    assert file.read_bytes().count(b"\n") < 12

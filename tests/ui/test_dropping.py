"""What is dropped on the window."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent


def drop(desk, *paths) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    desk.window.dropEvent(QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    ))  # fmt: skip


def test_a_folder_without_films_leaves_the_list_as_it_was(desk, tmp_path):
    desk.open(desk.films)
    empty = tmp_path / "empty"
    empty.mkdir()
    with desk.qtbot.waitSignal(desk.window.session.noticed, timeout=5000):
        drop(desk, empty)
    assert desk.window.notices.current.text == f"There is no film in {empty}."
    assert desk.list_model.rowCount() == 3
    assert desk.window.session.path.name == "film-1.png" and desk.editor.film is not None


def test_films_are_listed_in_the_order_people_count_and_the_first_is_shown(desk):
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        drop(desk, *(desk.films / f"film-{n}.png" for n in (10, 1, 2)))
    assert [p.name for p in desk.list_model.paths()] == ["film-1.png", "film-2.png", "film-10.png"]
    assert desk.window.session.path.name == "film-1.png"


def test_every_folder_and_film_that_is_dropped_is_listed(desk, make_film, tmp_path):
    for name in ("a/deep", "b"):
        (tmp_path / name).mkdir(parents=True)
    films = [make_film(tmp_path / name, n)
             for n, name in enumerate(("a/deep/ceph.png", "b/ceph.png", "lone.png"))]  # fmt: skip
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        drop(desk, tmp_path / "a", tmp_path / "b", films[2], text)
    assert desk.list_model.paths() == tuple(films)
    assert "“notes.txt” is no film and was left out" in desk.window.notices.current.text


def test_files_that_are_no_films_are_named_and_the_others_join_the_list(desk, make_film, tmp_path):
    desk.open(desk.films)
    texts = [tmp_path / f"{n}.txt" for n in range(4)]
    for text in texts:
        text.write_text("no film")
    with desk.qtbot.waitSignal(desk.window.session.noticed, timeout=5000):
        drop(desk, *texts)
    said = desk.window.notices.current.text
    assert said.startswith("“0.txt”, “1.txt”, “2.txt” and 1 more are no films and were left out")
    assert desk.window.session.path.name == "film-1.png" and desk.list_model.rowCount() == 3
    new = make_film(tmp_path / "new.png", 5)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        drop(desk, new, texts[0])
    assert desk.window.session.path == new and desk.list_model.rowCount() == 4

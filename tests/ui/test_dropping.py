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

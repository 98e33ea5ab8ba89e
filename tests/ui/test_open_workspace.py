"""All films of the workspace, wherever they lie."""

from PySide6.QtCore import Qt

from cephview.ui.films.folder import films_there
from cephview.ui.rows.film_list_model import FilmState


def open_workspace(desk):
    with desk.qtbot.waitSignal(desk.window.session.folder.missed, timeout=10_000):
        desk.qtbot.keyClick(
            desk.window.view, Qt.Key.Key_O,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
        )  # fmt: skip


def names(desk):
    return [path.name for path in desk.list_model.paths()]


def test_films_of_several_folders_are_listed_and_one_that_moved_is_found_again(
    desk, make_film, tmp_path
):
    desk.open(desk.films / "film-10.png")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    desk.open(make_film(elsewhere / "film-3.png", 3))
    (tmp_path / "moved").mkdir()
    (desk.films / "film-10.png").rename(tmp_path / "moved" / "film-11.png")
    said = []
    desk.window.session.noticed.connect(said.append)
    open_workspace(desk)
    assert names(desk) == ["film-3.png", "film-10.png"]
    assert desk.window.session.path == elsewhere / "film-3.png"
    row = desk.list_model.row_of(desk.films / "film-10.png")
    assert (row.state, row.label) == (FilmState.UNREADABLE, "file is gone")
    assert "recognised by its bytes" in row.sentence and str(desk.films) in row.sentence
    assert said[-1].text.startswith("One film of 2 ")
    # Neither what is said of it anew nor a sort makes it one that is there.
    desk.window.session.folder.reread()
    assert desk.list_model.row_of(row.path).label == "file is gone"

    desk.open(tmp_path / "moved")
    desk.qtbot.waitUntil(
        lambda: not desk.window.session.folder.has_open_questions(), timeout=10_000
    )
    open_workspace(desk)
    assert names(desk) == ["film-3.png", "film-11.png"]
    assert not any(desk.list_model.row_of(p).is_gone for p in desk.list_model.paths())


def test_a_new_workspace_says_that_it_knows_no_film(desk):
    said = []
    desk.window.session.noticed.connect(said.append)
    button = desk.window.films.all_films
    assert button.width() >= 28 and button.height() >= 28
    with desk.qtbot.waitSignal(desk.window.session.folder.missed, timeout=10_000):
        desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert said[-1].text == "There is no film in the workspace yet."
    assert names(desk) == []


def test_a_film_recognised_elsewhere_counts_only_where_its_old_place_is_empty(tmp_path):
    old, new, never = (tmp_path / name for name in ("old.png", "new.png", "never.png"))
    new.write_bytes(b"1")
    assert films_there([(old, new), (never, never)]) == [(never, False), (new, True)]
    old.write_bytes(b"1")
    assert films_there([(old, new)]) == [(old, True)]

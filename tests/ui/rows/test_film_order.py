"""The list in its orders, and what it says of each film besides its state."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview import app, settings
from cephview.core.scale import PixelSize, Provenance
from cephview.settings import Settings, load_settings
from cephview.ui.rows.film_list_model import (
    PATH_ROLE,
    FilmFilter,
    FilmListModel,
    FilmRow,
    FilmState,
    Filter,
    time_words,
)
from cephview.ui.rows.film_order import WORDS, Order, arranged
from cephview.ui.rows.point_rows import Length

ALT = Qt.KeyboardModifier.AltModifier
ROWS = [
    FilmRow(Path("f1"), FilmState.DONE, seconds=90, changed_at="2026-03"),
    FilmRow(Path("f2"), FilmState.REVIEW, worst=Length(2.5, "mm"), urgency=2.0, seconds=30),
    FilmRow(Path("f9"), FilmState.NEW, changed_at="2026-04"),
    FilmRow(Path("f10"), FilmState.REVIEW, worst=Length(30, "px"), urgency=2.5, seconds=600),
]


def shown(panel) -> list[str]:
    model = panel.view.model()
    return [model.index(n, 0).data(PATH_ROLE).name for n in range(model.rowCount())]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order.NAME, "f1 f2 f9 f10"),
        (Order.STATE, "f9 f2 f10 f1"),
        (Order.UNCERTAINTY, "f10 f2 f1 f9"),
        (Order.TIME, "f10 f1 f2 f9"),
        (Order.CHANGE, "f9 f1 f2 f10"),
    ],
)
def test_films_stand_in_every_order(order, names):
    assert [row.name for row in arranged(reversed(ROWS), order)] == names.split()


def test_every_order_is_a_setting_and_has_words():
    assert tuple(settings.ORDERS) == tuple(order.value for order in Order) and set(WORDS) == set(
        Order
    )


def test_a_row_that_changes_stays_where_it_is_until_one_sorts_anew(qtmodeltester):
    model, proxy = FilmListModel(), FilmFilter()
    proxy.setSourceModel(model)
    qtmodeltester.check(model)
    model.set_rows(ROWS)
    model.arrange(Order.UNCERTAINTY)
    moves = []
    proxy.layoutChanged.connect(lambda *_: moves.append(1))
    model.change(Path("f10"), urgency=0.0, state=FilmState.DONE)
    assert [row.name for row in map(model.row_at, range(4))] == ["f10", "f2", "f1", "f9"]
    assert not moves
    model.arrange()
    assert [row.name for row in map(model.row_at, range(4))] == ["f2", "f1", "f9", "f10"]
    assert moves


def test_new_rows_come_in_the_chosen_order():
    model = FilmListModel()
    model.arrange(Order.TIME)
    model.set_rows(ROWS)
    assert model.first_readable() == Path("f10")


def test_keys_sort_and_the_open_film_stays_the_current_one(desk):
    desk.open(desk.films)
    desk.open(desk.films / "film-2.png")
    desk.answer()
    panel, asked = desk.window.films, []
    panel.film_wanted.connect(asked.append)
    assert shown(panel) == ["film-1.png", "film-2.png", "film-10.png"]
    QTest.keyClick(desk.window, Qt.Key.Key_U, ALT)
    assert shown(panel) == ["film-2.png", "film-1.png", "film-10.png"]
    assert panel.view.currentIndex().data(PATH_ROLE).name == "film-2.png"
    assert panel.sort.text() == "Uncertain" and not asked
    desk.editor.confirm_all()
    assert shown(panel)[0] == "film-2.png", "the film being read must not leave its place"
    QTest.keyClick(desk.window, Qt.Key.Key_U, ALT)
    assert shown(panel) == ["film-1.png", "film-2.png", "film-10.png"]
    assert not asked
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageDown)
    assert desk.window.session.path.name == "film-10.png"


def test_the_menu_offers_every_order_and_the_settings_keep_it(
    make_desk: Callable, tmp_path: Path, monkeypatch
):
    desk = make_desk(list_order="time")
    actions = desk.window.films.sort.menu().actions()
    assert [a.isChecked() for a in actions] == [order is Order.TIME for order in Order]
    actions[list(Order).index(Order.CHANGE)].trigger()
    path, save = tmp_path / "settings.toml", app.save_settings
    monkeypatch.setattr(app, "save_settings", lambda now: save(now, path))
    app.Memory(desk.window, Settings(author="reader")).close()
    assert load_settings(path).list_order == "change"


def test_a_row_tells_the_worst_uncertainty_left_in_the_unit_of_its_scale(desk):
    desk.open(desk.films)
    desk.answer()
    path = desk.window.session.path
    assert desk.list_model.row_of(path).worst == Length(19.0, "px")
    desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.RULER))
    worst = desk.list_model.row_of(path).worst
    assert (round(worst.value, 6), worst.unit) == (1.9, "mm")
    last = desk.editor.landmarks.ids[-1]
    desk.editor.confirm(last)
    assert str(desk.list_model.row_of(path).worst) == "1.8 mm"
    desk.editor.confirm_all()
    assert desk.list_model.row_of(path).worst is None


def test_what_a_row_says_comes_back_with_the_next_window(make_desk: Callable):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    path, keeping = desk.window.session.path, desk.window.session.keeping
    keeping.append_work(desk.editor.film.sha256, 130.0)
    before = desk.list_model.row_of(path)
    desk.window.close()
    again = make_desk()
    with again.qtbot.waitSignal(again.window.session.folder.listed, timeout=10_000):
        again.window.open_paths((again.films,))
    row = again.list_model.row_of(path)
    assert (row.worst, row.urgency, row.seconds) == (before.worst, before.urgency, 130.0)
    assert "2 min at work" in again.list_model.index_of(path).data(Qt.ItemDataRole.ToolTipRole)


def test_time_at_work_and_the_last_change_reach_the_row(desk):
    desk.open(desk.films)
    desk.answer()
    path, folder = desk.window.session.path, desk.window.session.folder
    changed = desk.list_model.row_of(path).changed_at
    assert changed
    folder.add_time(desk.editor.film.sha256, 40.0)
    folder.add_time(desk.editor.film.sha256, 50.0)
    assert desk.list_model.row_of(path).seconds == 90.0
    desk.editor.confirm_all()
    row = desk.list_model.row_of(path)
    assert row.seconds == 90.0 and row.changed_at >= changed


def test_a_film_that_could_not_be_detected_is_found_by_its_filter(desk):
    desk.open(desk.films)
    panel, path = desk.window.films, desk.window.session.path
    assert not panel._buttons[Filter.FAILED].isVisible()
    desk.engine.failed.emit(desk.engine.last, "The model cannot read this film.")
    row = desk.list_model.row_of(path)
    assert row.label == "not detected" and row.failure == "The model cannot read this film."
    assert panel._buttons[Filter.FAILED].text() == "Failed 1"
    QTest.keyClick(desk.window, Qt.Key.Key_X, ALT)
    assert shown(panel) == [path.name]
    QTest.keyClick(desk.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    desk.answer()
    assert desk.list_model.row_of(path).failure == ""
    QTest.keyClick(desk.window, Qt.Key.Key_A, ALT)
    assert not panel._buttons[Filter.FAILED].isVisible()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 s"), (59.6, "1 min"), (89, "1 min"), (3599, "1 h 00"), (3900, "1 h 05")],
)
def test_times_are_said_as_people_say_them(seconds, words):
    assert time_words(seconds) == words

"""The list of films: long folders, thumbnails, filters."""

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from cephview.core.natural_order import natural_order
from cephview.ui.look.theme import DARK
from cephview.ui.panels.film_list import USUAL, FilmList
from cephview.ui.panels.thumbnails import Thumbnails
from cephview.ui.rows.film_list_model import (
    FilmFilter,
    FilmListModel,
    FilmRow,
    FilmState,
    Filter,
    matches,
)
from cephview.ui.rows.standing import film_state


def rows(count: int) -> list[FilmRow]:
    return [FilmRow(Path(f"/films/{n:05}.dcm")) for n in range(count)]


def test_five_thousand_films_scroll_and_filter_quickly(qtbot):
    model = FilmListModel()
    panel = FilmList(model, DARK)
    qtbot.addWidget(panel)
    panel.resize(248, 800)
    panel.show()
    model.set_rows(rows(5000))
    wanted = []
    model.thumbnail_wanted.connect(wanted.append)
    began = time.perf_counter()
    for place in range(0, 5000, 250):
        panel.view.scrollTo(panel.view.model().index(place, 0))
        panel.view.viewport().repaint()
    panel.search.setText("00042")
    panel.choose(Filter.TO_REVIEW)
    spent = time.perf_counter() - began
    assert panel.view.model().rowCount() == 1
    # Only rows that were painted ask for a picture.
    assert len(wanted) < 600
    assert spent < 4.0


def test_a_thumbnail_is_asked_for_once_and_shown(qtbot, tmp_path):
    model = FilmListModel()
    model.set_rows(rows(3))
    made = []

    def read(path: Path, side: int):
        made.append(path)
        return np.zeros((side, side // 2), np.uint8)

    thumbnails = Thumbnails(model, read)
    model.thumbnail_wanted.connect(thumbnails.want)
    thumbnails.made.connect(model.set_thumbnail)
    for _ in range(3):
        model.index(1).data(Qt.ItemDataRole.DecorationRole)
    qtbot.waitUntil(
        lambda: model.index(1).data(Qt.ItemDataRole.DecorationRole) is not None, timeout=2000
    )
    assert made == [Path("/films/00001.dcm")]
    thumbnails.close()


def test_a_wish_that_scrolled_away_can_be_wished_again(qtbot):
    model = FilmListModel()
    model.set_rows(rows(100))
    gate = []
    thumbnails = Thumbnails(model, lambda path, side: gate[0])
    model.thumbnail_wanted.connect(thumbnails.want)
    thumbnails.dropped.connect(model.forget_request)
    dropped = []
    thumbnails.dropped.connect(dropped.append)
    for n in range(100):
        model.index(n).data(Qt.ItemDataRole.DecorationRole)
    assert dropped
    thumbnails.close()


def test_the_open_film_stays_in_a_filter_it_left():
    model, proxy = FilmListModel(), FilmFilter()
    proxy.setSourceModel(model)
    model.set_rows(rows(3))
    proxy.keep(Path("/films/00001.dcm"))
    proxy.show_only(Filter.TO_REVIEW)
    model.change(Path("/films/00001.dcm"), state=FilmState.DONE)
    assert proxy.rowCount() == 3
    proxy.keep(Path("/films/00002.dcm"))
    assert proxy.rowCount() == 2


@pytest.mark.parametrize("state", FilmState)
def test_every_state_is_in_all_and_in_at_most_one_other(state):
    row = FilmRow(Path("a.dcm"), state)
    assert matches(row, Filter.ALL)
    assert sum(matches(row, which) for which in Filter if which is not Filter.ALL) <= 1


def test_counts_follow_the_rows():
    model = FilmListModel()
    model.set_rows(rows(3))
    model.change(Path("/films/00001.dcm"), state=FilmState.DONE)
    model.add(FilmRow(Path("/films/x.dcm"), FilmState.UNREADABLE))
    model.add(FilmRow(Path("/films/x.dcm")))
    model.change(Path("/films/unknown.dcm"), state=FilmState.DONE)
    counts = [model.count(which) for which in (Filter.ALL, Filter.TO_REVIEW, Filter.DONE)]
    assert counts == [4, 2, 1] and model.is_any_traced()


def test_a_row_is_read_aloud_in_words():
    model = FilmListModel()
    model.set_rows([FilmRow(Path("a.dcm"), FilmState.REVIEW, 11, 19)])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "a.dcm, review 11 of 19"


def test_names_sort_as_people_count():
    names = ["f10.png", "F2.png", "f1.png", "10.png", "9.png"]
    ordered = sorted((Path(n) for n in names), key=natural_order)
    assert [p.name for p in ordered] == ["9.png", "10.png", "f1.png", "F2.png", "f10.png"]


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((0, 0, 0), FilmState.NEW),
        ((0, 0, 19), FilmState.NEW),
        ((19, 3, 19), FilmState.REVIEW),
        ((19, 19, 19), FilmState.DONE),
    ],
)
def test_the_state_follows_from_the_counts(counts, state):
    assert film_state(*counts) is state


@pytest.mark.parametrize("count", [9, 300, 1300])
def test_the_filters_are_never_cut(desk, count):
    rows = [FilmRow(Path(f"/films/{n}.png"), FilmState.DONE if n % 2 else FilmState.NEW)
            for n in range(2 * count)]  # fmt: skip
    desk.list_model.set_rows(rows)
    desk.process()
    panel = desk.window.films
    right = 0
    for which in USUAL:
        button = panel._buttons[which]
        text = button.fontMetrics().horizontalAdvance(button.text())
        assert button.width() >= text + 8, button.text()
        assert button.geometry().left() >= right
        right = button.geometry().right()
    assert right <= panel.width() - 12
    assert panel._buttons[Filter.TO_REVIEW].text() == f"To review {count:,}".replace(",", "\u2009")


@pytest.fixture
def three_rows(qtbot):
    """A list of three films of which the second one is open."""
    model = FilmListModel()
    panel = FilmList(model, DARK)
    qtbot.addWidget(panel)
    panel.resize(248, 500)
    panel.show()
    model.set_rows(rows(3))
    panel.show_film(model.paths()[1])
    # Which film is selected is another matter.
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    panel.view.selectionModel().select(panel.view.model().index(0, 0), flag)
    return panel


def test_the_open_film_has_a_bar_at_its_left_and_no_other_has(three_rows):
    view = three_rows.view
    picture = view.viewport().grab().toImage()
    scale = picture.devicePixelRatio()

    def at_left(row: int) -> str:
        area = view.visualRect(view.model().index(row, 0))
        return picture.pixelColor(
            round((area.left() + 4) * scale), round(area.center().y() * scale)
        ).name()

    bar = DARK.colour("refined").name()
    assert [at_left(row) == bar for row in range(3)] == [False, True, False]


def test_the_name_of_the_open_film_alone_is_bold(three_rows, monkeypatch):
    weights = {}

    class Metrics(QFontMetricsF):
        def __init__(self, font: QFont) -> None:
            super().__init__(font)
            self.weight = font.weight()

    def note(name: str, _folder: str, metrics: Metrics, _room: float) -> str:
        weights[name] = metrics.weight
        return name

    monkeypatch.setattr("cephview.ui.panels.film_delegate.QFontMetricsF", Metrics)
    monkeypatch.setattr("cephview.ui.panels.film_delegate._name_within", note)
    three_rows.view.viewport().grab()
    bold = {name for name, weight in weights.items() if weight == QFont.Weight.DemiBold}
    assert len(weights) == 3 and bold == {"00001.dcm"}


def test_the_menu_of_orders_reads_in_the_direction_of_the_window(desk):
    menu = desk.window.films.sort.menu()
    assert menu.layoutDirection() == desk.window.layoutDirection()
    # Without it Qt gives a menu the direction of its button whenever it opens.
    assert menu.testAttribute(Qt.WidgetAttribute.WA_SetLayoutDirection)

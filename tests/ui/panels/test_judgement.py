"""The card of a judged fine-tune: what was moved, what was kept, where it is worst."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.learning import Accuracy, FilmChange, FinetuneResult, Kept, PointChange, Taught
from cephview.core.scale import PixelSize, Provenance
from cephview.ui.look.theme import DARK
from cephview.ui.panels.result_rows import figure_rows, kept_sentence, moved_rows, way
from cephview.ui.panels.worst_films import WorstFilms, farthest, look_at

POINTS = {
    "S": PointChange((100.0, 90.0), (103.0, 90.0), (101.0, 90.0)),
    "Go": PointChange((60.0, 200.0), (60.0, 220.0), (60.0, 212.0)),
}


def accuracy(mre: float) -> Accuracy:
    sdr = {"2": 88.0, "2.5": 90.0 + mre, "3": 95.0, "4": 99.0}
    return Accuracy(mre, "mm", 38, 2, sdr, {"S": mre, "Go": 1.0})


def judged(folder: Path, film: Path) -> FinetuneResult:
    return FinetuneResult(
        str(folder), folder.name, accuracy(1.2), accuracy(0.9), 8, 2, True, "Better.", 90.0, "cpu",
        moved={"Go": (0.0, 3.0), "S": (-1.0, 0.1)}, note="Said beside.",
        worst=(FilmChange(str(film), 2.31, 1.8, POINTS),),
        kept=Kept("synthetic films", 12, 0.61, 0.63, 0.7),
    )  # fmt: skip


@pytest.fixture
def card(desk, make_film, make_model):
    """The card of a judgement, in sight, and the desk."""
    for n in range(5):
        desk.open(make_film(desk.films / f"more-{n}.png", 20 + n))
        desk.answer()
        desk.editor.confirm_all()
    desk.window.learning.start()
    folder = desk.engine.finetunes[-1][2]
    make_model(folder, sha="b" * 64, parent="a" * 64)
    desk.engine.finetuned.emit(desk.engine.last, judged(folder, desk.films / "more-2.png"))
    return desk.window.model.learning, desk


def texts(card) -> set[str]:
    return {label.text() for label in card.findChildren(QLabel) if label.isVisible()}


def test_the_card_tells_all_of_a_judgement(card):
    shown = texts(card[0])
    assert {"Better. Said beside.", "Within 2.5 mm", "91.2 %", "90.9 %", "\u22120.3"} <= shown
    assert {"3.0 mm down", "1.0 mm back", "Each landmark", "Where the new model is worst"} <= shown
    assert any("12 synthetic films the network went from 0.61 to 0.63 mm" in text for text in shown)


def test_landmarks_that_were_taught_are_told(card, tmp_path):
    view = card[0].result
    taught = Taught("Pn", 10, 0.9, 1.8, "mm", 95.0, True, "Pn is learnt: 0.90 mm on 10 films.")
    view.show_result(replace(judged(tmp_path, tmp_path), taught=(taught,)))
    assert {"New landmarks", "Pn is learnt: 0.90 mm on 10 films."} <= texts(card[0])


def test_a_judgement_without_more_shows_no_empty_parts(card, desk, tmp_path):
    view = card[0].result
    plain = judged(tmp_path, tmp_path)
    view.show_result(replace(plain, moved={}, worst=(), kept=None))
    titles = (
        "New landmarks",
        "Moved on every film",
        "On films that are not yours",
        "Where the new model is worst",
    )
    assert not texts(card[0]) & set(titles)


def test_a_click_on_a_worst_film_opens_it_at_its_worst_point(card):
    view, desk = card
    (row,) = view.result.worst.rows
    desk.qtbot.waitUntil(lambda: row.has_look, timeout=10_000)
    assert "Go" in row.toolTip() and "2.31 → 1.80 mm" in row.accessibleName()
    film = desk.films / "more-2.png"
    assert desk.window.session.path != film
    with desk.qtbot.waitSignal(desk.window.session.film_shown, timeout=10_000):
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert desk.window.session.path == film and desk.editor.selection == "Go"


def test_a_worst_film_is_opened_by_the_keyboard_too(card):
    view, desk = card
    (row,) = view.result.worst.rows
    row.setFocus()
    with desk.qtbot.waitSignal(desk.window.session.film_shown, timeout=10_000):
        QTest.keyClick(row, Qt.Key.Key_Space)
    assert desk.window.session.path == desk.films / "more-2.png"


def test_the_card_is_brought_up_when_something_is_to_be_decided(card):
    view, desk = card
    bar = desk.window.model.verticalScrollBar()
    desk.qtbot.waitUntil(lambda: bar.value() == min(view.y() - 12, bar.maximum()), timeout=5000)


@pytest.mark.parametrize(
    ("xy", "words"),
    [
        ((2, 0.1), "forward"), ((-2, 0.5), "back"), ((0.2, 1), "down"), ((0, -1), "up"),
        ((1, 1), "down and forward"), ((-1, -2), "up and back"),
    ],
)  # fmt: skip
def test_ways_are_called_as_a_clinician_calls_them(xy, words):
    assert way(xy) == words


def test_what_was_moved_most_comes_first(tmp_path):
    rows = moved_rows(judged(tmp_path, tmp_path))
    assert rows == [("Go", "3.0 mm down"), ("S", "1.0 mm back")]


def test_rates_are_told_at_each_distance(tmp_path):
    rows = figure_rows(judged(tmp_path, tmp_path))
    assert [row.name for row in rows[1:]] == [f"Within {d} mm" for d in ("2", "2.5", "3", "4")]
    assert rows[2].is_gain is False and rows[1].is_gain is None


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (Kept("synthetic films", 12, 0.61, 0.63, 0.63),
         "On 12 synthetic films the network went from 0.61 to 0.63 mm."),
        (Kept("synthetic films", 12, 0.61, 0.61, 0.61),
         "The network itself is as it was, so nothing is forgotten."),
        (Kept("synthetic films", 12, 0.61, 0.61, 0.84),
         "The network itself is as it was, so nothing is forgotten. What was moved is moved on "
         "every film: by their own points, 12 synthetic films go from 0.61 to 0.84 mm."),
    ],
)  # fmt: skip
def test_what_is_forgotten_is_said_honestly(kept, sentence):
    assert kept_sentence(kept) == sentence


def a_film() -> Film:
    pixels = (np.mgrid[0:400, 0:320][1] % 256).astype(np.uint8)
    return Film(pixels, "0" * 64, "f.png", PixelSize(0.5, 0.5, Provenance.DETECTOR))


def test_the_height_of_the_worst_films_is_that_of_their_width_before_any_is_seen(qtbot):
    films = WorstFilms(DARK)
    qtbot.addWidget(films)
    change = FilmChange("a.png", 2.31, 1.8, POINTS)
    films.show_films((change, replace(change, path="b.png")), "mm")
    at_200, at_300 = (films.heightForWidth(width) for width in (200, 300))
    assert at_300 - at_200 == 100
    films.resize(300, at_300)
    films.layout().activate()
    first, second = films.rows
    assert first.height() == second.height() == first.heightForWidth(300)


def test_a_look_is_centred_on_the_worst_point_and_tells_how_far_it_is():
    # The mean of 1 and 12 px is 3.25 mm.
    change = FilmChange("f.png", 5.75, 3.25, POINTS)
    assert farthest(change) == "Go"
    look = look_at(a_film(), change, "mm")
    side = look.image.width()
    assert look.far == ("10.0 mm", "6.0 mm") and side == 2 * 42 + 1
    truth, before, after = look.places["Go"]
    assert truth == QPointF(0, 0) and before == QPointF(0, 20 / side)
    assert after == QPointF(0, 12 / side)
    in_pixels = look_at(a_film(), change, "px")
    assert in_pixels.far == ("20 px", "12 px")
    assert in_pixels.image.width() == 2 * 35 + 1
    assert look.image.pixelColor(42, 42).value() == 60


def test_a_look_at_a_turned_film_is_turned_with_its_points():
    change = FilmChange("f.png", 5.75, 3.25, POINTS, Turn(mirrored=True, quarters=1))
    look = look_at(a_film(), change, "mm")
    _, before, _ = look.places["Go"]
    assert before.x() == pytest.approx(-20 / look.image.width()) and before.y() == pytest.approx(0)
    # Columns grow brighter to the right; swapped and turned, rows grow darker downward.
    values = [look.image.pixelColor(42, y).value() for y in (10, 42, 70)]
    assert values[1] == 60 and values[0] > values[1] > values[2]


MADE = """
data_digest = "dddddddddddd0000"
seed = 20
[settings]
way = "steps"
steps = 320
patients = 32
batch = 4
seconds = 130.0
verdict = "Better: it is."
[settings.moved_mm]
A = [1.0, 2.0]
"""
FIGURES = """"holdout.films" = 10.0
"holdout.parent.refined.mre_mm" = 1.26
"holdout.refined.mre_mm" = 1.09
"kept.films" = 12.0
"kept.parent.refined.mre_mm" = 0.61
"kept.network.refined.mre_mm" = 0.63
"kept.refined.mre_mm" = 0.7
"""


def fine_tuned(make_model, folder: Path, sha: str, parent: str) -> Path:
    """Write a model as a fine-tune leaves it."""
    make_model(folder, sha=sha, parent=parent)
    path = folder / "model.toml"
    head, figures = path.read_text().split("[metrics]\n")
    top, rest = MADE.split("[settings]", 1)
    path.write_text(f"{head}{top}\n[metrics]\n{figures}{FIGURES}\n[settings]{rest}")
    return folder


def test_a_model_tells_where_it_comes_from_and_every_ancestor_is_a_click_away(
    desk, make_model, model_dirs
):
    first = fine_tuned(make_model, model_dirs[1] / "one", "b" * 64, "a" * 64)
    second = fine_tuned(make_model, model_dirs[1] / "two", "c" * 64, "b" * 64)
    panel, models = desk.window.model, desk.window.session.models
    models.use(second)
    desk.window.learning.show()
    base = model_dirs[0] / "test-base"
    assert [model.folder for model in models.lineage] == [second, first, base]
    assert "1.26 → 1.09 mm, 10 films" in texts(panel) and "320" not in texts(panel.lineage)
    QTest.mouseClick(panel.lineage.title, Qt.MouseButton.LeftButton)
    desk.process()
    shown = texts(panel.lineage)
    assert {"that, and what films look like in 320 steps", "32", "dddddddddddd", "20"} <= shown
    assert {"Better: it is.", "2 min on the processor"} <= shown
    assert {"Other films", "0.61 → 0.70 mm, 12 synthetic films"} <= shown
    assert {"Network alone", "0.61 → 0.63 mm, 12 synthetic films"} <= shown
    assert [use.text() for use in panel.lineage.uses] == ["Back to one", "Back to test-base"]
    QTest.mouseClick(panel.lineage.uses[1], Qt.MouseButton.LeftButton)
    assert models.active.name == "test-base" and panel.lineage.uses == []


def test_a_parent_that_is_not_installed_is_told_by_its_digest(desk, make_model, model_dirs):
    folder = fine_tuned(make_model, model_dirs[1] / "one", "b" * 64, "e" * 64)
    desk.window.session.models.use(folder)
    desk.window.learning.show()
    desk.window.model.lineage.title.click()
    desk.process()
    assert "eeeeeeeeeeee, not installed" in texts(desk.window.model.lineage)

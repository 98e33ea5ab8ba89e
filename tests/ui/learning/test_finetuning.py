"""Learning from corrections in the window, with an engine that answers on request."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cephview.core import unfinished
from cephview.core.learning import Accuracy, FinetuneResult, TrainingProgress
from cephview.ui.learning.finetuning import Material, Stage
from cephview.ui.panels.learning_card import material_sentence
from cephview.ui.panels.result_rows import figure_rows, landmark_rows, time_left


def accuracy(mre: float) -> Accuracy:
    return Accuracy(mre, "mm", 57, 3, {"2": 88.0}, {"S": mre, "Go": 1.0, "N": 2.5 - mre})


def result(folder: Path, *, is_better: bool) -> FinetuneResult:
    after = 0.9 if is_better else 1.3
    return FinetuneResult(
        str(folder), folder.name, accuracy(1.2), accuracy(after), 8, 3, is_better,
        "Better on the films kept aside." if is_better else "Not better on the films kept aside.",
        90.0, "cpu",
    )  # fmt: skip


def correct(desk, film: Path) -> None:
    desk.open(film)
    desk.answer()
    desk.editor.confirm_all()


@pytest.fixture
def learning(desk, make_film):
    """A desk with five corrected films and the Model panel open."""
    for n in range(5):
        correct(desk, make_film(desk.films / f"more-{n}.png", 20 + n))
    QTest.mouseClick(desk.window.bar.pill, Qt.MouseButton.LeftButton)
    assert desk.window.model.isVisible()
    return desk


def press(button) -> None:
    assert button.isVisible() and button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def begin(desk) -> Path:
    """Start a fine-tune and return the folder of the candidate."""
    press(desk.window.model.learning.start)
    return desk.engine.finetunes[-1][2]


def test_the_panel_tells_the_model_and_its_terms(learning):
    texts = {label.text() for label in learning.window.model.findChildren(QLabel)}
    assert {"test-base", "1.06 mm mean", "1.41 mm mean", "87.4 %"} <= texts
    assert any("non-commercial" in text for text in texts)


def test_it_says_what_it_would_learn_from(learning):
    card = learning.window.model.learning
    assert card.sentence.text() == (
        "Would learn from 95 points on 5 films that you moved or confirmed. So few show only where "
        "you place a landmark far from the model; small habits and the look of your films they "
        "cannot show."
    )


@pytest.mark.parametrize(("count", "words"), [(3, "2 more films are"), (4, "1 more film is")])
def test_too_few_films_are_counted_before_anyone_presses(desk, make_film, count, words):
    for n in range(count):
        correct(desk, make_film(desk.films / f"more-{n}.png", 20 + n))
    QTest.mouseClick(desk.window.bar.pill, Qt.MouseButton.LeftButton)
    card = desk.window.model.learning
    assert f"{words} needed" in card.sentence.text()
    assert card.start.isVisible() and not card.start.isEnabled()


def test_films_of_one_patient_count_as_one():
    text = material_sentence(Material(films=6, points=60, patients=3))
    assert text.endswith(
        "; 2 more films are needed of other patients, to learn from some and to judge by the "
        "others."
    )


def test_the_keyboard_goes_from_button_to_button(learning, make_model):
    card = learning.window.model.learning
    card.start.setFocus()
    QTest.keyClick(card.start, Qt.Key.Key_Space)
    assert card.cancel.hasFocus()
    QTest.keyClick(card.cancel, Qt.Key.Key_Space)
    assert card.hasFocus()
    learning.engine.cancelled.emit(learning.engine.last)
    assert card.start.hasFocus()
    QTest.keyClick(card.start, Qt.Key.Key_Space)
    out = learning.engine.finetunes[-1][2]
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=True))
    assert card.adopt.hasFocus()


def test_who_went_on_with_the_film_keeps_its_keyboard(learning):
    begin(learning)
    learning.window.view.setFocus()
    learning.engine.cancelled.emit(learning.engine.last)
    assert learning.window.view.hasFocus()


def test_without_corrections_there_is_nothing_to_start(desk):
    desk.open(desk.films)
    desk.window.tabs.setCurrentWidget(desk.window.model)
    assert not desk.window.model.learning.start.isEnabled()
    assert "no corrections yet" in desk.window.model.learning.sentence.text()


def test_progress_shows_and_cancel_keeps_nothing(learning, model_dirs):
    out = begin(learning)
    films, parent, _, _ = learning.engine.finetunes[-1]
    assert (len(films), parent.name, out.parent) == (5, "test-base", model_dirs[1])
    request = learning.engine.last
    for step in (10, 20):
        learning.engine.trained.emit(request, TrainingProgress(step, 100, 1.0, 1.1, 240.0))
    card = learning.window.model.learning
    assert card.bar.value() == 200
    assert card.status.text() == "learning · step 20 of 100 · 4 min left"
    press(card.cancel)
    assert request in learning.engine.gone and not card.cancel.isEnabled()
    learning.engine.cancelled.emit(request)
    assert card.start.isVisible() and not out.exists()
    assert learning.window.session.models.active.name == "test-base"


def test_the_plot_names_its_unit_and_uses_no_prefix(learning):
    begin(learning)
    for step, error in ((1, 1.312), (10, 1.311)):
        progress = TrainingProgress(step, 100, 0.004, error, 60.0, "learning", "mm")
        learning.engine.trained.emit(learning.engine.last, progress)
    plot = learning.window.model.learning._plot
    assert plot.isVisible()
    item = plot._widget.getPlotItem()
    assert item.getAxis("right").labelText == "error, mm"
    assert not item.getAxis("right").autoSIPrefix and not item.getAxis("left").autoSIPrefix
    low, high = plot._right.viewRange()[1]
    assert high - low >= 0.2 and low < 1.311 < high


def test_without_a_loss_there_is_no_plot(learning):
    begin(learning)
    for step in (1, 2):
        progress = TrainingProgress(step, 8, 0.0, None, 6.0, "comparing")
        learning.engine.trained.emit(learning.engine.last, progress)
    card = learning.window.model.learning
    assert card.status.text() == "comparing · step 2 of 8 · 6 s left"
    assert card._plot is None or not card._plot.isVisible()


def test_a_better_model_is_used_only_when_asked_for_and_one_click_goes_back(
    learning, model_dirs, make_model
):
    out = begin(learning)
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=True))
    models = learning.window.session.models
    assert models.active.name == "test-base"
    press(learning.window.model.learning.adopt)
    assert models.active.folder == out
    assert learning.window.session.keeping.active_model() == str(out)
    assert "is used from now on" in learning.window.notices.current.text
    learning.window.session.models.go_back()
    assert learning.window.notices.current is None, "what was said holds no more"
    models.use(out)
    learning.window.session.detecting.detect()
    assert learning.engine.detections[-1][2] == out
    assert learning.window.model.back.text() == "Back to test-base"
    press(learning.window.model.back)
    assert models.active.name == "test-base"


def test_a_result_is_told_to_who_works_elsewhere(learning, make_model):
    out = begin(learning)
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.window.tabs.setCurrentIndex(0)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=True))
    assert learning.window.notices.current.text.startswith("The new model is judged")
    press(learning.window.notices.action)
    assert learning.window.model.learning.adopt.isVisible()


def test_who_looks_at_a_result_unasked_is_not_told_of_it_any_more(learning, make_model):
    out = begin(learning)
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.window.tabs.setCurrentIndex(0)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=True))
    assert learning.window.notices.current is not None
    learning.window.tabs.setCurrentWidget(learning.window.model)
    assert learning.window.notices.current is None


def test_a_model_that_is_not_better_cannot_be_used(learning, make_model):
    out = begin(learning)
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=False))
    card = learning.window.model.learning
    assert not card.adopt.isVisible()
    learning.window.session.finetuning.adopt()
    assert learning.window.session.models.active.name == "test-base"
    press(card.discard)
    assert not out.exists() and card.start.isVisible()


def test_a_refusal_is_said_and_leaves_the_model_as_it_was(learning):
    # An engine that refuses leaves nothing to go on with.
    (begin(learning) / unfinished.FILE).unlink()
    learning.engine.failed.emit(learning.engine.last, "Too few films: correct at least five.")
    assert learning.window.notices.current.text.startswith("Too few films")
    assert learning.window.session.finetuning.learning.stage is Stage.IDLE


def test_a_candidate_nobody_adopted_is_kept_only_when_it_is_better(learning, make_model):
    out = begin(learning)
    make_model(out, sha="b" * 64, parent="a" * 64)
    learning.engine.finetuned.emit(learning.engine.last, result(out, is_better=True))
    learning.window.session.finetuning.close()
    assert out.exists()


def test_the_shipped_model_is_never_removed(learning, model_dirs):
    begin(learning)
    learning.engine.finetuned.emit(
        learning.engine.last, result(model_dirs[0] / "test-base", is_better=False)
    )
    press(learning.window.model.learning.discard)
    assert (model_dirs[0] / "test-base").exists()


def test_the_table_of_a_result_puts_what_got_worse_first():
    judged = result(Path("m"), is_better=True)
    mean, within = figure_rows(judged)
    assert (mean.name, mean.texts, mean.is_gain) == ("Mean, mm", ("1.20", "0.90", "−0.30"), True)
    assert (within.name, within.texts) == ("Within 2 mm", ("88.0 %", "88.0 %", "0"))
    rows = landmark_rows(judged)
    assert [row.name for row in rows] == ["N", "Go", "S"]
    assert [row.is_gain for row in rows] == [False, None, True]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (60, "60 s"), (240, "4 min"), (7200, "2.0 h")]
)
def test_time_is_said_as_one_says_it(seconds, words):
    assert time_left(seconds) == words

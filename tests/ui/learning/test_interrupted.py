"""Learning that is interrupted: by a window that closes or is killed, or by its engine."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core import unfinished
from cephview.core.judged import FILE as JUDGED
from cephview.core.judged import to_json
from cephview.core.learning import Accuracy, FinetuneResult, TrainingProgress
from cephview.formats.learning_files import read_unfinished
from cephview.ui.learning import begun
from cephview.ui.learning.finetuning import Stage
from cephview.ui.learning.installed_models import NOTE, installed_models

OFFER = "Learning from 5 films was interrupted at 60 %."


def accuracy(mre: float) -> Accuracy:
    return Accuracy(mre, "mm", 57, 3, {"2": 88.0}, {"S": mre, "Go": 1.0})


def judged(folder: Path, *, is_better: bool = True) -> FinetuneResult:
    after = accuracy(0.9 if is_better else 1.3)
    return FinetuneResult(
        str(folder), folder.name, accuracy(1.2), after, 8, 3, is_better, "Said.", 90.0, "cpu"
    )


def at_work(desk, make_film) -> Path:
    """Correct five films, begin to learn, and get to 60 %; return the folder."""
    for n in range(5):
        desk.open(make_film(desk.films / f"more-{n}.png", 20 + n))
        desk.answer()
        desk.editor.confirm_all()
    desk.window.learning.start()
    for step, loss in ((30, 0.4), (60, 0.3)):
        progress = TrainingProgress(step, 100, loss, 1.1, 60.0, "learning", "mm")
        desk.engine.trained.emit(desk.engine.last, progress)
    return desk.engine.finetunes[-1][2]


def killed(desk) -> None:
    """Leave a desk as a killed window leaves it: its lock is of a process that is gone."""
    finetuning = desk.window.session.finetuning
    finetuning._note()
    finetuning._lock.unlock()
    finetuning._lock = finetuning._begun = finetuning._folder = None
    finetuning._request = 0


def press(button) -> None:
    assert button.isVisible() and button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def again(desk, make_film, make_desk):
    """A second window, after the first was killed while it learnt; and the folder."""
    folder = at_work(desk, make_film)
    killed(desk)
    return make_desk(), folder


def test_the_next_window_offers_to_go_on(again):
    desk, folder = again
    assert desk.window.notices.current.text == OFFER
    assert not desk.engine.finetunes
    press(desk.window.notices.action)
    films, parent, out, seed = desk.engine.finetunes[-1]
    kept = read_unfinished(folder / unfinished.FILE)
    assert (films, str(parent), out, seed) == (kept.films, kept.parent_dir, folder, kept.seed)
    assert desk.window.model.learning.bar.value() == 600
    assert desk.window.session.finetuning.learning.stage is Stage.RUNNING


def test_it_can_be_thrown_away(again):
    desk, folder = again
    press(desk.window.notices.other)
    assert not folder.exists() and desk.window.notices.current is None
    assert desk.window.session.finetuning.learning.stage is Stage.IDLE


def test_the_card_offers_it_too_and_says_on_what_it_goes_on(again):
    desk, folder = again
    press(desk.window.bar.pill)
    card = desk.window.model.learning
    assert OFFER in card.sentence.text() and "the corrections it began with" in card.sentence.text()
    assert not card.start.isVisible() and not card.adopt.isVisible()
    press(card.go_on)
    assert desk.engine.finetunes[-1][2] == folder
    assert desk.window.notices.current is None


def test_keys_do_it_too(again):
    desk, folder = again
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(desk.window, Qt.Key.Key_G, both)
    assert desk.engine.finetunes[-1][2] == folder
    QTest.keyClick(desk.window, Qt.Key.Key_X, both)
    assert desk.engine.gone == [desk.engine.last]
    desk.engine.cancelled.emit(desk.engine.last)
    assert not folder.exists()


def test_corrections_made_since_are_left_for_the_next_time(again, make_film):
    desk, _ = again
    desk.open(make_film(desk.films / "later.png", 60))
    desk.answer()
    desk.editor.confirm_all()
    desk.window.learning.go_on()
    assert len(desk.engine.finetunes[-1][0]) == 5


def test_a_model_that_is_gone_is_not_gone_on_from(again, model_dirs):
    desk, folder = again
    (model_dirs[0] / "test-base" / "model.safetensors").unlink()
    desk.window.learning.go_on()
    assert not desk.engine.finetunes
    assert "is no longer in" in desk.window.notices.current.text and folder.exists()


def test_another_workspace_is_offered_nothing(desk, make_film, make_desk, tmp_path):
    folder = at_work(desk, make_film)
    killed(desk)
    other = make_desk(str(tmp_path / "other"))
    assert other.window.notices.current is None and folder.exists()


def test_a_window_beside_leaves_what_the_first_is_at_alone(desk, make_film, make_desk):
    folder = at_work(desk, make_film)
    beside = make_desk()
    assert beside.window.session.finetuning.learning.stage is Stage.IDLE and folder.exists()


def test_an_engine_that_is_lost_loses_nothing(desk, make_film):
    folder = at_work(desk, make_film)
    desk.engine.failed.emit(desk.engine.last, "The engine was ended.")
    assert desk.window.notices.current.text == f"The engine was ended. {OFFER}"
    press(desk.window.notices.action)
    assert [out for _, _, out, _ in desk.engine.finetunes] == [folder, folder]


def test_closing_asks_and_goes_on_next_time(desk, make_film, make_desk):
    folder = at_work(desk, make_film)
    desk.window.close()
    assert desk.window.isVisible()
    assert desk.window.notices.current.text == "The model is still learning."
    desk.window.notices.dismiss()
    desk.window.close()
    press(desk.window.notices.action)
    assert not desk.window.isVisible() and folder.exists()
    assert make_desk().window.notices.current.text == OFFER


def test_closing_can_throw_it_away(desk, make_film, make_desk):
    folder = at_work(desk, make_film)
    desk.window.close()
    press(desk.window.notices.other)
    assert not desk.window.isVisible() and not folder.exists()
    assert make_desk().window.notices.current is None


def test_what_was_asked_on_closing_is_settled_by_the_end_of_learning(desk, make_film, make_model):
    folder = at_work(desk, make_film)
    desk.window.close()
    make_model(folder, sha="b" * 64, parent="a" * 64)
    desk.engine.finetuned.emit(desk.engine.last, judged(folder))
    assert desk.window.notices.current is None or desk.window.notices.current.topic != "close"


@pytest.mark.parametrize("is_better", [True, False])
def test_a_judgement_outlives_its_window(desk, make_film, make_desk, make_model, is_better):
    folder = at_work(desk, make_film)
    make_model(folder, sha="b" * 64, parent="a" * 64)
    (folder / JUDGED).write_text(to_json(judged(folder, is_better=is_better)))
    killed(desk)
    assert folder not in [model.folder for model in installed_models()]
    again = make_desk()
    assert again.window.notices.current.topic == "judged"
    press(again.window.notices.action)
    card = again.window.model.learning
    assert card.adopt.isVisible() is is_better
    if is_better:
        press(card.adopt)
        assert again.window.session.models.active.folder == folder
        assert not (folder / NOTE).exists()
    else:
        press(card.discard)
        assert not folder.exists()


def test_a_note_that_cannot_be_read_is_no_obstacle(again, make_desk):
    desk, folder = again
    desk.window._may_lose = True
    desk.window.close()
    (folder / unfinished.FILE).write_text("{")
    assert make_desk().window.session.finetuning.learning.stage is Stage.IDLE


def test_what_an_engine_wrote_into_a_folder_thrown_away_goes(desk, model_dirs, tmp_path):
    left, own = model_dirs[1] / "left", model_dirs[1] / "own"
    for folder, name in ((left, "unfinished.pt"), (own, "notes.txt")):
        folder.mkdir(parents=True)
        (folder / name).write_bytes(b"")
    assert begun.last_begun(str(tmp_path)) is None
    assert not left.exists() and own.exists()

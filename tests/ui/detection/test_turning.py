"""A film that is unlike what the model knows, or lies wrong: said, turned, kept, taken back."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest

from cephview.core.detection import Likeness, Turn
from cephview.core.film_warning import film_warning, looks, turn_words
from cephview.core.tracing import State
from cephview.ui.notice import Kind
from cephview.ui.panels.film_delegate import as_seen

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
MIRRORED = Turn(mirrored=True)
UNLIKE = Likeness(1.6, 0.01, "a very dark film")
WRONG = Likeness(2.5, 0.01, "the face is to the left", MIRRORED)
FINE = Likeness(0.4, 0.01)
SAID = "This film is unlike those the model was trained on (a very dark film): check every point."


def go(desk, key: Qt.Key) -> None:
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, key)


def row(desk):
    return desk.list_model.row_of(desk.window.session.path)


def test_a_film_unlike_those_of_training_says_so_until_it_is_dismissed(desk):
    desk.open(desk.films)
    desk.answer(likeness=UNLIKE)
    bar = desk.window.notices
    assert (bar.current.text, bar.current.kind) == (SAID, Kind.DANGER)
    assert bar.isVisible() and not bar.action.isVisible()
    assert desk.window.view.hasFocus()
    QTest.mouseClick(bar.close_button, LEFT)
    assert not bar.isVisible()
    desk.editor.move("S", (50, 60))
    assert not bar.isVisible()
    # The row keeps its mark.
    assert row(desk).warning == SAID


def test_it_is_said_again_when_the_film_is_opened_again(desk):
    desk.open(desk.films)
    desk.answer(likeness=UNLIKE)
    first = desk.window.session.path
    desk.window.notices.dismiss()
    go(desk, Qt.Key.Key_PageDown)
    assert desk.window.notices.current is None
    index = desk.list_model.index_of(first)
    assert SAID in index.data(Qt.ItemDataRole.ToolTipRole)
    assert SAID in index.data(Qt.ItemDataRole.AccessibleTextRole)
    go(desk, Qt.Key.Key_PageUp)
    assert desk.window.notices.current.text == SAID


def test_it_survives_a_restart(make_desk: Callable):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer(likeness=UNLIKE)
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL)
    desk.window.close()
    again = make_desk()
    again.open(again.films)
    assert again.window.notices.current.text == SAID
    assert row(again).warning == SAID and row(again).turn == MIRRORED
    assert again.window.view.viewport.turn == MIRRORED
    assert again.window.status.turn.text() == "mirrored"


def test_nothing_is_said_of_a_film_like_the_others_or_checked(desk):
    desk.open(desk.films)
    desk.answer(likeness=FINE)
    assert desk.window.notices.current is None and row(desk).warning == ""
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL)
    desk.answer(likeness=UNLIKE)
    assert desk.window.notices.current.text == SAID
    desk.editor.confirm_all()
    assert desk.window.notices.current is None and row(desk).warning == ""
    desk.editor.undo()
    assert desk.window.notices.current.text == SAID and row(desk).warning == SAID


def test_turn_it_turns_the_film_and_detects_it_so(desk):
    desk.open(desk.films)
    desk.answer(likeness=WRONG)
    bar, view = desk.window.notices, desk.window.view
    assert bar.current.text == "This film looks mirrored: the face is to the left."
    assert bar.action.text() == "Turn it" and bar.action.isVisible()
    desk.editor.move("S", (50.0, 60.0))
    QTest.mouseClick(bar.action, LEFT)
    assert desk.engine.turns == [Turn(), MIRRORED]
    assert view.viewport.turn == MIRRORED and bar.current is None
    desk.answer(likeness=FINE, shift=9.0)
    assert bar.current is None and row(desk).warning == ""
    # Points are of the file, whichever way it is looked at.
    assert desk.editor.tracing["S"].refined.xy == (69.0, 80.0)
    assert desk.editor.tracing["S"].human.xy == (50.0, 60.0)
    x, _ = view.viewport.to_screen((50.0, 60.0))
    assert x > view.viewport.to_screen((250.0, 60.0))[0]
    # Every later detection looks at it so.
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL)
    assert desk.engine.turns[-1] == MIRRORED


def test_turning_is_taken_back_step_by_step(desk):
    desk.open(desk.films)
    desk.answer(likeness=WRONG)
    bar = desk.window.notices
    QTest.mouseClick(bar.action, LEFT)
    desk.answer(likeness=FINE)
    QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    assert "before it was turned" in bar.current.text and bar.action.text() == "Detect again"
    QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    assert desk.window.view.viewport.turn == Turn()
    assert bar.current.text.startswith("This film looks mirrored")


def test_a_detection_that_fails_leaves_the_offer_to_try_again(desk):
    desk.open(desk.films)
    desk.answer(likeness=WRONG)
    QTest.mouseClick(desk.window.notices.action, LEFT)
    desk.engine.failed.emit(desk.engine.last, "It failed.")
    assert desk.window.view.viewport.turn == MIRRORED
    texts = [notice.text for notice in desk.window.notices._notices]
    assert "It failed." in texts and any("before it was turned" in text for text in texts)


@pytest.mark.parametrize(
    ("key", "modifier", "turn", "words"),
    [
        (Qt.Key.Key_M, CTRL, MIRRORED, "mirrored"),
        (Qt.Key.Key_R, CTRL, Turn(quarters=1), "turned right"),
        (Qt.Key.Key_R, CTRL | SHIFT, Turn(quarters=3), "turned left"),
        (Qt.Key.Key_I, CTRL | SHIFT, Turn(negative=True), "negative"),
    ],
)
def test_a_key_turns_the_film_and_another_takes_it_back(desk, key, modifier, turn, words):
    desk.open(desk.films)
    desk.answer()
    status, book = desk.window.status, desk.window.actions_book
    assert not book["as-on-file"].isEnabled() and not status.turn.isVisible()
    QTest.keyClick(desk.window, key, modifier)
    assert desk.editor.tracing.turn == turn and row(desk).turn == turn
    assert status.turn.text() == words and status.turn.isVisible()
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL | SHIFT)
    assert desk.editor.tracing.turn == Turn() and not status.turn.isVisible()
    for _ in range(2):
        QTest.keyClick(desk.window, Qt.Key.Key_Z, CTRL)
    assert desk.editor.tracing.turn == Turn()
    assert desk.editor.tracing["A"].state is State.MODEL


def test_inverting_for_the_eye_changes_nothing_for_the_model(desk):
    desk.open(desk.films)
    desk.answer()
    QTest.keyClick(desk.window, Qt.Key.Key_I, CTRL)
    assert desk.window.view.is_inverted
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL)
    assert desk.engine.turns[-1] == Turn()


def test_a_film_turned_while_the_model_looks_is_looked_at_anew(desk):
    desk.open(desk.films)
    asked = desk.engine.last
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL)
    assert desk.engine.gone == [asked] and desk.engine.turns == [Turn(), MIRRORED]
    desk.answer()
    assert desk.editor.tracing.turn == MIRRORED
    assert all(point.state is State.MODEL for point in desk.editor.tracing)


def test_a_film_that_was_only_turned_is_detected_when_it_opens(desk):
    desk.window.session.detecting.set_on_open(False)
    desk.open(desk.films)
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL)
    go(desk, Qt.Key.Key_PageDown)
    desk.window.session.detecting.set_on_open(True)
    go(desk, Qt.Key.Key_PageUp)
    assert desk.engine.turns == [MIRRORED]


def test_each_film_has_its_own_turn(desk):
    desk.open(desk.films)
    desk.answer()
    QTest.keyClick(desk.window, Qt.Key.Key_R, CTRL)
    go(desk, Qt.Key.Key_PageDown)
    desk.answer()
    assert desk.window.view.viewport.turn == Turn()
    assert desk.engine.turns == [Turn(), Turn()]
    go(desk, Qt.Key.Key_PageUp)
    assert desk.window.view.viewport.turn == Turn(quarters=1)


@pytest.mark.parametrize(
    ("better", "said"),
    [
        (MIRRORED, "This film looks mirrored: the face is to the left."),
        (Turn(negative=True), "This film looks like a negative."),
        (Turn(quarters=2), "This film looks upside down."),
        (Turn(quarters=1), "This film looks turned to the left."),
        (Turn(quarters=3), "This film looks turned to the right."),
        (Turn(True, True), "This film looks mirrored and like a negative."),
        (Turn(True, True, 2), "This film looks mirrored and upside down and like a negative."),
    ],
)
def test_what_a_film_looks_like(better, said):
    assert looks(better) == said
    assert film_warning(Likeness(2.0, 0.01, "", better), Turn()).text == said


def test_the_words_are_of_the_film_as_it_is_shown():
    right_on_file = Likeness(2.0, 0.01, "", Turn())
    assert "mirrored" in film_warning(right_on_file, MIRRORED).text
    assert film_warning(right_on_file, Turn(quarters=1)).text.endswith("turned to the right.")
    assert film_warning(Likeness(2.0, 0.01), Turn()).text.endswith("trained on: check every point.")
    assert film_warning(None, MIRRORED) is None
    assert turn_words(Turn(True, True, 3)) == "mirrored, turned left, negative"


def test_the_small_picture_is_turned_as_the_film(qapp):
    picture = QPixmap(4, 2)
    picture.fill(QColor("black"))
    assert as_seen(picture, Turn()) is picture
    assert as_seen(picture, Turn(quarters=1)).width() == 2
    negative = as_seen(picture, Turn(negative=True)).toImage()
    assert negative.pixelColor(0, 0) == QColor("white")

"""Two windows on one workspace: nobody's work is written over unseen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.ui.workspace.keeping import KeepError


@pytest.fixture
def pair(make_desk: Callable):
    """Return two windows that show the same detected film."""
    one = make_desk()
    one.open(one.films)
    one.answer()
    two = make_desk()
    two.open(two.films)
    assert two.editor.tracing == one.editor.tracing
    return one, two


def on_disk(desk) -> Tracing:
    return desk.window.session.keeping.traced_films()[0][1]


def confirm_by_key(desk, landmark: str) -> None:
    desk.editor.select(landmark)
    QTest.keyClick(desk.window.view, Qt.Key.Key_Return)


def test_work_on_different_points_of_one_film_is_brought_together(pair):
    one, two = pair
    confirm_by_key(one, "S")
    confirm_by_key(one, "N")
    confirm_by_key(two, "A")
    assert all(two.editor.tracing[i].state is State.CONFIRMED for i in ("S", "N", "A"))
    assert on_disk(one) == two.editor.tracing
    assert two.window.notices.current.text == (
        "film-1.png was changed in another window, too; it holds both now."
    )
    assert two.window.status.saved.text() == "saved"
    assert two.window.status.progress.text() == "3 of 19 confirmed"
    assert two.list_model.row_of(two.window.session.path).checked == 3


def test_after_it_work_goes_on_and_the_first_window_gives_way_in_turn(pair):
    one, two = pair
    confirm_by_key(one, "S")
    confirm_by_key(two, "A")
    confirm_by_key(two, "B")
    assert on_disk(two) == two.editor.tracing
    # What it takes back is its own last step, whatever came after that.
    one.window.actions_book["undo"].trigger()
    assert one.editor.tracing["S"].state is State.MODEL
    assert one.editor.tracing["A"].state is State.CONFIRMED
    assert one.editor.tracing["B"].state is State.CONFIRMED
    one.window.actions_book["undo"].trigger()
    assert one.editor.tracing["S"].state is State.CONFIRMED
    assert on_disk(one) == one.editor.tracing


def test_of_two_scales_the_first_stands_and_the_other_is_offered(pair):
    one, two = pair
    ruler, other = (PixelSize(size, size, Provenance.RULER) for size in (0.2, 0.3))
    one.editor.set_pixel_size(ruler)
    two.editor.set_pixel_size(other)
    assert two.editor.pixel_size == one.editor.pixel_size == ruler
    notice = two.window.notices.current
    assert "its scale is as left there; you had it otherwise." in notice.text
    notice.on_action()
    assert two.editor.pixel_size == other
    film = two.editor.film
    assert two.window.session.keeping.pixel_size(film) == other
    two.editor.undo()
    assert two.window.session.keeping.pixel_size(film) == ruler


def test_a_drag_into_another_windows_work_lands_beside_it(pair):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    view = two.window.view
    before = two.editor.tracing["N"].best.xy
    at = QPoint(*(round(v) for v in view.viewport.to_screen(before)))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    for n in (1, 2, 3):
        QTest.mouseMove(view, at + QPoint(10 * n, 4 * n))
        two.process()
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + QPoint(30, 12))
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)
    assert two.editor.tracing["N"].human.xy != before
    assert on_disk(one) == two.editor.tracing
    assert view.marks_context().preview is None


def test_on_the_same_point_the_first_word_stands_and_the_second_is_offered(pair):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    two.editor.move("S", (50.0, 60.0))
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)
    notice = two.window.notices.current
    assert notice.text == (
        "film-1.png was changed in another window, too: S is as left there; you had it otherwise."
    )
    assert notice.action == "Use mine"
    notice.on_action()
    assert two.editor.tracing["S"].human.xy == (50.0, 60.0)
    assert on_disk(two) == two.editor.tracing
    QTest.keyClick(two.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)


def test_the_second_word_is_one_redo_away_even_after_a_restart(pair, make_desk):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    two.editor.move("S", (50.0, 60.0))
    two.window.close()
    three = make_desk()
    three.open(three.films)
    assert three.editor.tracing["S"].human.xy == (100.0, 120.0)
    QTest.keyClick(
        three.window,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert three.editor.tracing["S"].human.xy == (50.0, 60.0)


def test_two_detections_of_one_model_are_no_contest(make_desk):
    one, two = make_desk(), make_desk()
    one.open(one.films)
    two.open(two.films)
    one.answer()
    one.editor.move("S", (100.0, 120.0))
    two.answer()
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)
    assert two.window.notices.current.action == ""


def full(*_: object) -> int:
    raise KeepError("The disk is full: this change is not saved; make room.")


def test_all_that_waited_for_the_film_is_merged_step_by_step(pair, monkeypatch):
    one, two = pair
    with monkeypatch.context() as patch:
        patch.setattr(two.window.session.keeping, "append_commit", full)
        confirm_by_key(two, "A")
        confirm_by_key(two, "B")
        two.editor.move("S", (50.0, 60.0))
        two.editor.move("S", (51.0, 60.0))
        assert two.window.status.saved.text() == "NOT SAVED"
    one.editor.move("S", (100.0, 120.0))
    two.editor.flush()
    assert two.editor.tracing == on_disk(one)
    assert all(two.editor.tracing[i].state is State.CONFIRMED for i in "AB")
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)
    assert two.window.status.saved.text() == "saved"
    two.window.notices.current.on_action()
    assert two.editor.tracing["S"].human.xy == (51.0, 60.0)


def test_a_merge_the_disk_refuses_is_tried_again(pair, monkeypatch):
    one, two = pair
    keeping = two.window.session.keeping
    confirm_by_key(one, "S")
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "merge", full)
        confirm_by_key(two, "A")
        assert two.window.status.saved.text() == "NOT SAVED"
        confirm_by_key(two, "B")
    assert two.editor.tracing["S"].state is State.MODEL
    two.editor.flush()
    assert all(two.editor.tracing[i].state is State.CONFIRMED for i in ("S", "A", "B"))
    assert on_disk(one) == two.editor.tracing


def test_what_waited_for_a_film_left_behind_is_told_and_offered_when_it_is_opened(
    pair, monkeypatch
):
    one, two = pair
    keeping = two.window.session.keeping
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_commit", full)
        confirm_by_key(two, "A")
        two.editor.move("S", (50.0, 60.0))
        one.editor.move("S", (100.0, 120.0))
        two.open(two.films / "film-2.png")
        # Coming back while nothing can be written still shows what waits.
        two.open(two.films / "film-1.png")
        assert two.editor.tracing["A"].state is State.CONFIRMED
        two.open(two.films / "film-2.png")
    two.answer()
    assert two.editor.tracing["A"].state is State.MODEL
    texts = [notice.text for notice in two.window.notices._notices]
    assert (
        "film-1.png was changed in another window, too: S is as left there; open the film to have "
        "yours back."
    ) in texts
    two.open(two.films / "film-1.png")
    assert two.editor.tracing["A"].state is State.CONFIRMED
    assert two.editor.tracing["S"].human.xy == (100.0, 120.0)
    notice = two.window.notices.current
    assert notice.action == "Use mine"
    notice.on_action()
    assert two.editor.tracing["S"].human.xy == (50.0, 60.0)
    assert on_disk(one) == two.editor.tracing


def test_what_was_said_of_a_film_goes_with_it(pair):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    confirm_by_key(two, "A")
    assert "changed in another window" in two.window.notices.current.text
    two.open(two.films / "film-2.png")
    assert not two.window.notices.isVisible()

"""Two windows on one workspace: nobody's work is written over unseen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.core.tracing import State, Tracing
from cephview.ui.keeping import KeepError


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


def test_the_other_windows_work_is_shown_and_the_stale_step_is_not_kept(pair):
    one, two = pair
    confirm_by_key(one, "S")
    confirm_by_key(one, "N")
    confirm_by_key(two, "A")
    states = {landmark: two.editor.tracing[landmark].state for landmark in ("S", "N", "A")}
    assert states == {"S": State.CONFIRMED, "N": State.CONFIRMED, "A": State.MODEL}
    assert on_disk(one) == one.editor.tracing == two.editor.tracing
    assert two.window.notices.current.text == (
        "film-1.png was changed in another window and shows that work now; your last step here "
        "was not kept."
    )
    assert two.window.status.saved.text() == "saved"
    assert two.window.status.progress.text() == "2 of 19 confirmed"
    assert two.list_model.row_of(two.window.session.path).checked == 2


def test_after_it_work_goes_on_and_the_first_window_gives_way_in_turn(pair):
    one, two = pair
    confirm_by_key(one, "S")
    confirm_by_key(two, "A")
    confirm_by_key(two, "A")
    assert two.editor.tracing["A"].state is State.CONFIRMED
    assert on_disk(two) == two.editor.tracing
    QTest.keyClick(one.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert one.editor.tracing == two.editor.tracing
    QTest.keyClick(one.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert one.editor.tracing["A"].state is State.MODEL
    assert one.editor.tracing["S"].state is State.CONFIRMED


def test_a_drag_into_another_windows_work_ends_at_that_work(pair):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    view = two.window.view
    at = QPoint(*(round(v) for v in view.viewport.to_screen(two.editor.tracing["N"].best.xy)))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    for n in (1, 2, 3):
        QTest.mouseMove(view, at + QPoint(10 * n, 4 * n))
        two.process()
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + QPoint(30, 12))
    assert two.editor.tracing == one.editor.tracing
    assert view.marks_context().preview is None


def full(*_: object) -> int:
    raise KeepError("The disk is full: this change is not saved; make room.")


def test_all_that_waited_for_the_film_is_dropped(pair, monkeypatch):
    one, two = pair
    with monkeypatch.context() as patch:
        patch.setattr(two.window.session.keeping, "append_commit", full)
        confirm_by_key(two, "A")
        confirm_by_key(two, "B")
        assert two.window.status.saved.text() == "NOT SAVED"
    confirm_by_key(one, "S")
    two.editor.flush()
    assert two.editor.tracing == one.editor.tracing == on_disk(one)
    assert "your last 2 steps here were not kept" in two.window.notices.current.text
    assert two.window.status.saved.text() == "saved"


def test_steps_that_waited_for_a_film_left_behind_do_not_land_on_others_work(pair, monkeypatch):
    one, two = pair
    keeping = two.window.session.keeping
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_commit", full)
        confirm_by_key(two, "A")
        confirm_by_key(one, "S")
        two.open(two.films / "film-2.png")
        # Coming back while nothing can be written still shows what waits.
        two.open(two.films / "film-1.png")
        assert two.editor.tracing["A"].state is State.CONFIRMED
        two.open(two.films / "film-2.png")
    two.answer()
    assert two.editor.tracing["A"].state is State.MODEL
    texts = [notice.text for notice in two.window.notices._notices]
    assert "film-1.png was changed in another window, and your last step on it here was not kept." \
        in texts  # fmt: skip
    two.open(two.films / "film-1.png")
    assert two.editor.tracing == one.editor.tracing
    assert one.editor.tracing["A"].state is State.MODEL


def test_what_was_said_of_a_film_goes_with_it(pair):
    one, two = pair
    one.editor.move("S", (100.0, 120.0))
    confirm_by_key(two, "A")
    assert "changed in another window" in two.window.notices.current.text
    two.open(two.films / "film-2.png")
    assert not two.window.notices.isVisible()

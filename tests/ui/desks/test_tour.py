"""The tour: five steps done by hand on the real window, and never shown again unasked."""

from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from cephview import places
from cephview.core.tracing import State
from cephview.settings import Settings, load_settings, save_settings
from cephview.ui.desks.tour_steps import STEPS, points_on_page

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def toured(desk):
    """A desk on whose demo film the tour has begun, with the model's points."""
    tour = desk.window.tour
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        tour.start()
    desk.qtbot.waitUntil(lambda: bool(desk.engine.detections), timeout=5000)
    desk.answer()
    desk.process()
    return desk


def drag(view, start: QPointF, by: QPointF) -> None:
    QTest.mousePress(view, LEFT, pos=start.toPoint())
    for n in range(1, 5):
        QTest.mouseMove(view, (start + by * (n / 4)).toPoint())
    QTest.mouseRelease(view, LEFT, pos=(start + by).toPoint())


def place_of(desk, landmark: str) -> QPointF:
    return QPointF(*desk.window.view.viewport.to_screen(desk.editor.tracing[landmark].best.xy))


def test_each_step_is_done_by_doing_it(toured):
    window, tour, view = toured.window, toured.window.tour, toured.window.view
    assert tour.step == 0 and window.session.path == places.demo_film()
    QTest.keyClicks(view, "1")
    assert tour.step == 0, "a layer that is hidden must be shown again first"
    QTest.keyClicks(view, "1")
    assert tour.step == 1
    chosen = toured.editor.selection
    assert chosen, "the point to move is chosen, so that arrows move it"
    drag(view, place_of(toured, chosen), QPointF(24, 16))
    assert tour.step == 2 and toured.editor.tracing[chosen].state is State.MOVED
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert tour.step == 3
    QTest.keyClicks(view, "r")
    drag(view, QPointF(view.width() * 0.6, 200), QPointF(0, 90))
    assert tour.step == 4
    assert "magnification-corrected" in STEPS[3].text(window)
    window.tabs.setCurrentWidget(window.model)
    assert tour.step is None and tour.is_over
    assert not tour.card.isVisible() and not tour.ring.isVisible()


def test_next_goes_on_and_the_key_of_the_tour_too(toured):
    tour = toured.window.tour
    QTest.mouseClick(tour.card.onward, LEFT)
    assert tour.step == 1
    toured.window.actions_book["tour"].trigger()
    assert tour.step == 2
    for _ in STEPS[3:]:
        tour.card.onward.click()
    assert toured.editor.tracing == toured.editor.tracing.by_model(), "it edits nothing itself"
    tour.card.onward.click()
    assert tour.step is None and tour.is_over


def test_escape_leaves_but_first_gives_up_what_is_in_hand(toured):
    window, tour, view = toured.window, toured.window.tour, toured.window.view
    QTest.keyClicks(view, "r")
    drag(view, QPointF(view.width() * 0.6, 200), QPointF(0, 90))
    window.measuring.card.dismissed.emit()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert tour.step == 0 and view.tool == "select"
    tour.card.onward.click()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert tour.step is None and tour.is_over and not tour.card.isVisible()


@pytest.mark.parametrize("focus", ["card", "table"])
def test_escape_leaves_wherever_the_keyboard_is(toured, focus):
    window = toured.window
    place = window.tour.card.onward if focus == "card" else window.points.table
    place.setFocus()
    QTest.keyClick(place, Qt.Key.Key_Escape)
    assert window.tour.is_over and window.tour.step is None
    if focus == "card":
        assert window.view.hasFocus()


def test_it_is_not_offered_again_once_left_but_can_be_asked_for(desk, make_desk, tmp_path):
    tour = desk.window.tour
    tour.offer()
    assert tour.card.isVisible() and tour.step is None and not tour.is_over
    assert not desk.window.habits()["tour_over"]
    tour.card.leave.click()
    assert not tour.card.isVisible()
    path = tmp_path / "settings.toml"
    save_settings(replace(Settings(author="r"), **desk.window.habits()), path)
    assert load_settings(path).tour_over
    again = make_desk(str(tmp_path / "next"), tour_over=True)
    again.window.tour.offer()
    assert not again.window.tour.card.isVisible()
    with again.qtbot.waitSignal(again.editor.film_changed, timeout=10_000):
        again.window.actions_book["tour"].trigger()
    assert again.window.tour.step == 0 and again.window.tour.card.isVisible()


def test_who_opens_a_film_instead_is_left_alone(desk):
    desk.window.tour.offer()
    desk.open(desk.films)
    assert not desk.window.tour.card.isVisible()
    desk.window.tour.offer()
    assert not desk.window.tour.card.isVisible()
    assert not desk.window.tour.is_over


def test_on_another_film_it_waits_and_says_nothing(toured):
    tour = toured.window.tour
    tour.card.onward.click()
    toured.open(toured.films)
    assert not tour.card.isVisible() and not tour.ring.isVisible()
    toured.answer()
    landmark = toured.editor.tracing.ids[0]
    toured.editor.move(landmark, (50.0, 60.0))
    assert tour.step == 1, "work on another film is no step of the tour"
    toured.open(places.demo_film())
    assert tour.step == 1 and tour.card.isVisible()


def test_the_folder_of_the_user_stays_the_one_to_begin_with(toured):
    assert toured.window.last_folder == ""


@pytest.mark.parametrize("size", [(1280, 720), (1000, 640), (1440, 900)])
def test_every_card_is_whole_and_off_what_it_speaks_of(make_desk, size):
    desk = make_desk(size=size)
    window, tour = desk.window, desk.window.tour
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        tour.start()
    desk.qtbot.waitUntil(lambda: bool(desk.engine.detections), timeout=5000)
    desk.answer()
    for step in range(len(STEPS)):
        desk.process()
        assert tour.step == step
        card = tour.card.geometry()
        assert window.page.rect().contains(card)
        assert not card.intersects(tour.ring.geometry()), step
        assert not card.intersects(window.status.geometry())
        for label in (tour.card.text, tour.card.to_do):
            assert label.height() >= label.heightForWidth(label.width())
        assert min(tour.card.onward.height(), tour.card.leave.height()) >= 28
        tour.card.onward.click()


def test_a_click_on_the_card_does_not_reach_the_film(toured):
    tour = toured.window.tour
    tour.card.onward.click()
    chosen = toured.editor.selection
    QTest.mouseClick(tour.card, LEFT, pos=QPoint(5, 5))
    assert toured.editor.selection == chosen


def test_its_film_joins_no_list_and_is_no_data(toured):
    session = toured.window.session
    toured.editor.confirm_all()
    assert session.films.rowCount() == 0 and session.finetuning.material().points == 0
    assert session.keeping.traced_films() == ()


def test_it_speaks_of_points_once_there_are_any(desk):
    tour = desk.window.tour
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        tour.start()
    desk.process()
    assert tour.step == 0 and tour.card.title.text() != STEPS[0].title
    assert not tour.card.onward.isVisible() and not tour.ring.isVisible()
    assert tour.card.geometry().bottom() < desk.window.page.height()
    tour.go_on()
    assert tour.step == 0, "nothing is passed over while the model is at work"
    desk.answer()
    assert tour.card.title.text() == STEPS[0].title
    assert tour.card.onward.isVisible() and tour.ring.isVisible()


def test_without_points_it_says_so_and_can_go_on(desk):
    tour = desk.window.tour
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        tour.start()
    desk.engine.failed.emit(desk.engine.last, "The model broke.")
    assert "No points" in tour.card.title.text()
    tour.card.onward.click()
    assert tour.step == 1


def test_it_asks_for_points_where_films_are_not_detected_as_they_open(make_desk):
    desk = make_desk(detect_on_open=False)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        desk.window.tour.start()
    assert len(desk.engine.detections) == 1


def test_the_card_leaves_the_film_to_a_hand_and_its_loupe(toured):
    view, tour = toured.window.view, toured.window.tour
    tour.card.onward.click()
    start = place_of(toured, toured.editor.selection)
    QTest.mousePress(view, LEFT, pos=start.toPoint())
    QTest.mouseMove(view, (start + QPointF(20, 12)).toPoint())
    assert not tour.card.isVisible() and not tour.ring.isVisible()
    QTest.mouseRelease(view, LEFT, pos=(start + QPointF(20, 12)).toPoint())
    assert tour.card.isVisible() and tour.step == 2


def test_a_click_beside_the_point_brings_the_card_back(toured):
    view, tour = toured.window.view, toured.window.tour
    QTest.mouseClick(view, LEFT, pos=QPoint(view.width() // 2, view.height() // 2))
    assert tour.card.isVisible() and tour.step == 0


@pytest.mark.parametrize("ending", ["finish", "leave"])
def test_its_ruler_is_put_away_at_its_end(toured, ending):
    window, tour = toured.window, toured.window.tour
    for _ in range(3):
        tour.card.onward.click()
    QTest.keyClicks(window.view, "r")
    drag(window.view, QPointF(window.view.width() * 0.6, 200), QPointF(0, 90))
    assert tour.step == 4
    (tour.card.onward if ending == "finish" else tour.card.leave).click()
    assert tour.is_over and window.view.tool == "select"
    assert window.view.ruler is None and not window.measuring.card.isVisible()


def test_at_its_end_the_film_is_back_that_was_open_before(desk):
    film = desk.films / "film-1.png"
    desk.open(film)
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        desk.window.tour.start()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        desk.window.tour.leave()
    assert desk.window.session.path == film


def test_its_film_goes_with_it_where_none_was_open_before(toured):
    assert toured.window.status.saved.text() == "demo, not kept"
    toured.window.tour.leave()
    assert toured.window.session.path is None and toured.editor.film is None
    assert toured.window.status.saved.text() == ""


@pytest.fixture
def slow_demo(desk, monkeypatch):
    """A desk whose demo film is read only once the event is set that comes with it."""
    read, may_go_on = desk.window.session.film_loading._read, Event()

    def wait_and_read(path):
        if path == places.demo_film():
            may_go_on.wait(30)
        return read(path)

    monkeypatch.setattr(desk.window.session.film_loading, "_read", wait_and_read)
    yield desk, may_go_on
    may_go_on.set()


def shown_after_all(desk, may_go_on) -> list:
    """Return what is shown once the film that was given up has been read in vain."""
    shown = []
    desk.window.session.film_shown.connect(shown.append)
    may_go_on.set()
    background = desk.window.session.film_loading._background
    desk.qtbot.waitUntil(lambda: background._free == len(background._threads), timeout=10_000)
    desk.process()
    return shown


def test_left_while_its_film_is_opening_that_film_never_comes(slow_demo):
    desk, may_go_on = slow_demo
    window = desk.window
    window.tour.start()
    assert window.windowTitle().startswith("Opening")
    window.tour.leave()
    assert window.windowTitle() == "cephview"
    assert shown_after_all(desk, may_go_on) == []
    assert window.session.path is None and desk.editor.film is None
    assert not window.tour.card.isVisible()


def test_escape_while_its_film_is_opening_leaves_film_and_selection_as_they_are(slow_demo):
    desk, may_go_on = slow_demo
    window, film = desk.window, desk.films / "film-1.png"
    desk.open(film)
    desk.answer()
    landmark = desk.editor.tracing.ids[2]
    desk.editor.select(landmark)
    title = window.windowTitle()
    window.tour.start()
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.tour.is_over and window.tour.step is None
    assert window.windowTitle() == title
    assert shown_after_all(desk, may_go_on) == []
    assert window.session.path == film and desk.editor.selection == landmark


def test_a_film_asked_for_before_it_is_opened_when_it_is_left(slow_demo):
    desk, _ = slow_demo
    film = desk.films / "film-1.png"
    desk.window.session.open_film(film)
    desk.window.tour.start()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        desk.window.tour.leave()
    assert desk.window.session.path == film


def test_a_film_chosen_while_the_demo_was_opening_stays(slow_demo):
    desk, _ = slow_demo
    film = desk.films / "film-1.png"
    desk.window.tour.start()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=10_000):
        desk.window.session.open_film(film)
        desk.window.tour.leave()
    assert desk.window.session.path == film


def test_its_key_on_another_film_brings_its_own_back(toured):
    tour = toured.window.tour
    tour.card.onward.click()
    toured.open(toured.films / "film-1.png")
    toured.answer()
    with toured.qtbot.waitSignal(toured.editor.film_changed, timeout=10_000):
        toured.window.actions_book["tour"].trigger()
    assert tour.step == 1 and toured.window.session.path == places.demo_film()
    with toured.qtbot.waitSignal(toured.editor.film_changed, timeout=10_000):
        tour.leave()
    assert toured.window.session.path == toured.films / "film-1.png"


def finish(desk) -> None:
    """Go through the tour to its last step, and end it as that asks."""
    while desk.window.tour.step != len(STEPS) - 1:
        desk.window.tour.go_on()
    desk.window.tabs.setCurrentWidget(desk.window.model)
    assert desk.window.tour.step is None


def test_the_points_are_beside_the_next_film_after_its_end(toured):
    window = toured.window
    finish(toured)
    toured.open(toured.films / "film-1.png")
    assert window.tabs.currentWidget() is window.points and window.tabs.isVisible()


def test_the_panel_that_was_hidden_before_is_hidden_again(desk):
    window = desk.window
    desk.open(desk.films / "film-1.png")
    window.show_right(False)
    window.tour.start()
    desk.qtbot.waitUntil(lambda: window.session.path == places.demo_film())
    desk.answer()
    finish(desk)
    desk.qtbot.waitUntil(lambda: window.session.path == desk.films / "film-1.png")
    assert window.tabs.isHidden() and window.tabs.currentWidget() is window.points


def test_a_panel_chosen_after_the_tour_stays(toured):
    window = toured.window
    finish(toured)
    window.tabs.setCurrentWidget(window.points)
    window.tabs.setCurrentWidget(window.model)
    toured.open(toured.films / "film-1.png")
    assert window.tabs.currentWidget() is window.model


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_first_card_hides_no_point(make_desk, size):
    desk = make_desk(size=size)
    desk.window.tour.start()
    desk.qtbot.waitUntil(lambda: bool(desk.engine.detections))
    desk.answer()
    # Where Gonion of the phantom is.
    desk.editor.move("Go", (765.0, 1810.0))
    desk.process()
    assert desk.window.tour.step == 0
    shown = points_on_page(desk.window)
    assert shown and not [at for at in shown if desk.window.tour.card.geometry().contains(at)]

"""Time at a film, without the minutes in which no hand was at work."""

from cephview.store import audit
from cephview.ui.desks.working_time import WorkingTime


def spent(desk) -> dict[str, float]:
    workspace = desk.window.session.keeping._workspace
    return {t.file[-10:]: t.seconds for t in audit.times(workspace) if t.is_measured}


def test_idle_minutes_are_not_counted_and_each_film_has_its_own(desk):
    now = [0.0]
    session, view = desk.window.session, desk.window.view
    working = WorkingTime(session, view, desk.window, clock=lambda: now[0])

    def see(*at: float) -> None:
        for now[0] in at:
            view.cursor_moved.emit(None)

    now[0] = 100.0
    desk.open(desk.films / "film-1.png")
    see(110.0, 140.0, 900.0, 930.0)
    desk.open(desk.films / "film-2.png")
    see(935.0)
    working.keep()
    assert spent(desk) == {"film-1.png": 70.0, "film-2.png": 5.0}


def test_a_glance_is_not_kept(desk):
    now = [0.0]
    working = WorkingTime(desk.window.session, desk.window.view, desk.window, clock=lambda: now[0])
    desk.open(desk.films / "film-1.png")
    now[0] = 0.5
    working.see()
    working.keep()
    assert spent(desk) == {}

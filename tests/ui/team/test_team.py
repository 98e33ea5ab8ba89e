"""A workspace that a team shares: who is where, and what waits while the server is away.

The server is a file here that says it is one; tests/postgres has a real one.
"""

import pytest

from cephview import places
from cephview.core.tracing import State
from cephview.store import StoreError, Workspace
from cephview.store.open_workspace import OpenWorkspace
from cephview.store.unsent import FOLDER
from cephview.ui.rows.film_list_model import ROW_ROLE


@pytest.fixture
def shared(monkeypatch, tmp_path):
    """Let every workspace say that it is on a server, which can be cut off."""
    monkeypatch.setattr(OpenWorkspace, "is_shared", True)
    monkeypatch.setattr(places, "user_dir", lambda: tmp_path / "home")
    state = {"is_cut": False}
    for name in ("_reading", "_writing"):
        real = getattr(OpenWorkspace, name)

        def asked(self, real=real):
            if state["is_cut"]:
                raise StoreError("The server cannot be reached.", is_cut=True)
            return real(self)

        monkeypatch.setattr(OpenWorkspace, name, asked)
    return state


def texts(desk):
    return [notice.text for notice in desk.window.notices._notices]


def look(desk):
    team = desk.window.session.team
    desk.qtbot.waitUntil(lambda: not team._is_looking, timeout=10000)
    team.look()
    desk.qtbot.waitUntil(lambda: not team._is_looking, timeout=10000)


def row(desk, name):
    return desk.list_model.index_of(desk.films / name).data(ROW_ROLE)


def test_who_is_at_work_stands_in_the_list_and_is_told_on_the_film(make_desk, shared, tmp_path):
    one = make_desk()
    one.open(one.films)
    one.answer()
    look(one)
    with Workspace.open(tmp_path / "ws", author="Ann") as ann:
        sha256 = one.editor.film.sha256
        assert ann.claim(sha256) == "reader"
        two = make_desk()
        two.open(two.films)
        two.open(two.films / "film-2.png")
        look(two)
        # Its file has to be recognised first.
        two.qtbot.waitUntil(lambda: row(two, "film-1.png").at_work == "reader", timeout=10000)
        assert "reader is at work on it" in row(two, "film-1.png").words
        two.open(two.films / "film-1.png")
        assert (
            "reader is at work on film-1.png, too; what both of you do is brought together."
        ) in texts(two)
        one.open(one.films / "film-10.png")
        look(one)
        look(two)
        assert row(two, "film-1.png").at_work == ""


def test_who_is_at_work_is_told_of_a_film_that_is_recognised_later(make_desk, shared, tmp_path):
    one = make_desk()
    one.open(one.films)
    one.answer()
    look(one)
    two = make_desk()
    two.open(two.films)
    two.open(two.films / "film-2.png")
    folder = two.window.session.folder
    folder.show_claims({"f" * 64: "Ann"})
    assert row(two, "film-10.png").at_work == ""
    folder._recognised({two.films / "film-10.png": "f" * 64})
    assert row(two, "film-10.png").at_work == "Ann"


def test_while_the_server_is_away_work_goes_on_and_is_sent_later(make_desk, shared):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    shared["is_cut"] = True
    desk.editor.move("S", (50.0, 60.0))
    desk.editor.confirm("N")
    assert "Your edits are kept on this computer (2 not sent yet)" in texts(desk)[-1]
    look(desk)
    assert desk.editor.has_unsaved
    shared["is_cut"] = False
    look(desk)
    assert not desk.editor.has_unsaved
    assert texts(desk)[-1] == "The server is there again; all that waited has been sent."
    tracing = desk.window.session.keeping.traced_films()[0][1]
    assert tracing == desk.editor.tracing
    assert tracing["S"].human.xy == (50.0, 60.0)


def test_what_could_not_be_sent_is_sent_by_the_next_window(make_desk, shared, tmp_path):
    one = make_desk()
    one.open(one.films)
    one.answer()
    shared["is_cut"] = True
    one.editor.move("S", (50.0, 60.0))
    one.editor.confirm("N")
    assert one.window.close()
    one.window.session.keeping.close()
    shared["is_cut"] = False
    with Workspace.open(tmp_path / "ws", author="Ann") as ann:
        sha256 = ann.films()[0].sha256
        theirs = ann.tracing(sha256).moved("S", (9.0, 9.0), by="Ann", at="1")
        ann.append_commit(sha256, theirs)
    two = make_desk()
    assert "2 steps that an earlier window could not send have been sent now." in texts(two)
    two.open(two.films)
    assert two.editor.tracing["N"].state is State.CONFIRMED
    assert two.editor.tracing["S"].human.xy == (9.0, 9.0)
    (notice,) = [n for n in two.window.notices._notices if n.action == "Use mine"]
    notice.on_action()
    assert two.editor.tracing["S"].human.xy == (50.0, 60.0)
    assert list((tmp_path / "home" / FOLDER).iterdir()) == []

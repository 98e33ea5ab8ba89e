"""A large workspace that must be put right first: in another process, while the window lives."""

import shutil

import pytest
from older_workspace import as_version
from PySide6.QtCore import QProcess

from cephview.core.tracing import State
from cephview.store import Workspace, mending, schema


def texts(desk) -> list[str]:
    return [notice.text for notice in desk.window.notices._notices]


@pytest.fixture
def spoilt(make_desk, tmp_path, monkeypatch):
    """Return the file of a damaged workspace of one film, which counts as large."""
    desk = make_desk()
    desk.open(desk.films / "film-1.png")
    desk.answer()
    desk.editor.move("S", (50.0, 60.0))
    desk.window.session.keeping.back_up()
    desk.window.close()
    desk.window.session.keeping.close()
    path = tmp_path / "ws" / "workspace.sqlite"
    path.write_bytes(path.read_bytes()[: -3 * 4096 - 2048])
    monkeypatch.setattr(mending, "AT_ONCE_BYTES", 0)
    return path


def opened(desk):
    return desk.qtbot.waitSignal(desk.window.session.opening.opened, timeout=30_000)


def test_the_window_lives_and_the_film_waits_until_the_workspace_is_recovered(spoilt, make_desk):
    desk = make_desk()
    window = desk.window
    assert window.session.opening.is_underway
    assert texts(desk)[-1].startswith(f"{spoilt} is damaged: what can be read is put into a new")
    assert window.status.work.words.text().startswith("Putting the workspace right")
    with opened(desk):
        # Read before the workspace is there, for all that takes a process to start.
        window.open_paths((desk.films / "film-1.png",))
        desk.qtbot.waitUntil(lambda: window.session.opening._waiting is not None, timeout=10_000)
        assert desk.editor.film is None
        assert not window.actions_book["detect-all"].isEnabled()
    desk.qtbot.waitUntil(lambda: desk.editor.film is not None, timeout=10_000)
    assert desk.editor.tracing["S"].human.xy == (50.0, 60.0)
    assert any("was damaged: 1 film with" in text for text in texts(desk))
    assert not any("is damaged: what can be read" in text for text in texts(desk))
    desk.editor.move("S", (51.0, 60.0))
    assert window.session.is_saved


def test_who_closes_the_window_meanwhile_loses_nothing(spoilt, make_desk):
    before = spoilt.read_bytes()
    desk = make_desk()
    process = desk.window.session.opening._mending._process
    desk.qtbot.waitUntil(lambda: process.state() is QProcess.ProcessState.Running, timeout=10_000)
    assert desk.window.close()
    assert spoilt.read_bytes() == before
    again = make_desk()
    with opened(again):
        pass
    again.open(again.films / "film-1.png")
    assert again.editor.tracing["S"].human.xy == (50.0, 60.0)


def test_what_cannot_be_recovered_is_refused_and_said(spoilt, make_desk):
    spoilt.write_bytes(bytes(8192))
    shutil.rmtree(spoilt.parent / "backups")
    desk = make_desk()
    with opened(desk):
        pass
    assert "is damaged or incomplete and was not written to" in texts(desk)[-1]
    desk.open(desk.films / "film-1.png")
    desk.answer()
    assert not desk.window.session.is_saved
    assert spoilt.read_bytes() == bytes(8192)


def test_a_process_that_was_ended_is_said(spoilt, make_desk):
    desk = make_desk()
    before = spoilt.read_bytes()
    with opened(desk):
        desk.window.session.opening._mending._process.kill()
    assert texts(desk)[-1].startswith("The workspace could not be put right: that was ended midway")
    assert spoilt.read_bytes() == before


def test_a_large_workspace_of_an_older_version_is_migrated_so_too(make_desk, tmp_path, monkeypatch):
    with Workspace.open(tmp_path / "ws"):
        pass
    path = tmp_path / "ws" / "workspace.sqlite"
    as_version(path, schema.SCHEMA_VERSION - 1)
    monkeypatch.setattr(mending, "AT_ONCE_BYTES", 0)
    desk = make_desk()
    assert texts(desk)[-1].startswith(f"{path} is of an older version and is brought to")
    with opened(desk):
        pass
    assert texts(desk) == []
    assert desk.window.session.keeping.films() == ()


def test_a_backup_is_put_back_while_the_window_lives(desk, monkeypatch):
    window, session = desk.window, desk.window.session
    desk.open(desk.films / "film-1.png")
    desk.answer()
    session.keeping.back_up()
    desk.editor.move("S", (50.0, 60.0))
    monkeypatch.setattr(window.safekeeping, "_choose", lambda found: found[0])
    with opened(desk):
        window.actions_book["restore"].trigger()
        assert session.opening.is_underway and desk.editor.film is None
        assert window.status.work.words.text().startswith("Putting the backup back")
        window.actions_book["restore"].trigger()
        assert texts(desk)[-1] == "The workspace is not open yet; restore it then."
    desk.qtbot.waitUntil(lambda: desk.editor.film is not None, timeout=10_000)
    assert desk.editor.tracing["S"].state is State.MODEL


def test_closing_waits_for_a_backup_that_is_put_back(desk, tmp_path, monkeypatch):
    window = desk.window
    desk.open(desk.films / "film-1.png")
    desk.answer()
    window.session.keeping.back_up()
    desk.editor.move("S", (50.0, 60.0))
    monkeypatch.setattr(window.safekeeping, "_choose", lambda found: found[0])
    window.actions_book["restore"].trigger()
    assert window.close()
    with Workspace.open(tmp_path / "ws") as workspace:
        (record,) = workspace.films()
        assert workspace.tracing(record.sha256)["S"].human is None


def test_safekeeping_begins_once_the_workspace_is_open(spoilt, make_desk):
    desk = make_desk()
    desk.window.safekeeping.start()
    assert not desk.window.safekeeping._hourly.isActive()
    with opened(desk):
        pass
    assert desk.window.safekeeping._hourly.isActive()

"""Backups while a window is open, Restore, and films that changed under their tracing."""

import os
import shutil
from pathlib import Path

from cephview.core.tracing import State
from cephview.store import StoreError, Workspace
from cephview.ui.dialogs.backups import BackupsDialog, row_text


def texts(desk) -> list[str]:
    return [notice.text for notice in desk.window.notices._notices]


def begin(desk) -> None:
    desk.window.safekeeping.start()
    wait_for_backup(desk)


def wait_for_backup(desk) -> None:
    background = desk.window.safekeeping._background
    desk.qtbot.waitUntil(
        lambda: not background._waiting and background._free == len(background._threads)
    )
    desk.process()


def backups(desk):
    return desk.window.session.keeping.backups()


def test_a_window_backs_up_on_opening_each_hour_and_before_a_fine_tune(desk, monkeypatch):
    desk.open(desk.films)
    desk.answer()
    begin(desk)
    assert [backup.steps for backup in backups(desk)] == [1]
    assert desk.window.safekeeping._hourly.interval() == 3_600_000
    made = []
    monkeypatch.setattr(desk.window.session.keeping, "back_up", lambda: made.append(1))
    desk.window.safekeeping._hourly.timeout.emit()
    wait_for_backup(desk)
    assert made == [1]
    desk.editor.confirm_all()
    desk.window.session.finetuning.start()
    wait_for_backup(desk)
    assert made == [1, 1]


def test_a_window_backs_up_before_it_detects_many_films(desk, monkeypatch):
    desk.open(desk.films)
    desk.answer()
    made = []
    monkeypatch.setattr(desk.window.session.keeping, "back_up", lambda: made.append(1))
    desk.window.actions_book["detect-all"].trigger()
    desk.window.actions_book["batch-toggle"].trigger()
    desk.window.actions_book["batch-toggle"].trigger()
    wait_for_backup(desk)
    assert made == [1]


def test_a_backup_that_fails_is_told(desk, tmp_path):
    desk.open(desk.films)
    desk.answer()
    shutil.rmtree(tmp_path / "ws" / "backups")
    (tmp_path / "ws" / "backups").write_text("in the way")
    begin(desk)
    assert texts(desk)[-1].startswith("No backup could be made. ")


def test_restoring_shows_the_film_as_it_was_and_can_be_taken_back(desk, monkeypatch):
    window = desk.window
    desk.open(desk.films)
    desk.answer()
    begin(desk)
    desk.editor.move("S", (50.0, 60.0))
    monkeypatch.setattr(window.safekeeping, "_choose", lambda found: found[-1])
    with desk.qtbot.waitSignal(window.session.film_shown, timeout=5000):
        window.actions_book["restore"].trigger()
    assert "The workspace is as it was in" in texts(desk)[-1]
    assert desk.editor.tracing["S"].state is State.MODEL
    desk.editor.confirm("N")
    assert window.status.saved.text() == "saved"
    monkeypatch.setattr(window.safekeeping, "_choose", lambda found: found[0])
    assert backups(desk)[0].steps == 2
    with desk.qtbot.waitSignal(window.session.film_shown, timeout=5000):
        window.actions_book["restore"].trigger()
    assert desk.editor.tracing["S"].human.xy == (50.0, 60.0)


def test_without_a_backup_restore_says_so(desk):
    desk.window.actions_book["restore"].trigger()
    assert texts(desk) == ["There is no backup of this workspace yet."]


def test_the_dialog_lists_the_newest_first_and_gives_the_chosen(desk):
    desk.open(desk.films)
    desk.answer()
    begin(desk)
    found = backups(desk)
    dialog = BackupsDialog(found, desk.window)
    desk.qtbot.addWidget(dialog)
    assert dialog.chosen == (found[0],)
    assert row_text(found[0]).endswith("1 film, 1 step")


def test_a_film_that_changed_under_its_tracing_is_told(desk, make_film):
    path = desk.films / "film-1.png"
    desk.open(path)
    desk.answer()
    desk.open(desk.films / "film-2.png")
    make_film(path, 77)
    os.utime(path, (1, 1))
    desk.open(path)
    assert (
        "film-1.png was changed on disk since it was traced: its 19 points belong to the file as "
        "it was and are kept with that; this one begins without any."
    ) in texts(desk)
    assert all(point.best is None for point in desk.editor.tracing)


def test_a_film_that_was_moved_is_the_same_film_and_nothing_is_told(desk, tmp_path):
    desk.open(desk.films / "film-1.png")
    desk.answer()
    moved = tmp_path / "elsewhere.png"
    (desk.films / "film-1.png").rename(moved)
    desk.open(moved)
    assert all(point.best is not None for point in desk.editor.tracing)
    assert not any("changed on disk" in text for text in texts(desk))


def test_a_damaged_workspace_opens_recovered_and_says_so(make_desk, tmp_path):
    one = make_desk()
    one.open(one.films)
    one.answer()
    begin(one)
    one.window.close()
    one.window.session.keeping.close()
    path = tmp_path / "ws" / "workspace.sqlite"
    path.write_bytes(path.read_bytes()[: -3 * 4096 - 2048])
    two = make_desk()
    two.open(two.films)
    assert any("was damaged: 1 film with" in text for text in texts(two)), texts(two)
    assert two.editor.tracing["S"].best is not None
    with Workspace.open(Path(tmp_path / "ws")) as workspace:
        assert workspace.notice == ""


def test_a_workspace_that_is_gone_is_missed(make_desk, tmp_path):
    one = make_desk()
    one.open(one.films)
    one.answer()
    one.window.close()
    one.window.session.keeping.close()
    (tmp_path / "ws").rename(tmp_path / "unplugged")
    two = make_desk()
    assert "was there before and is gone" in texts(two)[-1]
    three = make_desk(str(tmp_path / "never"))
    assert texts(three) == []


def test_a_film_first_opened_while_nothing_could_be_written_is_saved_later(desk, monkeypatch):
    session = desk.window.session
    desk.open(desk.films)
    desk.answer()
    workspace = session.keeping._workspace

    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(workspace, "remember_film", full)
        patch.setattr(workspace, "append_commit", full)
        desk.open(desk.films / "film-2.png")
        desk.editor.move("S", (50.0, 60.0))
        assert desk.editor.has_unsaved
    assert desk.editor.flush()
    assert workspace.tracing(desk.editor.film.sha256) == desk.editor.tracing

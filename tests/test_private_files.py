"""What is said of patients is its user's alone, wherever it lies and whatever the umask."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cephview import __main__, places, private_files
from cephview.formats.atomic import write_atomically
from cephview.settings import Settings, load_settings, save_settings
from cephview.store import Workspace, backups

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights are a list there")


@pytest.fixture(autouse=True)
def loosest_umask():
    """Let only what is asked for be private."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder):
    """Return what others may read in a folder, itself included."""
    return sorted(str(p) for p in (folder, *folder.rglob("*")) if rights(p) & 0o077)


def test_a_new_workspace_its_log_and_its_backups_are_private(tmp_path):
    place = tmp_path / "films" / "work"
    with Workspace.open(place) as workspace:
        workspace.set_active_model("/m")
        assert (place / "workspace.sqlite-wal").exists()
        assert workspace.back_up() is not None
        assert open_to_others(tmp_path / "films") == []
        assert workspace.notice == ""


def test_an_older_workspace_becomes_private(tmp_path):
    place = tmp_path / "work"
    with Workspace.open(place) as workspace:
        workspace.set_active_model("/m")
        workspace.back_up()
    for one in (place, *place.rglob("*")):
        one.chmod(0o777 if one.is_dir() else 0o666)
    Workspace.open(place).close()
    assert open_to_others(place) == []


def test_a_damaged_file_and_what_is_recovered_are_private(tmp_path):
    place = tmp_path / "work"
    with Workspace.open(place) as workspace:
        workspace.set_active_model("/m")
        workspace.back_up()
    file = place / "workspace.sqlite"
    file.chmod(0o666)
    content = bytearray(file.read_bytes())
    content[:100] = bytes(100)
    file.write_bytes(content)
    aside = backups.set_aside(file)
    assert (aside.exists() and open_to_others(place) == []) or open_to_others(place) == [str(aside)]
    with Workspace.open(place) as workspace:
        assert "was missing" in workspace.notice
        assert workspace.active_model() == "/m"
    assert open_to_others(place) == []


def test_a_folder_with_other_things_keeps_its_rights(tmp_path):
    desktop = tmp_path / "Desktop"
    desktop.mkdir()
    desktop.chmod(0o755)
    (desktop / "letter.txt").touch()
    for _ in range(2):
        with Workspace.open(desktop) as workspace:
            workspace.set_active_model("/m")
            workspace.back_up()
    assert rights(desktop) == 0o755 and rights(desktop / "letter.txt") == 0o666
    found = set(open_to_others(desktop))
    assert found == {str(desktop), str(desktop / "letter.txt")}


def test_the_desktop_keeps_its_rights_also_where_nothing_else_lies_on_it(tmp_path, monkeypatch):
    monkeypatch.setattr(private_files, "is_users_place", lambda folder: folder == tmp_path)
    tmp_path.chmod(0o755)
    for _ in range(2):
        Workspace.open(tmp_path).close()
    assert rights(tmp_path) == 0o755


def test_where_no_rights_are_kept_it_is_said_once_at_the_opening(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    file = tmp_path / "workspace.sqlite"
    Workspace.open(tmp_path).close()
    os.chmod(file, 0o777)  # noqa: PTH101
    with Workspace.open(tmp_path) as workspace:
        assert workspace.notice.count("may read") == 1 and str(file) in workspace.notice


def test_an_export_is_private_also_in_the_place_of_one_that_was_not(tmp_path):
    file = tmp_path / "points.csv"
    file.touch()
    file.chmod(0o644)
    write_atomically(file, b"a")
    assert rights(file) == 0o600


def test_settings_are_private_also_a_copy_of_damaged_ones(tmp_path):
    file = tmp_path / "config" / "settings.toml"
    save_settings(Settings(), file)
    assert open_to_others(tmp_path / "config") == []
    file.write_text("no settings", encoding="utf-8")
    file.chmod(0o644)
    assert load_settings(file).notice
    assert len(list(file.parent.iterdir())) == 2
    assert open_to_others(tmp_path / "config") == []


def test_the_program_s_own_folders_are_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.setattr(places.platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "d"))
    (tmp_path / "d").mkdir()
    assert rights(places.user_dir()) == 0o700


def test_all_that_a_command_makes_is_private(tmp_path):
    """The umask of the program is its own, and its children have it."""
    __main__.main(["--version"])
    made = tmp_path / "made"
    made.touch()
    line = [sys.executable, "-c", f"open({str(tmp_path / 'child')!r}, 'w')"]
    subprocess.run(line, check=True, timeout=60)
    assert rights(made) == 0o600 == rights(tmp_path / "child")

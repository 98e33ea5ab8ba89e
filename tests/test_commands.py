"""The command line as other programs meet it: exit codes, one sentence, no traceback."""

import argparse
import csv
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from cephview import __main__, __version__, places
from cephview.commands import CommandError

ALL = (*__main__.COMMANDS, *__main__.HIDDEN, "window")


def _module(name):
    return importlib.import_module(f"cephview.commands.{name.replace('-', '_')}")


@pytest.fixture
def broken_command(monkeypatch):
    """Make the hidden engine command raise whatever the test asks for."""

    def break_with(error):
        def run(_args):
            raise error

        monkeypatch.setattr(_module("engine"), "run", run)

    return break_with


@pytest.mark.parametrize("name", ALL)
def test_every_command_helps_with_an_example(name, capsys):
    arguments = ["--help"] if name == "window" else [name, "--help"]
    assert __main__.main(arguments) == 0
    shown = capsys.readouterr().out
    module = _module(name)
    assert module.HELP in shown
    assert f"example:\n  {module.EXAMPLE}" in shown


def test_help_lists_every_command_but_the_hidden_one(capsys):
    __main__.main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"cephview {name} " in shown for name in __main__.COMMANDS)
    assert "cephview engine" not in shown


def test_version(capsys):
    assert __main__.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"cephview {__version__}"


def test_a_word_that_is_no_command_and_no_file_is_wrong_usage(capsys):
    assert __main__.main(["detct"]) == 2
    assert "cephview: there is no film, folder or command called detct" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["export"], ["export", "--format", "tiff"], ["--device", "abacus"], ["--nothing"]]
)
def test_wrong_usage_is_one_sentence(arguments, capsys):
    assert __main__.main(arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("cephview: ")
    assert shown.count("\n") == 1


def test_an_error_of_a_room_is_shown_as_its_sentence(broken_command, capsys):
    broken_command(CommandError("film.dcm is empty; choose another file."))
    assert __main__.main(["engine"]) == 1
    assert capsys.readouterr().err == "cephview: film.dcm is empty; choose another file.\n"


def test_an_error_of_the_system_names_the_file(broken_command, capsys):
    broken_command(PermissionError(13, "Permission denied", "/films/a.csv"))
    assert __main__.main(["engine"]) == 1
    assert capsys.readouterr().err == "cephview: /films/a.csv: permission denied\n"


def test_an_unexpected_error_goes_to_the_log(broken_command, capsys):
    broken_command(ZeroDivisionError("division\nby zero"))
    assert __main__.main(["engine"]) == 1
    shown = capsys.readouterr().err
    log = places.log_dir() / "errors.log"
    assert shown.count("\n") == 1
    assert "Traceback" not in shown
    assert str(log) in shown
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_an_unexpected_error_is_told_even_without_a_log(broken_command, capsys, monkeypatch):
    def no_folder():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(places, "log_dir", no_folder)
    broken_command(ZeroDivisionError("division by zero"))
    assert __main__.main(["engine"]) == 1
    assert "could not be written to a log" in capsys.readouterr().err


def test_an_interruption_has_the_exit_code_of_a_shell(broken_command, capsys):
    broken_command(KeyboardInterrupt())
    assert __main__.main(["engine"]) == 130
    assert capsys.readouterr().err == "cephview: interrupted\n"


def test_only_the_chosen_command_is_imported():
    code = (
        "import sys; from cephview.__main__ import main; main(['export', '--help']);"
        "names = {m for m in sys.modules if m.startswith('cephview.commands.')};"
        "names -= {'cephview.commands.chosen_films'};"
        "sys.exit(names != {'cephview.commands.export'} or 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", ALL)
def test_every_command_keeps_the_convention(name):
    module = _module(name)
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert module.HELP and module.EXAMPLE and callable(module.run)


@pytest.fixture
def workspace(tmp_path):
    """Return a workspace folder with one film: S moved by hand, N by the model alone."""
    import numpy as np

    from cephview.core.detection import DetectedPoint, Detection
    from cephview.core.film import Film
    from cephview.core.tracing import Tracing
    from cephview.store import Workspace

    at = "2026-01-02T03:04:05+00:00"
    detection = Detection(
        points=(
            DetectedPoint("S", (1.0, 2.0), 3.0, (4.0, 5.0), 1.0),
            DetectedPoint("N", (6.0, 7.0), 3.0, (8.0, 9.0), 1.0),
        ),
        model="0" * 64,
        model_name="tiny",
        passes=1,
        device="cpu",
        seconds=0.1,
    )
    tracing = Tracing.empty("isbi19", places.load_landmark_set("isbi19").ids)
    tracing = tracing.detected(detection, at=at).moved("S", (4.5, 5.5), by="a hand", at=at)
    folder = tmp_path / "workspace"
    with Workspace.open(folder, author="a hand") as opened:
        film = Film(np.zeros((20, 10), np.uint8), sha256="a" * 64, name="film.png")
        opened.remember_film(film, tmp_path / "film.png")
        opened.append_commit(film.sha256, tracing)
    return folder


@pytest.mark.parametrize(
    ("options", "landmarks"), [([], {"S"}), (["--include-unconfirmed"], {"S", "N"})]
)
def test_export_writes_what_a_person_stands_for(workspace, tmp_path, capsys, options, landmarks):
    out = tmp_path / "points.csv"
    command = ["export", "--workspace", str(workspace), "--format", "csv", "--out", str(out)]
    assert __main__.main([*command, *options]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        assert {row["landmark"] for row in csv.DictReader(file)} == landmarks
    assert capsys.readouterr().out == f"{out}: 1 film written\n"


def test_export_counts_what_is_in_the_file(workspace, tmp_path, capsys):
    from cephview.store import Workspace

    with Workspace.open(workspace) as opened:
        opened.append_commit("a" * 64, opened.tracing("a" * 64).reverted("S"))
    out = tmp_path / "points.json"
    command = ["export", "--workspace", str(workspace), "--format", "coco", "--out", str(out)]
    assert __main__.main(command) == 0
    said = "0 films written\n1 left out: no person placed or confirmed a point there\n"
    assert capsys.readouterr().out == f"{out}: {said}"


def test_export_knows_every_format():
    from cephview.formats.export import EXPORTERS

    assert tuple(EXPORTERS) == _module("export").FORMATS


def test_export_makes_no_workspace(tmp_path, capsys):
    out = tmp_path / "points.csv"
    for folder in (tmp_path, tmp_path / "none"):
        command = ["export", "--workspace", str(folder), "--format", "csv", "--out", str(out)]
        assert __main__.main(command) == 1
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err.count("\n") == 2


@pytest.fixture
def demo_calls(monkeypatch, tmp_path):
    """Record what the demo asks of the window, on a film that is there."""
    from cephview import app

    film = tmp_path / "phantom.dcm"
    film.touch()
    calls = []
    monkeypatch.setattr(places, "demo_film", lambda: film)
    monkeypatch.setattr(app, "draw_demo", lambda out: calls.append(("draw", out)) or 0)
    monkeypatch.setattr(
        app, "run_window", lambda paths, **given: calls.append(("window", paths, given)) or 0
    )
    return calls


@pytest.mark.parametrize(
    ("display", "options", "expected"),
    [(":0", [], "window"), ("", [], "draw"), (":0", ["--off-screen"], "draw")],
)
def test_demo_needs_no_display(demo_calls, monkeypatch, tmp_path, display, options, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert __main__.main(["demo", "--out", str(tmp_path), *options]) == 0
    assert [call[0] for call in demo_calls] == [expected]


def test_demo_keeps_out_of_the_users_workspace(demo_calls, monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", ":0")
    __main__.main(["demo", "--out", str(tmp_path)])
    workspace = Path(demo_calls[0][2]["workspace"])
    assert not workspace.exists(), "it is gone with the window"
    assert list(tmp_path.iterdir()) == [tmp_path / "phantom.dcm"]


def test_demo_without_its_film_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(places, "demo_film", lambda: tmp_path / "phantom.dcm")
    assert __main__.main(["demo"]) == 1
    assert "phantom.dcm is missing" in capsys.readouterr().err


def test_paths_that_are_no_commands_go_to_the_window(monkeypatch, tmp_path):
    from cephview import app

    calls = []
    monkeypatch.setattr(app, "run_window", lambda paths, **given: calls.append((paths, given)) or 0)
    assert __main__.main([str(tmp_path), "--device", "cpu", "--model", "mine"]) == 0
    assert calls == [((tmp_path,), {"workspace": None, "model": "mine", "device": "cpu"})]


def test_audit_writes_changes_and_times(workspace, tmp_path, capsys):
    out, time = tmp_path / "audit.csv", tmp_path / "time.csv"
    command = ["audit", "--workspace", str(workspace), "--out", str(out), "--time", str(time)]
    assert __main__.main(command) == 0
    shown = capsys.readouterr().out
    assert f"{out}: " in shown and f"{time}: " in shown
    with out.open(encoding="utf-8", newline="") as file:
        assert "S" in {row["landmark"] for row in csv.DictReader(file)}


def test_audit_without_a_table_is_wrong_usage(workspace, capsys):
    assert __main__.main(["audit", "--workspace", str(workspace)]) == 2
    assert "give --out" in capsys.readouterr().err


def test_detect_says_that_a_folder_holds_no_film(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("a")
    assert __main__.main(["detect", str(tmp_path), "--out", str(tmp_path / "points.csv")]) != 0
    assert f"there is no film in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["finetune", "audit", "agreement", "models", "mend"])
@pytest.mark.parametrize("folder", ["films", "none"])
def test_no_command_makes_a_workspace_in_a_folder_that_is_none(name, folder, tmp_path, capsys):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.png").write_bytes(b"film")
    place, out = str(tmp_path / folder), str(tmp_path / "out")
    arguments = {
        "finetune": ["finetune", "--workspace", place, "--out", out],
        "audit": ["audit", "--workspace", place, "--out", out],
        "agreement": ["agreement", "--workspace", place, "--second", "Ben", "--out", out],
        "models": ["models", "list", "--workspace", place],
        "mend": ["mend", "--workspace", place],
    }[name]
    assert __main__.main(arguments) == 1
    assert f"{place} is not a workspace" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.png", "films"]


def test_finetune_takes_a_database_url(monkeypatch, tmp_path, capsys):
    from cephview.store import StoreError, Workspace

    asked = []

    def opened(folder, *, url=None, **_):
        asked.append(url)
        raise StoreError("the server is away")

    monkeypatch.setattr(Workspace, "open", opened)
    url = "postgresql+psycopg://ann@server/ceph"
    arguments = ["finetune", "--workspace", url, "--out", str(tmp_path / "out")]
    assert __main__.main(arguments) == 1
    assert asked == [url] and "the server is away" in capsys.readouterr().err

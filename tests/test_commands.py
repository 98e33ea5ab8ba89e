"""The command line as other programs meet it: exit codes, one sentence, no traceback."""

import argparse
import importlib
import subprocess
import sys

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

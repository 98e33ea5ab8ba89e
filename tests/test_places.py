"""Where the program's files lie, also where there is no home or it cannot be written."""

import sys
from pathlib import Path

import pytest

from cephview import __main__, places
from cephview.commands import CommandError
from cephview.commands.models import find_model
from cephview.engine import sentences


@pytest.fixture(params=["none", "a sign", "a file", "read only"])
def no_home(request, tmp_path, monkeypatch):
    """A user without a home folder that can be used; the folder they work in."""

    def find(*_: object, **__: object) -> str:
        if request.param == "none":
            raise RuntimeError("could not determine the home directory")
        return {
            "a sign": "~/.local/share/cephview",
            "a file": str(tmp_path / "home" / "cephview"),
            "read only": "/proc/cephview",
        }[request.param]

    if request.param == "read only" and not sys.platform.startswith("linux"):
        pytest.skip("needs a file system that nobody can write")
    (tmp_path / "home").touch()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("user_data_dir", "user_log_dir", "user_config_dir"):
        monkeypatch.setattr(places.platformdirs, name, find)
    return tmp_path / "work"


def test_models_that_ship_are_found_without_a_home(no_home, capsys):
    assert find_model(None).is_dir() and find_model("isbi19-base").is_dir()
    with pytest.raises(CommandError, match="no model is called"):
        find_model("another")
    assert __main__.main(["models", "list"]) == 0
    assert "isbi19-base" in capsys.readouterr().out
    assert not list(no_home.iterdir())


def test_what_needs_a_home_says_so(no_home):
    for folder in (places.user_dir, places.log_dir):
        with pytest.raises(OSError):
            folder()
    assert sentences._log_place() == "the log folder"
    assert not list(Path().iterdir())


def test_an_error_that_nobody_foresaw_is_told_without_a_home(no_home, capsys, monkeypatch):
    def run(name):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(__main__, "_command", run)
    assert __main__.main(["detect", "a.png", "--out", "b.csv"]) == 1
    assert "could not be written to a log" in capsys.readouterr().err
    assert not list(no_home.iterdir())


def test_a_window_without_a_home_is_one_sentence(no_home, capsys, monkeypatch):
    monkeypatch.setattr("cephview.qt_libraries.why_no_window", lambda: "")
    assert __main__.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("cephview: ") and said.count("\n") == 1 and "unexpected" not in said

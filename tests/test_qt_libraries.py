import subprocess
import sys

import pytest

from cephview import qt_libraries

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone")


@LINUX
def test_a_missing_library_is_named_by_its_package_once():
    libraries = {"libc.so.6": "libc6", "libnone-a.so.9": "libnone9", "libnone-b.so.9": "libnone9"}
    assert qt_libraries.missing_packages(libraries) == ("libnone9",)


def test_elsewhere_nothing_is_missing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert qt_libraries.missing_packages({"libnone.so.9": "libnone9"}) == ()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_whether_there_is_a_display(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert qt_libraries.has_display() is expected


def test_the_check_itself_needs_nothing_installed(repository):
    code = "import runpy; runpy.run_module('cephview.qt_libraries', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=repository, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_names_every_package(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "apt-get install -y" in line)
    packages = set((qt_libraries.OFF_SCREEN | qt_libraries.X11_WINDOW).values())
    assert packages == set(line.split("-y ")[1].split())

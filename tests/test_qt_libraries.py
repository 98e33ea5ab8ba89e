import os
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


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM",
                 "QT_QPA_PLATFORM_PLUGIN_PATH"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(qt_libraries, "missing_packages", lambda _: ())
    return monkeypatch


@LINUX
def test_what_needs_no_display_starts_without_one(no_display):
    no_display.setenv("QT_QPA_PLATFORM", "offscreen")
    assert qt_libraries.why_no_window() == ""


@LINUX
def test_no_display_is_said_before_qt_would_abort(no_display):
    assert "there is no display" in qt_libraries.why_no_window()


@LINUX
@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_that_does_not_answer_is_named(no_display, variable):
    no_display.setenv(variable, ":987" if variable == "DISPLAY" else "wayland-987")
    no_display.setenv("QT_QPA_PLATFORM", "xcb" if variable == "DISPLAY" else "wayland")
    said = qt_libraries.why_no_window()
    # Or that its libraries are not there, where this runs without any.
    assert f"{variable}=" in said or "Qt cannot open a window" in said


@LINUX
def test_a_platform_that_qt_does_not_have_is_named(no_display):
    no_display.setenv("QT_QPA_PLATFORM", "xbc")
    said = qt_libraries.why_no_window()
    assert "names xbc" in said and "offscreen" in said and "cephview self-test" in said


@LINUX
def test_any_of_several_platforms_will_do(no_display):
    no_display.setenv("QT_QPA_PLATFORM", "xbc;offscreen:size=9x9")
    assert qt_libraries.why_no_window() == ""


@LINUX
def test_a_plugin_that_cannot_load_names_the_packages(no_display, tmp_path):
    (tmp_path / "libqxcb.so").write_bytes(b"not a library")
    no_display.setattr(qt_libraries, "_plugins", lambda: tmp_path)
    no_display.setattr(
        qt_libraries, "missing_packages",
        lambda libraries: ("libxcb-cursor0",) if libraries is qt_libraries.X11_WINDOW else (),
    )  # fmt: skip
    no_display.setenv("DISPLAY", ":0")
    said = qt_libraries.why_no_window()
    assert "sudo apt-get install -y libxcb-cursor0" in said and "cephview self-test" in said


@LINUX
@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"QT_QPA_PLATFORM": "linuxfb"}, "QT_QPA_PLATFORM=linuxfb"),
        (
            {"QT_QPA_PLATFORM_PLUGIN_PATH": "/nowhere", "DISPLAY": ":987"},
            "QT_QPA_PLATFORM_PLUGIN_PATH",
        ),
    ],
)
def test_what_only_qt_can_tell_is_tried_in_a_process_of_its_own(no_display, variables, named):
    for name, value in variables.items():
        no_display.setenv(name, value)
    said = qt_libraries.why_no_window()
    assert "Qt cannot open a window" in said and named in said and "cephview self-test" in said


@LINUX
def test_a_window_that_cannot_open_ends_with_a_sentence():
    kept = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "cephview"], env=kept | {"DISPLAY": ":987"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("cephview: ") and done.stderr.count("\n") == 1
    assert "cephview self-test" in done.stderr

"""Checks of what is installed beneath the program: Python, libraries, torch, Qt, decoders.

What could take the process down with it (Qt without a display, torch beside a driver it does not
know) is tried in a process of its own.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator

from cephview import child_process, qt_libraries
from cephview.formats.decoders import available_decoders
from cephview.self_test.outcome import INSTALL, Outcome, first_line

# The names under which the declared dependencies are imported; what needs torch is tried with it.
LIBRARIES = {
    "Jinja2": "jinja2",
    "PySide6-Essentials": "PySide6.QtWidgets",
    "SQLAlchemy": "sqlalchemy",
    "filelock": "filelock",
    "lightning-fabric": "",
    "msgspec": "msgspec",
    "numpy": "numpy",
    "pillow": "PIL.Image",
    "platformdirs": "platformdirs",
    "pydicom": "pydicom",
    "pyjpegls": "jpeg_ls",
    "pylibjpeg": "pylibjpeg",
    "pylibjpeg-openjpeg": "openjpeg",
    "pyqtgraph": "pyqtgraph",
    "python-gdcm": "gdcm",
    "safetensors": "safetensors",
    "scikit-image": "skimage",
    "scipy": "scipy",
    "simplejpeg": "simplejpeg",
    "tifffile": "tifffile",
    "tomli-w": "tomli_w",
    "torch": "",
    "torchvision": "",
    "tqdm": "tqdm",
}

TORCH_TIMEOUT_S = 180
QT_TIMEOUT_S = 60


def check_python() -> Iterator[Outcome]:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    is_new = sys.version_info >= (3, 11)
    yield Outcome(found, is_new, "" if is_new else "install Python 3.11 or newer")


def check_libraries() -> Iterator[Outcome]:
    """Import every declared dependency that does not need torch."""
    for name, module in LIBRARIES.items():
        if not module:
            continue
        try:
            version = importlib.metadata.version(name)
            importlib.import_module(module)
        except importlib.metadata.PackageNotFoundError:
            yield Outcome(name, False, INSTALL)
        except Exception as error:  # a broken native library raises what it likes
            yield Outcome(f"{name} is there but cannot be loaded", False, first_line(error))
        else:
            yield Outcome(f"{name} {version}", True)


def check_torch() -> Iterator[Outcome]:
    """Load torch and torchvision together, as only a matching pair can be, and look for a GPU."""
    try:
        report = json.loads(_probe("torch", TORCH_TIMEOUT_S))
    except _ProcessError as error:
        advice = (
            f"take both from one place: pip install --force-reinstall torch torchvision ({error})"
        )
        yield Outcome("torch, torchvision and lightning-fabric together", False, advice)
        return
    pair = f"torch {report['torch']} with torchvision {report['torchvision']}"
    yield Outcome(f"{pair} and lightning-fabric {report['fabric']}", True)
    if report["gpu"]:
        yield Outcome(f"graphics card {report['gpu']}", True)
    else:
        why = (
            "none that torch can use was found; the processor is used, which is slower"
            if report["built_for_cuda"]
            else "this build of torch is for the processor alone, which is slower"
        )
        yield Outcome("graphics card", False, why, is_needed=False)


def check_qt_libraries() -> Iterator[Outcome]:
    """Look for the system libraries of Qt on Linux; name the Debian packages of missing ones."""
    if not sys.platform.startswith("linux"):
        return
    groups = (
        ("Qt", qt_libraries.OFF_SCREEN, True),
        ("a window on X11", qt_libraries.X11_WINDOW, bool(os.environ.get("DISPLAY"))),
        ("a window on Wayland", qt_libraries.WAYLAND_WINDOW, _is_wayland_only()),
    )
    for what, libraries, is_needed in groups:
        packages = qt_libraries.missing_packages(libraries)
        advice = f"sudo apt-get install -y {' '.join(packages)}" if packages else ""
        yield Outcome(f"system libraries for {what}", not packages, advice, is_needed)


def _is_wayland_only() -> bool:
    return bool(os.environ.get("WAYLAND_DISPLAY")) and not os.environ.get("DISPLAY")


def check_qt_platforms() -> Iterator[Outcome]:
    """Start Qt off-screen and, where there is a display, on it."""
    platforms = ["offscreen"]
    if qt_libraries.has_display():
        platforms.append(os.environ.get("QT_QPA_PLATFORM", ""))
    for wanted in dict.fromkeys(platforms):
        name = wanted or "the display"
        environment = os.environ | {"QT_QPA_PLATFORM": wanted}
        if not wanted:
            del environment["QT_QPA_PLATFORM"]
        try:
            found = _probe("qt", QT_TIMEOUT_S, environment)
        except _ProcessError as error:
            yield Outcome(f"Qt on {name}", False, str(error))
        else:
            yield Outcome(f"Qt on {name} ({found.strip()})", True)


def check_decoders() -> Iterator[Outcome]:
    """Ask for a decoder of every kind of pixels that DICOM films come in."""
    for name, is_available in available_decoders().items():
        yield Outcome(f"DICOM decoder for {name}", is_available, "" if is_available else INSTALL)


class _ProcessError(Exception):
    """A process of its own did not do what it should; str() is its last line."""


def _probe(what: str, timeout_s: float, environment: dict[str, str] | None = None) -> str:
    """Try something in its own process and return the last line it printed.

    Raises _ProcessError.
    """
    try:
        done = subprocess.run(
            child_process.command("probe", what),
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _ProcessError(f"it gave no answer within {timeout_s:.0f} s") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise _ProcessError(lines[-1].strip() if lines else f"it ended with {done.returncode}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

"""The shared libraries that Qt needs from a Linux system, and the Debian packages that hold them.

Standard library only: this runs before Qt can be loaded. Where Qt finds no way to open a window it
ends the process by an abort, so what would lead there is found out first, and said.
"""

import ctypes
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cephview import child_process

OFF_SCREEN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}

X11_WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

WAYLAND_WINDOW = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


def has_display() -> bool:
    """Whether a window can be opened; on Windows and macOS there is always a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_loadable(library: str) -> bool:
    """Whether the system's loader finds a shared library by its name."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(libraries: dict[str, str]) -> tuple[str, ...]:
    """Return the Debian packages of the libraries that cannot be loaded, each once, sorted.

    libraries: names of shared libraries to names of packages. Nothing is missing outside Linux,
    where Qt's wheels bring what they need.
    """
    if not sys.platform.startswith("linux"):
        return ()
    missing = {package for name, package in libraries.items() if not is_loadable(name)}
    return tuple(sorted(missing))


def why_no_window() -> str:
    """Return why Qt could not open a window here, in a sentence that says what to do, or ""."""
    if not sys.platform.startswith("linux"):
        return ""
    if missing := missing_packages(OFF_SCREEN):
        return lacking(missing)
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if not chosen and not has_display():
        return (
            "there is no display to open a window on, for neither DISPLAY nor WAYLAND_DISPLAY is "
            f"set; cephview detect and the other commands work without one. {_CHECK}"
        )
    platforms = _platforms(chosen)
    reasons = [_why_not(name) for name in platforms]
    if "" not in reasons:
        return reasons[-1]
    is_known = platforms[reasons.index("")] in _KNOWN
    return "" if is_known and not os.environ.get(_PLUGIN_PATH) else _why_not_in_a_child()


def _why_not_in_a_child() -> str:
    """Return why Qt does not start here: tried where its abort ends nothing else."""
    try:
        done = subprocess.run(
            child_process.command("probe", "qt"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_TRY_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Qt does not start here within {_TRY_S} seconds. {_CHECK}"
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    last = lines[-1].removeprefix("cephview: ").rstrip(".") if lines else "it says nothing"
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    named = f"QT_QPA_PLATFORM={wanted}" if wanted else f"this {_PLUGIN_PATH}"
    return (
        f"Qt cannot open a window with {named} ({last}); set it otherwise or not at all. {_CHECK}"
    )


def _platforms(chosen: str) -> list[str]:
    """Return the platforms that Qt tries, in its order; chosen as QT_QPA_PLATFORM has it."""
    if chosen:
        # Each may carry options after a colon.
        return [name.split(":")[0] for name in chosen.split(";") if name] or ["xcb"]
    is_wayland = "WAYLAND_DISPLAY" in os.environ or os.environ.get("XDG_SESSION_TYPE") == "wayland"
    names = ["wayland"] if is_wayland else []
    return names if names and not os.environ.get("DISPLAY") else [*names, "xcb"]


def _why_not(platform: str) -> str:
    """Return why Qt could not use a platform, "" where it can or where it cannot be told."""
    folder = _plugins()
    if folder is None or os.environ.get(_PLUGIN_PATH):
        return ""
    plugins = sorted(folder.glob(f"libq{platform}.so")) or sorted(
        folder.glob(f"libq{platform}-*.so")
    )
    if not plugins:
        known = ", ".join(path.stem.removeprefix("libq") for path in sorted(folder.glob("*.so")))
        return f"QT_QPA_PLATFORM names {platform}, and Qt has only {known}. {_CHECK}"
    libraries, answers, variable = _SCREENS.get(platform.split("-")[0], ({}, None, ""))
    try:
        # By the plugin itself: a system may lack what the table names and Qt can do without.
        ctypes.CDLL(str(plugins[0]))
    except OSError as error:
        missing = missing_packages(libraries)
        return lacking(missing) if missing else f"Qt cannot open a window: {error}. {_CHECK}"
    if answers is None or answers():
        return ""
    return (
        f"no display answers at {variable}={os.environ.get(variable, '')}; set {variable} to that "
        f"of your desktop, or check that you may use it. {_CHECK}"
    )


def _plugins() -> Path | None:
    """Return the folder of Qt's platform plugins as PySide6 brings it, None where there is none."""
    found = importlib.util.find_spec("PySide6")
    for place in (found and found.submodule_search_locations) or ():
        folder = Path(place, "Qt", "plugins", "platforms")
        if folder.is_dir():
            return folder
    return None


def lacking(packages: tuple[str, ...]) -> str:
    """Say that these Debian packages are missing, and how to get them."""
    return (
        "Qt cannot open a window, for this system lacks some libraries; install them with: "
        f"sudo apt-get install -y {' '.join(packages)} ({_CHECK[:-1]})."
    )


def _x11_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    # An object also where it failed.
    connection = xcb.xcb_connect(None, None)
    is_there = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return is_there


def _wayland_answers() -> bool:
    client = ctypes.CDLL("libwayland-client.so.0")
    client.wl_log_set_handler_client(_SILENCE)
    client.wl_display_connect.restype = ctypes.c_void_p
    client.wl_display_disconnect.argtypes = (ctypes.c_void_p,)
    display = client.wl_display_connect(None)
    if display:
        client.wl_display_disconnect(display)
    return bool(display)


# The library would print a line of its own.
_SILENCE = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
_TRY_S = 60
_PLUGIN_PATH = "QT_QPA_PLATFORM_PLUGIN_PATH"
# Of these it is found out here whether Qt can use them; each other is tried.
_KNOWN = ("xcb", "wayland", "offscreen", "minimal")
_CHECK = "cephview self-test checks everything that the program needs."
_SCREENS: dict[str, tuple[dict[str, str], Callable[[], bool] | None, str]] = {
    "xcb": (X11_WINDOW, _x11_answers, "DISPLAY"),
    "wayland": (WAYLAND_WINDOW, _wayland_answers, "WAYLAND_DISPLAY"),
}


def main() -> int:
    """Print the missing packages in one line; with --window, those of a window on X11 as well."""
    wanted = OFF_SCREEN | (X11_WINDOW if "--window" in sys.argv[1:] else {})
    print(" ".join(missing_packages(wanted)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The shared libraries that Qt needs from a Linux system, and the Debian packages that hold them.

Standard library only: this runs before Qt can be loaded.
"""

import ctypes
import os
import sys

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


def main() -> int:
    """Print the missing packages in one line; with --window, those of a window on X11 as well."""
    wanted = OFF_SCREEN | (X11_WINDOW if "--window" in sys.argv[1:] else {})
    print(" ".join(missing_packages(wanted)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

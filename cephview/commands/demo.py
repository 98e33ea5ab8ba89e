"""Show the demo film: in the window, or drawn to files where there is no display."""

import argparse
import os
import sys
from pathlib import Path

HELP = (
    "Open the window on the bundled synthetic film and place its landmarks. Without a display the\n"
    "same window is drawn off-screen to overlay.png, and its points are written to points.csv."
)
EXAMPLE = "cephview demo --out demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="folder of the files"
    )
    parser.add_argument(
        "--off-screen", action="store_true", help="draw to files even where there is a display"
    )


def has_display() -> bool:
    """Whether a window can be opened; on Windows and macOS there is always a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(args: argparse.Namespace) -> int:
    raise NotImplementedError

"""Show the demo film: in the window, or drawn to files where there is no display."""

import argparse
from pathlib import Path

from cephview.commands import CommandError

HELP = (
    "Open the window on the bundled synthetic film and place its landmarks. Without a display the\n"
    "same window is drawn off-screen to overlay.png, and its points are written to points.csv."
)
EXAMPLE = "cephview demo --out demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("demo"),
        metavar="DIR",
        help="folder of the files and of the demo's own workspace",
    )
    parser.add_argument(
        "--off-screen", action="store_true", help="draw to files even where there is a display"
    )


def run(args: argparse.Namespace) -> int:
    from cephview import places, qt_libraries

    film = places.demo_film()
    if not film.is_file():
        raise CommandError(f"the demo film {film} is missing; install cephview again.")
    out = args.out.absolute()
    if args.off_screen or not qt_libraries.has_display():
        from cephview.app import draw_demo

        return draw_demo(out)
    from cephview.app import run_window

    print("Opening the window on the demo film; its tracing is kept in the demo's own workspace,")
    print(f"{out / 'workspace'}.", flush=True)
    return run_window((film,), workspace=str(out / "workspace"), model=None, device="auto")

"""Show the demo film: in the window, or drawn to files where there is no display."""

import argparse
from pathlib import Path

from cephview.commands import CommandError

HELP = (
    "Open the window on the bundled synthetic film and place its landmarks. Nothing that is done\n"
    "there is kept. Without a display the same window is drawn off-screen to overlay.png, and its\n"
    "points are written to points.csv."
)
EXAMPLE = "cephview demo --out demo"
NOTHING_IS_KEPT = (
    "This is the demo: what you do in this window is gone when it closes. For films of your own "
    "close it, and start cephview."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("demo"),
        metavar="DIR",
        help="folder of the files that are drawn without a display",
    )
    parser.add_argument(
        "--off-screen", action="store_true", help="draw to files even where there is a display"
    )


def run(args: argparse.Namespace) -> int:
    from cephview import places, qt_libraries, scratch

    film = places.demo_film()
    if not film.is_file():
        raise CommandError(f"the demo film {film} is missing; install cephview again.")
    out = args.out.absolute()
    if args.off_screen or not qt_libraries.has_display():
        if missing := qt_libraries.missing_packages(qt_libraries.OFF_SCREEN):
            raise CommandError(qt_libraries.lacking(missing))
        from cephview.app import draw_demo

        return draw_demo(out)
    if reason := qt_libraries.why_no_window():
        raise CommandError(f"{reason} With --off-screen the demo needs no display.")
    from cephview.app import run_window

    print("Opening the window on the demo film; nothing that is done there is kept.", flush=True)
    with scratch.folder() as workspace:
        return run_window(
            (film,), workspace=str(workspace), model=None, device="auto", notice=NOTHING_IS_KEPT
        )

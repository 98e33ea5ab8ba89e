"""The window: what `cephview` does without the name of a command."""

import argparse
import gc
from pathlib import Path

from cephview import qt_libraries
from cephview.commands import CommandError, UsageError
from cephview.formats.frames import file_of
from cephview.formats.opening import start_ahead
from cephview.formats.patterns import expanded

HELP = "Open films in the window: place landmarks, correct them, measure, and export."
EXAMPLE = "cephview film.dcm"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="FILM or FOLDER", help="what to open; nothing: the last folder"
    )
    parser.add_argument(
        "--workspace", metavar="W", help="folder or database URL where tracings are kept"
    )
    parser.add_argument("--model", metavar="M", help="folder or name of the model")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where the model runs"
    )


def run(args: argparse.Namespace) -> int:
    # Before all else: the first film is asked for as soon as the window is there.
    start_ahead()
    paths = tuple(expanded(Path(path) for path in args.paths))
    for path in paths:
        if not file_of(path).exists():
            raise UsageError(
                f"there is no film, folder or command called {path}; see cephview --help"
            )
    if reason := qt_libraries.why_no_window():
        raise CommandError(reason)
    # Imports leave little garbage, and looking for it takes a tenth of the start.
    gc.disable()
    from cephview.app import run_window

    return run_window(paths, workspace=args.workspace, model=args.model, device=args.device)

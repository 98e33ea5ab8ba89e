"""Check that everything the program needs is there and works."""

import argparse

HELP = (
    "Check Python, the libraries, the decoders, Qt, the shipped models, the demo film, the engine\n"
    "and the workspace, one line each; a missing Debian package is named."
)
EXAMPLE = "cephview self-test"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", metavar="W", help="workspace to check: its folder or database URL"
    )


def run(args: argparse.Namespace) -> int:
    from cephview import self_test, settings
    from cephview.database_address import taken

    return self_test.run(args.workspace or taken(settings.load_settings().workspace))

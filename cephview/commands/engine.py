"""The engine: the second process, which owns the model. Started by the window, not by hand."""

import argparse

HELP = "Answer requests of the window, one JSON line each, on standard input and output."
EXAMPLE = "python -m cephview engine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The engine takes no arguments: everything is in the requests."""


def run(args: argparse.Namespace) -> int:
    from cephview.engine import worker

    return worker.main()

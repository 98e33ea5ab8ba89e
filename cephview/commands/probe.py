"""Try what could take a process down with it, for the self-test: torch, or Qt on a display.

Prints one line of what was found. Started by the self-test, not by hand.
"""

import argparse
import json
from importlib import import_module

from cephview.commands import CommandError

HELP = "Load torch, or start Qt, and print what was found."
EXAMPLE = "cephview probe qt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["torch", "qt"])


def run(args: argparse.Namespace) -> int:
    print(_torch() if args.what == "torch" else _qt())
    return 0


def _torch() -> str:
    # By name: no part of the program but the engine's process may come to need torch.
    names = ("lightning_fabric", "torch", "torchvision")
    lightning_fabric, torch, torchvision = (import_module(name) for name in names)
    # Only a matching pair can do this.
    torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    has_cuda = torch.cuda.is_available()
    return json.dumps({
        "fabric": lightning_fabric.__version__,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "gpu": torch.cuda.get_device_name(0) if has_cuda else "",
        "built_for_cuda": torch.version.cuda or "",
    })  # fmt: skip


def _qt() -> str:
    import_module("PySide6.QtSvg")
    app = import_module("PySide6.QtWidgets").QApplication([])
    if app.primaryScreen() is None:
        raise CommandError("Qt finds no screen")
    return str(app.platformName())

"""Mends a workspace for a window that must not stand still meanwhile. Started by it, not by hand.

Tells on standard output, a JSON line each, how much is done, and at the end what came of it. Ends
when standard input does: a window that is gone waits for nothing.
"""

import argparse
import json
import os
import threading
import time
from pathlib import Path

HELP = "Recover a damaged workspace, or bring an older one to the present version."
EXAMPLE = "python -m cephview mend --workspace ~/ceph"

_TOLD_EVERY_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", type=Path, required=True, help="the workspace folder")


def run(args: argparse.Namespace) -> int:
    from cephview.commands.workspaces import refuse_if_none
    from cephview.store import StoreError, mend

    refuse_if_none(args.workspace)

    threading.Thread(target=_end_with_input, daemon=True).start()
    last = 0.0

    def tell(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TOLD_EVERY_S:
            last = now
            _say(share=share)

    try:
        _say(said=mend(args.workspace.absolute(), None, tell))
    except (StoreError, OSError) as error:
        _say(error=str(error))
        return 1
    return 0


def _say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def _end_with_input() -> None:
    # Not by way of sys.stdin, whose lock this thread would hold when all is done.
    while os.read(0, 4096):
        pass
    os._exit(1)

"""cephview audit: who changed what in a workspace, and the time each film took."""

import argparse
from pathlib import Path

from cephview.commands import UsageError

HELP = (
    "Write who changed what, when, from where to where and with which model, for each film of a\n"
    "workspace: one row a change. With --time also the time spent on each film, without pauses."
)
EXAMPLE = "cephview audit --workspace ~/cephalograms --out audit.csv --time time.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", required=True, metavar="W", help="workspace: its folder or database URL"
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="table of changes to write")
    parser.add_argument("--time", type=Path, metavar="PATH", help="table of times to write")


def run(args: argparse.Namespace) -> int:
    if args.out is None and args.time is None:
        raise UsageError("give --out, --time, or both")
    from cephview.commands.workspaces import open_workspace
    from cephview.formats.audit_csv import write_audit_csv, write_time_csv
    from cephview.store import audit

    with open_workspace(args.workspace) as workspace:
        if args.out is not None:
            count = write_audit_csv(args.out, audit.entries(workspace))
            print(f"{args.out}: {count} change{'s' if count != 1 else ''} written")
        if args.time is not None:
            count = write_time_csv(args.time, audit.times(workspace))
            print(f"{args.time}: {count} row{'s' if count != 1 else ''} written")
    return 0

"""cephview audit: who changed what in a workspace, and the time each film took."""

import argparse
from dataclasses import replace
from pathlib import Path

from cephview.commands import UsageError
from cephview.commands.chosen_films import add_film_arguments, chosen_films, is_choice

HELP = (
    "Write who changed what, when, from where to where and with which model, for each film of a\n"
    "workspace, or for those that --films and --only name: one row a change. With --time also the\n"
    "time spent on each film, without pauses. Films are called by no whole path."
)
EXAMPLE = "cephview audit --workspace ~/cephalograms --out audit.csv --time time.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", required=True, metavar="W", help="workspace: its folder or database URL"
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="table of changes to write")
    parser.add_argument("--time", type=Path, metavar="PATH", help="table of times to write")
    add_film_arguments(parser)


def run(args: argparse.Namespace) -> int:
    if args.out is None and args.time is None:
        raise UsageError("give --out, --time, or both")
    from cephview.commands.workspaces import open_workspace
    from cephview.formats.audit_csv import write_audit_csv, write_time_csv
    from cephview.formats.film_names import Names, film_names, pseudonym
    from cephview.store import audit
    from cephview.store.leaving_out import every_film

    with open_workspace(args.workspace) as workspace:
        films = chosen_films(every_film(workspace), args)
        if args.names == Names.PSEUDONYM:
            called = tuple(pseudonym(record.number) for record in films)
        else:
            called = film_names([str(record.path) for record in films], Names(args.names))
        names = {record.sha256: name for record, name in zip(films, called, strict=True)}
        if not is_choice(args):
            # What is of no film: models, and landmarks that were added.
            names[""] = ""
        if args.out is not None:
            changes = (
                replace(entry, file=names[entry.film])
                for entry in audit.entries(workspace)
                if entry.film in names
            )
            count = write_audit_csv(args.out, changes)
            print(f"{args.out}: {count} change{'s' if count != 1 else ''} written")
        if args.time is not None:
            times = (
                replace(spent, file=names[spent.film])
                for spent in audit.times(workspace)
                if spent.film in names
            )
            count = write_time_csv(args.time, times)
            print(f"{args.time}: {count} row{'s' if count != 1 else ''} written")
    return 0

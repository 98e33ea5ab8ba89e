"""Write the tracings of a workspace for another program."""

import argparse
import sys
from pathlib import Path

from cephview.commands import CommandError
from cephview.commands.chosen_films import add_film_arguments, chosen_films
from cephview.database_address import without_passwords

HELP = (
    "Write the points of the films of a workspace to one file: of all, or of those that --films\n"
    "and --only name. What is exported as truth is what a person placed or confirmed. What the\n"
    "file will hold is said first. It appears whole or not at all, and holds no whole path."
)
EXAMPLE = "cephview export --workspace ~/cephalograms --only smith --format csv --out points.csv"
FORMATS = ("csv", "coco")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", required=True, metavar="W", help="workspace: its folder or database URL"
    )
    parser.add_argument("--format", required=True, choices=FORMATS, help="what to write")
    parser.add_argument(
        "--reading",
        metavar="R",
        help="whose reading: a reader's name, or “adjudicated” for the "
        "first reading with what was decided; the first reading if left out",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="PATH", help="file to write")
    parser.add_argument(
        "--include-unconfirmed",
        action="store_true",
        help="the model's points as well, marked as such",
    )
    add_film_arguments(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be written, and write nothing"
    )


def run(args: argparse.Namespace) -> int:
    from cephview.commands.doubts import doubts_of_export
    from cephview.commands.films import tell
    from cephview.commands.workspaces import landmarks_of, open_workspace, reading_number
    from cephview.formats.export import EXPORTERS, Names, exported_film, what_is_written
    from cephview.formats.export_words import counted, plan_sentence

    with open_workspace(args.workspace) as workspace:
        traced = workspace.traced_films(reading_number(workspace, args.reading))
        wanted = chosen_films(workspace.films(), args) if traced else ()
        landmarks = landmarks_of(workspace, traced[0][1].landmark_set) if traced else None
    if landmarks is None:
        raise CommandError(
            f"{without_passwords(args.workspace)} holds no film with points; there is nothing to "
            "write."
        )
    chosen = {record.sha256 for record in wanted}
    films = [exported_film(record, found) for record, found in traced if record.sha256 in chosen]
    if not films:
        raise CommandError("no film that was asked for has points to export; nothing was written.")
    plan = what_is_written(films, landmarks, include_unconfirmed=args.include_unconfirmed)
    of_all = f"{len(films):,} of {counted(len(traced), 'film')} with points"
    print(f"To write, from {of_all}: {plan_sentence(plan)}", file=sys.stderr)
    if skipped := sum(record.is_skipped for record in wanted):
        are = "is" if skipped == 1 else "are"
        print(f"{counted(skipped, 'film')} {are} skipped, and no part of it.", file=sys.stderr)
    tell(doubts_of_export(films))
    if args.dry_run:
        return 0
    written = EXPORTERS[args.format].write(
        args.out,
        films,
        landmarks,
        include_unconfirmed=args.include_unconfirmed,
        names=Names(args.names),
    )
    print(f"{args.out}: {written.films} film{'s' if written.films != 1 else ''} written")
    left_out = len(films) - written.films
    if left_out:
        print(f"{left_out} left out: no person placed or confirmed a point there")
    return 0

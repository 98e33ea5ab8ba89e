"""cephview agreement: how far two readers of a workspace agree, landmark by landmark."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from cephview.commands import CommandError
from cephview.commands.chosen_films import add_film_arguments, chosen_films, is_choice
from cephview.core.reading import FIRST, Reading

HELP = (
    "Print how far two readers agree on the films that both traced: for each landmark the mean\n"
    "distance, the mean difference with its limits, Dahlberg's error, ICC(2,1) and how many films\n"
    "ask for a second look. Only points count that a reader placed or confirmed."
)
EXAMPLE = "cephview agreement --workspace ~/cephalograms --second Ben --out agreement.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", required=True, metavar="W", help="workspace: its folder or database URL"
    )
    parser.add_argument(
        "--first", metavar="R", help="a reader's name; the first reading if left out"
    )
    parser.add_argument("--second", metavar="R", help="the other; needed where there are several")
    parser.add_argument("--out", type=Path, metavar="PATH", help="table to write, as CSV")
    add_film_arguments(parser, has_names=False)


def run(args: argparse.Namespace) -> int:
    from cephview.commands.workspaces import landmarks_of, open_workspace
    from cephview.core.comparison import study
    from cephview.formats.agreement_csv import agreement_text, write_agreement_csv
    from cephview.store.readings import films_read_twice

    with open_workspace(args.workspace) as workspace:
        first, second = _chosen(workspace.readings(), args.first, args.second)
        only = None
        if is_choice(args):
            only = {record.sha256 for record in chosen_films(workspace.films(), args)}
        films = films_read_twice(workspace, first.number, second.number, only)
        landmarks = landmarks_of(workspace, films[0].first.landmark_set).ids if films else ()
    if not films:
        raise CommandError(f"{first.label} and {second.label} have no film with points in common.")
    found = study(films, landmarks)
    print(agreement_text(found, first.label, second.label))
    if args.out is not None:
        count = write_agreement_csv(args.out, found, first.label, second.label)
        print(f"{args.out}: {count} landmark{'s' if count != 1 else ''} written")
    return 0


def _chosen(
    readings: Sequence[Reading], first: str | None, second: str | None
) -> tuple[Reading, Reading]:
    from cephview.commands.workspaces import find_reading

    one = FIRST if first is None else find_reading(readings, first)
    if second is not None:
        other = find_reading(readings, second)
    else:
        others = [r for r in readings if r.number != one.number and not r.is_decisions]
        if not others:
            raise CommandError("this workspace has one reading; a second reader must trace first.")
        if len(others) > 1:
            names = ", ".join(f"“{reading.label}”" for reading in others)
            raise CommandError(f"say with --second whom to compare with: {names}.")
        other = others[0]
    if one.number == other.number:
        raise CommandError(f"{one.label} cannot be compared with itself; name two readings.")
    return one, other

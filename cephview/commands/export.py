"""Write the tracings of a workspace for another program."""

import argparse
from pathlib import Path

from cephview.commands import CommandError

HELP = (
    "Write the points of every film of a workspace to one file. What is exported as truth is\n"
    "what a person placed or confirmed. The file appears whole or not at all."
)
EXAMPLE = "cephview export --workspace ~/cephalograms --format coco --out keypoints.json"
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


def run(args: argparse.Namespace) -> int:
    from cephview.commands.workspaces import landmarks_of, open_workspace, reading_number
    from cephview.formats.export import EXPORTERS, ExportedFilm

    with open_workspace(args.workspace) as workspace:
        traced = workspace.traced_films(reading_number(workspace, args.reading))
        landmarks = landmarks_of(workspace, traced[0][1].landmark_set) if traced else None
    films = [
        ExportedFilm(
            path=str(record.path),
            film_sha256=record.sha256,
            width=record.width,
            height=record.height,
            pixel_size=record.pixel_size,
            tracing=tracing,
        )
        for record, tracing in traced
    ]
    if landmarks is None:
        raise CommandError(
            f"{args.workspace} holds no film with points; there is nothing to write."
        )
    written = EXPORTERS[args.format].write(
        args.out, films, landmarks, include_unconfirmed=args.include_unconfirmed
    )
    print(f"{args.out}: {written.films} film{'s' if written.films != 1 else ''} written")
    left_out = len(films) - written.films
    if left_out:
        print(f"{left_out} left out: no person placed or confirmed a point there")
    return 0

"""Write the tracings of a workspace for another program."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.commands import CommandError

if TYPE_CHECKING:
    from cephview.core.landmarks import LandmarkSet
    from cephview.store import Workspace

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


def open_workspace(place: str) -> "Workspace":
    """Open a workspace that is there. Raises CommandError and StoreError."""
    from cephview import places
    from cephview.store import Workspace
    from cephview.store.opening import DATABASE

    if "://" in place:
        return Workspace.open(places.user_dir() / "workspace", url=place)
    # Opening a folder that is no workspace would make one there.
    if not (Path(place) / DATABASE).is_file():
        raise CommandError(f"{place} is not a workspace: there is no {DATABASE} in it.")
    return Workspace.open(Path(place))


def reading_number(workspace: "Workspace", name: str | None) -> int:
    """Return the number of a reading by its name, the first one's for None. Raises CommandError."""
    from cephview.commands.agreement import find_reading

    return 0 if name is None else find_reading(workspace.readings(), name).number


def landmarks_of(workspace: "Workspace", set_id: str) -> "LandmarkSet":
    """Return the landmark set of a workspace's films with what was added to it."""
    from cephview import places
    from cephview.store.landmarks import landmark_set

    try:
        return landmark_set(workspace, places.load_landmark_set(set_id))
    except FileNotFoundError:
        raise CommandError(
            f"The films of {workspace.folder} are traced with the landmark set {set_id}, "
            "which this version does not know."
        ) from None


def run(args: argparse.Namespace) -> int:
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

"""cephview detect: place the landmarks on films."""

import argparse
import sys
from pathlib import Path

from cephview.commands import CommandError

HELP = """Place the landmarks on films and write every point, coarse and refined, to a CSV file.
Millimetres are left empty where a film has no trusted pixel size."""
EXAMPLE = "cephview detect film1.dcm film2.png --out points.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "films", type=Path, nargs="+", metavar="FILM",
        help="films, folders with all below them, or the DICOMDIR of a disc",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--model", help="a model folder, or the name of an installed model")
    parser.add_argument("--passes", type=int, default=1, choices=[1, 2])
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])


def run(args: argparse.Namespace) -> int:
    from cephview.commands.models import find_model
    from cephview.formats import FormatError, open_film
    from cephview.formats.atomic import refuse_to_overwrite_films
    from cephview.formats.gathering import expanded
    from cephview.formats.points_csv import write_points_csv
    from cephview.network.detector import Detector

    try:
        films = expanded(args.films)
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
    if not films:
        raise CommandError(f"there is no film in {', '.join(map(str, args.films))}.")
    # Said before the films are detected, which may take a night, not after.
    refuse_to_overwrite_films(args.out, map(str, films))
    detector = Detector.load(find_model(args.model), args.device)
    rows = []
    failed = 0
    for path in films:
        try:
            film = open_film(path)
        except FormatError as error:
            print(f"cephview: {error}", file=sys.stderr)
            failed += 1
            continue
        rows.append((str(path), film.pixel_size, detector.detect(film, args.passes)))
    if rows:
        write_points_csv(args.out, rows)
        print(f"{len(rows)} film{'s' if len(rows) > 1 else ''} written to {args.out}")
    return 1 if failed else 0

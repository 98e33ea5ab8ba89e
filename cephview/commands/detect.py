"""cephview detect: place the landmarks on films."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cephview.core.detection import Detection, Turn
    from cephview.core.film import Film
    from cephview.core.scale import PixelSize
    from cephview.network.detector import Detector

    Row = tuple[str, PixelSize, Detection]

from cephview.commands import CommandError
from cephview.commands.chosen_films import add_names_argument
from cephview.commands.films import films_of
from cephview.formats.opening import start_ahead

HELP = """Place the landmarks on films and write every point, coarse and refined, to a CSV file.
Millimetres are left empty where a film has no trusted pixel size. What is amiss with a film, as one
that lies the wrong way round or is unlike those the model was trained on, is said on standard error
and in the columns ood_score, orientation, turned and warning. Points are in pixels of the film as
it is on file, whether it was turned or not."""
EXAMPLE = "cephview detect film1.dcm film2.png --out points.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "films", type=Path, nargs="+", metavar="FILM",
        help="films, folders with all below them, or the DICOMDIR of a disc; of a file with "
        "several pictures the first is taken, and film.dcm#2 names the second",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--model", help="a model folder, or the name of an installed model")
    parser.add_argument("--passes", type=int, default=1, choices=[1, 2])
    parser.add_argument(
        "--turn",
        default="ask",
        choices=["auto", "ask", "never"],
        help="whether films that lie the wrong way round, or are negatives, are turned for the "
        "model: always, never, or as you answer when all films are done (ask, which is never "
        "where there is no terminal)",
    )
    add_names_argument(parser)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])


def run(args: argparse.Namespace) -> int:
    start_ahead()
    from cephview.commands.models import find_model
    from cephview.core.scale_check import film_scale_doubt
    from cephview.formats import FormatError, open_film
    from cephview.formats.atomic import refuse_to_overwrite_films
    from cephview.formats.film_names import Names
    from cephview.formats.frames import other_picture, several_pictures
    from cephview.formats.gathering import expanded
    from cephview.formats.points_csv import write_points_csv
    from cephview.network.detector import Detector

    try:
        films = expanded(films_of(args.films))
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
    if not films:
        raise CommandError(f"there is no film in {', '.join(map(str, args.films))}.")
    # Said before the films are detected, which may take a night, not after.
    refuse_to_overwrite_films(args.out, map(str, films))
    detector = Detector.load(find_model(args.model), args.device)
    rows: list[Row] = []
    failed = 0
    for path in films:
        try:
            film = open_film(path)
        except FormatError as error:
            print(f"cephview: {error}", file=sys.stderr)
            failed += 1
            continue
        if several := several_pictures(film, path):
            other = other_picture(film, path)
            print(f"cephview: {several} Another is named {other}.", file=sys.stderr)
        if doubt := film_scale_doubt(film.pixel_size, (film.width, film.height)):
            print(f"cephview: {path}: {doubt}", file=sys.stderr)
        found = detector.detect(film, args.passes)
        if args.turn == "auto":
            found = _turned(detector, film, found, args.passes)
        rows.append((str(path), film.pixel_size, found))
        _warn(rows[-1])
    if rows:
        write_points_csv(args.out, rows, Names(args.names))
        print(f"{_films(len(rows))} written to {args.out}")
    wrong_way = [i for i, row in enumerate(rows) if _better_turn(row[2]) is not None]
    if wrong_way and args.turn == "ask" and not _is_a_terminal_there():
        print(
            f"cephview: with --turn auto {_films(len(wrong_way))} would be turned for the model.",
            file=sys.stderr,
        )
    elif wrong_way and args.turn == "ask" and _is_to_be_turned(len(wrong_way)):
        for i in wrong_way:
            name, size, found = rows[i]
            try:
                rows[i] = name, size, _turned(detector, open_film(name), found, args.passes)
            except FormatError as error:
                print(f"cephview: {error}", file=sys.stderr)
                failed += 1
            else:
                _warn(rows[i])
        write_points_csv(args.out, rows, Names(args.names))
        turned = sum(bool(found.turn) for _, _, found in rows)
        print(f"{_films(len(rows))} written to {args.out}, {turned} turned")
    return 1 if failed else 0


def _turned(detector: "Detector", film: "Film", found: "Detection", passes: int) -> "Detection":
    """Detect a film anew, turned as the model proposes; return what was found where it does not."""
    turn = _better_turn(found)
    return found if turn is None else detector.detect(film, passes, turn=turn)


def _better_turn(found: "Detection") -> "Turn | None":
    return None if found.likeness is None else found.likeness.better


def _warn(row: "Row") -> None:
    from cephview.core.film_warning import warnings_of

    path, size, found = row
    for sentence in warnings_of(found, size):
        print(f"cephview: {path}: {sentence}", file=sys.stderr)


def _is_a_terminal_there() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _is_to_be_turned(count: int) -> bool:
    """Ask whether films that lie the wrong way are to be detected anew."""
    these = "this film" if count == 1 else f"these {count} films"
    sys.stderr.write(f"Turn {these} for the model and place the points anew? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _films(count: int) -> str:
    return f"{count} film{'s' if count != 1 else ''}"

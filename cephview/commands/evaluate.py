"""cephview evaluate: measure a model against films with known landmarks."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.commands.chosen_films import add_names_argument
from cephview.commands.doubts import doubts_of_evaluation
from cephview.commands.films import size_mm, take, tell
from cephview.formats.opening import start_ahead

if TYPE_CHECKING:
    from cephview.core.model_info import ModelInfo
    from cephview.formats.known_points import KnownPoints
    from cephview.report.measured import About, Measured
    from cephview.training.choosing import Chosen
    from cephview.training.evaluate import Evaluation

HELP = """Detect films whose true points are known and print the mean radial error (MRE) and the
share of points within 2, 2.5, 3 and 4 mm, for the coarse and the refined points. The truth is a
table (CSV), the folder of text files of ISBI 2015, or the folder of Aariz. Films that are not
there, cannot be opened, or cannot have the points that the truth gives are left out and named."""
EXAMPLE = "cephview evaluate --films films --truth landmarks.csv --mm-per-px 0.1 --report report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--films", type=Path, required=True, help="the folder of films, or a pattern"
    )
    parser.add_argument("--truth", type=Path, required=True, help="the table or folder of points")
    parser.add_argument(
        "--mm-per-px", type=size_mm, help="pixel size; goes before what the truth has"
    )
    parser.add_argument("--model", help="a model folder, or the name of an installed model")
    parser.add_argument("--passes", type=int, default=1, choices=[1, 2])
    parser.add_argument("--only", help="films by number, as 151-300 or 1-150,201")
    parser.add_argument("--leave-out", help="films by number that are not measured")
    parser.add_argument("--split", type=Path, help="a split.json; its films of --fold are measured")
    parser.add_argument("--fold", default="validation", help="the fold of --split")
    parser.add_argument(
        "--other-reader", type=Path, help="a second reader's points, set beside the model's"
    )
    parser.add_argument(
        "--report",
        type=Path,
        help="a folder for evaluation.html and evaluation.json, or the .html file itself",
    )
    parser.add_argument("--json", type=Path, help="write the figures and points to this file alone")
    add_names_argument(parser)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])


def run(args: argparse.Namespace) -> int:
    start_ahead()
    from cephview.commands.models import find_model
    from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
    from cephview.formats.open_truth import open_truth
    from cephview.network.detector import Detector
    from cephview.report.document import as_json, document
    from cephview.report.figures import figures_of, summary_lines
    from cephview.report.page import write_report
    from cephview.training import TrainingError
    from cephview.training.evaluate import evaluate, measured_of, part_of, table, with_bar
    from cephview.training.screening import fitting

    if args.json:
        refuse_to_overwrite_films(args.json, ())
    other = open_truth(args.other_reader) if args.other_reader else None
    chosen = take(_chosen(args), has_report=True)
    detector = Detector.load(find_model(args.model), args.device)
    found = evaluate(detector, chosen.data, passes=args.passes, progress=with_bar)
    fit, unfit = fitting(found)
    if not fit:
        raise TrainingError(" ".join(["no film is left to measure.", *unfit]))
    if unfit:
        tell(unfit)
        films = tuple(chosen.data.films[i] for i in fit)
        refused = chosen.refused + len(found.labelled) - len(fit)
        chosen = replace(chosen, data=replace(chosen.data, films=films), refused=refused)
        found = part_of(found, fit, found.landmarks)
    if other is not None:
        tell(_not_read(other, found))
    tell(doubts_of_evaluation(found))
    print(f"{detector.info.name} {detector.info.sha256[:12]}")
    print(table(found))
    about = _about(args, detector.info, chosen, found, other.origin if other else "")
    measured = _called(measured_of(found, other), args.names)
    figures = figures_of(measured)
    print("", *summary_lines(figures), *about.remarks(), sep="\n")
    if args.json:
        write_atomically(args.json, as_json(document(about, measured, figures)))
    if args.report:
        names = _names(detector.info.landmark_set)
        print(f"report: {write_report(args.report, about, measured, figures, names)}")
    return 0


def _not_read(other: "KnownPoints", found: "Evaluation") -> list[str]:
    """Say which films the other reader has no points of."""
    from cephview.training.choosing import counted, listed

    paired = other.paired_with([labelled.path for labelled in found.labelled])
    films = set(paired.pairs.values())
    lacking = [labelled.name for labelled in found.labelled if labelled.path not in films]
    if not lacking:
        return []
    return [f"{counted(lacking)} not in {other.origin}, the other reader's: {listed(lacking)}."]


def _called(measured: "Measured", wanted: str) -> "Measured":
    """Return an evaluation with its films called as --names asks, and so their groups."""
    from cephview.formats.film_names import Names, film_names

    names = Names(wanted)
    if names is Names.RELATIVE:
        return measured
    called = film_names([str(film.path or film.name) for film in measured.films], names)
    groups: dict[str, str] = {}
    for film, name in zip(measured.films, called, strict=True):
        groups.setdefault(film.group, name)
    films = (
        replace(film, name=name, group=groups[film.group])
        for film, name in zip(measured.films, called, strict=True)
    )
    return replace(measured, films=tuple(films))


def _names(landmark_set: str) -> dict[str, str]:
    """Return landmarks in full; none where the model is of a set that does not ship."""
    from cephview.places import load_landmark_set

    try:
        return {landmark.id: landmark.name for landmark in load_landmark_set(landmark_set)}
    except (OSError, ValueError):
        return {}


def _chosen(args: argparse.Namespace) -> "Chosen":
    from cephview.training import TrainingError
    from cephview.training.choosing import choose_films

    chosen = choose_films(
        args.films,
        args.truth,
        mm_per_px=args.mm_per_px,
        only=args.only,
        leave_out=args.leave_out,
    )
    if args.split:
        folds = _folds(args.split)
        if args.fold not in folds:
            raise TrainingError(f"{args.split} has no fold {args.fold!r}.")
        chosen = chosen.fold(folds[args.fold])
        if not chosen.data.films:
            raise TrainingError(f"no film of the fold {args.fold!r} of {args.split} is there.")
    return chosen


def _folds(path: Path) -> dict[str, list[str]]:
    """Read a split.json, leaving aside what is no list of names. Raises TrainingError."""
    from cephview.formats.learning_files import read_folds
    from cephview.training import TrainingError

    try:
        return read_folds(path)
    except ValueError as error:
        raise TrainingError(f"{path} is not a split of films ({error}); choose another.") from error


def _about(
    args: argparse.Namespace, info: "ModelInfo", chosen: "Chosen", found: "Evaluation", other: str
) -> "About":
    from datetime import UTC, datetime

    from cephview import __version__
    from cephview.report.measured import About

    choice = [f"films {args.only}"] if args.only else []
    choice += [f"without {args.leave_out}"] if args.leave_out else []
    return About(
        program=f"cephview {__version__}",
        model=info.name,
        model_sha256=info.sha256,
        landmark_set=info.landmark_set,
        seed=info.seed,
        films_folder="" if args.names == "pseudonym" else args.films.resolve().name,
        truth=chosen.origin,
        passes=args.passes,
        device=found.device,
        seconds_per_film=found.seconds_per_film,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        fold=args.fold if args.split else "",
        choice=", ".join(choice),
        other_reader=other,
        not_known=tuple(i for i in chosen.data.landmarks if i not in info.landmarks),
        not_true=tuple(i for i in info.landmarks if i not in chosen.data.landmarks),
        absent=chosen.absent,
        refused=chosen.refused,
        scale=chosen.scale_told(),
        duplicates=chosen.duplicates,
        unscaled=sum(error.mm_per_px is None for error in found.refined_errors),
    )

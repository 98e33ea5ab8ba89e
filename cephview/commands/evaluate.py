"""cephview evaluate: measure a model against films with known landmarks."""

import argparse
import json
from pathlib import Path

HELP = """Detect the films of a table of true points and print the mean radial error (MRE) and the
share of points within 2, 2.5, 3 and 4 mm, for the coarse and the refined points."""
EXAMPLE = "cephview evaluate --films films --truth landmarks.csv --mm-per-px 0.1 --only 151-300"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=Path, required=True, help="the folder of films")
    parser.add_argument("--truth", type=Path, required=True, help="the table of true points")
    parser.add_argument("--mm-per-px", type=float, help="pixel size where the films do not say")
    parser.add_argument("--model", help="a model folder, or the name of an installed model")
    parser.add_argument("--passes", type=int, default=1, choices=[1, 2])
    parser.add_argument("--only", help="films by number, as 151-300 or 1-150,201")
    parser.add_argument("--split", type=Path, help="a split.json; its films of --fold are measured")
    parser.add_argument("--fold", default="validation", help="the fold of --split")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])


def run(args: argparse.Namespace) -> int:
    from cephview.commands.models import find_model
    from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
    from cephview.network.detector import Detector
    from cephview.training import TrainingError
    from cephview.training.dataset import load_folder
    from cephview.training.evaluate import evaluate, table, with_bar

    if args.json:
        refuse_to_overwrite_films(args.json, ())
    detector = Detector.load(find_model(args.model), args.device)
    data = load_folder(args.films, truth=args.truth, mm_per_px=args.mm_per_px, only=args.only)
    if args.split:
        folds = json.loads(args.split.read_text(encoding="utf-8"))
        if args.fold not in folds:
            raise TrainingError(f"{args.split} has no fold {args.fold!r}.")
        data = data.only(folds[args.fold])
    found = evaluate(detector, data, passes=args.passes, progress=with_bar)
    print(f"{detector.info.name} {detector.info.sha256[:12]}")
    print(table(found))
    if args.json:
        report = {
            "model": detector.info.name,
            "model_sha256": detector.info.sha256,
            "seed": detector.info.seed,
            **found.to_dict(),
        }
        write_atomically(args.json, json.dumps(report, indent=1).encode())
    return 0

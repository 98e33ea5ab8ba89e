"""cephview calibrate: teach a model how sure it may be, and which films are unlike its own."""

import argparse
from pathlib import Path

from cephview.commands import UsageError
from cephview.commands.films import size_mm, take, tell
from cephview.formats.opening import start_ahead

HELP = """Write a copy of a model that gives each point an ellipse which holds the true point in 95
of 100 cases, and says when a film is unlike those it was trained on. The network's weights stay as
they are. Needs the data set the model was trained on, and the split.json that says which of its
films were kept from training."""
EXAMPLE = "cephview calibrate --films data --model runs/new --out models/new"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=Path, help="the data set, as for train")
    parser.add_argument(
        "--ellipses-of",
        help="take the ellipses of this model instead, where no film was kept from training",
    )
    parser.add_argument("--truth", type=Path, help="the table of true points")
    parser.add_argument("--mm-per-px", type=size_mm, help="pixel size where the films do not say")
    parser.add_argument("--only", help="films by number, as 1-150, as for train")
    parser.add_argument("--model", required=True, help="a model folder, or an installed name")
    parser.add_argument("--split", type=Path, help="the model's split.json if it lies elsewhere")
    parser.add_argument("--out", type=Path, required=True, help="the new model's folder")
    parser.add_argument("--phantoms", type=int, default=60, help="synthetic films among the like")
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="resized pictures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])


def run(args: argparse.Namespace) -> int:
    start_ahead()
    from cephview.commands.models import find_model
    from cephview.training.calibrated_model import (
        calibrate_model,
        read_split,
        with_ellipses_of,
        write_split,
    )
    from cephview.training.choosing import counted, listed
    from cephview.training.dataset import choose_folder

    if (args.films is None) == (args.ellipses_of is None):
        raise UsageError("Name either --films to calibrate by, or --ellipses-of a model.")
    folder = find_model(args.model)
    if args.ellipses_of:
        info = with_ellipses_of(find_model(args.ellipses_of), folder, args.out)
        print(f"{info.name} {info.sha256[:12]} saved to {args.out}, with no sense of unlike films")
        return 0
    split = args.split or folder / "split.json"
    kept = read_split(split)
    data = take(
        choose_folder(args.films, truth=args.truth, mm_per_px=args.mm_per_px, only=args.only)
    ).data
    for fold, names in kept.items():
        if missing := data.not_there(names):
            tell([f"{counted(missing)} of {fold} are not there: {listed(missing)}."])
    report = calibrate_model(
        folder,
        args.out,
        data,
        kept,
        phantoms=args.phantoms,
        cache=args.cache,
        seed=args.seed,
        device=args.device,
    )
    write_split(args.out / "split.json", data, kept)
    print(report.text())
    print(f"{report.info.name} {report.info.sha256[:12]} saved to {args.out}")
    return 0

"""cephview train: train a model from a data set."""

import argparse
from dataclasses import replace
from pathlib import Path

from cephview.commands import UsageError
from cephview.commands.films import size_mm, take
from cephview.formats.opening import start_ahead

HELP = """Train a dual encoder end to end on a folder of films with known landmarks: images (or a
folder "images") and landmarks_mean.csv or landmarks.csv. A run that was stopped goes on where it
was when started again with the same arguments."""
EXAMPLE = "cephview train --data films --mm-per-px 0.1 --out models/mine --steps 800"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="the data-set folder")
    parser.add_argument("--out", type=Path, required=True, help="the new model's folder")
    parser.add_argument("--truth", type=Path, help="the table of points, if not in the data set")
    parser.add_argument("--mm-per-px", type=size_mm, help="pixel size where the films do not say")
    parser.add_argument("--only", help="films by number, as 1-150,201")
    parser.add_argument("--hold-back", help="landmarks not to learn, as Go,Pog'")
    parser.add_argument("--name", help="the model's name; the folder's name if not given")
    parser.add_argument("--landmark-set", default="isbi19", help="default: isbi19")
    parser.add_argument("--preset", default="base", choices=["base", "tiny"])
    parser.add_argument("--input", help="input size as WIDTHxHEIGHT; both divide by 32")
    parser.add_argument("--init", type=Path, help="a model folder to go on from")
    parser.add_argument("--from-scratch", action="store_true", help="no ImageNet weights")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--batch", type=int, default=4, help="films a step and process")
    parser.add_argument("--head-rate", type=float, default=6e-4, help="learning rate, encoders")
    parser.add_argument("--trunk-rate", type=float, default=3e-4, help="learning rate, trunk")
    parser.add_argument("--average", type=float, default=0.99, help="moving average of the weights")
    parser.add_argument("--validation", type=int, default=30, help="films kept for validation")
    parser.add_argument("--reserve", type=int, default=0, help="further films kept from training")
    parser.add_argument("--split", type=Path, help="keep the films of this split.json instead")
    parser.add_argument("--phantoms", type=int, default=0, help="synthetic films to add")
    parser.add_argument("--phantom-share", type=float, default=0.15, help="their share of a batch")
    parser.add_argument("--close-share", type=float, default=0.0, help="share of close-ups")
    parser.add_argument("--check-every", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--trained-on", default="", help="a line for the model's description")
    parser.add_argument("--terms", default="", help="the terms that the training data imposes")
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="for resized films")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--devices", default="auto", help="how many graphics cards or processes")
    parser.add_argument("--precision", default="auto", help="auto, 32-true, bf16-mixed or 16-mixed")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    start_ahead()
    from cephview.training.dataset import choose_folder
    from cephview.training.devices import make_fabric
    from cephview.training.evaluate import table
    from cephview.training.fit import Plan, fit
    from cephview.training.recipe import Recipe
    from cephview.training.screening import screened

    fabric = make_fabric(args.device, args.devices, args.precision)
    fabric.launch()
    chosen = choose_folder(args.data, truth=args.truth, mm_per_px=args.mm_per_px, only=args.only)
    data = (take(chosen) if fabric.is_global_zero else screened(chosen)).data
    if args.hold_back:
        data = data.without_landmarks(args.hold_back.split(","))
    plan = Plan(
        out=args.out,
        name=args.name or args.out.name,
        landmark_set=args.landmark_set,
        preset=args.preset,
        input_size=parse_size(args.input),
        init=args.init,
        imagenet=not args.from_scratch,
        validation=args.validation,
        reserve=args.reserve,
        split=args.split,
        phantoms=args.phantoms,
        cache=args.cache,
        trained_on=args.trained_on,
        terms=args.terms,
        check_every=args.check_every,
    )
    recipe = replace(
        Recipe(),
        steps=args.steps,
        batch=args.batch,
        head_rate=args.head_rate,
        trunk_rate=args.trunk_rate,
        average=args.average,
        phantom_share=args.phantom_share,
        close_share=args.close_share,
        seed=args.seed,
    )
    info, found = fit(data, plan, recipe, fabric)
    if fabric.is_global_zero:
        print(f"{info.name} saved to {args.out}, measured on the validation films:")
        print(table(found))
    return 0


def parse_size(text: str | None) -> tuple[int, int] | None:
    """Read "640x800" as (width, height). Raises UsageError."""
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()) or int(width) % 32 or int(height) % 32:
        raise UsageError(f"--input {text}: write WIDTHxHEIGHT, both divisible by 32, as 640x800")
    return int(width), int(height)

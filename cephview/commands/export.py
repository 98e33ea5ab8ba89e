"""Write the tracings of a workspace for another program."""

import argparse
from pathlib import Path

HELP = (
    "Write the points of every film of a workspace to one file. What is exported as truth is\n"
    "what a person placed or confirmed. The file appears whole or not at all."
)
EXAMPLE = "cephview export --workspace ~/cephalograms --format coco --out keypoints.json"
FORMATS = ("csv", "coco")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", required=True, metavar="W", help="workspace folder or database URL"
    )
    parser.add_argument("--format", required=True, choices=FORMATS, help="what to write")
    parser.add_argument("--out", required=True, type=Path, metavar="PATH", help="file to write")


def run(args: argparse.Namespace) -> int:
    raise NotImplementedError

"""Draw the pictures of the documentation: every panel and state, on made films, off the screen.

Letters are those of the fonts that ship, whatever the machine has.

    python tests/pictures/draw.py [--out docs/pictures] [--only film palette]

`make pictures` draws all and replaces those that are kept. A test draws them again and compares.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

# Before Qt looks for fonts.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("no_fonts.conf"))

from PIL import Image
from scenes import ACTS
from stage import write_films

KEPT = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=KEPT)
    parser.add_argument("--only", nargs="+", default=())
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, image in drawn(args.only).items():
        path = args.out / f"{name}.png"
        image.save(path, optimize=True)
        total += path.stat().st_size
        print(f"{path.name:<20} {image.width:5d} x {image.height:<5d} {path.stat().st_size:8d}")
    print(f"{total / 1e6:.2f} MB")
    return 0


def drawn(only: Collection[str] = ()) -> dict[str, Image.Image]:
    """Return the pictures by name, all or these, as the window shows them."""
    with tempfile.TemporaryDirectory(prefix="cephview-pictures-") as name:
        folder = Path(name)
        write_films(folder)
        found = dict(pair for act in ACTS for pair in act(folder))
    return {name: image for name, image in found.items() if not only or name in only}


if __name__ == "__main__":
    sys.exit(main())

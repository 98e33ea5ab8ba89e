"""A folder of phantoms in the layout "images + CSV"."""

import csv
from pathlib import Path

from PIL import Image

from cephview.phantom import LANDMARKS, make_phantom


def write_dataset(
    folder: Path,
    count: int,
    seed: int,
    size_px: tuple[int, int] = (640, 800),
    *,
    has_label: bool = True,
) -> Path:
    """Write phantoms as images/001.png... (8 bit) and landmarks.csv; return the CSV's path.

    The CSV is wide: image, then x and y of each landmark in pixel indices. Film k is made from
    seed + k - 1. Existing files of the same names are replaced. Raises OSError.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    digits = max(3, len(str(count)))
    header = ["image", *(f"{name}_{axis}" for name in LANDMARKS for axis in "xy")]
    table = folder / "landmarks.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for index in range(count):
            name = f"{index + 1:0{digits}d}.png"
            phantom = make_phantom(seed + index, size_px=size_px, bits=8, has_label=has_label)
            Image.fromarray(phantom.pixels).save(images / name, optimize=False)
            places = (phantom.points[key] for key in LANDMARKS)
            writer.writerow([name, *(f"{v:.2f}" for place in places for v in place)])
    return table

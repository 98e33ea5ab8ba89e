"""Make the demo film that ships with the program: python -m cephview.phantom.demo."""

import argparse
import csv
from pathlib import Path

from cephview.formats.dicom_write import write_film_dicom
from cephview.phantom import make_phantom
from cephview.phantom.style import DEMO
from cephview.places import demo_film

SEED = 109
SIZE_PX = (1935, 2400)
MM_PER_PX = 0.1
MAGNIFICATION = 1.1
BITS = 12


def write_demo(path: Path, seed: int = SEED) -> None:
    """Write the demo film at path and its true points beside it, as a tidy CSV.

    A pixel is 0.11 mm at the detector and, magnified 1.1 times, 0.1 mm at the patient. Raises
    FormatError or OSError where a file cannot be written.
    """
    film = make_phantom(seed, size_px=SIZE_PX, bits=BITS, mm_per_px=MM_PER_PX, style=DEMO)
    spacing_mm = round(MM_PER_PX * MAGNIFICATION, 6)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_film_dicom(
        path,
        film.pixels,
        bits_stored=BITS,
        imager_pixel_spacing_mm=(spacing_mm, spacing_mm),
        magnification=MAGNIFICATION,
        patient_id="PHANTOM",
        synthetic=True,
        compression="jpeg-ls",
    )
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["film", "landmark", "x_px", "y_px"])
        for landmark, (x, y) in film.points.items():
            writer.writerow([path.name, landmark, f"{x:.2f}", f"{y:.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=demo_film())
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    write_demo(arguments.out, arguments.seed)


if __name__ == "__main__":
    main()

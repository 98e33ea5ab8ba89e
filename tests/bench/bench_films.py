"""The films a bench looks at: a phantom as it is, and one of 95 megapixels at 16 bit."""

from pathlib import Path

import numpy as np
import tifffile
from scipy import ndimage

from cephview.phantom import make_phantom

SIZE_PX = (1935, 2400)
LARGE_PX = (8750, 10_860)
SEED = 7
_BAND_ROWS = 256

Places = dict[str, tuple[float, float]]


def write_film(folder: Path, size_px: tuple[int, int]) -> tuple[Path, Places]:
    """Write a 16-bit TIFF of a phantom and return it with its landmarks, in pixel indices.

    A film larger than SIZE_PX is that one enlarged, with noise in every pixel: what is timed is how
    many pixels there are, and drawing a head at that size would take minutes.
    """
    phantom = make_phantom(SEED, size_px=SIZE_PX, bits=16)
    width, height = size_px
    across, down = width / SIZE_PX[0], height / SIZE_PX[1]
    path = folder / f"film-{width}x{height}.tiff"
    pixels = phantom.pixels if size_px == SIZE_PX else _enlarged(phantom.pixels, size_px)
    tifffile.imwrite(path, pixels, photometric="minisblack")
    places = {
        landmark: ((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5)
        for landmark, (x, y) in phantom.points.items()
    }
    return path, places


def write_list(folder: Path, count: int) -> None:
    """Write so many small films, no two of the same bytes."""
    phantom = make_phantom(SEED, size_px=(194, 240), bits=8)
    first = folder / "film-0000.tiff"
    tifffile.imwrite(first, phantom.pixels, photometric="minisblack")
    picture = first.read_bytes()
    for number in range(1, count):
        # Bytes after the end of a TIFF are read by nobody, and make it another file.
        (folder / f"film-{number:04d}.tiff").write_bytes(picture + number.to_bytes(4, "big"))


def _enlarged(pixels: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    height, width = pixels.shape
    large = np.empty(size_px[::-1], np.uint16)
    columns = (np.arange(size_px[0]) + 0.5) * width / size_px[0] - 0.5
    for top in range(0, size_px[1], _BAND_ROWS):
        rows = np.arange(top, min(top + _BAND_ROWS, size_px[1]))
        there = np.meshgrid((rows + 0.5) * height / size_px[1] - 0.5, columns, indexing="ij")
        band = ndimage.map_coordinates(pixels, there, np.float32, order=1, mode="nearest")
        noise = rng.standard_normal(band.shape, np.float32) * 150
        large[rows] = np.clip(band + noise, 0, 65_535).astype(np.uint16)
    return large

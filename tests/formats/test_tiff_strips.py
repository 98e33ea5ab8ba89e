"""A TIFF whose strips or tiles do not make the size that its header claims is refused."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from cephview.formats import FormatError
from cephview.formats.reading import read_film

Picture = Callable[..., Any]

WIDTH, HEIGHT, COMPRESSION, STRIP_AT, ROWS, STRIP_BYTES = 256, 257, 259, 273, 278, 279


def tiff(pixels: Any, compression: str | None) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "TIFF", compression=compression)
    return buffer.getvalue()


def with_tags(data: bytes, tags: dict[int, int]) -> bytes:
    """Give tags of the first directory other single values."""
    found = bytearray(data)
    at = int.from_bytes(data[4:8], "little")
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(data[at : at + 2], "little"), 12):
        tag = int.from_bytes(data[entry : entry + 2], "little")
        if tag in tags:
            struct.pack_into("<HII", found, entry + 2, 4, 1, tags[tag])
    return bytes(found)


PACKED = (None, "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")
LIES = {
    "rows, in more strips": {HEIGHT: 9000},
    "rows, in one strip": {HEIGHT: 9000, ROWS: 9000},
    "columns": {WIDTH: 4000},
    "the strip is the header": {STRIP_AT: 0},
    "the strip is behind the end": {STRIP_AT: 10**8},
    "half a strip": {STRIP_BYTES: 900},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
@pytest.mark.parametrize(
    "compression", [None, "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg"]
)
@pytest.mark.parametrize("bits", [8, 16])
def test_sizes_that_lie(
    lie: dict[int, int], compression: str | None, bits: int, picture: Picture, tmp_path: Path
) -> None:
    if compression == "jpeg" and bits == 16:
        pytest.skip("there is no such TIFF")
    data = tiff(picture(bits), compression)
    path = tmp_path / "film.tif"
    path.write_bytes(data)
    assert read_film(path).pixels.shape == picture(bits).shape
    path.write_bytes(with_tags(data, lie))
    with pytest.raises(FormatError, match=r"film\.tif"):
        read_film(path)


def test_a_strip_of_a_length_that_is_not_said(picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    path.write_bytes(with_tags(tiff(picture(8), None), {STRIP_BYTES: 0}))
    assert np.array_equal(read_film(path).pixels, picture(8))


@pytest.mark.parametrize("how", [{"tile": (64, 64)}, {"rowsperstrip": 16}, {"planarconfig": 2}])
def test_tiles_strips_and_planes_that_are_whole(
    how: dict[str, Any], picture: Picture, tmp_path: Path
) -> None:
    pixels = picture(16)
    is_colour = "planarconfig" in how
    path = tmp_path / "film.tif"
    colour = {"photometric": "rgb"} if is_colour else {"photometric": "minisblack"}
    tifffile.imwrite(path, np.stack([pixels] * 3) if is_colour else pixels, **colour, **how)
    assert np.array_equal(read_film(path).pixels, pixels)


@pytest.mark.parametrize("how", [{"tile": (64, 64)}, {"planarconfig": 2}])
def test_tiles_and_planes_that_are_too_few(
    how: dict[str, Any], picture: Picture, tmp_path: Path
) -> None:
    pixels = picture(16)
    is_colour = "planarconfig" in how
    path = tmp_path / "film.tif"
    colour = {"photometric": "rgb"} if is_colour else {"photometric": "minisblack"}
    tifffile.imwrite(path, np.stack([pixels] * 3) if is_colour else pixels, **colour, **how)
    path.write_bytes(with_tags(path.read_bytes(), {HEIGHT: 700}))
    with pytest.raises(FormatError, match=r"film\.tif"):
        read_film(path)


def test_a_fax_is_no_film(picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    Image.fromarray(picture(8) > 90).save(path, compression="group4")
    with pytest.raises(FormatError, match="fax"):
        read_film(path)

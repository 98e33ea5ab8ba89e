"""PNG, JPEG, BMP and TIFF: depth, colour, orientation, resolution."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from cephview.core.scale import Provenance
from cephview.formats import FormatError, open_film, thumbnail

Picture = Callable[..., Any]


def write_png(path: Path, samples: NDArray[np.uint16]) -> Path:
    """Write 16-bit samples as PNG: grey, grey and alpha, RGB or RGBA by their last axis."""
    height, width = samples.shape[:2]
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = samples.astype(">u2").reshape(height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data, 1))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bit_colour_png_keeps_its_low_bytes(
    channels: int, tmp_path: Path, picture: Picture
) -> None:
    grey = picture(16)
    samples = np.repeat(grey[..., None], channels, axis=2)
    if channels in (2, 4):
        samples[..., -1] = 65535 - grey // 3
    film = open_film(write_png(tmp_path / "film.png", samples))
    assert film.origin.bit_depth == 16
    assert np.array_equal(film.pixels, grey)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colour_tiff(
    channels: int, compression: str | None, byteorder: str, tmp_path: Path, picture: Picture
) -> None:
    grey = picture(16)
    path = tmp_path / "film.tif"
    tifffile.imwrite(
        path,
        np.repeat(grey[..., None], channels, axis=2),
        photometric="rgb",
        byteorder=byteorder,
        compression=compression,
        extrasamples=["unassalpha"] if channels == 4 else None,
    )
    assert np.array_equal(open_film(path).pixels, grey)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("bits", [8, 16])
def test_grey_tiff(
    bits: int, photometric: str, byteorder: str, tmp_path: Path, picture: Picture
) -> None:
    grey = picture(bits)
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, grey, photometric=photometric, byteorder=byteorder)
    expected = grey if photometric == "minisblack" else (1 << bits) - 1 - grey
    assert np.array_equal(open_film(path).pixels, expected)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("bits", [8, 16])
def test_compressed_tiff(bits: int, compression: str, tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.tif"
    Image.fromarray(picture(bits)).save(path, compression=compression)
    assert np.array_equal(open_film(path).pixels, picture(bits))


def test_the_first_page_of_a_tiff(tmp_path: Path, picture: Picture) -> None:
    grey = picture(16)
    path = tmp_path / "film.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(grey, photometric="minisblack")
        writer.write(65535 - grey, photometric="minisblack")
    film = open_film(path)
    assert film.origin.frames == 2
    assert np.array_equal(film.pixels, grey)


def test_tiled_and_signed_tiff(tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, picture(16), tile=(32, 32), photometric="minisblack")
    assert np.array_equal(open_film(path).pixels, picture(16))
    signed = picture(12).astype(np.int16) - 1000
    tifffile.imwrite(path, signed, photometric="minisblack")
    assert np.array_equal(open_film(path).pixels, picture(12))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_eight_bit_png_modes(mode: str, tmp_path: Path, picture: Picture) -> None:
    image = Image.fromarray(picture(8)).convert(mode)
    path = tmp_path / "film.png"
    image.save(path)
    film = open_film(path)
    assert film.pixels.dtype == np.uint8
    assert np.array_equal(film.pixels, np.asarray(image.convert("L")))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_modes(mode: str, tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.jpg"
    Image.fromarray(picture(8)).convert(mode).save(path, quality=100, subsampling=0)
    difference = open_film(path).pixels.astype(int) - picture(8)
    assert np.abs(difference).max() <= 4


def test_a_colour_photograph_is_weighted(tmp_path: Path) -> None:
    colour = np.zeros((64, 64, 3), np.uint8)
    colour[..., 0], colour[..., 1], colour[..., 2] = 200, 100, 50
    Image.fromarray(colour).save(tmp_path / "photo.png")
    expected = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert set(np.unique(open_film(tmp_path / "photo.png").pixels)) == {expected}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_bmp(mode: str, tmp_path: Path, picture: Picture) -> None:
    image = Image.fromarray(picture(8)).convert(mode)
    path = tmp_path / "film.bmp"
    image.save(path)
    assert np.array_equal(open_film(path).pixels, np.asarray(image.convert("L")))


def test_bmp_stored_from_the_top(tmp_path: Path, picture: Picture) -> None:
    grey = picture(8)
    path = tmp_path / "film.bmp"
    Image.fromarray(np.flipud(grey)).save(path)
    data = bytearray(path.read_bytes())
    data[22:26] = struct.pack("<i", -grey.shape[0])
    path.write_bytes(data)
    assert np.array_equal(open_film(path).pixels, grey)


ORIENTED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_exif_orientation(suffix: str, orientation: int, tmp_path: Path, picture: Picture) -> None:
    stored = picture(8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"film{suffix}"
    Image.fromarray(stored).save(path, exif=exif, dpi=(200, 400), quality=100)
    film = open_film(path)
    upright = ORIENTED[orientation](stored)
    assert film.pixels.shape == upright.shape
    assert np.abs(film.pixels.astype(int) - upright).max() <= 4
    sizes = (film.pixel_size.x_mm, film.pixel_size.y_mm)
    expected = (25.4 / 200, 25.4 / 400) if orientation < 5 else (25.4 / 400, 25.4 / 200)
    assert sizes == pytest.approx(expected, rel=1e-3)
    small = thumbnail(path, 48)
    assert (small.shape[0] > small.shape[1]) == (orientation >= 5)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif"])
@pytest.mark.parametrize(
    ("dpi", "provenance"),
    [
        (300, Provenance.UNVERIFIED),
        (254, Provenance.UNVERIFIED),
        (72, Provenance.UNKNOWN),
        (96, Provenance.UNKNOWN),
        (1, Provenance.UNKNOWN),
    ],
)
def test_resolution_tags_are_never_trusted(
    dpi: int, provenance: Provenance, suffix: str, tmp_path: Path, picture: Picture
) -> None:
    path = tmp_path / f"film{suffix}"
    Image.fromarray(picture(8)).save(path, dpi=(dpi, dpi))
    size = open_film(path).pixel_size
    assert size.provenance is provenance
    assert size.mm_per_px() is None
    if provenance is Provenance.UNVERIFIED:
        assert size.x_mm == pytest.approx(25.4 / dpi, rel=1e-3)


def test_a_resolution_without_a_unit_is_unknown(tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, picture(8), resolution=(300, 300), resolutionunit="NONE")
    assert open_film(path).pixel_size.provenance is Provenance.UNKNOWN


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_rare_tiff(planar: str, tmp_path: Path, picture: Picture) -> None:
    grey = picture(16)
    stacked = np.repeat(grey[..., None], 3, axis=2)
    samples = stacked if planar == "contig" else np.moveaxis(stacked, 2, 0)
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, samples, photometric="rgb", planarconfig=planar, byteorder=">")
    assert np.array_equal(open_film(path).pixels, grey)


def test_fractions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64))
    with pytest.raises(FormatError, match="not whole numbers"):
        open_film(path)


def test_levels_leave_borders_and_outliers_out(tmp_path: Path) -> None:
    grey = np.random.default_rng(1).integers(20_000, 30_000, (300, 300)).astype(np.uint16)
    grey[:80] = 0
    grey[-60:] = 65535
    levels = open_film(write_png(tmp_path / "film.png", grey)).levels
    assert levels.low == pytest.approx(20_050, abs=40)
    assert levels.high == pytest.approx(29_950, abs=40)


def test_levels_of_a_flat_picture(tmp_path: Path) -> None:
    levels = open_film(write_png(tmp_path / "flat.png", np.full((64, 64), 7, np.uint16))).levels
    assert levels.width > 0


def test_a_film_of_95_megapixels_opens_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "large.bmp"
    Image.new("1", (9500, 10_000)).save(path)
    limit = Image.MAX_IMAGE_PIXELS
    assert open_film(path).pixels.shape == (10_000, 9500)
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif"])
def test_thumbnails(suffix: str, tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / f"film{suffix}"
    Image.fromarray(picture(8, 480, 640)).save(path)
    small = thumbnail(path, 100)
    assert small.dtype == np.uint8
    assert small.shape == (75, 100)
    assert small.std() > 30

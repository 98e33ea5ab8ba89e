"""Picture files as the wild has them: what is wholly there opens, what is cut is said."""

import io
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
from cephview.formats import FormatError, looks_like_film, open_film, thumbnail

Picture = Callable[..., NDArray[Any]]
Chunk = tuple[bytes, bytes, bytes | None]


def encoded(pixels: NDArray[Any], kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def with_chunk(png: bytes, name: bytes, content: bytes, check: bytes | None = None) -> bytes:
    """Put a chunk behind the header of a PNG, with a check sum of one's own."""
    good = struct.pack(">I", zlib.crc32(name + content))
    chunk = struct.pack(">I", len(content)) + name + content + (check or good)
    return png[:33] + chunk + png[33:]


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        (b"tEXt", b"Comment\0text", b"\0\0\0\0"),
        (b"pHYs", b"", None),
        (b"pHYs", bytes(9), b"\0\0\0\0"),
        (b"iCCP", b"no profile", None),
        (b"gAMA", b"", None),
        (b"tRNS", b"", None),
        (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(5_000_000)), None),
        (b"iTXt", b"x", None),
        (b"eXIf", b"no exif", None),
    ],
)
def test_an_odd_ancillary_chunk(
    name: bytes, content: bytes, check: bytes | None, tmp_path: Path, picture: Picture
) -> None:
    path = tmp_path / "film.png"
    for grey in (picture(8), picture(16)):
        path.write_bytes(with_chunk(encoded(grey, "PNG"), name, content, check))
        assert np.array_equal(open_film(path).pixels, grey)


def test_a_damaged_comment_leaves_the_resolution(tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.png"
    png = encoded(picture(8), "PNG", dpi=(254, 254))
    path.write_bytes(with_chunk(png, b"tEXt", b"Comment\0text", b"\0\0\0\0"))
    assert open_film(path).pixel_size.x_mm == pytest.approx(0.1)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_png_without_its_end(bits: int, tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.png"
    png = encoded(picture(bits), "PNG")
    for end in (b"", b"\0\0\0\0", b"\0\0\0\0IEND", b"\0\0\0\0IENDxxxx", b"garbage" * 9):
        path.write_bytes(png[:-12] + end)
        assert np.array_equal(open_film(path).pixels, picture(bits))
    path.write_bytes(png[:-60])
    with pytest.raises(FormatError, match="cut short"):
        open_film(path)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
@pytest.mark.parametrize("end", [b"", b"\xff", bytes(512)])
@pytest.mark.parametrize("is_colour", [False, True])
def test_a_jpeg_without_its_end_marker(
    is_colour: bool, end: bytes, options: dict[str, Any], tmp_path: Path, picture: Picture
) -> None:
    grey = picture(8)
    path = tmp_path / "film.jpg"
    pixels = np.repeat(grey[..., None], 3, 2) if is_colour else grey
    jpeg = encoded(pixels, "JPEG", quality=95, **options)
    path.write_bytes(jpeg)
    whole = open_film(path).pixels
    path.write_bytes(jpeg[:-2] + end)
    assert np.array_equal(open_film(path).pixels, whole)
    assert thumbnail(path, 40).shape[1] == 40
    for part in (0.9, 0.6):
        path.write_bytes(jpeg[: int(part * len(jpeg))] + end)
        with pytest.raises(FormatError, match="cut short"):
            open_film(path)


@pytest.mark.parametrize(
    "segment",
    [b"\xff\xfe\0\x06\xff\xd8\xff\x80", b"\xff\xe0\0\x08JFIF\0x", b"\xff\xee\0\x08Adobe\0",
     b"\xff\xe1\0\x0cExif\0\0junk", b"\xff\xe2\0\x0aMPF\0junk", b"\xff\xff\xff"],
)  # fmt: skip
def test_an_odd_segment_of_a_jpeg(segment: bytes, tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.jpg"
    jpeg = encoded(picture(8), "JPEG", quality=95)
    path.write_bytes(jpeg)
    whole = open_film(path).pixels
    path.write_bytes(jpeg[:2] + segment + jpeg[2:])
    assert np.array_equal(open_film(path).pixels, whole)
    assert thumbnail(path, 40).shape[1] == 40


@pytest.mark.parametrize(
    ("at", "value"), [(2, 0), (2, 0xFFFFFFFF), (34, 7), (38, 0xFFFFFFFF), (46, 0), (46, 99999)]
)
def test_an_odd_number_in_a_bmp_header(
    at: int, value: int, tmp_path: Path, picture: Picture
) -> None:
    path = tmp_path / "film.bmp"
    bmp = encoded(picture(8), "BMP")
    path.write_bytes(bmp[:at] + struct.pack("<I", value) + bmp[at + 4 :] + b"more")
    assert np.array_equal(open_film(path).pixels, picture(8))


# ---- pages


def pages(path: Path, *written: tuple[NDArray[Any], int | None]) -> Path:
    with tifffile.TiffWriter(path) as file:
        for pixels, kind in written:
            file.write(pixels, subfiletype=kind, photometric="minisblack")
    return path


@pytest.mark.parametrize("step", [2, 4, 8])
@pytest.mark.parametrize("marks", [(1, 0), (1, None), (0, 0)])
def test_a_preview_is_not_the_film(
    marks: tuple[int, int | None], step: int, tmp_path: Path, picture: Picture
) -> None:
    film = picture(12, 480, 400)
    preview = np.ascontiguousarray((film[::step, ::step] >> 4).astype(np.uint8))
    if step == 2 and not marks[0]:
        # Of half the size it may be a film of its own; only its mark tells.
        return
    path = pages(tmp_path / "film.tif", (preview, marks[0]), (film, marks[1]))
    opened = open_film(path)
    assert np.array_equal(opened.pixels, film)
    assert opened.origin.frames == 1
    path = pages(tmp_path / "last.tif", (film, marks[1]), (preview, marks[0]))
    assert np.array_equal(open_film(path).pixels, film)


def test_masks_are_no_films_and_all_previews_are_one(tmp_path: Path, picture: Picture) -> None:
    film = picture(8)
    path = pages(tmp_path / "mask.tif", (255 - film, 1), (film, 0))
    reduced, mask = (struct.pack("<HHII", 254, 4, 1, kind) for kind in (1, 4))
    data = path.read_bytes()
    assert data.count(reduced) == 1
    path.write_bytes(data.replace(reduced, mask))
    assert np.array_equal(open_film(path).pixels, film)
    path = pages(tmp_path / "preview.tif", (film, 1))
    assert np.array_equal(open_film(path).pixels, film)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_film_behind_a_preview_in_colour(bits: int, tmp_path: Path, picture: Picture) -> None:
    film = np.repeat(picture(bits, 480, 400)[..., None], 3, 2)
    path = tmp_path / "film.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(np.ascontiguousarray(film[::4, ::4]), subfiletype=1, photometric="rgb")
        file.write(film, photometric="rgb", planarconfig="contig")
    assert np.array_equal(open_film(path).pixels, film[..., 0])


def without_tag(path: Path, number: int) -> None:
    data = bytearray(path.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    for at in range(start + 2, start + 2 + 12 * data[start], 12):
        if int.from_bytes(data[at : at + 2], "little") == number:
            data[at : at + 2] = b"\xfe\xff"
    path.write_bytes(data)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_tiff_that_leaves_out_what_its_greys_mean(
    bits: int, tmp_path: Path, picture: Picture
) -> None:
    path = tmp_path / "film.tif"
    for tag in (259, 262, 278, 279):
        path.write_bytes(encoded(picture(bits), "TIFF"))
        without_tag(path, tag)
        assert np.array_equal(open_film(path).pixels, picture(bits)), tag


def test_a_tiff_that_leaves_out_its_depth_is_no_noise(tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "film.tif"
    path.write_bytes(encoded(picture(8), "TIFF"))
    without_tag(path, 258)
    with pytest.raises(FormatError, match="how many bits"):
        open_film(path)


# ---- other formats, and the shape of a pixel


@pytest.mark.parametrize(
    ("kind", "options"), [("WEBP", {"lossless": True}), ("AVIF", {"quality": 99})]
)
def test_newer_picture_formats(
    kind: str, options: dict[str, Any], tmp_path: Path, picture: Picture
) -> None:
    path = tmp_path / f"film.{kind.lower()}"
    data = encoded(picture(8), kind, **options)
    path.write_bytes(data)
    assert looks_like_film(path)
    film = open_film(path)
    assert np.abs(film.pixels.astype(int) - picture(8)).max() <= 12
    assert film.pixel_size.provenance is Provenance.UNKNOWN
    assert thumbnail(path, 40).shape[1] == 40
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(FormatError, match="film"):
        open_film(path)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_heic_is_named(brand: bytes, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(400))
    with pytest.raises(FormatError, match=r"HEIC.*save it as JPEG or PNG"):
        open_film(path)


def test_a_resolution_without_a_unit_tells_the_shape(tmp_path: Path, picture: Picture) -> None:
    grey = picture(8)
    tif = tmp_path / "film.tif"
    tifffile.imwrite(tif, grey, resolution=(125, 100), resolutionunit="NONE")
    png = tmp_path / "film.png"
    png.write_bytes(with_chunk(encoded(grey, "PNG"), b"pHYs", struct.pack(">IIB", 125, 100, 0)))
    jpg = tmp_path / "film.jpg"
    data = encoded(grey, "JPEG")
    assert data[6:11] == b"JFIF\0"
    jpg.write_bytes(data[:13] + struct.pack(">BHH", 0, 125, 100) + data[18:])
    for path in (tif, png, jpg):
        size = open_film(path).pixel_size
        assert (size.provenance, size.aspect) == (Provenance.ASPECT, 1.25), path.name


@pytest.mark.parametrize("is_marked", [False, True])
@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"byteorder": ">"}])
def test_a_film_in_a_directory_below_its_preview(
    is_marked: bool, options: dict[str, Any], tmp_path: Path, picture: Picture
) -> None:
    path, film = tmp_path / "film.tif", picture(16, 400, 320)
    preview = np.ascontiguousarray(film[::4, ::4] >> 8).astype(np.uint8)
    with tifffile.TiffWriter(path, **options) as file:
        file.write(preview, subifds=2, subfiletype=int(is_marked), photometric="minisblack")
        file.write(np.ascontiguousarray(film[::2, ::2]), subfiletype=1, photometric="minisblack")
        file.write(film, photometric="minisblack")
    found = open_film(path)
    assert np.array_equal(found.pixels, film) and found.origin.frames == 1


def test_previews_in_directories_below_a_film(tmp_path: Path, picture: Picture) -> None:
    path, films = tmp_path / "film.tif", [picture(16, 400, 320), picture(16, 320, 400)]
    with tifffile.TiffWriter(path) as file:
        for film in films:
            file.write(film, subifds=1, photometric="minisblack")
            small = np.ascontiguousarray(film[::4, ::4])
            file.write(small, subfiletype=1, photometric="minisblack")
    found = open_film(path)
    assert np.array_equal(found.pixels, films[0]) and found.origin.frames == 2
    second = open_film(path.with_name("film.tif#2"))
    assert np.array_equal(second.pixels, films[1])

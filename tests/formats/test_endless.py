"""Small files that ask for hours of work or all memory, each in a size that a test can bear."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from cephview.formats import FormatError, dicom, dicom_header, endless
from cephview.formats.bounds import Bounds
from cephview.formats.dicom_stream import CountedReads
from cephview.formats.reading import read_disc_index, read_film, read_thumbnail

Picture = Callable[..., Any]
MakeDicom = Callable[..., Path]

ITEM = b"\xfe\xff\x00\xe0\0\0\0\0"
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def refusal(path: Path) -> str:
    with pytest.raises(FormatError) as caught:
        read_film(path)
    with pytest.raises(FormatError):
        read_thumbnail(path, 40)
    assert path.name in str(caught.value)
    return str(caught.value)


def with_elements(path: Path, elements: bytes) -> Path:
    """Put elements behind the File Meta Information of a file."""
    data = path.read_bytes()
    at = 144 + int.from_bytes(data[140:144], "little")
    path.write_bytes(data[:at] + elements + data[at:])
    return path


SEQUENCE = struct.pack("<HH", 0x0008, 0x1140) + b"SQ\0\0\xff\xff\xff\xff"
EMPTY = struct.pack("<HH", 0x0008, 0x0060) + b"CS\0\0"
OPEN_ITEM = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
CLOSE_ITEM = b"\xfe\xff\x0d\xe0\0\0\0\0"


@pytest.mark.parametrize(
    "elements",
    [
        SEQUENCE + ITEM * 2000 + END,
        SEQUENCE + OPEN_ITEM + EMPTY * 2000 + CLOSE_ITEM + END,
        EMPTY * 2000,
        b"".join(struct.pack("<HH", 9, 16 + n) + b"CS\0\0" for n in range(2000)),
    ],
    ids=["items", "elements of an item", "one element", "elements"],
)
def test_a_header_of_millions_of_elements(
    elements: bytes, picture: Picture, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_elements(make_dicom(picture(12), 12), elements)
    assert np.array_equal(read_film(path).pixels, picture(12))
    monkeypatch.setattr(dicom, "_MOST_READS", 1500)
    assert "elements in its header" in refusal(path)


def test_the_pieces_are_counted(tmp_path: Path) -> None:
    content = CountedReads(b"abc", tmp_path / "film.dcm", 2)
    assert content.read(1) + content.read() == b"abc"
    with pytest.raises(FormatError):
        content.read(1)


def test_a_table_of_endless_items_is_none(picture: Picture, make_dicom: MakeDicom) -> None:
    items = ITEM * 5000
    sequence = struct.pack("<HH", 0x0028, 0x3010) + b"SQ\0\0" + struct.pack("<I", len(items))
    path = make_dicom(picture(12), 12)
    data = path.read_bytes()
    at = data.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(data[:at] + sequence + items + data[at:])
    assert np.array_equal(read_film(path).pixels, picture(12))


def test_a_value_of_endless_length_is_none(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12, Manufacturer="M")
    value = b"1\\" * 100_000
    element = struct.pack("<HH", 0x0028, 0x1050) + b"UC\0\0" + struct.pack("<I", len(value)) + value
    data = path.read_bytes()
    at = data.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(data[:at] + element + data[at:])
    assert np.array_equal(read_film(path).pixels, picture(12))


def test_fragments_by_the_million(
    picture: Picture, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_header, "_MOST_FRAGMENTS", 100)
    path = make_dicom(picture(12), 12, syntax=uid.JPEGLSLossless)
    assert read_film(path).width
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(END)] + ITEM * 100 + END)
    assert "in far more pieces" in refusal(path)


def test_a_disc_index_of_endless_records(
    tmp_path: Path, picture: Picture, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom, "_MOST_READS_OF_DISC", 1500)
    path = with_elements(make_dicom(picture(12), 12), SEQUENCE + ITEM * 2000 + END)
    assert read_disc_index(path) == []


def chain(count: int) -> bytes:
    """A TIFF of one picture that is shown by so many directories."""
    pixels = bytes(range(100)) * 100
    tags = (
        (256, 100),
        (257, 100),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (278, 100),
        (279, 10000),
    )
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    length, first = len(directory) + 4, 8 + len(pixels)
    following = [first + n * length for n in range(1, count)] + [0]
    directories = b"".join(directory + struct.pack("<I", at) for at in following)
    return b"II*\0" + struct.pack("<I", first) + pixels + directories


def test_directories_by_the_thousand(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    path.write_bytes(chain(3))
    assert read_film(path).origin.frames == 3
    path.write_bytes(chain(1001))
    assert "far more pictures" in refusal(path)
    # A chain that bites its tail has an end, too.
    data = bytearray(chain(3))
    data[-4:] = struct.pack("<I", 8 + 10000)
    path.write_bytes(data)
    assert read_film(path).width == 100


def scans(count: int, picture: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    end = data.rindex(b"\xff\xd9")
    return data[:end] + b"\xff\xda\0\x08\x01\x01\0\0\0\x01\0\0" * count + data[end:]


def test_passes_by_the_thousand(tmp_path: Path, picture: Picture, make_dicom: MakeDicom) -> None:
    path = tmp_path / "film.jpg"
    path.write_bytes(scans(0, picture(8)))
    assert read_film(path).width
    path.write_bytes(scans(300, picture(8)))
    assert "far more passes" in refusal(path)
    with pytest.raises(FormatError, match="far more passes"):
        endless.check_scans(scans(300, picture(8)).replace(b"\xff\xda", b"\0\xff\xff\xda"), path)


def png(width: int, height: int, depth: int, colour: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


ROWS = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(range(100)) for _ in range(100))))


def test_a_png_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(png(14_000, 14_000, 16, 6, chunk(b"IDAT", zlib.compress(bytes(1000)))))
    assert "unpacks to far more" in refusal(path)


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP", b"iTXt"])
def test_what_is_packed_beside_a_png(name: bytes, tmp_path: Path) -> None:
    packed = zlib.compress(bytes(20_000_000))
    head = b"Comment\0\1\0\0\0" if name == b"iTXt" else b"Comment\0\0"
    path = tmp_path / "film.png"
    path.write_bytes(png(100, 100, 8, 0, chunk(name, head + packed), ROWS))
    assert read_film(path).pixels[0, 99] == 99


def test_an_animation_of_more_pictures_than_there_can_be(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(png(100, 100, 8, 0, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), ROWS))
    assert read_film(path).origin.frames == 1


def test_a_bmp_of_endless_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endless, "_MOST_RUNS_BYTES", 5000)
    header = struct.pack("<IiiHHIIiiII", 40, 100, 100, 1, 8, 1, 0, 0, 0, 256, 0)
    palette = bytes(c for n in range(256) for c in (n, n, n, 0))
    data = b"BM" + struct.pack("<IHHI", 0, 0, 0, 1078) + header + palette + b"\1\5" * 10_000
    path = tmp_path / "film.bmp"
    path.write_bytes(data + b"\0\1")
    assert "far more runs" in refusal(path)


def test_frames_by_the_million(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(8), 8, NumberOfFrames="99999999999")
    assert "cut short" in refusal(path)


def test_bounds_end_with_the_film() -> None:
    resource = pytest.importorskip("resource")
    before = [resource.getrlimit(which) for which in (resource.RLIMIT_CPU, resource.RLIMIT_CORE)]
    told: list[float] = []
    try:
        bounds = Bounds(told.append)
        bounds.begin()
        bounds.hear(pixels=95_000_000)
        assert resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY
        bounds.end()
        assert resource.getrlimit(resource.RLIMIT_CPU)[0] == before[0][1]
        assert told[0] < told[1]
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before[0])
        resource.setrlimit(resource.RLIMIT_CORE, (before[1][1], before[1][1]))

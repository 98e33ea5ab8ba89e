"""Pictures that decoders fill up in silence: damaged in their coding, or shorter than they say."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread, uid
from pydicom.encaps import encapsulate

from cephview.formats import FormatError, open_film


def grey() -> np.ndarray:
    y, x = np.mgrid[0:200, 0:160]
    noise = np.random.default_rng(0).random((200, 160)) * 12
    return ((np.sin(x / 9) + np.cos(y / 13) + 2) * 58 + noise).astype(np.uint8)


def saved(kind: str, mode: str = "L", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(grey()).convert(mode).save(out, kind, **options)
    return out.getvalue()


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(FormatError) as error:
        open_film(path)
    return str(error.value)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_damaged_in_its_coding_is_refused(tmp_path, mode, options):
    data = bytearray(saved("JPEG", mode, quality=95, **options))
    at = data.index(b"\xff\xda") + 100
    del data[at : at + 200]
    assert "damaged" in refused(tmp_path / "film.jpg", bytes(data))


def test_a_jpeg_of_fewer_rows_than_it_holds_is_refused(tmp_path):
    data = saved("JPEG")
    at = data.index(b"\xff\xc0") + 5
    assert "damaged" in refused(tmp_path / "film.jpg", data[:at] + b"\0\x80" + data[at + 2 :])


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 5}])
def test_a_sound_jpeg_opens_whatever_its_kind(tmp_path, mode, options):
    path = tmp_path / "film.jpg"
    data = saved("JPEG", mode, **options)
    path.write_bytes(data[:-2] + b"\0\0\xff" + data[-2:] + b"what a camera adds")
    assert open_film(path).pixels.shape == (200, 160)


def test_a_dicom_film_with_a_damaged_jpeg_is_refused(tmp_path, make_dicom):
    path = make_dicom(grey())
    dataset = dcmread(path)
    jpeg = bytearray(saved("JPEG", quality=95))
    jpeg[len(jpeg) // 2 : len(jpeg) // 2 + 40] = bytes(40)
    dataset.PixelData = encapsulate([bytes(jpeg)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    dataset.save_as(path)
    assert "damaged" in refused(path, path.read_bytes())


def test_greys_of_one_bit_are_refused(tmp_path, make_dicom):
    path = make_dicom(grey())
    dataset = dcmread(path)
    dataset.BitsStored, dataset.HighBit = 1, 0
    dataset.save_as(path)
    assert "1 bits" in refused(path, path.read_bytes())


def chunk(name: bytes, content: bytes) -> bytes:
    total = zlib.crc32(name + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + name + content + total


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "I;16"])
def test_a_png_that_claims_more_rows_than_it_holds_is_cut_short(tmp_path, mode):
    out = io.BytesIO()
    pixels = grey().astype(np.uint16) * 256 if mode == "I;16" else grey()
    image = Image.fromarray(pixels)
    (image if mode == "I;16" else image.convert(mode)).save(out, "PNG")
    data = out.getvalue()
    taller = data[16:20] + (4000).to_bytes(4, "big") + data[24:29]
    assert "cut short" in refused(
        tmp_path / "film.png", data[:8] + chunk(b"IHDR", taller) + data[33:]
    )


def test_a_png_with_a_black_end_is_whole(tmp_path):
    pixels = grey()
    pixels[-9:] = 0
    Image.fromarray(pixels).save(tmp_path / "film.png")
    assert np.array_equal(open_film(tmp_path / "film.png").pixels, pixels)


def test_a_png_of_indices_without_a_palette_is_refused(tmp_path):
    data = saved("PNG", "P")
    at = data.index(b"PLTE") - 4
    end = at + 12 + int.from_bytes(data[at : at + 4], "big")
    assert "damaged" in refused(tmp_path / "film.png", data[:at] + data[end:])


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(("at", "value"), [(18, 127), (22, 150)])
def test_a_bmp_of_another_size_than_its_pixels_fill_is_refused(tmp_path, mode, at, value):
    data = saved("BMP", mode)
    changed = data[:at] + value.to_bytes(4, "little") + data[at + 4 :]
    assert "damaged" in refused(tmp_path / "film.bmp", changed)

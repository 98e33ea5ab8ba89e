"""Every transfer syntax in which DICOM films come, really decoded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pytest
from pydicom import dcmread, uid

from cephview.formats import FormatError, open_film
from cephview.formats.decoders import DECODERS, NATIVE, available_decoders

LOSSLESS = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_lossless(
    syntax: uid.UID, bits: int, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    pixels = picture(bits)
    film = open_film(make_dicom(pixels, bits, syntax=syntax))
    assert film.pixels.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert np.array_equal(film.pixels, pixels)
    assert film.origin.bit_depth == bits


@pytest.mark.parametrize("bits", [8, 12])
def test_big_endian(
    bits: int, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    pixels = picture(bits)
    swapped = pixels.astype(pixels.dtype.newbyteorder(">"))
    film = open_film(make_dicom(swapped, bits, syntax=uid.ExplicitVRBigEndian))
    assert np.array_equal(film.pixels, pixels)


@pytest.mark.parametrize("syntax", [uid.JPEGLSNearLossless, uid.JPEG2000], ids=lambda s: s.name)
def test_near_lossless(
    syntax: uid.UID, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    pixels = picture(12)
    film = open_film(make_dicom(pixels, 12, syntax=syntax))
    assert np.abs(film.pixels.astype(int) - pixels).max() <= 40


GDCM = gdcm.TransferSyntax


@pytest.mark.parametrize(
    ("syntax", "number", "bits", "tolerance"),
    [
        (uid.JPEGBaseline8Bit, GDCM.JPEGBaselineProcess1, 8, 16),
        (uid.JPEGExtended12Bit, GDCM.JPEGExtendedProcess2_4, 8, 16),
        (uid.JPEGExtended12Bit, GDCM.JPEGExtendedProcess2_4, 12, 16),
        (uid.JPEGLossless, GDCM.JPEGLosslessProcess14, 8, 0),
        (uid.JPEGLossless, GDCM.JPEGLosslessProcess14, 12, 0),
        (uid.JPEGLossless, GDCM.JPEGLosslessProcess14, 16, 0),
        (uid.JPEGLosslessSV1, GDCM.JPEGLosslessProcess14_1, 8, 0),
        (uid.JPEGLosslessSV1, GDCM.JPEGLosslessProcess14_1, 12, 0),
        (uid.JPEGLosslessSV1, GDCM.JPEGLosslessProcess14_1, 16, 0),
    ],
)
def test_jpeg(
    syntax: uid.UID,
    number: int,
    bits: int,
    tolerance: int,
    picture: Callable[..., Any],
    make_dicom: Callable[..., Path],
) -> None:
    pixels = picture(bits)
    path = _transcoded(make_dicom(pixels, bits), number)
    assert dcmread(path).file_meta.TransferSyntaxUID == syntax
    film = open_film(path)
    assert film.origin.bit_depth == bits
    assert np.abs(film.pixels.astype(int) - pixels).max() <= tolerance


def test_jpeg_of_monochrome1(picture: Callable[..., Any], make_dicom: Callable[..., Path]) -> None:
    pixels = picture(12)
    path = make_dicom(pixels, 12, PhotometricInterpretation="MONOCHROME1")
    for number in (GDCM.JPEGLosslessProcess14_1, GDCM.JPEGExtendedProcess2_4):
        film = open_film(_transcoded(path, number))
        assert np.abs(4095 - film.pixels.astype(int) - pixels).max() <= 16


def _transcoded(path: Path, number: int) -> Path:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(number))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    out = path.with_name(f"{number}.dcm")
    writer.SetFileName(str(out))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return out


def test_rgb_in_jpeg_is_turned_grey(
    picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    grey = picture(8)
    path = make_dicom(np.repeat(grey[..., None], 3, axis=2))
    for number in (GDCM.JPEGBaselineProcess1, GDCM.JPEGLosslessProcess14_1, GDCM.RLELossless):
        film = open_film(_transcoded(path, number))
        assert np.abs(film.pixels.astype(int) - grey).max() <= 16


@pytest.mark.parametrize("syntax", [uid.JPEG2000Lossless, uid.JPEGLSLossless, uid.RLELossless])
def test_rgb_without_loss(
    syntax: uid.UID, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    for bits in (8, 16):
        grey = picture(bits)
        colour = np.repeat(grey[..., None], 3, axis=2)
        changes = {"PhotometricInterpretation": "YBR_RCT"} if syntax == uid.JPEG2000Lossless else {}
        film = open_film(make_dicom(colour, syntax=syntax, **changes))
        assert np.array_equal(film.pixels, grey)


@pytest.mark.parametrize("syntax", [*LOSSLESS, "gdcm"], ids=str)
def test_signed_greys(
    syntax: str, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    signed = picture(12).astype(np.int16) - 2048
    if syntax == "gdcm":
        path = _transcoded(make_dicom(signed, 12), GDCM.JPEGLosslessProcess14_1)
    else:
        path = make_dicom(signed, 12, syntax=syntax)
    assert np.array_equal(open_film(path).pixels, picture(12))


def test_every_decoder_is_here() -> None:
    assert all(available_decoders().values())
    assert len(available_decoders()) == len(DECODERS)
    assert not set(NATIVE) & set(DECODERS)


@pytest.mark.parametrize("syntax", [uid.MPEG2MPML, "1.2.3.4.5"])
def test_an_encoding_without_a_decoder_is_named(
    syntax: str, picture: Callable[..., Any], make_dicom: Callable[..., Path]
) -> None:
    path = make_dicom(picture(8))
    data = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", syntax.encode().ljust(20, b"\0"))
    head = data.index(syntax.encode())
    data = (
        data[: head - 2] + len(syntax.encode().ljust(20, b"\0")).to_bytes(2, "little") + data[head:]
    )
    extra = len(syntax.encode().ljust(20, b"\0")) - 20
    length = int.from_bytes(data[140:144], "little") + extra
    path.write_bytes(data[:140] + length.to_bytes(4, "little") + data[144:])
    name = uid.UID(syntax).name if uid.UID(syntax).is_transfer_syntax else "unknown encoding"
    with pytest.raises(FormatError, match="cannot decode") as caught:
        open_film(path)
    assert name in str(caught.value)

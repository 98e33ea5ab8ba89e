"""DICOM files as the wild has them: what is missing, odd or contradicted costs no film."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread, uid
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.tag import Tag

from cephview.core.scale import Provenance
from cephview.formats import FormatError, dicom_decode, open_film
from cephview.formats.reading import read_film

MakeDicom = Callable[..., Path]
Picture = Callable[..., NDArray[Any]]


def with_text(path: Path, keyword: str, text: str, vr: str | None = None) -> Path:
    """Put an element with exactly these letters into a file of Explicit VR Little Endian."""
    tag, value = Tag(keyword), text.encode() + b" " * (len(text) % 2)
    vr = vr or dictionary_VR(tag)
    if keyword in (dataset := dcmread(path)):
        del dataset[keyword]
        dataset.save_as(path)
    new = struct.pack("<HH", tag.group, tag.element) + vr.encode() + struct.pack("<H", len(value))
    data = path.read_bytes()
    later = next(e for e in dcmread(path) if e.tag > tag).tag
    at = data.index(struct.pack("<HH", later.group, later.element), 340)
    path.write_bytes(data[:at] + new + value + data[at:])
    return path


def compressed(path: Path, frame: bytes, syntax: uid.UID, **elements: Any) -> Path:
    """Put a compressed stream into a file, in place of its pixels."""
    dataset = dcmread(path)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    return path


def jpeg(pixels: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def is_near(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    return bool(np.abs(found.astype(int) - expected).max() <= 24)


OPTIONAL = (
    "RescaleSlope", "RescaleIntercept", "RescaleType", "WindowCenter", "WindowWidth",
    "VOILUTFunction", "PresentationLUTShape", "PixelSpacing", "ImagerPixelSpacing",
    "NominalScannedPixelSpacing", "PixelAspectRatio", "EstimatedRadiographicMagnificationFactor",
    "DistanceSourceToDetector", "DistanceSourceToPatient", "PixelSpacingCalibrationType",
    "PixelSpacingCalibrationDescription", "PatientID", "Modality", "Manufacturer",
    "ManufacturerModelName", "NumberOfFrames",
)  # fmt: skip


@pytest.mark.parametrize("text", ["", " ", "abc", "\\", "1,,0", "nan", "1e999"])
@pytest.mark.parametrize("keyword", OPTIONAL)
def test_an_optional_element_never_costs_the_film(
    keyword: str, text: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = with_text(make_dicom(picture(12), 12, Modality=None), keyword, text)
    film = open_film(path)
    assert np.array_equal(film.pixels, picture(12))
    assert film.pixel_size.mm_per_px() is None
    assert film.levels.width > 0


@pytest.mark.parametrize("vr", ["LO", "SH", "ST", "US", "IS", "PN"])
@pytest.mark.parametrize(
    "keyword", ["RescaleSlope", "WindowCenter", "PixelSpacing", "PatientID", "Modality"]
)
def test_an_element_of_another_kind_never_costs_the_film(
    keyword: str, vr: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = with_text(make_dicom(picture(12), 12, Modality=None), keyword, "1.0 ", vr)
    assert np.array_equal(open_film(path).pixels, picture(12))


@pytest.mark.parametrize("vr", [b"??", b"\0\0", b"zz", b"XX"])
def test_an_element_of_an_unknown_kind_never_costs_the_film(
    vr: bytes, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, PixelSpacing=[0.2, 0.1], PatientID="42")
    data = path.read_bytes()
    for keyword in ("Modality", "PatientID", "PixelSpacing", "SamplesPerPixel", "Rows"):
        tag = Tag(keyword)
        at = data.index(struct.pack("<HH", tag.group, tag.element), 200)
        path.write_bytes(data[: at + 4] + vr + data[at + 6 :])
        film = open_film(path)
        assert np.array_equal(film.pixels, picture(12)), keyword
        assert (film.pixel_size.x_mm, film.pixel_size.y_mm) == (0.1, 0.2), keyword
        assert film.origin.patient_id == "42", keyword


def test_a_first_element_of_an_unknown_kind(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12, ImageType=["ORIGINAL", "PRIMARY"])
    data = path.read_bytes()
    at = data.index(b"\x08\0\x08\0CS")
    path.write_bytes(data[: at + 4] + b"??" + data[at + 6 :])
    assert np.array_equal(open_film(path).pixels, picture(12))


def test_a_second_decoder_is_asked(
    picture: Picture, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("cannot")

    monkeypatch.setattr(dicom_decode, "_by_plugin", fails)
    for syntax in (uid.JPEGLSLossless, uid.JPEG2000Lossless):
        path = make_dicom(picture(12), 12, syntax=syntax)
        assert np.array_equal(read_film(path).pixels, picture(12))
    with pytest.raises(FormatError, match="damaged"):
        read_film(make_dicom(picture(12), 12, syntax=uid.RLELossless))


def test_without_preamble_but_with_meta_information(
    picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, syntax=uid.JPEGLSLossless)
    path.write_bytes(path.read_bytes()[132:])
    assert np.array_equal(open_film(path).pixels, picture(12))


@pytest.mark.parametrize("text", ["0,1\\0,1", "0.1\\0.1 ", " 1e-1\\1E-1", "0.1\\0.1\0"])
def test_a_spacing_as_devices_write_it(text: str, picture: Picture, make_dicom: MakeDicom) -> None:
    film = open_film(with_text(make_dicom(picture(12), 12), "PixelSpacing", text))
    assert (film.pixel_size.x_mm, film.pixel_size.y_mm) == (0.1, 0.1)


@pytest.mark.parametrize("text", ["0.1", "0.1\\", "0.1,0.1", "1,234\\1,234", "0.1\\abc", "0\\0"])
def test_a_spacing_that_is_no_pair_is_not_guessed(
    text: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    film = open_film(with_text(make_dicom(picture(12), 12), "PixelSpacing", text))
    assert film.pixel_size.provenance is Provenance.UNKNOWN


def test_a_rescale_with_decimal_commas(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12, WindowCenter=1000.5, WindowWidth=1001)
    with_text(with_text(path, "RescaleSlope", "2,0"), "RescaleIntercept", "-1000,0")
    film = open_film(path)
    assert (film.levels.low, film.levels.high) == (750.0, 1250.0)


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(
    "keyword",
    ["PixelRepresentation", "HighBit", "SamplesPerPixel", "PhotometricInterpretation",
     "BitsAllocated", "NumberOfFrames"],
)  # fmt: skip
def test_what_follows_from_the_rest_may_be_missing(
    keyword: str, is_there: bool, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, NumberOfFrames=1)
    dataset = dcmread(path)
    del dataset[keyword]
    if is_there:
        setattr(dataset, keyword, None)
    dataset.save_as(path)
    film = open_film(path)
    assert np.array_equal(film.pixels, picture(12))
    assert film.origin.bit_depth == 12


@pytest.mark.parametrize(("stored", "high"), [(None, None), (0, 0), (99, 98), (12, 40), (12, 3)])
def test_bits_that_cannot_be(
    stored: int | None, high: int | None, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, BitsStored=stored, HighBit=high)
    assert np.array_equal(open_film(path).pixels, picture(12))


@pytest.mark.parametrize("said", ["Monochrome2", "monochrome 2", "MONOCHROME2\0", "GREY"])
def test_photometric_in_other_letters(said: str, picture: Picture, make_dicom: MakeDicom) -> None:
    path = with_text(make_dicom(picture(12), 12), "PhotometricInterpretation", said)
    assert np.array_equal(open_film(path).pixels, picture(12))
    with_text(path, "PhotometricInterpretation", "monochrome1")
    assert np.array_equal(open_film(path).pixels, 4095 - picture(12))


def test_photometric_from_the_presentation_shape(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(
        picture(12), 12, PhotometricInterpretation=None, PresentationLUTShape="INVERSE"
    )
    assert np.array_equal(open_film(path).pixels, 4095 - picture(12))


# ---- look-up tables


def table(entries: NDArray[Any], bits: int, packing: str, first: int = 0) -> Dataset:
    """A table of 8 or more bits an entry: as words (OW), packed in bytes (OW), or numbers (US)."""
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item["LUTDescriptor"].VR = "US" if first >= 0 else "SS"
    item.ModalityLUTType = "US"
    if packing == "numbers":
        item.LUTData = [int(v) for v in entries]
    elif packing == "packed numbers":
        item.LUTData = [int(v) for v in np.frombuffer(entries.astype("u1").tobytes(), "<u2")]
    else:
        item.LUTData = entries.astype("<u2" if packing == "words" else "u1").tobytes()
    item["LUTData"].VR = "US" if "numbers" in packing else "OW"
    return item


@pytest.mark.parametrize("sequence", ["VOILUTSequence", "ModalityLUTSequence"])
@pytest.mark.parametrize(
    ("bits", "packing"),
    [(8, "words"), (8, "bytes"), (8, "numbers"), (8, "packed numbers"), (7, "bytes"),
     (9, "words"), (10, "numbers"), (12, "words"), (16, "words")],
)  # fmt: skip
def test_tables_of_any_depth(
    bits: int, packing: str, sequence: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    pixels = picture(12)
    entries = np.arange(4096) * ((1 << bits) - 1) // 4095
    film = open_film(make_dicom(pixels, 12, **{sequence: [table(entries, bits, packing)]}))
    assert np.array_equal(film.pixels, entries[pixels])
    assert film.pixels.dtype == (np.uint8 if bits <= 8 else np.uint16)


def test_a_table_of_8_bits_for_values_below_zero(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12).astype(np.int16) - 2048
    entries = np.arange(4096) // 16
    expected = entries[picture(12)]
    item = table(entries, 8, "bytes", first=-2048)
    assert np.array_equal(open_film(make_dicom(pixels, 12, VOILUTSequence=[item])).pixels, expected)


@pytest.mark.parametrize("spoil", ["short", "empty", "flat", "no descriptor", "no items", "far"])
def test_a_table_that_is_none_leaves_the_film(
    spoil: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    item = table(np.arange(4096) // 16, 8, "bytes", first=40000 if spoil == "far" else 0)
    if spoil == "short":
        item.LUTData = item.LUTData[:100]
    elif spoil == "empty":
        item.LUTData = b""
    elif spoil == "flat":
        item.LUTData = bytes(4096)
    elif spoil == "no descriptor":
        del item.LUTDescriptor
    path = make_dicom(picture(12), 12, VOILUTSequence=[] if spoil == "no items" else [item])
    assert np.array_equal(open_film(path).pixels, picture(12))


# ---- streams


SYNTAXES = [uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.RLELossless]


@pytest.mark.parametrize("end", [b"", bytes(16), b"\xfe\xff\xdd\xe0", b"\xff" * 8, b"\0"])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_picture_without_its_delimiter(
    syntax: uid.UID, end: bytes, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, syntax=syntax)
    data = path.read_bytes()
    assert data.endswith(b"\xfe\xff\xdd\xe0\0\0\0\0")
    path.write_bytes(data[:-8] + end)
    assert np.array_equal(open_film(path).pixels, picture(12))


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_cut_picture_without_its_delimiter_is_cut(
    syntax: uid.UID, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, syntax=syntax)
    data = path.read_bytes()
    for missing in (40, 200, 1000):
        path.write_bytes(data[:-missing])
        with pytest.raises(FormatError, match="cut short"):
            open_film(path)


def test_a_jpeg_without_its_end_marker(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8)
    stream = jpeg(grey)
    assert stream.endswith(b"\xff\xd9")
    path = make_dicom(grey)
    compressed(path, stream[:-2], uid.JPEGBaseline8Bit)
    assert is_near(open_film(path).pixels, grey)
    for missing in (12, 40, 400):
        compressed(path, stream[:-missing], uid.JPEGBaseline8Bit)
        with pytest.raises(FormatError, match="cut short"):
            open_film(path)


def test_padding_after_plain_pixels(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8, 81, 97)
    path = make_dicom(grey)
    data = path.read_bytes()
    assert len(grey.tobytes()) % 2
    path.write_bytes(data[:-1])
    assert np.array_equal(open_film(path).pixels, grey)
    dataset = dcmread(path)
    dataset.PixelData = grey.tobytes() + bytes(4096)
    dataset.save_as(path)
    assert np.array_equal(open_film(path).pixels, grey)
    path.write_bytes(data[:-2])
    with pytest.raises(FormatError, match="cut short"):
        open_film(path)


def test_a_colour_stream_of_a_grey_film(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8)
    stream = jpeg(np.repeat(grey[..., None], 3, 2))
    path = compressed(make_dicom(grey), stream, uid.JPEGBaseline8Bit)
    assert is_near(open_film(path).pixels, grey)
    compressed(path, stream, uid.JPEGBaseline8Bit, PhotometricInterpretation="MONOCHROME1")
    assert is_near(open_film(path).pixels, 255 - grey)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_a_grey_stream_of_a_colour_film(
    photometric: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    grey = picture(8)
    path = make_dicom(np.repeat(grey[..., None], 3, 2), PhotometricInterpretation=photometric)
    assert is_near(open_film(compressed(path, jpeg(grey), uid.JPEGBaseline8Bit)).pixels, grey)


def test_a_stream_of_8_bits_called_12(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8)
    for syntax in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit):
        film = open_film(compressed(make_dicom(picture(12), 12), jpeg(grey), syntax))
        assert is_near(film.pixels, grey)
        assert film.origin.bit_depth == 8


@pytest.mark.parametrize(
    "stated",
    [uid.ExplicitVRLittleEndian, uid.JPEGLosslessSV1, uid.RLELossless, uid.JPEGBaseline8Bit],
)
@pytest.mark.parametrize("real", [uid.JPEG2000Lossless, uid.JPEGLSLossless])
def test_a_stream_of_another_transfer_syntax(
    real: uid.UID, stated: uid.UID, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, syntax=real)
    data = path.read_bytes()
    name, wrong = (str(each).encode().ljust(22, b"\0") for each in (real, stated))
    assert data.count(name) == 1
    path.write_bytes(data.replace(name, wrong))
    assert np.array_equal(open_film(path).pixels, picture(12))


def test_plain_pixels_called_compressed(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    path = make_dicom(pixels, 12, syntax=uid.JPEG2000Lossless)
    data, plain = path.read_bytes(), pixels.tobytes()
    at = data.rindex(b"\xe0\x7f\x10\x00OB")
    path.write_bytes(data[: at + 4] + b"OW\0\0" + struct.pack("<I", len(plain)) + plain)
    assert np.array_equal(open_film(path).pixels, pixels)


def test_rows_and_columns_exchanged(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12, syntax=uid.JPEGLSLossless)
    dataset = dcmread(path)
    dataset.Rows, dataset.Columns = dataset.Columns, dataset.Rows
    dataset.save_as(path)
    assert np.array_equal(open_film(path).pixels, picture(12))


def smooth(height: int = 90, width: int = 120) -> NDArray[np.uint16]:
    """A film of 12 bits without texture, as plain pixels are told from sheared ones."""
    y, x = np.mgrid[:height, :width]
    return np.rint((np.sin(x / 15 + y / 40) + np.cos(y / 18) + 2) / 4 * 4095).astype(np.uint16)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless])
@pytest.mark.parametrize("is_colour", [False, True])
def test_rows_and_columns_exchanged_of_pixels_without_a_size(
    syntax: uid.UID, is_colour: bool, make_dicom: MakeDicom
) -> None:
    film = smooth()
    if is_colour:
        film = (film >> 4).astype(np.uint8)
        path = make_dicom(np.repeat(film[..., None], 3, axis=2), syntax=syntax)
    else:
        path = make_dicom(film, 12, syntax=syntax)
    assert np.array_equal(open_film(path).pixels, film)
    dataset = dcmread(path)
    dataset.Rows, dataset.Columns = dataset.Columns, dataset.Rows
    dataset.save_as(path)
    assert np.array_equal(open_film(path).pixels, film)


@pytest.mark.parametrize("noise", [0, 400])
def test_sides_that_may_be_as_they_are_said_stay(noise: int, make_dicom: MakeDicom) -> None:
    rows = np.arange(90)[:, None] * np.ones(120, int)
    grey = (rows * 40 + np.random.default_rng(0).integers(0, noise + 1, rows.shape)) % 4096
    path = make_dicom(grey.astype(np.uint16), 12)
    assert np.array_equal(open_film(path).pixels, grey)


@pytest.mark.parametrize("stored", [8, 10, 11])
def test_samples_deeper_than_bits_stored(stored: int, make_dicom: MakeDicom) -> None:
    film = open_film(make_dicom(smooth(), stored))
    assert np.array_equal(film.pixels, smooth()) and film.origin.bit_depth == 12


@pytest.mark.parametrize("bit", [12, 13, 15])
def test_what_lies_above_the_samples_is_no_part_of_them(bit: int, make_dicom: MakeDicom) -> None:
    overlaid = smooth()
    overlaid[20:50, 30:70] |= np.uint16(1 << bit)
    assert np.array_equal(open_film(make_dicom(overlaid, 12)).pixels, smooth())
    everywhere = smooth() | np.uint16(1 << bit)
    assert np.array_equal(open_film(make_dicom(everywhere, 12)).pixels, smooth())


@pytest.mark.parametrize(
    "elements",
    [{"SamplesPerPixel": 3}, {"BitsAllocated": 8}, {"BitsAllocated": 8, "SamplesPerPixel": 3}],
)
def test_plain_pixels_of_another_layout(
    elements: dict[str, int], picture: Picture, make_dicom: MakeDicom
) -> None:
    pixels = picture(12)
    assert np.array_equal(open_film(make_dicom(pixels, 12, **elements)).pixels, pixels)


def test_colours_without_a_planar_configuration(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8)
    colour = np.repeat(grey[..., None], 3, 2)
    assert np.array_equal(open_film(make_dicom(colour, PlanarConfiguration=None)).pixels, grey)
    assert np.array_equal(open_film(make_dicom(colour, SamplesPerPixel=1)).pixels, grey)


def test_pixels_of_an_aspect_ratio_alone(picture: Picture, make_dicom: MakeDicom) -> None:
    size = open_film(make_dicom(picture(12), 12, PixelAspectRatio=["5", "4"])).pixel_size
    assert (size.provenance, size.aspect) == (Provenance.ASPECT, 1.25)
    assert size.mm_per_px() is None


@pytest.mark.parametrize("frame", [b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0", bytes(3000)])
@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, uid.JPEG2000, uid.RLELossless])
def test_a_stream_that_is_none_is_refused(
    syntax: uid.UID, frame: bytes, picture: Picture, make_dicom: MakeDicom
) -> None:
    with pytest.raises(FormatError):
        open_film(compressed(make_dicom(picture(12), 12), frame, syntax))

"""What a DICOM header says of greys, windows, scale and origin."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.dataset import Dataset

from cephview.core.film import Film
from cephview.core.scale import Provenance
from cephview.formats import FormatError, open_film, thumbnail

MakeDicom = Callable[..., Path]
Picture = Callable[..., Any]


def lut(values: list[int], first: int, bits: int) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [len(values), first, bits]
    item["LUTDescriptor"].VR = "US"
    item.LUTData = values
    item["LUTData"].VR = "US"
    item.ModalityLUTType = "US"
    return item


def test_monochrome1_is_inverted_with_its_window(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    path = make_dicom(
        pixels, 12, PhotometricInterpretation="MONOCHROME1", WindowCenter=1000, WindowWidth=401
    )
    film = open_film(path)
    assert np.array_equal(film.pixels, 4095 - pixels)
    assert (film.levels.low, film.levels.high) == (4095 - 1199.5, 4095 - 799.5)


@pytest.mark.parametrize(
    ("function", "levels"), [(None, (799.5, 1199.5)), ("LINEAR_EXACT", (799.5, 1200.5))]
)
def test_window(
    function: str | None, levels: tuple[float, float], picture: Picture, make_dicom: MakeDicom
) -> None:
    more = {} if function is None else {"VOILUTFunction": function}
    path = make_dicom(picture(12), 12, WindowCenter=[1000, 5], WindowWidth=[401, 6], **more)
    film = open_film(path)
    assert (film.levels.low, film.levels.high) == levels


@pytest.mark.parametrize(("centre", "width"), [(-5000, 10), (60000, 100), (0, 0), (2000, 1)])
def test_a_window_that_shows_nothing_is_replaced(
    centre: int, width: int, picture: Picture, make_dicom: MakeDicom
) -> None:
    film = open_film(make_dicom(picture(12), 12, WindowCenter=centre, WindowWidth=width))
    assert 0 <= film.levels.low < film.levels.high <= 4095
    assert film.levels.width > 2000


def test_rescale_moves_the_window_not_the_greys(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    rescale = {"RescaleSlope": 2, "RescaleIntercept": -1000}
    path = make_dicom(pixels, 12, WindowCenter=1000.5, WindowWidth=1001, **rescale)
    film = open_film(path)
    assert np.array_equal(film.pixels, pixels)
    assert (film.levels.low, film.levels.high) == (750.0, 1250.0)


def test_a_negative_slope_inverts(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    path = make_dicom(
        pixels, 12, RescaleSlope=-1, RescaleIntercept=4095, WindowCenter=1000.5, WindowWidth=1001
    )
    film = open_film(path)
    assert np.array_equal(film.pixels, 4095 - pixels)
    assert (film.levels.low, film.levels.high) == (500.0, 1500.0)


def test_signed_greys_begin_at_zero(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12).astype(np.int16) - 2048
    film = open_film(make_dicom(pixels, 12, WindowCenter=0.5, WindowWidth=1001))
    assert film.pixels.dtype == np.uint16
    assert np.array_equal(film.pixels, picture(12))
    assert (film.levels.low, film.levels.high) == (1548.0, 2548.0)


def test_bits_beyond_bits_stored_are_masked(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    film = open_film(make_dicom(pixels | 0x5000, 12))
    assert np.array_equal(film.pixels, pixels)


def test_samples_that_end_at_the_high_bit(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(12)
    film = open_film(make_dicom(pixels << 4, 12, HighBit=15))
    assert np.array_equal(film.pixels, pixels)


def test_modality_table_is_applied(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(8)
    table = [value * value for value in range(256)]
    film = open_film(make_dicom(pixels, ModalityLUTSequence=[lut(table, 0, 16)]))
    assert np.array_equal(film.pixels, pixels.astype(int) ** 2)


def test_voi_table_is_applied_where_there_is_no_window(
    picture: Picture, make_dicom: MakeDicom
) -> None:
    pixels = picture(8)
    table = [round(255 * math.sqrt(value / 255)) for value in range(256)]
    voi = lut(table, 0, 16)
    film = open_film(make_dicom(pixels, VOILUTSequence=[voi]))
    assert np.array_equal(film.pixels, np.array(table)[pixels])
    film = open_film(make_dicom(pixels, VOILUTSequence=[voi], WindowCenter=100, WindowWidth=50))
    assert np.array_equal(film.pixels, pixels)


def test_colour_is_turned_grey(picture: Picture, make_dicom: MakeDicom) -> None:
    grey = picture(8)
    colour = np.stack([grey, grey, grey], axis=2)
    assert np.array_equal(open_film(make_dicom(colour)).pixels, grey)
    colour[..., 1:] = 128
    film = open_film(make_dicom(colour, PhotometricInterpretation="YBR_FULL"))
    assert np.array_equal(film.pixels, grey)
    wide = np.repeat(picture(16)[..., None], 3, axis=2)
    assert np.array_equal(open_film(make_dicom(wide)).pixels, picture(16))


def test_palette(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(8)
    table = np.arange(256, dtype=np.uint16)[::-1] * 257
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        elements[f"{name}PaletteColorLookupTableData"] = table.tobytes()
    path = make_dicom(pixels, **elements)
    assert np.array_equal(open_film(path).pixels, table[pixels])


def test_the_first_of_several_frames(picture: Picture, make_dicom: MakeDicom) -> None:
    pixels = picture(8)
    both = np.concatenate([pixels, 255 - pixels])
    for syntax in (uid.ExplicitVRLittleEndian, uid.JPEGLSLossless):
        path = make_dicom(both, Rows=80, NumberOfFrames=2, syntax=syntax)
        film = open_film(path)
        assert np.array_equal(film.pixels, pixels)
        assert film.origin.frames == 2


def scale_of(make_dicom: MakeDicom, **elements: Any) -> tuple[float, float, str] | str:
    size = open_film(make_dicom(np.zeros((64, 64), np.uint8), **elements)).pixel_size
    if size.x_mm is None or size.y_mm is None:
        return size.provenance.value
    return size.x_mm, size.y_mm, size.provenance.value


def test_scale(make_dicom: MakeDicom) -> None:
    detector = {"ImagerPixelSpacing": [0.2, 0.1]}
    assert scale_of(make_dicom) == Provenance.UNKNOWN
    assert scale_of(make_dicom, **detector) == (0.1, 0.2, "detector")
    assert scale_of(make_dicom, PixelSpacing=[0.2, 0.1]) == (0.1, 0.2, "declared")
    assert scale_of(make_dicom, NominalScannedPixelSpacing=[0.2, 0.1]) == (0.1, 0.2, "declared")
    factor = {"EstimatedRadiographicMagnificationFactor": 1.25}
    corrected = (0.08, 0.16, "magnification-corrected")
    assert scale_of(make_dicom, **detector, **factor) == pytest.approx(corrected)
    distances = {"DistanceSourceToDetector": 1500, "DistanceSourceToPatient": 1200}
    assert scale_of(make_dicom, **detector, **distances) == pytest.approx(corrected)
    calibrated = {"PixelSpacing": [0.3, 0.4], "PixelSpacingCalibrationType": "FIDUCIAL"}
    assert scale_of(make_dicom, **detector, **calibrated) == (0.4, 0.3, "calibrated")


@pytest.mark.parametrize("spacing", [[0, 0], [-1, 1], [0.1], ["0.1", ""], "", [0.1, 0.1, 0.1]])
def test_a_spacing_that_is_none_gives_no_millimetres(spacing: Any, make_dicom: MakeDicom) -> None:
    assert scale_of(make_dicom, PixelSpacing=spacing) == Provenance.UNKNOWN


def test_origin(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        np.zeros((64, 64), np.uint16),
        12,
        Manufacturer="ACME",
        ManufacturerModelName="Ceph 3000",
        PatientID="42\x1b[31m",
        Modality="PX",
    )
    origin = open_film(path).origin
    assert (origin.format, origin.bit_depth, origin.modality) == ("DICOM", 12, "PX")
    assert (origin.manufacturer, origin.device) == ("ACME", "Ceph 3000")
    assert origin.patient_id == "42\\x1b[31m"


def test_without_a_preamble(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12)
    dataset = dcmread(path)
    for implicit in (True, False):
        if "file_meta" in dataset.__dict__:
            del dataset.file_meta
        dataset.preamble = None
        dataset.save_as(path, implicit_vr=implicit, little_endian=True)
        assert path.read_bytes()[128:132] != b"DICM"
        assert np.array_equal(open_film(path).pixels, picture(12))
        dataset = dcmread(path, force=True)


def test_a_preamble_of_another_format_changes_nothing(
    picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(8))
    data = path.read_bytes()
    for magic in (b"II*\0", b"MZ\x90\0", b"\x89PNG\r\n\x1a\n"):
        path.write_bytes(magic + data[len(magic) :])
        assert open_film(path).origin.format == "DICOM"


def test_opening_leaves_the_file_alone(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(12), 12)
    before = path.read_bytes(), path.stat().st_mtime_ns
    film = open_film(path)
    thumbnail(path, 32)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [entry.name for entry in path.parent.iterdir()] == ["film.dcm"]
    with pytest.raises(ValueError, match="read-only"):
        film.pixels[0, 0] = 1


def test_thumbnail_is_the_film_as_shown(picture: Picture, make_dicom: MakeDicom) -> None:
    small = thumbnail(make_dicom(picture(12, 300, 200), 12), 60)
    assert small.dtype == np.uint8
    assert small.shape == (60, 40)
    assert small.min() < 30
    assert small.max() > 225


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Rows": 79}, "not the size of its picture"),
        ({"Rows": 81}, "cut short"),
        ({"Columns": 90}, "not the size of its picture"),
        ({"Rows": 60000, "Columns": 60000}, "more than the 200 million"),
        ({"Rows": 10}, "too small"),
        ({"NumberOfFrames": 2}, "cut short"),
        ({"Rows": None}, "without Rows"),
        ({"PixelData": None}, "cut short"),
        ({"BitsAllocated": 32}, "32 bits"),
    ],
)
def test_a_header_that_lies(
    elements: dict[str, Any], words: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    with pytest.raises(FormatError, match=words):
        open_film(make_dicom(picture(12, 80, 300), 12, **elements))


@pytest.mark.parametrize("name", ["Rows", "Columns"])
@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.RLELossless])
def test_a_compressed_picture_of_another_size(
    syntax: uid.UID, name: str, picture: Picture, make_dicom: MakeDicom
) -> None:
    path = make_dicom(picture(12), 12, syntax=syntax)
    for value in (65, 10000):
        dataset = dcmread(path)
        setattr(dataset, name, value)
        dataset.save_as(path)
        with pytest.raises(FormatError, match="damaged"):
            open_film(path)


def test_other_dicom_objects_are_named(tmp_path: Path, make_dicom: MakeDicom) -> None:
    dataset = dcmread(make_dicom(np.zeros((64, 64), np.uint8)))
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(dataset, keyword)
    for kind, name in (
        (uid.ComprehensiveSRStorage, "Comprehensive SR Storage"),
        (uid.MediaStorageDirectoryStorage, "Media Storage Directory Storage"),
    ):
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = kind
        path = tmp_path / "other.dcm"
        dataset.save_as(path)
        with pytest.raises(FormatError, match=name):
            open_film(path)


def test_a_deflated_bomb_is_refused_before_it_unpacks(make_dicom: MakeDicom) -> None:
    pixels = np.zeros((9000, 5000), np.uint16)
    path = make_dicom(pixels, 16, syntax=uid.DeflatedExplicitVRLittleEndian)
    assert path.stat().st_size < 100_000
    with pytest.raises(FormatError, match="unpacks to far more"):
        open_film(path)


def test_a_film_is_a_film_whatever_its_name(picture: Picture, make_dicom: MakeDicom) -> None:
    film: Film = open_film(make_dicom(picture(8), name="IM0001"))
    assert film.origin.format == "DICOM"
    assert film.name == "IM0001"

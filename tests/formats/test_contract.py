"""What every format promises: what is written is read again, grey for grey."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from cephview.core.film import Levels
from cephview.core.scale import Provenance
from cephview.formats import open_film, thumbnail
from cephview.formats.dicom_write import COMPRESSIONS, write_film_dicom


def _dicom(compression: str) -> Callable[[Path, Any], None]:
    def write(path: Path, pixels: Any) -> None:
        write_film_dicom(
            path,
            pixels,
            bits_stored=8 * pixels.dtype.itemsize,
            imager_pixel_spacing_mm=(0.1, 0.1),
            magnification=None,
            patient_id="",
            synthetic=True,
            compression=compression,
        )

    return write


WRITERS: dict[str, Callable[[Path, Any], None]] = {
    **{f"DICOM {compression}": _dicom(compression) for compression in COMPRESSIONS},
    "PNG": lambda path, pixels: Image.fromarray(pixels).save(path, format="PNG"),
    "TIFF": lambda path, pixels: tifffile.imwrite(path, pixels, photometric="minisblack"),
    "TIFF lzw": lambda path, pixels: Image.fromarray(pixels).save(
        path, format="TIFF", compression="tiff_lzw"
    ),
}

sides = st.integers(64, 90)
films = st.tuples(st.sampled_from([np.uint8, np.uint16]), sides, sides).flatmap(
    lambda drawn: arrays.arrays(drawn[0], drawn[1:], fill=st.integers(0, 255))
)


@pytest.mark.parametrize("name", WRITERS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pixels=films)
def test_written_and_read_again(name: str, pixels: Any, tmp_path: Path) -> None:
    path = tmp_path / "film"
    WRITERS[name](path, pixels)
    film = open_film(path)
    assert film.pixels.dtype == pixels.dtype
    assert np.array_equal(film.pixels, pixels)
    assert (film.height, film.width) == pixels.shape
    assert film.name == "film"
    assert film.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert film.origin.format == name.split()[0]
    assert film.origin.bit_depth == 8 * pixels.dtype.itemsize
    assert film.levels.width > 0
    assert max(thumbnail(path, 32).shape) == 32


def test_bmp_of_eight_bits(tmp_path: Path, picture: Callable[..., Any]) -> None:
    path = tmp_path / "film"
    Image.fromarray(picture(8)).save(path, format="BMP")
    assert np.array_equal(open_film(path).pixels, picture(8))


def write(path: Path, pixels: Any, **changes: Any) -> None:
    options: dict[str, Any] = {
        "bits_stored": 12,
        "imager_pixel_spacing_mm": (0.1, 0.12),
        "magnification": 1.1,
        "patient_id": "PHANTOM",
        "synthetic": True,
        "levels": Levels(100.5, 3000.25),
    }
    write_film_dicom(path, pixels, **(options | changes))


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_phantom_comes_back_whole(
    compression: str, tmp_path: Path, picture: Callable[..., Any]
) -> None:
    path = tmp_path / "phantom.dcm"
    write(path, picture(12), compression=compression)
    film = open_film(path)
    assert np.array_equal(film.pixels, picture(12))
    assert film.levels == Levels(100.5, 3000.25)
    assert film.pixel_size.provenance is Provenance.MAGNIFICATION_CORRECTED
    assert film.pixel_size.mm_per_px() == pytest.approx((0.1 / 1.1, 0.12 / 1.1))
    assert (film.origin.modality, film.origin.patient_id) == ("DX", "PHANTOM")
    assert film.origin.bit_depth == 12
    again = tmp_path / "again.dcm"
    write(again, picture(12), compression=compression)
    assert again.read_bytes() == path.read_bytes()


def test_a_phantom_says_that_it_is_one(tmp_path: Path, picture: Callable[..., Any]) -> None:
    from pydicom import dcmread
    from pydicom.uid import UID

    write(tmp_path / "a.dcm", picture(12))
    write(tmp_path / "b.dcm", np.flipud(picture(12)))
    first, second = (dcmread(tmp_path / name) for name in ("a.dcm", "b.dcm"))
    assert first.BurnedInAnnotation == "YES"
    assert first.PatientName == "Synthetic^Phantom"
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert UID(first[keyword].value).is_valid
        assert first[keyword].value != second[keyword].value


def test_pixels_that_do_not_fit_are_refused(tmp_path: Path, picture: Callable[..., Any]) -> None:
    for pixels, bits in ((picture(16), 12), (picture(8), 9), (picture(8).astype(float), 8)):
        with pytest.raises(ValueError, match=r"fit|grey"):
            write(tmp_path / "film.dcm", pixels, bits_stored=bits)
    assert list(tmp_path.iterdir()) == []

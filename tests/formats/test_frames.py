"""Files of several pictures: one is the film, a path chooses which."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from pydicom import uid

from cephview.formats import FormatError, looks_like_film, open_film, thumbnail
from cephview.formats.frames import file_of, other_picture, path_of_frame, several_pictures

Picture = Callable[..., Any]
MakeDicom = Callable[..., Path]


@pytest.fixture(params=["plain", "compressed", "pages"])
def several(request: pytest.FixtureRequest, picture: Picture, make_dicom: MakeDicom) -> Any:
    """Return the path of a file of three pictures, and the pictures."""
    pixels = [picture(8), 255 - picture(8), picture(8)[::-1]]
    syntax = uid.JPEGLSLossless if request.param == "compressed" else uid.ExplicitVRLittleEndian
    path = make_dicom(np.concatenate(pixels), Rows=80, NumberOfFrames=3, syntax=syntax)
    if request.param == "pages":
        path = path.with_name("film.tif")
        with tifffile.TiffWriter(path) as file:
            for each in (pixels[0][::4, ::4], *pixels):
                kind = int(each.shape != pixels[0].shape)
                file.write(each, subfiletype=kind, photometric="minisblack")
    return path, pixels


def test_each_picture_is_a_film_of_its_own(several: Any) -> None:
    path, pixels = several
    films = [open_film(path_of_frame(path, n)) for n in range(3)]
    for n, film in enumerate(films):
        assert np.array_equal(film.pixels, pixels[n])
        assert film.origin.frames == 3
        assert len(film.sha256) == 64
    assert len({film.sha256 for film in films}) == 3
    assert [film.name for film in films] == [path.name, f"{path.name}#2", f"{path.name}#3"]
    second = path_of_frame(path, 1)
    assert looks_like_film(second)
    assert not np.array_equal(thumbnail(second, 40), thumbnail(path, 40))
    with pytest.raises(FormatError, match="has 3 pictures; choose a number from 1 to 3"):
        open_film(path_of_frame(path, 3))


def test_what_is_said_of_them(several: Any) -> None:
    path, _ = several
    film, second = open_film(path), path_of_frame(path, 1)
    assert several_pictures(film, path) == (
        f"“{path.name}” holds 3 pictures, of which this is number 1."
    )
    assert "number 2" in several_pictures(film, second)
    shown = [path]
    for _ in range(3):
        shown.append(other_picture(film, shown[-1]))
    assert [each.name.partition("#")[2] for each in shown] == ["", "2", "3", ""]


def test_one_picture_is_nothing_to_speak_of(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(8))
    assert several_pictures(open_film(path), path) == ""
    with pytest.raises(FormatError, match="one picture"):
        open_film(path_of_frame(path, 1))


def test_a_file_that_is_called_so_goes_first(picture: Picture, make_dicom: MakeDicom) -> None:
    path = make_dicom(picture(8), name="IM#2")
    assert file_of(path) == path
    assert np.array_equal(open_film(path).pixels, picture(8))
    gone = path.with_name("none.dcm#2")
    assert file_of(gone) == path.with_name("none.dcm")
    with pytest.raises(FormatError, match="not there"):
        open_film(gone)
    assert not looks_like_film(gone)

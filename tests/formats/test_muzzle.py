"""What C libraries print of a damaged file reaches nobody: the sentence says what is wrong."""

import io

import pytest
from PIL import Image

from cephview.formats import FormatError, open_film
from cephview.phantom import make_phantom


def damaged(name, **options):
    """Return a picture's bytes, a part of whose pixels is noise."""
    buffer = io.BytesIO()
    picture = Image.fromarray(make_phantom(1, size_px=(300, 400), bits=8).pixels)
    picture.save(buffer, name, **options)
    data = bytearray(buffer.getvalue())
    data[300:900] = b"\xff" * 600
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("TIFF", {"compression": "jpeg"}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("PNG", {}),
        ("JPEG", {}),
    ],
    ids=str,
)
def test_nothing_is_printed_of_a_damaged_film(tmp_path, capfd, name, options):
    film = tmp_path / "film"
    film.write_bytes(damaged(name, **options))
    try:
        open_film(film)
    except FormatError as error:
        assert "film" in str(error)
    said = capfd.readouterr()
    assert said.out + said.err == ""

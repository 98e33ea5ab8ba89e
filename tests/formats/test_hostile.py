"""Input that is damaged, hostile or no film: a film or one sentence, never anything else."""

import os
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import uid

from cephview.core.film import Film
from cephview.formats import FormatError, looks_like_film, open_film, thumbnail
from cephview.formats.reading import read_film

Picture = Callable[..., Any]
MakeDicom = Callable[..., Path]


def refusal(path: Path | str) -> str:
    with pytest.raises(FormatError) as caught:
        open_film(path)
    sentence = str(caught.value)
    assert re.fullmatch(r"“[^\n]+” [^\n]+\.", sentence), sentence
    assert ". " not in sentence.split("”", 1)[1]
    sentence.encode("utf-8")
    return sentence


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.dcm", b"", "is empty"),
        ("empty.png", b"", "is empty"),
        ("letter.dcm", b"Dear colleague,\nplease find enclosed\n", "ends in .dcm"),
        ("letter.png", b"Dear colleague", "ends in .png"),
        ("letter", b"Dear colleague", "is not a film"),
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        ("films.zip", b"PK\x03\x04\x14\0\0\0", "ZIP"),
        ("film.jpg", b"GIF89a\1\0\1\0", "GIF"),
        ("film.dcm.gz", b"\x1f\x8b\x08\0", "compressed"),
        ("film.jp2", b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        ("head.dcm", b"\0" * 128 + b"DICM", "cut short"),
        ("noise.dcm", b"\0" * 128 + b"DICM" + bytes(range(256)) * 4, "DICOM"),
        ("head.png", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("head.jpg", b"\xff\xd8\xff\xe0", ""),
        ("head.tif", b"II*\0\x08\0\0\0", "TIFF"),
        ("head.bmp", b"BM" + b"\0" * 12 + struct.pack("<I", 40), ""),
    ],
)
def test_what_is_not_a_film(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    sentence = refusal(path)
    assert name in sentence
    assert words in sentence
    with pytest.raises(FormatError):
        thumbnail(path, 64)


def test_folders_missing_files_and_devices(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "not there" in refusal(tmp_path / "none.dcm")
    assert "not there" in refusal(tmp_path / "none" / "film.dcm")
    assert "device" in refusal("/dev/null")
    assert "not a file name" in refusal("film\0.dcm")
    os.mkfifo(tmp_path / "pipe.dcm")
    assert "device" in refusal(tmp_path / "pipe.dcm")
    assert not looks_like_film(tmp_path / "pipe.dcm")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "permission was denied" in refusal(path)


def test_permission_denied_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(b"x")

    def denied(self: Path, _: str) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(FormatError, match="permission was denied"):
        read_film(path)


def test_names_that_are_not_utf8(tmp_path: Path, picture: Picture) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\x1b[2J.png"))
    path.write_bytes(b"no film")
    sentence = refusal(path)
    assert "caf\\udce9\\x1b[2J.png" in sentence
    Image.fromarray(picture(8)).save(os.fsencode(path), format="PNG")
    film = open_film(path)
    assert film.name == "caf\\udce9\\x1b[2J.png"
    assert looks_like_film(path)


@pytest.mark.parametrize("size", [(63, 200), (200, 63), (1, 1)])
def test_tiny_pictures(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "icon.png"
    Image.new("L", size).save(path)
    assert "too small" in refusal(path)


def test_a_png_that_claims_to_be_huge(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    path = tmp_path / "bomb.png"
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b""))
    assert "more than the 200 million" in refusal(path)


def test_looks_like_film(tmp_path: Path, picture: Picture, make_dicom: MakeDicom) -> None:
    assert looks_like_film(make_dicom(picture(8), name="IM0001"))
    for suffix in (".png", ".jpg", ".bmp", ".tif"):
        path = tmp_path / f"film{suffix}"
        Image.fromarray(picture(8)).save(path)
        assert looks_like_film(path)
        assert looks_like_film(path.rename(tmp_path / "film"))
    assert not looks_like_film(make_dicom(picture(8), name="DICOMDIR"))
    assert not looks_like_film(tmp_path)
    assert not looks_like_film(tmp_path / "none")
    for name, content in (("a.dcm", b"text"), ("b.png", b""), ("BMW.txt", b"BM is two letters")):
        (tmp_path / name).write_bytes(content)
        assert not looks_like_film(tmp_path / name)


def test_threads_open_films_without_a_trace(
    tmp_path: Path, picture: Picture, make_dicom: MakeDicom
) -> None:
    syntaxes = (
        uid.RLELossless,
        uid.JPEGLSLossless,
        uid.JPEG2000Lossless,
        uid.ImplicitVRLittleEndian,
    )
    paths = [make_dicom(picture(12), 12, name=f"{s}.dcm", syntax=s) for s in syntaxes]
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        films = list(pool.map(open_film, paths * 8))
    assert len(films) == 32
    assert warnings.filters == before


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, picture: Picture) -> dict[str, bytes]:
    """The bytes of a film in every format and encoding."""
    from pydicom import dcmread

    folder = tmp_path_factory.mktemp("samples")
    found: dict[str, bytes] = {}
    for suffix in (".png", ".jpg", ".bmp", ".tif"):
        Image.fromarray(picture(8)).save(folder / f"film{suffix}")
        found[suffix] = (folder / f"film{suffix}").read_bytes()
    Image.fromarray(picture(16)).save(folder / "lzw.tif", compression="tiff_lzw")
    found["lzw.tif"] = (folder / "lzw.tif").read_bytes()

    from cephview.formats.dicom_write import COMPRESSIONS, write_film_dicom

    for compression in COMPRESSIONS:
        path = folder / f"{compression}.dcm"
        write_film_dicom(
            path,
            picture(12),
            bits_stored=12,
            imager_pixel_spacing_mm=(0.1, 0.1),
            magnification=1.1,
            patient_id="X",
            synthetic=True,
            compression=compression,
        )
        found[f"{compression}.dcm"] = path.read_bytes()
    for number in (
        gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    ):
        reader = gdcm.ImageReader()
        reader.SetFileName(str(folder / "none.dcm"))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(number))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(folder / "gdcm.dcm"))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        syntax = dcmread(folder / "gdcm.dcm").file_meta.TransferSyntaxUID
        assert syntax in (uid.JPEGLosslessSV1, uid.JPEGExtended12Bit)
        found[f"{syntax.name}.dcm"] = (folder / "gdcm.dcm").read_bytes()
    return found


NAMES = (
    ".png", ".jpg", ".bmp", ".tif", "lzw.tif", "none.dcm", "deflated.dcm", "rle.dcm", "jpeg-ls.dcm",
    "jpeg-2000.dcm",
)  # fmt: skip
GDCM_NAMES = (f"{uid.JPEGLosslessSV1.name}.dcm", f"{uid.JPEGExtended12Bit.name}.dcm")


@pytest.mark.parametrize("name", NAMES + GDCM_NAMES)
def test_a_cut_file_is_refused(name: str, samples: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "film"
    data = samples[name]
    for part in (0.999, 0.9, 0.5, 0.2):
        # The last bytes of some formats hold nothing of the picture.
        end = min(int(len(data) * part), len(data) - 24)
        path.write_bytes(data[:end])
        if looks_like_film(path):
            refusal(path)


def check_damaged(name: str, data: st.DataObject, samples: dict[str, bytes], path: Path) -> None:
    content = bytearray(samples[name])
    near_start = st.integers(0, min(len(content) - 1, 1500))
    anywhere = st.integers(0, len(content) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(near_start | anywhere)] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        film = open_film(path)
    except FormatError as error:
        assert "“film”" in str(error)
    else:
        assert isinstance(film, Film)
        assert film.levels.width > 0
        assert np.isfinite([film.levels.low, film.levels.high]).all()


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_is_a_film_or_a_sentence(
    name: str, data: st.DataObject, samples: dict[str, bytes], tmp_path: Path
) -> None:
    check_damaged(name, data, samples, tmp_path / "film")


@pytest.mark.parametrize("name", GDCM_NAMES)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_frame_for_gdcm_is_a_film_or_a_sentence(
    name: str, data: st.DataObject, samples: dict[str, bytes], tmp_path: Path
) -> None:
    """Fewer of these, as each starts a process."""
    check_damaged(name, data, samples, tmp_path / "film")


@pytest.mark.parametrize("name", GDCM_NAMES)
def test_a_frame_that_ends_gdcm_is_refused(
    name: str, samples: dict[str, bytes], tmp_path: Path
) -> None:
    data = samples[name]
    scan = data.rindex(b"\xff\xda")
    path = tmp_path / "film.dcm"
    path.write_bytes(data[: scan + 4] + b"\x09" + data[scan + 5 :])
    refusal(path)

"""Files that a decoder would not come to an end with, known before it begins."""

from pathlib import Path

from cephview.formats.code_stream import has_more_scans
from cephview.formats.errors import FormatError, shown
from cephview.formats.tiff_pages import page_count

_MOST_PAGES = 1000
"""Pictures in a TIFF; series of that many come as DICOM."""

_MOST_SCANS = 200
"""Passes over a JPEG; cameras and scanners make ten."""

_MOST_RUNS_BYTES = 16 * 1024**2
"""Of a BMP packed in runs, which take seconds a megabyte; no film is made smaller by them."""


def check_work(data: bytes, path: Path, kind: str) -> None:
    """Raise FormatError where a decoder would not come to an end in the time of a film."""
    if kind == "JPEG":
        check_scans(data, path)
    if kind == "TIFF" and page_count(data, _MOST_PAGES) > _MOST_PAGES:
        raise _refused(path, "far more pictures in it")
    is_in_runs = kind == "BMP" and int.from_bytes(data[30:34], "little") in (1, 2)
    if is_in_runs and len(data) > _MOST_RUNS_BYTES:
        raise _refused(path, "far more runs of pixels")


def check_scans(stream: bytes, path: Path) -> None:
    """Raise FormatError for a JPEG of more passes over its picture than any film has."""
    if has_more_scans(stream, _MOST_SCANS):
        raise _refused(path, "far more passes over its picture")


def _refused(path: Path, what: str) -> FormatError:
    """Return the sentence for a file that has too much of something to be read in time."""
    return FormatError(
        f"{shown(path)} has {what} than any film, so it was not opened; "
        "export it again as DICOM or as an 8 or 16 bit grey PNG."
    )

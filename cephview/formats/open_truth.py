"""Open the known points of films, in whatever form they are."""

from pathlib import Path

from cephview.formats.aariz import is_aariz_folder, read_aariz_folder
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.isbi2015 import is_isbi_folder, read_isbi_folder
from cephview.formats.known_points import DeclaredScale, KnownPoints
from cephview.formats.truth import read_truth


def open_truth(path: Path | str) -> KnownPoints:
    """Read a CSV table, a folder of ISBI 2015, or a folder of Aariz. Raises FormatError."""
    path = Path(path)
    if not path.is_dir():
        table = read_truth(path)
        scale = {film: DeclaredScale(mm, path.name) for film, mm in table.mm_per_px.items()}
        return KnownPoints(table, path.name, scale)
    try:
        if is_isbi_folder(path):
            return read_isbi_folder(path)
        if is_aariz_folder(path):
            return read_aariz_folder(path)
    except OSError as error:
        raise io_error("read", path, error) from error
    raise FormatError(
        f"{shown(path)} holds neither the text files of ISBI 2015 nor the JSON files of Aariz; "
        "choose such a folder, or a CSV table."
    )

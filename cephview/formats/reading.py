"""Read a film in this process, where a hostile file may hang it, crash it or fill its memory.

Everybody else asks formats.opening, which has a process of its own do it.
"""

import hashlib
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cephview.core.film import Film
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.families import family_of
from cephview.formats.frames import file_and_frame
from cephview.formats.limits import check_file_size


def read_film(path: Path) -> Film:
    """Read a film here, at full depth, as formats.opening promises it. Raises FormatError."""
    file, frame = file_and_frame(path)
    data = _bytes_of(file)
    digest = hashlib.sha256(data)
    if frame:
        digest.update(f"#{frame + 1}".encode())
    return family_of(data, path).read(data, path, digest.hexdigest(), frame)


def read_thumbnail(path: Path, side_px: int) -> NDArray[np.uint8]:
    """Read here what formats.opening.thumbnail promises. Raises FormatError."""
    from cephview.formats.grey import shrunk

    file, frame = file_and_frame(path)
    data = _bytes_of(file)
    family = family_of(data, path)
    if family.kind == "JPEG" and not frame:
        from cephview.formats import raster

        return raster.jpeg_thumbnail(data, path, side_px)
    film = family.read(data, path, "", frame)
    return shrunk(film.pixels, film.levels, side_px)


def read_disc_index(path: Path) -> list[list[str]]:
    """Return what a DICOMDIR lists of pictures, each as the parts of its path; none if damaged."""
    from cephview.formats import dicom

    try:
        return dicom.listed(_bytes_of(path), path)
    except FormatError:
        return []


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FormatError(f"{shown(path)} is a folder; choose a film in it.")
        if not stat.S_ISREG(status.st_mode):
            raise FormatError(f"{shown(path)} is a device, not a file; choose a film.")
        check_file_size(path, status.st_size)
        with path.open("rb") as file:
            data = file.read(status.st_size)
    except OSError as error:
        raise io_error("read", path, error) from error
    except ValueError as error:
        raise FormatError(f"{shown(path)} is not a file name; choose a film.") from error
    if not data:
        raise FormatError(f"{shown(path)} is empty; copy it again from its source.")
    return data

"""What is too large or too small to be a film, and whom to tell how large one is."""

from collections.abc import Callable
from pathlib import Path

from cephview.formats.errors import FormatError, shown

MAX_PIXELS = 200_000_000
"""Films of 95 megapixels are legitimate; a header that claims twice that is a trap or a mistake."""

MIN_SIDE_PX = 64

MAX_FILE_BYTES = 2 * 1024**3

_MUCH, _DENSEST = 512 * 1024**2, 200


def _nobody(*, file_bytes: int = 0, pixels: int = 0) -> None:
    """Hear of a size where nothing bounds the reading."""


_hear: Callable[..., None] = _nobody


def tell_sizes_to(hear: Callable[..., None]) -> None:
    """Have hear(file_bytes=n), then hear(pixels=n) called as soon as each is known of a film.

    A process that reads films within bounds learns by it how much this one may take.
    """
    global _hear
    _hear = hear


def check_file_size(path: Path, file_bytes: int) -> None:
    """Raise FormatError where a file is too large for a film; call before reading it."""
    if file_bytes > MAX_FILE_BYTES:
        raise FormatError(
            f"{shown(path)} is larger than 2 GB, more than any film; choose another file."
        )
    _hear(file_bytes=file_bytes)


def check_size(path: Path, width: int, height: int) -> None:
    """Raise FormatError where a picture of this size cannot be a film; call before decoding."""
    if width * height > MAX_PIXELS:
        raise FormatError(
            f"{shown(path)} claims {width} x {height} pixels, more than the "
            f"{MAX_PIXELS // 1_000_000} million a film may have; export it at a lower resolution."
        )
    if min(width, height) < MIN_SIDE_PX:
        raise FormatError(
            f"{shown(path)} is only {width} x {height} pixels, too small to be a film; "
            "choose the full-size picture."
        )
    _hear(pixels=width * height)


def check_density(path: Path, picture_bytes: int, file_bytes: int) -> None:
    """Raise FormatError where a file unpacks to far more than any film does; call before it.

    A radiograph has noise: no film is packed a hundredfold without loss.
    """
    if picture_bytes > _MUCH and picture_bytes > _DENSEST * file_bytes:
        raise FormatError(
            f"{shown(path)} unpacks to far more than a film can hold, so it was not opened; "
            "export it again at a lower resolution."
        )

"""What is too large or too small to be a film."""

from pathlib import Path

from cephview.formats.errors import FormatError, shown

MAX_PIXELS = 200_000_000
"""Films of 95 megapixels are legitimate; a header that claims twice that is a trap or a mistake."""

MIN_SIDE_PX = 64

MAX_FILE_BYTES = 2 * 1024**3


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

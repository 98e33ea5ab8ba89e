"""Which of several pictures of a file is the film: frames of a DICOM file, pages of a TIFF."""

from pathlib import Path

from cephview.formats.errors import FormatError, shown


def check_frame(path: Path, frame: int, count: int) -> None:
    """Raise FormatError where a file has no such frame; frame is from 0."""
    if not 0 <= frame < count:
        has = "one picture" if count == 1 else f"{count} pictures"
        raise FormatError(
            f"{shown(path)} has {has} and no picture number {frame + 1}; choose another number."
        )

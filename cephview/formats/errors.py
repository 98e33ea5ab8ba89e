"""The one exception of this package, and file names that are safe to show."""

import errno
import os
from pathlib import Path


class FormatError(Exception):
    """A file cannot be read or written. str() is one sentence naming the file and what to do."""


def shown(path: Path | str) -> str:
    """Return a file's name in quotes, fit for a message.

    Bytes that are not UTF-8 and control characters are escaped, so that a message can always be
    printed and cannot write to a terminal what it likes.
    """
    name = os.fspath(path)
    # A table may say what it likes of a film; names of files are no longer.
    return f"“{printable((Path(name).name or name)[:255])[:300]}”"


def utf8(text: str) -> str:
    """Return text with bytes that were never UTF-8 escaped, and everything else as it is."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def memory_error(path: Path | str) -> FormatError:
    """Return the sentence for a film that does not fit in memory."""
    return FormatError(
        f"{shown(path)} needs more memory than there is for a film of its size; export it again, "
        "or close other programs and try again."
    )


def cut_short(path: Path | str) -> FormatError:
    """Return the sentence for a file of which a part is not there."""
    return FormatError(f"{shown(path)} is cut short; copy it again from its source.")


def damaged(path: Path | str, kind: str) -> FormatError:
    """Return the sentence for a file of a known kind with a picture that is not whole."""
    return FormatError(f"{shown(path)} is a damaged {kind} file; copy it again from its source.")


def printable(text: str) -> str:
    """Return text with everything escaped that a terminal or a label could not simply show."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


_REASONS = {
    errno.ENOENT: "it, or its folder, is not there; check whether it was moved or renamed",
    errno.EISDIR: "it is a folder; choose a file in it",
    errno.EACCES: "permission was denied; ask for the right to read and write there",
    errno.EPERM: "permission was denied; ask for the right to read and write there",
    errno.EROFS: "its place is read-only; choose another folder",
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your share of the disk is used up; free some space or choose another folder",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one",
    errno.ENOTDIR: "its folder is not there; choose another folder",
}


def io_error(verb: str, path: Path | str, error: OSError) -> FormatError:
    """Return the sentence for an error of the operating system; verb is "read" or "written"."""
    reason = _REASONS.get(
        error.errno or 0, f"the system says: {error.strerror or type(error).__name__}; try again"
    )
    return FormatError(f"{shown(path)} could not be {verb}: {reason}.")

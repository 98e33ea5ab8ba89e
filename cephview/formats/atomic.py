"""Write a file whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from cephview import private_files
from cephview.formats.errors import FormatError, io_error, shown
from cephview.formats.families import FILM_SUFFIXES, looks_like_film

Writer = Callable[[BinaryIO], None]


def write_atomically(path: Path | str, content: bytes | Writer) -> None:
    """Write to a temporary file beside path, then rename it; an old file stays whole until then.

    content: the bytes, or a function that writes them to an open binary file. A failure leaves no
    temporary file behind. Raises FormatError where the system refuses; what a writer raises of its
    own passes through.
    """
    path = Path(path)
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with open(temporary, "xb", opener=private_files.opener) as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        _discard(temporary)
        raise io_error("written", path, error) from error
    except BaseException:
        _discard(temporary)
        raise
    _sync_folder(path.parent)


def refuse_to_overwrite_films(path: Path | str, films: Iterable[str]) -> None:
    """Raise FormatError where path is one of the films, or any other film that is there.

    A film is never written to, also one that nobody opened yet: what begins like a film or has the
    name of one is taken for one, and so is a file that cannot be looked into.
    """
    path = Path(path)
    if any(_is_same(film, path) for film in films) or _is_film(path):
        raise FormatError(
            f"{shown(path)} is a film, and a film is never written to; choose another name."
        )


def _is_same(film: str, path: Path) -> bool:
    # A film that is not there, or whose path was never one, cannot be overwritten.
    with contextlib.suppress(OSError, ValueError):
        return Path(film).samefile(path)
    return False


def _is_film(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        if path.suffix.lower() in FILM_SUFFIXES or path.name.upper() == "DICOMDIR":
            return True
        with path.open("rb"):
            return looks_like_film(path)
    except ValueError:
        return False
    except OSError as error:
        raise io_error("read", path, error) from error


def _discard(temporary: Path) -> None:
    with contextlib.suppress(OSError):
        temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be opened for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

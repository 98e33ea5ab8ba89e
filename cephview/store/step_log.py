"""A second log of what was kept, which tells what a database lacks, and gives it back.

SQLite takes a log of its own that is damaged, cut or gone for one that holds less, and a file that
was put back for the newest. This log, among the backups, holds every row that was
written since the newest of them, a line a transaction, written before the step is acknowledged;
and, at its head, how far each film was in that backup. So it is known film by film what a file
lacks, and most of that is here. Where this log is itself damaged or missing, no loss is told for
that, and no wholeness either.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from cephview import private_files
from cephview.store.checksums import CHECKSUM, is_whole
from cephview.store.rows import LOGGED, Written
from cephview.store.schema import CHECKED_TABLES

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

FOLDER = "backups"
_SUFFIX = ".steps"
_DIGITS = 16

_syncing = ThreadPoolExecutor(1, thread_name_prefix="step log")

# A film and the number of one of its readings.
Traced = tuple[str, int]


@dataclass(frozen=True)
class Head:
    """How far a database was: the id and the checksum of its last step, and those of every film.

    of_film gives the number of the last revision of a reading of a film.
    """

    workspace: str
    last_id: int = 0
    checksum: str = ""
    of_film: dict[Traced, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StepLog:
    """What a step log holds. unread counts lines that cannot be read after the last that can."""

    head: Head | None
    written: tuple[Written, ...]
    is_damaged: bool = False
    unread: int = 0


def place_of(path: Path) -> Path:
    """Return the step log of a database file."""
    return path.parent / FOLDER / (path.name + _SUFFIX)


def read(path: Path) -> StepLog | None:
    """Return what the step log of a database file holds, None where there is none."""
    try:
        content = place_of(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    # What follows the last end of a line was never acknowledged: its writer was ended within it.
    *lines, _ = content.split(b"\n")
    head: Head | None = None
    written: list[Written] = []
    damaged, unread = 0, 0
    for line in lines:
        try:
            data = _parsed(line)
            if isinstance(data, dict):
                found = _head(data)
                # The first is short, so that little can hit both.
                head = found if head is None or found.of_film else head
            else:
                written += [_written(entry) for entry in data]
            unread = 0
        except (ValueError, TypeError, KeyError):
            damaged, unread = damaged + 1, unread + 1
    return StepLog(head, tuple(written), bool(damaged) or head is None, unread)


def append(path: Path, workspace: str, written: Sequence[Written]) -> None:
    """Append what one transaction wrote; on disk soon after this returns. Raises OSError."""
    place = place_of(path)
    line = _line([_entry(one) for one in written])
    try:
        _append(place, workspace, line)
    except FileNotFoundError:
        private_files.make_own_folder(place.parent)
        _append(place, workspace, line)


@dataclass(frozen=True)
class Mark:
    """A place in a step log, and the file it is in."""

    file: int
    size: int


def mark(path: Path) -> Mark:
    """Return where a step log ends now: all before that is in the database."""
    try:
        status = place_of(path).stat()
    except OSError:
        return Mark(0, 0)
    return Mark(status.st_ino, status.st_size)


def fold(path: Path, until: Mark, head: Head) -> None:
    """Leave out of a step log what stands before a mark, since a backup with a head holds it.

    Raises OSError, with the log as it was.
    """
    place = place_of(path)
    private_files.make_own_folder(place.parent)
    with _opened(place) as file:
        if until.file and (os.fstat(file.fileno()).st_ino, file.seek(0, 2) >= until.size) != (
            until.file, True,
        ):  # fmt: skip
            # Another window was quicker.
            return
        file.seek(0)
        folded, rest = file.read(until.size), file.read()
        if folded == _head_lines(head):
            return
        part = place.with_name(place.name + ".part")
        try:
            with open(part, "wb", opener=private_files.opener) as new:
                new.write(_head_lines(head) + rest)
                new.flush()
                os.fsync(new.fileno())
            if fcntl is None:
                # There an open file cannot be replaced; it is locked by no one either.
                file.close()
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def drop(path: Path) -> None:
    """Forget what a database file held, before another is put in its place on purpose."""
    place_of(path).unlink(missing_ok=True)


def _sync(place: Path) -> None:
    with contextlib.suppress(OSError), place.open("rb+") as file:
        getattr(os, "fdatasync", os.fsync)(file.fileno())


def _append(place: Path, workspace: str, line: bytes) -> None:
    with _opened(place) as file:
        end = file.seek(0, 2)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
                file.seek(0, 2)
        else:
            line = _line(_head_data(Head(workspace), is_long=False)) + line
        file.write(line)
    # Who is killed now leaves it all the same. A power cut is what the database's own log, which
    # has been waited for, is safe from; to wait for a second one would make every step slower.
    _syncing.submit(_sync, place)


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[BinaryIO]:
    """Open a step log for one writer at a time; it may be replaced while one waits for it."""
    while True:
        with open(place, "ab+", opener=private_files.opener) as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
                try:
                    is_still_there = place.stat().st_ino == os.fstat(file.fileno()).st_ino
                except FileNotFoundError:
                    is_still_there = False
                if not is_still_there:
                    continue
            yield file
            return


def _head_lines(head: Head) -> bytes:
    return _line(_head_data(head, is_long=False)) + _line(_head_data(head, is_long=True))


def _head_data(head: Head, *, is_long: bool) -> dict[str, Any]:
    short = {"workspace": head.workspace, "last": head.last_id, CHECKSUM: head.checksum}
    films = [[film, reading, number] for (film, reading), number in head.of_film.items()]
    return {**short, "films": films} if is_long else short


def _head(data: dict[str, Any]) -> Head:
    of_film = {(str(f), int(r)): int(number) for f, r, number in data.get("films", ())}
    return Head(str(data["workspace"]), int(data["last"]), str(data[CHECKSUM]), of_film)


def _line(data: Any) -> bytes:
    text = json.dumps(data, separators=(",", ":")).encode("ascii")
    return _checksum(text) + b" " + text + b"\n"


def _parsed(line: bytes) -> Any:
    """Return what a line says. Raises ValueError where it is not as it was written."""
    if line[:_DIGITS] != _checksum(line[_DIGITS + 1 :]) or line[_DIGITS : _DIGITS + 1] != b" ":
        raise ValueError("the line is damaged")
    return json.loads(line[_DIGITS + 1 :])


def _checksum(text: bytes) -> bytes:
    return blake2b(text, digest_size=_DIGITS // 2).hexdigest().encode("ascii")


def _entry(written: Written) -> list[Any]:
    values = {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, value in written.fields.items()
    }
    return [written.table, values, written.before]


def _written(entry: list[Any]) -> Written:
    """Read an entry. Raises ValueError for one that no table has."""
    table, values, before = entry
    fields = {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    if table not in LOGGED or not is_whole(CHECKED_TABLES[table], fields):
        raise ValueError("not a row of a workspace")
    return Written(table, fields, before)

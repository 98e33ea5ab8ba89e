"""Backups of a database file: copied online, skipped where nothing is new, and put back."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cephview import private_files
from cephview.store import layout, sqlite, step_log
from cephview.store.checksums import CHECKSUM, checksum
from cephview.store.errors import StoreError, is_damage, told_as_store_errors
from cephview.store.schema import SCHEMA_VERSION, sessions

BACKUPS_KEPT = 10
FOLDER = "backups"
DAMAGED_FOLDER = "damaged"

_FORMAT = "%Y-%m-%d-%H%M%S"
_DAY = "????-??-??"
_APPENDED = ("revisions", "scales", "active_models", "work", "readings", "landmarks")


@dataclass(frozen=True)
class Backup:
    """A backup as a user chooses among them. steps counts commits, undos and redos.

    last_step_at is UTC, ISO 8601, "" where no film was traced yet.
    """

    path: Path
    made_at: datetime
    films: int
    steps: int
    last_step_at: str


def backups(path: Path) -> list[Path]:
    """Return the backups of a database file, oldest first."""
    found = {
        kept
        for time in (_DAY, f"{_DAY}-??????")
        for kept in (path.parent / FOLDER).glob(f"{path.stem}-{time}{path.suffix}")
    }
    return sorted(found, key=lambda kept: kept.stem)


def described(path: Path) -> tuple[Backup, ...]:
    """Return the backups of a database file that can be read, newest first."""
    found = []
    for kept in reversed(backups(path)):
        try:
            with closing(sqlite.connect_for_reading(kept)) as connection:
                if layout.strangers(connection):
                    # It may do anything when it is asked, and Restore would refuse it.
                    continue
                films = connection.execute("SELECT count(*) FROM films").fetchone()[0]
                steps, last = connection.execute(
                    "SELECT count(*), (SELECT at FROM revisions ORDER BY id DESC LIMIT 1) "
                    "FROM revisions"
                ).fetchone()
            made_at = datetime.fromtimestamp(kept.stat().st_mtime, UTC)
        except (sqlite3.Error, OSError, UnicodeDecodeError):
            continue
        found.append(Backup(kept, made_at, films, steps, last or ""))
    return tuple(found)


def back_up(path: Path) -> Path | None:
    """Back a database file up, which may be in use, and keep the last ten backups.

    Returns None where the newest backup holds all that the file holds. What a backup holds is left
    out of the step log. Raises StoreError; then nothing is left behind, and no older backup gave
    way.
    """
    with told_as_store_errors(path):
        kept = backups(path)
        # All that stands in it now is in the file, and so in the backup.
        logged = step_log.mark(path)
        if kept and _holdings(kept[-1]) == _holdings(path):
            step_log.fold(path, logged, _head(kept[-1]))
            return None
        target = path.parent / FOLDER / f"{path.stem}-{_time_after(path, kept)}{path.suffix}"
        copy_online(path, target)
        step_log.fold(path, logged, _head(target))
        for old in backups(path)[:-BACKUPS_KEPT]:
            old.unlink(missing_ok=True)
        return target


def copy_online(path: Path, target: Path) -> None:
    """Copy a database file that may be in use to a target, whole or not at all.

    Raises StoreError where the copy is not whole, since then the file is not.
    """
    private_files.make_own_folder(target.parent)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    private_files.make_file(part)
    try:
        with (
            closing(sqlite3.connect(path, timeout=sqlite.BUSY_TIMEOUT_S)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            # Synced once, when it is whole: commits wait for the disk meanwhile.
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy)
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            if not sqlite.is_whole(copy):
                raise sqlite.damaged(path)
        sqlite.sync(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def restore(path: Path, backup: Path) -> str:
    """Put a backup in the place of a database file; return a sentence of where that one is kept.

    What is there is backed up first; where it is damaged it is set aside as it is. Raises
    StoreError where another window has it open or the backup is no workspace this program can read;
    whatever fails leaves the file as it was.
    """
    with told_as_store_errors(path):
        found = sqlite.found_version(backup)
        if not 0 < found <= SCHEMA_VERSION:
            raise StoreError(f"{backup} cannot be restored: it is not of a version known here.")
        part = path.with_name(path.name + ".restoring")
        try:
            # First, for the backup made next may push this one out.
            copy_online(backup, part)
            _end_sessions(part)
            kept = _kept(path)
            # What it says of more steps is said of the file that gives way.
            step_log.drop(path)
            part.replace(path)
            sqlite.sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    return f"The workspace is as it was in {backup.name}.{kept}"


def set_aside(path: Path) -> Path:
    """Move a damaged database file and its logs, unchanged, where nothing is removed."""
    target = path.parent / DAMAGED_FOLDER / f"{path.stem}-{_now()}{path.suffix}"
    private_files.make_own_folder(target.parent)
    # The log first: without its file it is still told apart, beside a new file it would be read.
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))
    if step_log.place_of(path).exists():
        set_log_aside(path)
    return target


def set_log_aside(path: Path) -> Path:
    """Move the step log of a database file where nothing is removed; return where it is then."""
    log = step_log.place_of(path)
    target = path.parent / DAMAGED_FOLDER / f"{path.stem}-{_now()}{path.suffix}{log.suffix}"
    private_files.make_own_folder(target.parent)
    log.replace(target)
    return target


def _kept(path: Path) -> str:
    """Back up the file that gives way, or set it aside; return what to say of it."""
    if not path.exists():
        set_aside(path)
        return ""
    sqlite.refuse_if_open(path)
    try:
        sqlite.leave_log(path)
        kept = back_up(path) or backups(path)[-1]
    except StoreError as error:
        if not error.is_damage:
            raise
        kept = set_aside(path)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.OperationalError) and not is_damage(error):
            raise
        kept = set_aside(path)
    return f" What was there before is kept as {kept.name} in {kept.parent}."


def _holdings(path: Path) -> tuple[object, ...]:
    """Return what changes whenever something is added to a workspace."""
    with closing(sqlite.connect_for_reading(path)) as connection:
        if layout.strangers(connection):
            # Nothing of it is asked, and so it holds nothing.
            return ()
        tables = _tables(connection)
        appended = [
            connection.execute(f"SELECT id, at FROM {name} ORDER BY id DESC LIMIT 1").fetchone()
            for name in _APPENDED
            if name in tables
        ]
        if "films" in tables:
            # Of an older version these are texts, all the same.
            rows = connection.execute(f'SELECT sha256, "{CHECKSUM}" FROM films ORDER BY sha256')
            appended.append(tuple(rows.fetchall()))
    return tuple(appended)


def _time_after(path: Path, kept: list[Path]) -> str:
    """Return the time for the name of a backup: that of the clock, unless it was put back.

    Backups are told apart by age by their names, and the oldest give way.
    """
    now = _now()
    if not kept or now > (newest := kept[-1].stem.removeprefix(f"{path.stem}-")):
        return now
    try:
        newest_at = datetime.strptime(newest, _FORMAT)
    except ValueError:
        # Earlier releases named a backup by its day alone.
        newest_at = datetime.strptime(newest + "-000000", _FORMAT)
    return (newest_at + timedelta(seconds=1)).strftime(_FORMAT)


def _head(path: Path) -> step_log.Head:
    """Return how far each film is in a backup."""
    with closing(sqlite.connect_for_reading(path)) as connection:
        last = connection.execute(
            "SELECT id, checksum FROM revisions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        rows = connection.execute("SELECT film, reading, number FROM tracings").fetchall()
    of_film = {(film, reading): number for film, reading, number in rows}
    last_id, of_last = last or (0, "")
    return step_log.Head(sqlite.identity_of(path), last_id, of_last, of_film)


def _end_sessions(path: Path) -> None:
    """Close the sessions that were under way when a backup was made: of them nothing is missing."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.row_factory = sqlite3.Row
        if "sessions" not in _tables(connection):
            return
        rows = connection.execute("SELECT * FROM sessions WHERE closed_at = ''").fetchall()
        for row in map(dict, rows):
            row["closed_at"] = row["opened_at"]
            if CHECKSUM in row:
                row[CHECKSUM] = checksum(sessions, row)
            changed = ", ".join(f"{name} = :{name}" for name in row)
            connection.execute(f"UPDATE sessions SET {changed} WHERE id = :id", row)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def _now() -> str:
    return datetime.now(UTC).strftime(_FORMAT)

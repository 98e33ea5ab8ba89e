"""Opening a workspace's database: found, checked, recovered, migrated, or refused."""

import contextlib
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from cephview import private_files
from cephview.database_address import whole, without_passwords
from cephview.store import (
    backups,
    checking,
    mending,
    migration,
    recovered,
    recovery,
    schema,
    server,
    sessions,
    sqlite,
    unsent,
)
from cephview.store.checking import Check
from cephview.store.errors import StoreError, told_as_store_errors
from cephview.store.mending import Tell, tell_nobody

DATABASE = "workspace.sqlite"
# What the window keeps beside it.
_BESIDE = ("film-digests.jsonl", "film-digests.part")


@dataclass(frozen=True)
class Database:
    """An open database. path is None where it is not a file.

    place names it to a user. read_only_reason is empty where it can be written. notice is a
    sentence for a user on damage that was met, else empty; news one on how the last session ended.
    check is under way where the file is large, and must end well before anything is written.
    """

    engine: Engine
    place: str
    path: Path | None
    identity: tuple[int, int] | None
    read_only_reason: str = ""
    notice: str = ""
    news: str = ""
    check: Check | None = None


def open_database(folder: Path, url: str | None, *, may_take_long: bool = True) -> Database:
    """Open the database of a workspace folder, or the one of an SQLAlchemy URL.

    Raises StoreError; a database that is refused is left untouched. Unless it may take long, a
    large file that must be mended first is refused as well, by NotMendedError.
    """
    path = _path_of(folder, url)
    if path is None:
        assert url is not None
        return _open_server(url)
    with told_as_store_errors(path):
        return _open_file(path, may_take_long=may_take_long)


def mend(folder: Path, url: str | None, tell: Tell) -> str:
    """Do what must be done to a file before it is opened; return what to say of it, "" for nothing.

    Raises StoreError, with everything as it was. May be ended at any moment.
    """
    path = _path_of(folder, url)
    if path is None:
        return ""
    with told_as_store_errors(path):
        found, _, notice = _mended(path, tell)
        _refuse_newer(found, str(path))
        _migrate(path, found)
        return notice


def _path_of(folder: Path, url: str | None) -> Path | None:
    """Return the file of a workspace, None for one on a server; make the folder."""
    path: Path | None = folder / DATABASE
    with told_as_store_errors(folder):
        _make_folder(folder)
        if url is not None:
            try:
                path = sqlite.database_path(url)
            except (ValueError, ArgumentError):
                shown = without_passwords(url)
                # Its own words may quote what it took for a port, and was a password.
                raise StoreError(f"{shown!r} is not the address of a database.") from None
    return path


def _make_folder(folder: Path) -> None:
    try:
        private_files.make_folder(folder)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{folder} is not a folder: choose a folder for the workspace.") from error


def _open_file(path: Path, *, may_take_long: bool) -> Database:
    reason = sqlite.unwritable_reason(path)
    if reason:
        found, _ = _found(path)
        _refuse_newer(found, str(path))
        return _open_for_reading(path, found, reason)
    _close_to_others(path)
    found, is_checked, notice = _mended(path, tell_nobody, may_take_long=may_take_long)
    _refuse_newer(found, str(path))
    if 0 < found < schema.SCHEMA_VERSION and not may_take_long:
        mending.refuse_if_long(path, mending.OLDER)
    is_checked = _migrate(path, found) or is_checked
    lost = sessions.lost_sessions(path) if found else ()
    news = sessions.told(path, lost) if lost else ""
    engine = sqlite.open_engine(path, writable=True, enforces_keys=True)
    try:
        if not found:
            _create_tables(engine)
        else:
            reason = sqlite.unwritten_reason(engine, path)
        if lost and not reason and is_checked:
            _end_sessions(engine, lost)
    except BaseException:
        engine.dispose()
        raise
    if reason:
        engine.dispose()
        return _open_for_reading(path, found, reason)
    if exposed := private_files.exposure(path):
        notice = f"{notice} {exposed}".strip()
    identity = sqlite.identity(path)
    # Not before: it has the file open, and who mends it, or lets it keep a log, must be alone.
    check = None if is_checked else Check(path)
    return Database(engine, str(path), path, identity, notice=notice, news=news, check=check)


def _close_to_others(path: Path) -> None:
    """Take rights of others to a workspace that an earlier release, or another umask, gave."""
    folder = path.parent
    ours = {backups.FOLDER, backups.DAMAGED_FOLDER, unsent.FOLDER, *_BESIDE}
    beside = [one for one in folder.glob("*") if one.name.startswith(path.name)]
    if beside and not private_files.is_users_place(folder):
        names = {one.name for one in folder.iterdir()} - {one.name for one in beside}
        if names <= ours:
            private_files.close(folder)
    for one in (*beside, *(folder / name for name in sorted(ours))):
        private_files.close(one)
    for kept in (backups.FOLDER, backups.DAMAGED_FOLDER):
        for one in (folder / kept).glob(f"{path.stem}*"):
            private_files.close(one)


def _mended(path: Path, tell: Tell, *, may_take_long: bool = True) -> tuple[int, bool, str]:
    """Return the version of a file, whether it was checked, and what to say of its recovery."""
    notice = recovered.finished(path)
    try:
        return *_found(path), notice
    except StoreError as error:
        if not error.is_damage:
            raise
    if not may_take_long:
        mending.refuse_if_long(path, mending.DAMAGED)
    with mending.alone(path):
        try:
            # Another window may have been quicker.
            return *_found(path), notice
        except StoreError as error:
            if not error.is_damage:
                raise
        notice = recovery.recover(path, tell)
        return sqlite.found_version(path, is_checked=False), True, notice


def _migrate(path: Path, found: int) -> bool:
    """Bring a file to the present version; return whether that was needed, and it was checked."""
    if not 0 < found < schema.SCHEMA_VERSION:
        return False
    with mending.alone(path):
        if sqlite.found_version(path, is_checked=False) == found:
            try:
                migration.migrate(path, found, schema.MIGRATIONS)
            except StoreError as error:
                if error.is_damage:
                    # Seen only now, in a large file; the next opening recovers it.
                    checking.mark(path)
                raise
    return True


def _end_sessions(engine: Engine, lost: tuple[int, ...]) -> None:
    # On a disk without room they are told again at the next opening.
    with (
        contextlib.suppress(OperationalError),
        engine.execution_options(is_write=True).begin() as connection,
    ):
        sessions.end_lost(connection, lost, at=datetime.now(UTC).isoformat())


def _found(path: Path) -> tuple[int, bool]:
    """Return the version of a file, 0 for a new one, and whether all of it was checked.

    A large one is not. Raises StoreError for one that is damaged, or gone while its backups are
    there.
    """
    if not path.exists() or not path.stat().st_size:
        # Beside an empty file SQLite would throw the log away unread.
        log = path.with_name(path.name + "-wal")
        if backups.backups(path) or (log.exists() and log.stat().st_size):
            raise sqlite.damaged(path)
        return 0, True
    if checking.flag(path).exists():
        raise sqlite.damaged(path)
    is_checked = checking.is_checked_at_once(path)
    try:
        found = sqlite.found_version(path, is_checked=is_checked)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise sqlite.damaged(path) from error
    if found == 0 and backups.backups(path):
        raise sqlite.damaged(path)
    return found, is_checked


def _open_for_reading(path: Path, found: int, reason: str) -> Database:
    if 0 < found < schema.SCHEMA_VERSION:
        raise StoreError(
            f"{path} is of an older version and {reason}: allow writing, so that it can be "
            "brought to the present version, or copy the workspace folder elsewhere."
        )
    engine = sqlite.open_engine(path, writable=False, enforces_keys=True)
    if not found:
        _create_tables(engine)
    return Database(engine, str(path), path, None, read_only_reason=reason)


def _open_server(url: str) -> Database:
    place = without_passwords(url)
    with told_as_store_errors(place):
        engine, notice = server.connect(whole(url))
        try:
            with engine.connect() as connection:
                found = server.version(connection)
            _refuse_newer(found, place)
            if found < schema.SCHEMA_VERSION:
                server.prepare(engine)
        except BaseException:
            engine.dispose()
            raise
    return Database(engine, place, None, None, notice=notice)


def _refuse_newer(found: int, place: str) -> None:
    if found > schema.SCHEMA_VERSION:
        raise StoreError(
            f"{place} was written by a newer version of this program (workspace version {found}, "
            f"this program knows {schema.SCHEMA_VERSION}): install the newer program; "
            "the file was not touched."
        )


def _create_tables(engine: Engine) -> None:
    with engine.execution_options(is_write=True).begin() as connection:
        schema.create_tables(connection)

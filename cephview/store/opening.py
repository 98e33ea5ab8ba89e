"""Opening a workspace's database: found, checked, recovered, migrated, or refused."""

import contextlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from cephview import private_files
from cephview.database_address import whole, without_passwords
from cephview.store import (
    backups,
    checking,
    lacking,
    mending,
    migration,
    pages,
    recovered,
    recovery,
    schema,
    server,
    sessions,
    sqlite,
    step_log,
    unsent,
)
from cephview.store.checking import Check
from cephview.store.errors import StoreError, is_damage, told_as_store_errors
from cephview.store.lacking import Lack
from cephview.store.mending import Tell, tell_nobody

DATABASE = "workspace.sqlite"
# What the window keeps beside it.
_BESIDE = ("film-digests.jsonl", "film-digests.part")
_FIRST_PAGE_BYTES = 4096
_NAMED = 3


@dataclass(frozen=True)
class Database:
    """An open database. path is None where it is not a file.

    place names it to a user. read_only_reason is empty where it can be written. notice is a
    sentence for a user on damage that was met, else empty; news one on how the last session ended.
    check is under way where the file is large, and must end well before anything is written.
    workspace is what tells the workspace of a file from every other.
    """

    engine: Engine
    place: str
    path: Path | None
    identity: tuple[int, int] | None
    workspace: str = ""
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
        found = _mended(path, tell)
        _refuse_newer(found.version, str(path))
        return _brought_up(path, found, tell).notice


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
        return _open_for_reading(path, reason)
    _close_to_others(path)
    found = _mended(path, tell_nobody, may_take_long=may_take_long)
    _refuse_newer(found.version, str(path))
    if 0 < found.version < schema.SCHEMA_VERSION and not may_take_long:
        mending.refuse_if_long(path, mending.OLDER)
    found = _brought_up(path, found, tell_nobody)
    lost = sessions.lost_sessions(path) if found.version else ()
    news = sessions.told(path, lost, found.lack.doubt) if lost else ""
    notice = _said(found.notice, _set_apart(path, found.lack))
    engine = sqlite.open_engine(path, writable=True, enforces_keys=True)
    try:
        if not found.version:
            _create_tables(engine)
        else:
            reason = sqlite.unwritten_reason(engine, path)
        if lost and not reason and found.is_checked:
            _end_sessions(engine, lost)
    except BaseException:
        engine.dispose()
        raise
    if reason:
        engine.dispose()
        return _open_for_reading(path, reason)
    if exposed := private_files.exposure(path):
        notice = f"{notice} {exposed}".strip()
    identity = sqlite.identity(path)
    # Not before: it has the file open, and who mends it, or lets it keep a log, must be alone.
    check = None if found.is_checked else Check(path)
    return Database(
        engine,
        str(path),
        path,
        identity,
        workspace=sqlite.identity_of(path),
        notice=notice,
        news=news,
        check=check,
    )


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


@dataclass(frozen=True)
class _Found:
    """A file as it was found, or put right: version is 0 for a new one, notice what to say of it.

    is_checked: all of it was read. lack is what its step log says, beyond what was put right.
    """

    version: int
    is_checked: bool
    lack: Lack = field(default_factory=Lack)
    notice: str = ""


def _mended(path: Path, tell: Tell, *, may_take_long: bool = True) -> _Found:
    """Return what a file is, recovered where it was damaged."""
    notice = recovered.finished(path)
    try:
        return replace(_found(path), notice=notice)
    except StoreError as error:
        if not error.is_damage:
            raise
    if not may_take_long:
        mending.refuse_if_long(path, mending.DAMAGED)
    with mending.alone(path):
        try:
            # Another window may have been quicker.
            return replace(_found(path), notice=notice)
        except StoreError as error:
            if not error.is_damage:
                raise
            what = error.what
        notice = _said(notice, recovery.recover(path, tell, what))
        version = sqlite.found_version(path, is_checked=False)
        return _Found(version, True, lacking.lack(path), notice)


def _brought_up(path: Path, found: _Found, tell: Tell) -> _Found:
    """Bring a file of an older version to the present one."""
    if not 0 < found.version < schema.SCHEMA_VERSION:
        return found
    try:
        with mending.alone(path):
            # Another window may have been quicker.
            if sqlite.found_version(path, is_checked=False) == found.version:
                migration.migrate(path, found.version, schema.MIGRATIONS)
    except StoreError as error:
        if not error.is_damage:
            raise
        # Seen only now: in a large file, or in steps and points that do not fit together.
        checking.mark(path)
        mended = _mended(path, tell)
        return replace(mended, notice=_said(found.notice, mended.notice))
    return _Found(schema.SCHEMA_VERSION, True, lacking.lack(path), found.notice)


def _said(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _set_apart(path: Path, lack: Lack) -> str:
    """Set a step log aside that is of another course than its file; return what to say of it."""
    if not lack.is_foreign and not lack.apart:
        return ""
    kept = backups.set_log_aside(path)
    if not lack.apart:
        return ""
    films = ", ".join(sorted({_name_of(path, film) for film, _ in lack.apart})[:_NAMED])
    steps = recovered.counted(sum(map(len, lack.apart.values())), "step")
    return (
        f"{path} went another way since it was last used here: {steps} of {films} that were made "
        f"here are not in it; they are kept in {kept}."
    )


def _name_of(path: Path, sha256: str) -> str:
    with closing(sqlite.connect_for_reading(path)) as connection:
        row = connection.execute("SELECT name FROM films WHERE sha256 = ?", (sha256,)).fetchone()
    return f"the film {sha256[:12]}" if row is None else str(row[0])


def _end_sessions(engine: Engine, lost: tuple[int, ...]) -> None:
    # On a disk without room they are told again at the next opening.
    with (
        contextlib.suppress(OperationalError),
        engine.execution_options(is_write=True).begin() as connection,
    ):
        sessions.end_lost(connection, lost, at=datetime.now(UTC).isoformat())


def _found(path: Path) -> _Found:
    """Return what a file is; a large one is not read whole.

    Raises StoreError for one that is damaged, lacks what its step log knows, or is gone while its
    backups are there.
    """
    log = path.with_name(path.name + "-wal")
    is_logged = log.exists() and log.stat().st_size > 0
    if not path.exists() or not path.stat().st_size:
        # Beside an empty file SQLite would throw the log away unread.
        if _has_been_used(path) or is_logged:
            raise sqlite.damaged(path)
        return _Found(0, True)
    if checking.flag(path).exists():
        raise sqlite.damaged(path)
    is_checked = checking.is_checked_at_once(path)
    lack = Lack()
    try:
        version = sqlite.found_version(path, is_checked=is_checked)
        if version == schema.SCHEMA_VERSION:
            lack = lacking.lack(path)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.OperationalError) and not is_damage(error):
            raise
        raise sqlite.damaged(path) from error
    if lack:
        raise sqlite.damaged(path, _lacked(lack))
    is_old = 0 < version < schema.SCHEMA_VERSION
    if is_logged and (is_old or lack.doubt) and pages.is_log_cut(path):
        raise sqlite.damaged(path, "had a damaged log")
    # A file without tables is one that was just begun: a page, or nothing but a log.
    is_begun = path.stat().st_size <= _FIRST_PAGE_BYTES and not is_logged
    if not version and (_has_been_used(path) or not is_begun):
        raise sqlite.damaged(path)
    return _Found(version, is_checked, lack)


def _has_been_used(path: Path) -> bool:
    log = step_log.read(path)
    return bool(backups.backups(path)) or (log is not None and bool(log.written))


def _lacked(lack: Lack) -> str:
    if not lack.count:
        return f"lacked {recovered.counted(lack.others, 'change')} that its step log has"
    return f"lacked {recovered.counted(lack.count, 'step')} that had been saved"


def _open_for_reading(path: Path, reason: str) -> Database:
    try:
        found = _found(path)
    except StoreError as error:
        if not error.is_damage:
            raise
        raise StoreError(
            f"{path} {error.what}, and {reason}: allow writing, so that what can be read is "
            "recovered, or copy the workspace folder elsewhere and open it there.",
            is_damage=True,
            what=error.what,
        ) from error
    _refuse_newer(found.version, str(path))
    if 0 < found.version < schema.SCHEMA_VERSION:
        raise StoreError(
            f"{path} is of an older version and {reason}: allow writing, so that it can be "
            "brought to the present version, or copy the workspace folder elsewhere."
        )
    doubt = found.lack.doubt if found.version else ""
    # Whether another window is in them cannot be asked for; that some may be missing is true.
    lost = sessions.unclosed(path) if doubt else ()
    news = sessions.told(path, lost, doubt) if lost else ""
    engine = sqlite.open_engine(path, writable=False, enforces_keys=True)
    if not found.version:
        _create_tables(engine)
    return Database(engine, str(path), path, None, read_only_reason=reason, news=news)


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

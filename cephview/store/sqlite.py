"""All that is SQLite's own: opening with durable writes, checks, backups, and migration of a file.

Nothing else in the store knows which database it speaks to.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from cephview.store.errors import StoreError
from cephview.store.schema import Migration, meta, run_migrations

BACKUPS_KEPT = 10
BUSY_TIMEOUT_S = 2.0


def database_path(url: str) -> Path | None:
    """Return the file of an SQLite URL, or None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "")


def unwritable_reason(path: Path) -> str:
    """Return why a database file cannot be written, for a user, or "" where it can."""
    if path.exists() and not os.access(path, os.W_OK):
        return f"{path} may only be read"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder {path.parent} may only be read"
    return ""


def unwritten_reason(engine: Engine, path: Path) -> str:
    """Return why a write to an open database fails, for a user, or "" where it does not.

    Tries one and takes it back. Rights on a network share and a disk without any room show only
    so. Raises OperationalError for a file that is damaged.
    """
    try:
        with engine.execution_options(is_write=True).connect() as connection:
            # The lock alone is also given on a file that may only be read.
            connection.execute(meta.update().values(value=meta.c.value))
            connection.rollback()
            return ""
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorname", "")
        if code.startswith("SQLITE_BUSY"):
            return ""
        if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL")):
            return f"{path} cannot be written ({error.orig}); see to its disk, then start again"
        raise


def found_version(path: Path) -> int:
    """Return the schema version of a database file, 0 for one not yet filled; changes nothing.

    Raises StoreError for a damaged file and for an SQLite file of another program.
    """
    with closing(_connect_for_reading(path)) as connection:
        rows = connection.execute("PRAGMA quick_check(1)").fetchall()
        if rows != [("ok",)]:
            raise damaged(path)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return 0
        if "meta" not in tables:
            raise StoreError(
                f"{path} is not a workspace of this program: choose another workspace folder."
            )
        row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    if row is None or not str(row[0]).isdigit():
        raise damaged(path)
    return int(row[0])


def damaged(path: Path) -> StoreError:
    """Return the error for a file that is not whole, naming the backup that can replace it."""
    kept = backups(path)
    remedy = (
        f"close the program and copy {kept[-1]} in its place"
        if kept
        else "move it away to begin a new workspace, or bring it back from a copy of your own"
    )
    return StoreError(f"{path} is damaged or incomplete: {remedy}.")


def open_engine(path: Path, *, writable: bool, enforces_keys: bool) -> Engine:
    """Return an engine on a database file, in WAL mode, where a commit is on disk when it returns.

    A file that may only be read is opened without touching its folder; where there is none, the
    engine is on an empty database in memory.
    """
    if writable:
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            pool_size=1,
            max_overflow=1,
            connect_args={"timeout": BUSY_TIMEOUT_S},
        )
    elif path.exists():
        engine = create_engine(
            "sqlite://",
            creator=lambda: _connect_for_reading(path),
            poolclass=StaticPool,
        )
    else:
        engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver would begin transactions late and never around DDL; _begin does it.
        connection.isolation_level = None
        if writable:
            connection.execute("PRAGMA journal_mode = WAL").close()
            connection.execute("PRAGMA synchronous = FULL").close()
            connection.execute("PRAGMA fullfsync = ON").close()
        if enforces_keys:
            connection.execute("PRAGMA foreign_keys = ON").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write takes its lock at the start: what it read cannot be stale when it writes.
        is_write = connection.get_execution_options().get("is_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one put in its place, or None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def backups(path: Path) -> list[Path]:
    """Return the daily backups of a database file, oldest first."""
    return sorted((path.parent / "backups").glob(f"{path.stem}-????-??-??{path.suffix}"))


def back_up_daily(path: Path) -> None:
    """Copy the database beside itself once a day, online, and keep the last ten copies.

    Raises sqlite3.Error or OSError; a copy that failed leaves nothing behind.
    """
    day = datetime.now(UTC).date().isoformat()
    target = path.parent / "backups" / f"{path.stem}-{day}{path.suffix}"
    if not target.exists():
        back_up(path, target)
    for old in backups(path)[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)


def back_up(path: Path, target: Path) -> None:
    """Copy a database file that may be in use to a target, whole or not at all."""
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        _sync(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def migrate(path: Path, found: int, steps: Sequence[Migration]) -> None:
    """Bring a database file of an older version to the newest, on a copy that then replaces it.

    The old file is kept in the backups folder. Raises StoreError where another window has the file
    open; whatever fails leaves the old file as it was.
    """
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # Only the sole user of a file can leave WAL mode, and this empties the log into it.
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{path} must be brought to a new version but is open in another window: "
                "close that window, then open the workspace again."
            ) from error
    back_up(path, path.parent / "backups" / f"{path.stem}-version-{found}{path.suffix}")
    copy = path.with_name(path.name + ".migrating")
    try:
        back_up(path, copy)
        _run_on_file(copy, found, steps)
        if found_version(copy) != found + len(steps[found - 1 :]):
            raise damaged(copy)
        _sync(copy)
        copy.replace(path)
    finally:
        copy.unlink(missing_ok=True)


def _run_on_file(copy: Path, found: int, steps: Sequence[Migration]) -> None:
    # A step that builds a table anew must be free to drop the old one.
    engine = open_engine(copy, writable=True, enforces_keys=False)
    try:
        with engine.execution_options(is_write=True).begin() as connection:
            run_migrations(connection, found, steps)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise StoreError(f"{copy}: a migration broke a reference of table {broken[0][0]}")
    finally:
        engine.dispose()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open a file for reading where nothing may be written beside it, with what its log holds."""
    log = path.with_name(path.name + "-wal")
    options = ["mode=ro"] if log.exists() else ["mode=ro", "mode=ro&immutable=1"]
    for option in options:
        connection = sqlite3.connect(_uri(path, option), uri=True, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        else:
            return connection
    return _copied_into_memory(path, log)


def _copied_into_memory(path: Path, log: Path) -> sqlite3.Connection:
    # The log cannot be read where its index cannot be made, so both go where it can.
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory(prefix="cephview-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        if log.exists():
            shutil.copyfile(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as source:
            source.backup(memory)
    return memory


def _uri(path: Path, options: str) -> str:
    return f"{path.absolute().as_uri()}?{options}"


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())

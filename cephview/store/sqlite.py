"""All that is SQLite's own: opening with durable writes, and checks of a file.

Nothing else in the store knows which database it speaks to.
"""

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from cephview import private_files, scratch
from cephview.store import layout, schema, whole
from cephview.store.errors import StoreError
from cephview.store.schema import IDENTITY, meta

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

BUSY_TIMEOUT_S = 2.0
# More digits than a version ever has.
_MANY = 9

# https://www.sqlite.org/lockingv3.html: who has a file in WAL mode open holds these all the time.
_SHARED_FROM, _SHARED_BYTES = 0x40000002, 510


# https://www.sqlite.org/security.html: for files that someone else may have made.
_WARY = ("PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON")


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


def found_version(path: Path, *, is_checked: bool = True) -> int:
    """Return the schema version of a database file, 0 for one not yet filled; changes nothing.

    is_checked: read the whole file. Raises StoreError for a damaged file, for one whose tables are
    not those of its version or have something beside them, and for an SQLite file of another
    program. Nothing that the file's own schema might do is run before that is known.
    """
    with closing(connect_for_reading(path)) as connection:
        kinds = dict(connection.execute("SELECT name, type FROM sqlite_master").fetchall())
        if not kinds:
            return 0
        if not set(kinds) & set(schema.metadata.tables):
            raise StoreError(
                f"{path} is not a workspace of this program: choose another workspace folder."
            )
        query = "SELECT value FROM meta WHERE key = ?"
        is_told = kinds.get("meta") == "table"
        row = connection.execute(query, (schema.VERSION,)).fetchone() if is_told else None
        said = "" if row is None else str(row[0])
        version = int(said) if said.isascii() and said.isdigit() and len(said) < _MANY else 0
        if version > schema.SCHEMA_VERSION:
            return version
        if version in layout.VERSIONS or not version:
            strangers = layout.strangers(connection)
            if strangers:
                what = f"had {layout.listed(strangers)}, which no workspace of this program has"
                raise damaged(path, what)
            misfit = layout.misfit(connection, version) if version else "was damaged"
            if misfit:
                raise damaged(path, misfit)
        if is_checked and not is_whole(connection):
            raise damaged(path)
    return version


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether the pages of a database fit together, and its rows are as they were written."""
    return whole.has_whole_pages(connection) and whole.has_whole_rows(connection)


def identity_of(path: Path) -> str:
    """Return what tells the workspace of a file from every other, "" where it is too old to say."""
    with closing(connect_for_reading(path)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (IDENTITY,)).fetchone()
    return "" if row is None else str(row[0])


def damaged(path: Path, what: str = "was damaged") -> StoreError:
    """Return the error for a file that is not whole; what says how, after its name."""
    is_said = what != "was damaged"
    found = what if is_said else "is damaged or incomplete"
    return StoreError(
        f"{path} {found} and was not written to: close the window and open it "
        "again, so that what can be read is recovered; if this stays, choose another workspace "
        "folder.",
        is_damage=True,
        what=what,
    )


def open_engine(path: Path, *, writable: bool, enforces_keys: bool) -> Engine:
    """Return an engine on a database file, in WAL mode, where a commit is on disk when it returns.

    A file that may only be read is opened without touching its folder; where there is none, the
    engine is on an empty database in memory.
    """
    if writable:
        # Of the same rights SQLite makes the log and its index.
        private_files.make_file(path)
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            pool_size=1,
            hide_parameters=True,
            max_overflow=1,
            connect_args={"timeout": BUSY_TIMEOUT_S},
        )
    elif path.exists():
        engine = create_engine(
            "sqlite://",
            creator=lambda: connect_for_reading(path),
            poolclass=StaticPool,
            hide_parameters=True,
        )
    else:
        engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver would begin transactions late and never around DDL; _begin does it.
        connection.isolation_level = None
        if writable:
            connection.execute("PRAGMA journal_mode = WAL").close()
            connection.execute("PRAGMA synchronous = FULL").close()
            connection.execute("PRAGMA fullfsync = ON").close()
        for setting in _WARY:
            connection.execute(setting).close()
        if enforces_keys:
            connection.execute("PRAGMA foreign_keys = ON").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write takes its lock at the start: what it read cannot be stale when it writes.
        is_write = connection.get_execution_options().get("is_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine


def write_into_file(engine: Engine) -> None:
    """Bring what the log holds into the file as far as other readers let that be done."""
    with contextlib.suppress(sqlite3.Error, DBAPIError), closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one put in its place, or None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def leave_log(path: Path) -> None:
    """Empty the log of a file into it, so that the file is all there is.

    Raises sqlite3.OperationalError where another window has the file open.
    """
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        # Only the sole user of a file can leave WAL mode.
        connection.execute("PRAGMA journal_mode = DELETE")


def is_open_elsewhere(path: Path) -> bool:
    """Whether another process has a database file open, as its locks say; nothing is written.

    Never to be asked of a file that this process has open: the system would drop its locks.
    """
    if fcntl is None:
        # There an open file cannot be renamed, so that nothing replaces it unseen.
        return False
    with path.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_FROM)
        except OSError:
            return True
    return False


def refuse_if_open(path: Path) -> None:
    """Raise StoreError where another window has a database file open that is to be replaced."""
    if is_open_elsewhere(path):
        raise StoreError(
            f"{path} is open in another window: close that window, then try again; "
            "nothing was changed."
        )


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open a file for reading where nothing may be written beside it, with what its log holds."""
    log = path.with_name(path.name + "-wal")
    options = ["mode=ro"] if log.exists() else ["mode=ro", "mode=ro&immutable=1"]
    for option in options:
        connection = sqlite3.connect(_uri(path, option), uri=True, check_same_thread=False)
        try:
            for setting in _WARY:
                connection.execute(setting)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        except BaseException:
            # Left open, it would keep the process that recovers the file from it.
            connection.close()
            raise
        else:
            return connection
    return _copied_into_memory(path, log)


def _copied_into_memory(path: Path, log: Path) -> sqlite3.Connection:
    # The log cannot be read where its index cannot be made, so both go where it can.
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with scratch.folder() as folder:
        copy = folder / path.name
        shutil.copyfile(path, copy)
        if log.exists():
            shutil.copyfile(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as source:
            source.backup(memory)
    return memory


def _uri(path: Path, options: str) -> str:
    return f"{path.absolute().as_uri()}?{options}"


def sync(path: Path) -> None:
    """Wait until a file is on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until a renaming is on disk, where the system lets a folder be opened for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

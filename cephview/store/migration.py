"""A database file of an older version becomes one of this version, on a copy."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from cephview.store import backups, journal, sqlite
from cephview.store.checksums import CHECKSUM
from cephview.store.errors import StoreError
from cephview.store.journal import Kind, Revision
from cephview.store.schema import Migration, run_migrations


def migrate(path: Path, found: int, steps: Sequence[Migration]) -> None:
    """Bring a database file of an older version to the newest, on a copy that then replaces it.

    The old file is kept in the backups folder. Raises StoreError where another window has the file
    open; whatever fails leaves the old file as it was.
    """
    try:
        sqlite.leave_log(path)
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"{path} must be brought to a new version but is open in another window: "
            "close that window, then open the workspace again."
        ) from error
    kept = path.parent / backups.FOLDER / f"{path.stem}-version-{found}{path.suffix}"
    backups.copy_online(path, kept)
    copy = path.with_name(path.name + ".migrating")
    try:
        backups.copy_online(path, copy)
        _refuse_unfit(path, copy)
        _run_on_file(copy, found, steps)
        if sqlite.found_version(copy) != found + len(steps[found - 1 :]):
            raise sqlite.damaged(copy)
        sqlite.sync(copy)
        copy.replace(path)
        sqlite.sync_folder(path.parent)
    finally:
        copy.unlink(missing_ok=True)


def _refuse_unfit(path: Path, copy: Path) -> None:
    """Raise StoreError where the tracing of a film is not the one that its steps lead to.

    Versions without checksums could not see that; from here on it would count as whole.
    """
    with closing(sqlite.connect_for_reading(copy)) as connection:
        names = {row[1] for row in connection.execute("PRAGMA table_info(tracings)")}
        if CHECKSUM in names:
            return
        reading = ", reading" if "reading" in names else ""
        kept = connection.execute(f"SELECT film, number, present{reading} FROM tracings").fetchall()
        for film, number, present, *of_reading in kept:
            query = "SELECT number, kind, change FROM revisions WHERE film = ?"
            query += " AND reading = ?" if reading else ""
            rows = connection.execute(f"{query} ORDER BY number", (film, *of_reading)).fetchall()
            try:
                steps = [Revision(n, Kind(kind), change) for n, kind, change in rows]
                tracing = number, journal.tracing_from_json(present)
                journal.check(steps, journal.replay(steps), tracing)
            except ValueError as error:
                raise sqlite.damaged(path) from error


def _run_on_file(copy: Path, found: int, steps: Sequence[Migration]) -> None:
    # A step that builds a table anew must be free to drop the old one.
    engine = sqlite.open_engine(copy, writable=True, enforces_keys=False)
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

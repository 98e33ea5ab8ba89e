"""Whether a database file is whole: its pages, its indexes, and every row by its checksum."""

import sqlite3
import time
from collections.abc import Callable

from cephview.store.checksums import CHECKSUM, is_whole
from cephview.store.schema import CHECKED_TABLES

_ROWS_AT_ONCE = 50


def has_whole_pages(connection: sqlite3.Connection) -> bool:
    """Whether pages and indexes fit together, rows refer to others that are there, and are JSON.

    Unlike a quick check this compares every index with its table: one wrong byte of an index makes
    a search for a film find another's row.
    """
    if connection.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
        return False
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        return False
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return not any(
        connection.execute(
            f"SELECT 1 FROM {table} WHERE {column} <> '' AND NOT json_valid({column}) LIMIT 1"
        ).fetchone()
        for table, column in (("revisions", "change"), ("tracings", "present"))
        if table in tables
    )


def has_whole_rows(
    connection: sqlite3.Connection, rest: Callable[[float], None] = time.sleep
) -> bool:
    """Whether every row is as it was written, and each tracing is of the last step of its film.

    Rows of a version without checksums count as whole. rest() lets other threads have their turn.
    """
    for table in CHECKED_TABLES.values():
        cursor = connection.execute(f"SELECT * FROM {table.name} NOT INDEXED")
        names = [column[0] for column in cursor.description]
        if CHECKSUM not in names:
            return True
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            if not all(is_whole(table, dict(zip(names, row, strict=True))) for row in rows):
                return False
            rest(0)
    return connection.execute(_STRAY).fetchone() is None


_STRAY = """
    SELECT 1 FROM (SELECT film, reading, max(number) AS last FROM revisions GROUP BY film, reading)
        AS steps LEFT JOIN tracings USING (film, reading) WHERE tracings.number IS NOT last
    UNION ALL
    SELECT 1 FROM tracings WHERE NOT EXISTS (SELECT 1 FROM revisions
        WHERE revisions.film = tracings.film AND revisions.reading = tracings.reading)
    LIMIT 1
"""

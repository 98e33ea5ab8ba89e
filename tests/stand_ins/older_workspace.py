"""A workspace as an earlier version of the program would have written it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    create_engine,
)

from cephview.store import layout, schema, step_log

# Before, there were no checksums, and no step log.
_CHECKED_SINCE = 10


def as_version(path: Path, version: int) -> None:
    """Write a database file anew with the tables of an earlier version, and no step log."""
    tables = layout.tables_of(version)
    older = MetaData()
    for name, columns in tables.items():
        latest = schema.metadata.tables[name]
        keys = [c.name for c in latest.primary_key.columns if c.name in columns]
        Table(
            name,
            older,
            *(_copied(column) for column in latest.columns if column.name in columns),
            PrimaryKeyConstraint(*keys),
            *(
                UniqueConstraint(*(c.name for c in one.columns if c.name in columns))
                for one in latest.constraints
                if isinstance(one, UniqueConstraint)
            ),
            sqlite_autoincrement="id" in columns,
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    now = path.rename(path.with_suffix(".now"))
    engine = create_engine(f"sqlite:///{path}")
    older.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ATTACH ? AS now", (str(now),))
        for name, columns in tables.items():
            listed = ", ".join(f'"{column}"' for column in sorted(columns))
            connection.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM now.{name}")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(version),))
        if version < _CHECKED_SINCE:
            connection.execute("DELETE FROM meta WHERE key = 'workspace'")
        connection.commit()
        connection.execute("DETACH now")
    now.unlink()
    step_log.drop(path)


def _copied(column: Column) -> Column:
    copy = Column(column.name, column.type, nullable=column.nullable)
    copy.server_default = column.server_default
    return copy

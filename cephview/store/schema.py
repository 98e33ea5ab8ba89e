"""The tables of a workspace, their version, and the way from older versions.

films and tracings hold what may be replaced: where a film lies, and the present tracing, which
follows from the revisions. revisions, readings, scales, active_models, work and landmarks are only
ever appended to. A revision and a tracing belong to a film and a reading of it; 0 is the first
reading, which has no row of its own.
"""

import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    inspect,
    select,
    true,
    tuple_,
)

from cephview.store import journal
from cephview.store.checksums import CHECKSUM, checksum, with_checksum

SCHEMA_VERSION = 10

# Keys of meta: the version, and what tells a workspace from every other.
VERSION, IDENTITY = "schema", "workspace"

_ROWS_AT_ONCE = 1000

# Step i brings version i + 1 to version i + 2. A step is never changed once it was released.
Migration = Callable[[Connection], None]


def _tell_how_films_are_seen(connection: Connection) -> None:
    for column in ("turn", "likeness"):
        connection.exec_driver_sql(
            f"ALTER TABLE tracings ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"
        )


def _tell_who_worked_when(connection: Connection) -> None:
    for table in (sessions, work):
        table.create(connection)


def _tell_readings_apart(connection: Connection) -> None:
    readings.create(connection)
    if connection.dialect.name == "sqlite":
        for statement in _TELL_APART_ON_SQLITE:
            connection.exec_driver_sql(statement)
    else:
        for statement in _TELL_APART_ON_A_SERVER:
            connection.exec_driver_sql(statement)
    # A step before this one may just have made the table as it is now.
    if "reading" not in {column["name"] for column in inspect(connection).get_columns("work")}:
        connection.exec_driver_sql("ALTER TABLE work ADD COLUMN reading INTEGER NOT NULL DEFAULT 0")


def _tell_what_is_in_doubt(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE tracings ADD COLUMN doubt TEXT NOT NULL DEFAULT ''")
    mine = and_(tracings.c.film == bindparam("of"), tracings.c.reading == bindparam("its"))
    update = tracings.update().where(mine).values(doubt=bindparam("found"))
    rows = connection.execute(select(tracings.c.film, tracings.c.reading, tracings.c.present))
    for row in rows.fetchall():
        try:
            found = journal.view(journal.tracing_from_json(row.present))["doubt"]
        except ValueError:
            # What is amiss with a row is told when its film is opened.
            continue
        if found:
            connection.execute(update, {"of": row.film, "its": row.reading, "found": found})


# SQLite cannot change a key, so both tables are made anew; ids stay, for others go by their order.
_TELL_APART_ON_SQLITE = (
    """CREATE TABLE revisions_apart (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        film VARCHAR(64) NOT NULL REFERENCES films (sha256),
        number INTEGER NOT NULL,
        kind VARCHAR(10) NOT NULL,
        author TEXT NOT NULL,
        at VARCHAR(40) NOT NULL,
        change TEXT NOT NULL,
        reading INTEGER DEFAULT '0' NOT NULL,
        CONSTRAINT one_revision_a_number UNIQUE (film, reading, number)
    )""",
    """INSERT INTO revisions_apart (id, film, number, kind, author, at, change)
        SELECT id, film, number, kind, author, at, change FROM revisions ORDER BY id""",
    "DROP TABLE revisions",
    "ALTER TABLE revisions_apart RENAME TO revisions",
    """CREATE TABLE tracings_apart (
        film VARCHAR(64) NOT NULL REFERENCES films (sha256),
        number INTEGER NOT NULL,
        present TEXT NOT NULL,
        placed INTEGER NOT NULL,
        moved INTEGER NOT NULL,
        confirmed INTEGER NOT NULL,
        total INTEGER NOT NULL,
        updated_at VARCHAR(40) NOT NULL,
        turn TEXT DEFAULT '' NOT NULL,
        likeness TEXT DEFAULT '' NOT NULL,
        reading INTEGER DEFAULT '0' NOT NULL,
        PRIMARY KEY (film, reading)
    )""",
    """INSERT INTO tracings_apart
        (film, number, present, placed, moved, confirmed, total, updated_at, turn, likeness)
        SELECT film, number, present, placed, moved, confirmed, total, updated_at, turn, likeness
        FROM tracings""",
    "DROP TABLE tracings",
    "ALTER TABLE tracings_apart RENAME TO tracings",
)
_TELL_APART_ON_A_SERVER = (
    "ALTER TABLE revisions ADD COLUMN reading INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE revisions DROP CONSTRAINT one_revision_a_number",
    "ALTER TABLE revisions ADD CONSTRAINT one_revision_a_number UNIQUE (film, reading, number)",
    "ALTER TABLE tracings ADD COLUMN reading INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tracings DROP CONSTRAINT tracings_pkey",
    "ALTER TABLE tracings ADD PRIMARY KEY (film, reading)",
)


def _add_landmarks_of_ones_own(connection: Connection) -> None:
    landmarks.create(connection)


def _count_doubts(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE tracings ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0")


def _tell_who_is_where(connection: Connection) -> None:
    claims.create(connection)


def _tell_which_films_are_left_out(connection: Connection) -> None:
    there = {column["name"] for column in inspect(connection).get_columns("films")}
    for name, kind in (("is_skipped", "INTEGER NOT NULL DEFAULT 0"),
                       ("binned_at", "VARCHAR(40) NOT NULL DEFAULT ''")):  # fmt: skip
        if name not in there:
            connection.exec_driver_sql(f"ALTER TABLE films ADD COLUMN {name} {kind}")


def _let_rows_prove_themselves(connection: Connection) -> None:
    for table in CHECKED_TABLES.values():
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        if CHECKSUM not in there:
            connection.exec_driver_sql(
                f"ALTER TABLE {table.name} ADD COLUMN {CHECKSUM} VARCHAR(16) NOT NULL DEFAULT ''"
            )
        keys = [table.c[column.name] for column in table.primary_key.columns]
        mine = and_(*(key == bindparam(f"the_{key.name}") for key in keys))
        update = table.update().where(mine).values({CHECKSUM: bindparam("found")})
        after: ColumnElement[bool] = true()
        query = select(table).order_by(*keys).limit(_ROWS_AT_ONCE)
        while found := connection.execute(query.where(after)).all():
            rows = [row._asdict() for row in found]
            sums = [{"found": checksum(table, row)} for row in rows]
            of_row = [{f"the_{key.name}": row[key.name] for key in keys} for row in rows]
            connection.execute(update, [{**a, **b} for a, b in zip(of_row, sums, strict=True)])
            after = tuple_(*keys) > tuple_(*(rows[-1][key.name] for key in keys))
    write_meta(connection, IDENTITY, uuid.uuid4().hex)


MIGRATIONS: tuple[Migration, ...] = (
    _tell_how_films_are_seen,
    _tell_who_worked_when,
    _tell_readings_apart,
    _add_landmarks_of_ones_own,
    _count_doubts,
    _tell_who_is_where,
    _tell_what_is_in_doubt,
    _tell_which_films_are_left_out,
    _let_rows_prove_themselves,
)

metadata = MetaData()


def _checksum() -> Column[str]:
    """Return the last column of a table whose rows prove themselves."""
    return Column(CHECKSUM, String(16), nullable=False, server_default="")


meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    _checksum(),
)

films = Table(
    "films",
    metadata,
    Column("sha256", String(64), primary_key=True),
    # The bytes the file system knows the path by: a name need not be valid text.
    Column("path", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("patient", Text, nullable=False),
    Column("file_x_mm", Float(53)),
    Column("file_y_mm", Float(53)),
    Column("file_provenance", String(40), nullable=False),
    Column("added_at", String(40), nullable=False),
    # 1: no model learns from it, and no export holds it.
    Column("is_skipped", Integer, nullable=False, server_default="0"),
    # When it was put in the bin; empty while it is among the films.
    Column("binned_at", String(40), nullable=False, server_default=""),
    _checksum(),
)

scales = Table(
    "scales",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("film", String(64), ForeignKey("films.sha256"), nullable=False, index=True),
    Column("x_mm", Float(53)),
    Column("y_mm", Float(53)),
    # Empty: back to what the file says.
    Column("provenance", String(40), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    _checksum(),
    sqlite_autoincrement=True,
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("film", String(64), ForeignKey("films.sha256"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("change", Text, nullable=False),
    Column("reading", Integer, nullable=False, server_default="0"),
    _checksum(),
    # Of two windows that append at once, the database lets one through.
    UniqueConstraint("film", "reading", "number", name="one_revision_a_number"),
    sqlite_autoincrement=True,
)

tracings = Table(
    "tracings",
    metadata,
    Column("film", String(64), ForeignKey("films.sha256"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("present", Text, nullable=False),
    Column("placed", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("updated_at", String(40), nullable=False),
    # How the film is turned and what the model said of it, as JSON; empty where there is nothing.
    Column("turn", Text, nullable=False, server_default=""),
    Column("likeness", Text, nullable=False, server_default=""),
    Column("reading", Integer, primary_key=True, server_default="0", autoincrement=False),
    Column("unsure", Integer, nullable=False, server_default="0"),
    # The largest spread of an unchecked point of a model, as JSON.
    Column("doubt", Text, nullable=False, server_default=""),
    _checksum(),
)

# Readings beside the first. One reader has one; an empty name is that of what was decided.
readings = Table(
    "readings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("reader", Text, nullable=False),
    Column("start", String(20), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    _checksum(),
    UniqueConstraint("reader", name="one_reading_a_reader"),
    sqlite_autoincrement=True,
)

active_models = Table(
    "active_models",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("folder", Text, nullable=False),
    Column("at", String(40), nullable=False),
    _checksum(),
    sqlite_autoincrement=True,
)

# A session begins with its first write; one that never closed was ended from outside.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("author", Text, nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("closed_at", String(40), nullable=False),
    _checksum(),
    sqlite_autoincrement=True,
)

# Stretches of time in which a hand was at work on a film.
work = Table(
    "work",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("film", String(64), ForeignKey("films.sha256"), nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("reading", Integer, nullable=False, server_default="0"),
    _checksum(),
    sqlite_autoincrement=True,
)

# What a workspace adds to its landmark set: kind is add or retire, entry the landmark as JSON.
landmarks = Table(
    "landmarks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("symbol", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("entry", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    _checksum(),
    sqlite_autoincrement=True,
)


# Who is at work on which film; replaced and deleted, for it says nothing of the past.
claims = Table(
    "claims",
    metadata,
    Column("film", String(64), ForeignKey("films.sha256"), primary_key=True),
    Column("window", String(32), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
)


# The tables of which every row proves itself (store.checksums).
CHECKED_TABLES = {name: table for name, table in metadata.tables.items() if CHECKSUM in table.c}


def create_tables(connection: Connection, identity: str = "") -> None:
    """Make the tables that are missing, and write their version unless another window did.

    identity is what tells this workspace from others, made up where it is empty.
    """
    metadata.create_all(connection)
    if connection.execute(select(meta.c.value)).first() is None:
        write_meta(connection, VERSION, str(SCHEMA_VERSION))
        write_meta(connection, IDENTITY, identity or uuid.uuid4().hex)


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Write what is said of the whole workspace."""
    row = with_checksum(meta, {"key": key, "value": value})
    if connection.execute(meta.update().where(meta.c.key == key).values(row)).rowcount == 0:
        connection.execute(meta.insert().values(row))


def run_migrations(connection: Connection, found: int, steps: Sequence[Migration]) -> None:
    """Run the steps that a found version still needs, and write the version they lead to."""
    for step in steps[found - 1 :]:
        step(connection)
    write_meta(connection, VERSION, str(found + len(steps[found - 1 :])))

"""All that is a database server's own: connecting within seconds, and making its tables once."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url, select, text

from cephview.database_address import without_passwords
from cephview.store import schema
from cephview.store.errors import StoreError
from cephview.store.server_security import security_of

# A window waits for no more than this, whatever became of the network.
_CONNECT_S = 3
_ANSWER_MS = 5000
# Any number that no other program is likely to lock.
_LOCK = 0x63657068


def connect(url: str) -> tuple[Engine, str]:
    """Return an engine on a server, not yet connected, and what to say of how safe the way is.

    Raises StoreError where the driver is missing or the password is not written as an address has
    it, and SQLAlchemy's errors for what is no URL.
    """
    parsed = make_url(url)
    place = without_passwords(url)
    if "@" in (parsed.host or ""):
        raise StoreError(
            f"{place} cannot be read: in its password write @ as %40, or keep the password in "
            "~/.pgpass and leave it out of the address."
        )
    arguments: dict[str, Any] = {}
    notice = ""
    if parsed.get_backend_name() == "postgresql":
        arguments = {
            "connect_timeout": _CONNECT_S,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": _ANSWER_MS,
            "options": f"-c lock_timeout={_ANSWER_MS} -c synchronous_commit=on",
        }
        arguments = {key: value for key, value in arguments.items() if key not in parsed.query}
        security, notice = security_of(parsed)
        arguments |= security
    try:
        engine = create_engine(
            parsed, pool_pre_ping=True, connect_args=arguments, hide_parameters=True
        )
    except ImportError as error:
        name = "psycopg[binary]" if error.name == "psycopg" else error.name
        raise StoreError(f"The driver for {place} is not installed: install {name}.") from error
    return engine, notice


def version(connection: Connection) -> int:
    """Return the schema version of a server's database, 0 for one without a workspace."""
    if not connection.dialect.has_table(connection, schema.meta.name):
        return 0
    query = select(schema.meta.c.value).where(schema.meta.c.key == "schema")
    return int(connection.execute(query).scalar_one())


def prepare(engine: Engine) -> None:
    """Make the tables that are missing, or bring older ones to this version, all or nothing.

    Of two windows that come at once the second waits, and finds it done.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = version(connection)
        if not found:
            schema.create_tables(connection)
        elif found < schema.SCHEMA_VERSION:
            schema.run_migrations(connection, found, schema.MIGRATIONS)

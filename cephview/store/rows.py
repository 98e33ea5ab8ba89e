"""Rows are written with their checksum, and what cannot be told from elsewhere is noted.

What a transaction wrote goes to the step log (store.step_log) once it is on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    select,
)

from cephview.store.checksums import CHECKSUM, DamagedRowError, checked, with_checksum

# Tracings follow from revisions, and sessions and claims say nothing of a film.
LOGGED = ("films", "scales", "revisions", "readings", "active_models", "work", "landmarks")
_NOTED = "cephview.written"
_OF_KEY = "of_"
_TRIES = 10

Fields = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """A row that was written, and the checksum of the one it replaced, "" for a new one."""

    table: str
    fields: Fields
    before: str = ""


def insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> Fields:
    """Write a new row and return it, with the id that the database gave."""
    row = with_checksum(table, values)
    key = connection.execute(_inserted(table), row).inserted_primary_key
    if "id" in table.c and key is not None:
        row["id"] = int(key[0])
    _note(connection, Written(table.name, row))
    return row


def read(connection: Connection, table: Table, key: Mapping[str, Any]) -> Fields | None:
    """Return the row of a key, or None. Raises DamagedRowError."""
    found = connection.execute(_selected(table, tuple(key)), _bound(key)).first()
    return None if found is None else dict(checked(table, found._asdict(), **key))


def replace(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> bool:
    """Write columns of the row of a key; return False where there is none.

    Raises DamagedRowError where what is there is not that row: an index that lies must not lead a
    write to the row of another film.
    """
    for _ in range(_TRIES):
        old = read(connection, table, key)
        if old is None:
            return False
        new = with_checksum(table, {**old, **values})
        if new == old:
            return True
        where = {**key, CHECKSUM: old[CHECKSUM]}
        update = _updated(table, tuple(where))
        if connection.execute(update, {**_bound(where), **new}).rowcount:
            _note(connection, Written(table.name, new, before=old[CHECKSUM]))
            return True
        # On a server another window wrote the row meanwhile.
    raise DamagedRowError(f"a row of {table.name} cannot be replaced")


def note(connection: Connection) -> None:
    """Begin to note what is written."""
    connection.info[_NOTED] = []


def noted(connection: Connection) -> list[Written]:
    """Return what was written since, and note no more."""
    found: list[Written] = connection.info.pop(_NOTED, [])
    return found


def _note(connection: Connection, written: Written) -> None:
    if _NOTED in connection.info and written.table in LOGGED:
        connection.info[_NOTED].append(written)


# Statements are kept, since to make one takes longer than to run it.


@cache
def _inserted(table: Table) -> Insert:
    return table.insert()


@cache
def _selected(table: Table, key: tuple[str, ...]) -> Select[Any]:
    return select(table).where(_is(table, key))


@cache
def _updated(table: Table, key: tuple[str, ...]) -> Update:
    return table.update().where(_is(table, key))


def _is(table: Table, key: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == bindparam(_OF_KEY + name) for name in key))


def _bound(key: Mapping[str, Any]) -> Fields:
    return {_OF_KEY + name: value for name, value in key.items()}

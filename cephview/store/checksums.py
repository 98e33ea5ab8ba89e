"""A checksum in every row, so that nothing is shown or exported but what was once written for it.

SQLite keeps none. With one byte of an index wrong, a search for one film's tracing gives another's
row, and a byte that is wrong within a row gives another number; neither is an error to SQLite. A
checksum is of all other values of a row, the film's own digest among them, so that a row proves
whose it is. It guards against damage, not against someone who means to deceive.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Float, Table

CHECKSUM = "checksum"
# Damage does not search for a row that fits; 64 bits are enough against it.
_BYTES = 8


class DamagedRowError(ValueError):
    """A row is not as it was written."""


def checksum(table: Table, values: Mapping[str, Any]) -> str:
    """Return the checksum of a row, given by column, as 16 hexadecimal digits.

    Of a column that is missing it takes the default; the row id is not covered.
    """
    said = [table.name]
    for name, default, is_float in _covered(table):
        value = values.get(name, default)
        # First what there is most of: this is done for every row that is read.
        if value.__class__ is str:
            said.append(f"{len(value)}:{value}")
        elif value.__class__ is int and not is_float:
            said.append(str(value))
        else:
            said.append(_said(value, is_float=is_float))
    return blake2b("\n".join(said).encode("utf-8", "surrogatepass"), digest_size=_BYTES).hexdigest()


def with_checksum(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a whole row, with its checksum and what it has by default."""
    whole = {name: default for name, default, _ in _covered(table)} | {**values}
    return whole | {CHECKSUM: checksum(table, whole)}


def is_whole(table: Table, values: Mapping[str, Any]) -> bool:
    """Whether a row is as it was written."""
    try:
        return bool(values[CHECKSUM] == checksum(table, values))
    except (TypeError, ValueError):
        # A number became a text.
        return False


def checked(table: Table, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
    """Return a row that was asked for by a key. Raises DamagedRowError where it is not that row."""
    if any(values[name] != value for name, value in key.items()) or not is_whole(table, values):
        raise DamagedRowError(f"a row of {table.name} is not as it was written")
    return values


@cache
def _covered(table: Table) -> tuple[tuple[str, Any, bool], ...]:
    """Return name, default and whether it is a float, of each column that a checksum covers."""
    return tuple(
        (column.name, _default(column), isinstance(column.type, Float))
        for column in table.columns
        if column.name not in ("id", CHECKSUM)
    )


def _default(column: Any) -> Any:
    if column.server_default is None:
        return None
    text = column.server_default.arg
    return column.type.python_type(text)


def _said(value: Any, *, is_float: bool) -> str:
    """Return a value as one text, the same whatever database gives it back."""
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if value is None:
        return "-"
    if is_float:
        # Zero has no sign in SQLite.
        return repr(float(value) + 0.0)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(int(value))

"""The one exception of the store, and how a database's own errors become it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc


class StoreError(Exception):
    """A workspace cannot do what was asked; str() is one sentence for a user.

    is_conflict says that another window changed the film meanwhile. Such a step must never be tried
    again as it is: it was made without sight of the other change. is_damage says that the database
    file itself is not whole, and what in what way, as the end of a sentence that begins with its
    name; is_cut that a server could not be reached.
    """

    def __init__(
        self,
        sentence: str,
        *,
        is_conflict: bool = False,
        is_damage: bool = False,
        is_cut: bool = False,
        what: str = "was damaged",
    ) -> None:
        super().__init__(sentence)
        self.is_conflict = is_conflict
        self.is_damage = is_damage
        self.is_cut = is_cut
        self.what = what


# What the driver says of a text that is none.
_NOISE = "Could not decode to UTF-8"
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

# What libpq says of a server that does not prove its name or does not encrypt.
_UNSAFE = ("certificate", "not support SSL")

_SENTENCES = (
    (
        ("SQLITE_FULL",),
        "The disk of {place} is full: this change is not saved; make room, then do it again.",
    ),
    (
        # A server's own words for it: a lock that was not had in time, a deadlock, an overtaking.
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01", "40001"),
        "{place} is busy in another window: this change is not saved; do it again in a moment.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM"),
        "{place} cannot be written: this change is not saved; "
        "allow writing to the file and its folder, or choose another workspace folder.",
    ),
    (
        _DAMAGE,
        "{place} is damaged: close the window and open it again, so that what can be read is "
        "recovered.",
    ),
    (
        ("SQLITE_IOERR",),
        "{place} could not be read or written: see that the disk is connected and has room, "
        "then do it again.",
    ),
    (
        ("SQLITE_CANTOPEN",),
        "{place} cannot be opened: see that its folder is there, has room and may be written.",
    ),
)


def store_error(error: Exception, place: object) -> StoreError:
    """Return the StoreError for an error of the database or of the file system at a place."""
    origin = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    # Names of extended codes begin with the name of their primary code.
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None) or ""
    if isinstance(error, UnicodeDecodeError) or str(origin).startswith(_NOISE):
        code = _DAMAGE[0]
    for codes, sentence in _SENTENCES:
        if code.startswith(codes):
            return StoreError(sentence.format(place=place), is_damage=codes == _DAMAGE)
    lines = str(getattr(origin, "strerror", None) or origin).strip().splitlines()
    detail = lines[0] if lines else type(origin).__name__
    if _is_cut(error) and any(words in detail for words in _UNSAFE):
        return StoreError(
            f"{place} is not connected to, for the way is not safe ({detail}): have a certificate "
            "of its server's name set up there, and its authority's put into "
            "~/.postgresql/root.crt here; only where nobody else is on the way, write "
            "?sslmode=require or disable at the end of the address.",
            is_cut=True,
        )
    if _is_cut(error):
        return StoreError(
            f"{place} cannot be reached ({detail}): see that its server runs and that the network "
            "is there.",
            is_cut=True,
        )
    return StoreError(
        f"{place} could not be used ({detail}): "
        "see that it is there and may be written, then do it again."
    )


def is_damage(error: Exception) -> bool:
    """Whether an error of the database is one of a file that is not whole."""
    # The text of the error is from the file as well, and need not be text.
    return isinstance(error, UnicodeDecodeError) or store_error(error, "").is_damage


def _is_cut(error: Exception) -> bool:
    """Whether the way to a server is broken, or the server is going or coming."""
    if not isinstance(error, sqlalchemy.exc.DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    is_lost = isinstance(error, sqlalchemy.exc.OperationalError) and not state
    return error.connection_invalidated or is_lost or state.startswith(("08", "57P"))


@contextmanager
def told_as_store_errors(place: object) -> Iterator[None]:
    """Turn every error of the database or the file system within into a StoreError of a place."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise store_error(error, place) from error

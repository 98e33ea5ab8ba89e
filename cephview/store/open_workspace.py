"""A workspace's database while it is open: its transactions, what it says, and its backups."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from cephview.store import backups, checking, claims, rows, sessions, sqlite, step_log
from cephview.store.backups import Backup
from cephview.store.checksums import DamagedRowError
from cephview.store.errors import StoreError, told_as_store_errors
from cephview.store.opening import Database, open_database
from cephview.store.rows import Written


class OpenWorkspace:
    """What a workspace is before one asks for its films.

    Every method that writes is one small transaction, on disk when it returns. Every method raises
    StoreError where the database cannot do what was asked; then nothing has changed, in the
    database or in this object, and the same call can be made again. For one thread.
    """

    def __init__(self, folder: Path, database: Database, author: str) -> None:
        self.folder = folder
        self._database = database
        self._author = author
        self._is_closed = False
        self._session = 0
        self._window = uuid.uuid4().hex
        # What is in the database and could not yet be written to its step log.
        self._unlogged: list[Written] = []

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        url: str | None = None,
        author: str = "",
        may_take_long: bool = True,
    ) -> Self:
        """Open the workspace of a folder, made if missing; url names another database than its own.

        author signs the steps that no point is signed for: undo, redo, revert. Raises StoreError
        for a database that is damaged, of a newer version, not a workspace, or not to be had, and
        unless it may take long NotMendedError where mend() must come first.
        """
        folder = Path(folder).absolute()
        return cls(folder, open_database(folder, url, may_take_long=may_take_long), author)

    def close(self) -> None:
        """Let go of the database; every later call raises StoreError."""
        if self._session and not self._is_closed:
            place, number = self._database.place, self._session
            try:
                with self._writing() as connection:
                    sessions.end(connection, place, number, at=now())
            except StoreError:
                # The next opening will say that this session did not close.
                sessions.forget(place, number)
        self._is_closed = True
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_read_only(self) -> bool:
        return bool(self._database.read_only_reason)

    @property
    def read_only_reason(self) -> str:
        """Return why nothing can be written, as part of a sentence; "" where it can."""
        return self._database.read_only_reason

    @property
    def notice(self) -> str:
        """Return a sentence for the user on damage that was met at opening, else ""."""
        return self._database.notice

    @property
    def news(self) -> str:
        """Return a sentence for the user where the last session was ended from outside, else ""."""
        return self._database.news

    @property
    def is_shared(self) -> bool:
        """Whether the database is on a server, which a team shares."""
        return self._database.path is None

    def claim(self, sha256: str) -> str | None:
        """Claim a film for this window and keep the claim alive; return None, else who has it.

        "" gives up what is claimed. May be called on another thread.
        """
        with self._writing() as connection:
            if sha256:
                return claims.claim(connection, sha256, window=self._window, author=self._author)
            claims.release(connection, self._window)
            return None

    def others_claims(self) -> dict[str, str]:
        """Return who else is at work on which film: film -> author. On any thread."""
        with self._reading() as connection:
            return claims.read_others(connection, self._window)

    def back_up(self) -> Path | None:
        """Back the workspace up unless the newest backup holds all of it; return the new backup.

        May be called on another thread, while this one writes. A database that is not a file is
        backed up by its server.
        """
        path = self._database.path
        return None if path is None or self.is_read_only else backups.back_up(path)

    def backups(self) -> tuple[Backup, ...]:
        """Return the backups that can be restored, newest first."""
        path = self._database.path
        return () if path is None else backups.described(path)

    def restore(self, backup: Path) -> str:
        """Close, then put a backup in the place of this workspace; return a sentence of it.

        What is there is backed up first. Raises StoreError, with everything as it was, where that
        cannot be done or another window has the workspace open.
        """
        self._check_writable()
        path = self._database.path
        if path is None:
            raise StoreError(f"{self._database.place} is backed up and restored by its server.")
        self.close()
        return backups.restore(path, backup)

    def transaction(self) -> AbstractContextManager[Connection]:
        """Return a transaction that reads, for the modules of this room."""
        return self._reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """Return a transaction that writes, for the modules of this room."""
        return self._writing()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._check_open()
        place = self._database.place
        try:
            with told_as_store_errors(place), self._database.engine.begin() as connection:
                yield connection
        except ValueError as error:
            # Only a row that this program did not write can be misread.
            raise self._damaged() from error
        except StoreError as error:
            raise (self._damaged() if error.is_damage else error) from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._check_open()
        database = self._database
        self._check_writable()
        if database.path is not None and sqlite.identity(database.path) != database.identity:
            raise StoreError(
                f"{database.place} was moved, deleted or replaced while it was open: "
                "this change is not saved; put the file back and open the workspace again."
            )
        if database.check is not None:
            database.check.wait()
        engine = database.engine.execution_options(is_write=True)
        session = self._session
        written: list[Written] = []
        try:
            with told_as_store_errors(database.place), engine.begin() as connection:
                if not session and database.path is not None:
                    session = sessions.begin(
                        connection, database.place, author=self._author, at=now()
                    )
                rows.note(connection)
                yield connection
                written = rows.noted(connection)
        except DamagedRowError as error:
            raise self._damaged() from error
        if database.path is not None:
            self._log(database.path, written)
            if not self._session:
                # Then the file says by itself that a log belongs to it.
                sqlite.write_into_file(database.engine)
        self._session = session

    def _log(self, path: Path, written: list[Written]) -> None:
        """Write to the step log what is in the database now, on disk before it is acknowledged."""
        written = self._unlogged + written
        if not written:
            return
        try:
            step_log.append(path, self._database.workspace, written)
            self._unlogged = []
        except OSError:
            # The step is kept; the log is there for what else may happen to it.
            self._unlogged = written

    def _check_writable(self) -> None:
        if self.is_read_only:
            raise StoreError(
                f"Nothing can be saved: {self.read_only_reason}; allow writing there, or choose "
                "another workspace."
            )

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError(f"The workspace {self._database.place} is closed: open it again.")

    def _damaged(self) -> StoreError:
        path = self._database.path
        if path is not None:
            # No check of the pages sees what is wrong within a row.
            checking.mark(path)
            return sqlite.damaged(path)
        return StoreError(f"{self._database.place} holds a revision that cannot be read.")


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""The workspace as the window and the command line use it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.learning import CorrectedFilm
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing
from cephview.store import backups, checking, journal, queries, sessions, sqlite
from cephview.store.backups import Backup
from cephview.store.errors import StoreError, told_as_store_errors
from cephview.store.journal import Kind, Revision
from cephview.store.opening import Database, open_database
from cephview.store.records import FilmRecord


@dataclass(frozen=True)
class _Journal:
    """What this workspace last saw of a film: the number of its last revision, and its history."""

    number: int
    history: History[Tracing] | None


class Workspace:
    """The films of one folder, their tracings, and every revision of them.

    Every method that writes is one small transaction, on disk when it returns. Every method raises
    StoreError where the database cannot do what was asked; then nothing has changed, in the
    database or in this object, and the same call can be made again. For one thread.
    """

    def __init__(self, folder: Path, database: Database, author: str) -> None:
        self.folder = folder
        self._database = database
        self._author = author
        self._journals: dict[str, _Journal] = {}
        self._is_closed = False
        self._session = 0

    @classmethod
    def open(cls, folder: Path, *, url: str | None = None, author: str = "") -> Self:
        """Open the workspace of a folder, made if missing; url names another database than its own.

        author signs the steps that no point is signed for: undo, redo, revert. Raises StoreError
        for a database that is damaged, of a newer version, not a workspace, or not to be had.
        """
        folder = Path(folder).absolute()
        return cls(folder, open_database(folder, url), author)

    def close(self) -> None:
        """Let go of the database; every later call raises StoreError."""
        if self._session and not self._is_closed:
            place, number = self._database.place, self._session
            try:
                with self._writing() as connection:
                    sessions.end(connection, place, number, at=_now())
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

    def remember_film(self, film: Film, path: Path) -> FilmRecord:
        """Make a film known, or note where it lies now.

        A read-only workspace gives the record of a film it knows, and StoreError for any other.
        """
        path = Path(path).absolute()
        values = queries.film_values(film, path)
        with self._reading() as connection:
            known = queries.read_film_values(connection, film.sha256)
        if known is not None and self.is_read_only:
            return replace(self._record(film.sha256), path=path)
        if known != values:
            with self._writing() as connection:
                queries.write_film(connection, film.sha256, values, at=_now())
        return self._record(film.sha256)

    def film(self, sha256: str) -> FilmRecord | None:
        """Return the record of a film, or None for one never remembered."""
        with self._reading() as connection:
            return queries.read_film(connection, sha256)

    def films(self) -> tuple[FilmRecord, ...]:
        """Return every film in the order in which they came."""
        with self._reading() as connection:
            return queries.read_films(connection)

    def traced_at(self, path: Path, sha256: str) -> FilmRecord | None:
        """Return the traced film last seen at a path, where that now holds another, untraced one.

        sha256 is the film that lies there now.
        """
        with self._reading() as connection:
            there = queries.read_films_at(connection, Path(path).absolute())
        now = [record for record in there if record.sha256 == sha256]
        if any(record.revision for record in now):
            return None
        before = [r for r in there if r.sha256 != sha256 and r.placed]
        return max(before, key=lambda record: record.updated_at, default=None)

    def history(self, sha256: str, empty: Tracing) -> History[Tracing]:
        """Return the undo history of a film as its revisions tell it, the last steps of it.

        empty is the tracing before anything was placed; it is the present of a film never traced
        or never remembered.
        Raises StoreError where the film was traced with another landmark set.
        """
        if empty != journal.blank(empty):
            raise ValueError("the tracing that a history begins with must be empty")
        seen = self._journals[sha256] = self._read_journal(sha256)
        if seen.history is None:
            return History(empty)
        landmark_set = seen.history.present.landmark_set
        if landmark_set != empty.landmark_set:
            raise StoreError(
                f"{self._record(sha256).name} was traced with the landmark set {landmark_set}, "
                f"not {empty.landmark_set}: choose that set to go on."
            )
        kept = journal.bounded(seen.history, journal.UNDO_STEPS)
        return History(
            journal.aligned(kept.present, empty),
            tuple(journal.aligned(step, empty) for step in kept.past),
            tuple(journal.aligned(step, empty) for step in kept.future),
        )

    def append_commit(self, sha256: str, tracing: Tracing) -> int:
        """Append a commit and return the number of the film's last revision.

        A tracing equal to the present one is no step. Raises StoreError where another window
        appended since this one last read the film's history, and ValueError where the tracing is
        of another landmark set or has lost points.
        """
        seen = self._journal(sha256)
        if seen.history is None:
            old = journal.blank(tracing)
            change = journal.first_difference(tracing) if tracing != old else ""
        else:
            old = seen.history.present
            change = journal.difference(old, tracing)
        if not change:
            return seen.number
        history = (seen.history or History(old)).commit(tracing)
        by = journal.author_of(old, tracing) or self._author
        return self._append(sha256, seen, Kind.COMMIT, change, history, by)

    def append_undo(self, sha256: str) -> int:
        """Append a step back and return its number; at the beginning nothing is appended."""
        seen = self._journal(sha256)
        if seen.history is None or not seen.history.can_undo:
            return seen.number
        return self._append(sha256, seen, Kind.UNDO, "", seen.history.undo(), self._author)

    def append_redo(self, sha256: str) -> int:
        """Append a step forward and return its number; at the end nothing is appended."""
        seen = self._journal(sha256)
        if seen.history is None or not seen.history.can_redo:
            return seen.number
        return self._append(sha256, seen, Kind.REDO, "", seen.history.redo(), self._author)

    def tracing(self, sha256: str) -> Tracing | None:
        """Return the present tracing of a film, or None where it was never traced."""
        with self._reading() as connection:
            return queries.read_tracing(connection, sha256)

    def set_pixel_size(
        self, sha256: str, pixel_size: PixelSize | None, *, by: str, at: str
    ) -> None:
        """Append what a user measured or accepted; None goes back to what the file says."""
        self._record(sha256)
        with self._writing() as connection:
            queries.append_scale(connection, sha256, pixel_size, by=by, at=at)

    def traced_films(self) -> tuple[tuple[FilmRecord, Tracing], ...]:
        """Return every film of which something is said, with its present tracing."""
        with self._reading() as connection:
            records = queries.read_films(connection)
            tracings = queries.read_tracings(connection)
        return tuple(
            (record, tracings[record.sha256])
            for record in records
            if record.sha256 in tracings
            and any(point != Point(point.landmark) for point in tracings[record.sha256])
        )

    def corrected_films(self) -> tuple[CorrectedFilm, ...]:
        """Return the films with at least one point that a human moved or confirmed."""
        corrected = []
        for record, tracing in self.traced_films():
            truths = {p.landmark: p.truth.xy for p in tracing if p.truth is not None}
            if truths:
                corrected.append(
                    CorrectedFilm(
                        path=str(record.path),
                        sha256=record.sha256,
                        points=truths,
                        mm_per_px=record.pixel_size.mm_per_px(),
                        patient=record.patient,
                        turn=tracing.turn,
                    )
                )
        return tuple(corrected)

    def append_work(self, sha256: str, seconds: float, *, at: str) -> None:
        """Append a stretch of work on a known film that ended now, without idle minutes."""
        with self._writing() as connection:
            queries.append_work(connection, sha256, by=self._author, at=at, seconds=seconds)

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a transaction that reads, for the modules of this room."""
        return self._reading()

    def active_model(self) -> str:
        """Return the folder of the active model, "" where the program's own is."""
        with self._reading() as connection:
            return queries.read_active_model(connection)

    def set_active_model(self, folder: str) -> None:
        """Append which model is active from now on; "" goes back to the program's own."""
        with self._writing() as connection:
            queries.append_active_model(connection, folder, at=_now())

    def _append(
        self,
        sha256: str,
        seen: _Journal,
        kind: Kind,
        change: str,
        history: History[Tracing],
        by: str,
    ) -> int:
        revision = Revision(seen.number + 1, kind, change)
        self._check_writable()
        if seen.number == 0:
            self._record(sha256)
        with self._writing() as connection:
            if queries.last_number(connection, sha256) != seen.number:
                raise self._changed_elsewhere(sha256)
            try:
                queries.append_revision(
                    connection, sha256, revision, history.present, by=by, at=_now()
                )
            except IntegrityError as error:
                raise self._changed_elsewhere(sha256) from error
        self._journals[sha256] = _Journal(revision.number, history)
        return revision.number

    def _journal(self, sha256: str) -> _Journal:
        # Kept until the history is asked for again: what another window appended since must be
        # seen by a user, not silently taken as the base of the next step.
        if sha256 not in self._journals:
            self._journals[sha256] = self._read_journal(sha256)
        return self._journals[sha256]

    def _read_journal(self, sha256: str) -> _Journal:
        with self._reading() as connection:
            revisions = queries.read_revisions(connection, sha256)
            history = journal.replay(revisions)
        return _Journal(revisions[-1].number if revisions else 0, history)

    def _changed_elsewhere(self, sha256: str) -> StoreError:
        return StoreError(
            f"{self._record(sha256).name} was changed in another window: open the film again, "
            "then make this change anew.",
            is_conflict=True,
        )

    def _record(self, sha256: str) -> FilmRecord:
        record = self.film(sha256)
        if record is None:
            raise StoreError(
                f"The workspace {self._database.place} does not know this film "
                f"({sha256[:12]}): open its file first."
            )
        return record

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
        with told_as_store_errors(database.place), engine.begin() as connection:
            if not session and database.path is not None:
                session = sessions.begin(connection, database.place, author=self._author, at=_now())
            yield connection
        self._session = session

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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""The workspace as the window and the command line use it."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from cephview.core.film import Film
from cephview.core.film_history import on_scale
from cephview.core.history import History
from cephview.core.learning import CorrectedFilm
from cephview.core.reading import FIRST, Reading, Start, with_decisions
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing
from cephview.store import journal, queries
from cephview.store.errors import StoreError
from cephview.store.journal import Kind, Revision
from cephview.store.merging import Appended, append_merged
from cephview.store.open_workspace import OpenWorkspace, now
from cephview.store.opening import Database
from cephview.store.records import FilmRecord


@dataclass(frozen=True)
class _Journal:
    """What this workspace last saw of a reading of a film: its last number, and its history.

    scale is what users said of the film's scale then.
    """

    number: int
    history: History[Tracing] | None
    scale: PixelSize | None = None


class Workspace(OpenWorkspace):
    """The films of one folder, their tracings, and every revision of them.

    A tracing belongs to a film and a reading of it, by its number; 0 is the first reading, which
    every workspace has. Readings know nothing of each other, and a step of one changes no other.
    """

    def __init__(self, folder: Path, database: Database, author: str) -> None:
        super().__init__(folder, database, author)
        self._journals: dict[tuple[str, int], _Journal] = {}

    def readings(self) -> tuple[Reading, ...]:
        """Return every reading, the first one first, in the order in which they were begun."""
        with self._reading() as connection:
            return queries.read_readings(connection)

    def begin_reading(self, reader: str, start: Start) -> Reading:
        """Return the reading of a reader, begun now unless there is one.

        An empty name is that of the decisions on what readers see differently, and of them alone.
        """
        reader = reader.strip()
        if bool(reader) == (start is Start.DECISIONS):
            raise ValueError("a reading has a reader, and decisions have none")
        for reading in self.readings():
            if not reading.is_first and reading.reader == reader:
                return reading
        try:
            with self._writing() as connection:
                return queries.append_reading(connection, reader, start, by=self._author, at=now())
        except IntegrityError as error:
            raise StoreError(
                f"The reading of {reader} was begun in another window just now: do it again."
            ) from error

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
                queries.write_film(connection, film.sha256, values, at=now())
        return self._record(film.sha256)

    def film(self, sha256: str, reading: int = 0) -> FilmRecord | None:
        """Return the record of a film as a reading has it, or None for one never remembered."""
        with self._reading() as connection:
            return queries.read_film(connection, sha256, reading)

    def films(self, reading: int = 0) -> tuple[FilmRecord, ...]:
        """Return every film in the order in which they came, as a reading has it."""
        with self._reading() as connection:
            return queries.read_films(connection, reading)

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

    def history(self, sha256: str, empty: Tracing, reading: int = 0) -> History[Tracing]:
        """Return the undo history of a reading as its revisions tell it, the last steps of it.

        empty is the tracing before anything was placed; with what users said of the film's scale,
        it is the present of a film never traced or never remembered.
        Raises StoreError where the film was traced with another landmark set.
        """
        if empty != journal.blank(empty):
            raise ValueError("the tracing that a history begins with must be empty")
        seen = self._journals[sha256, reading] = self._read_journal(sha256, reading)
        if seen.history is None:
            return History(empty.scaled(seen.scale))
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

    def append_commit(
        self, sha256: str, tracing: Tracing, reading: int = 0, *, by: str = ""
    ) -> int:
        """Append a commit to a reading of a film and return the number of its last revision.

        A tracing equal to the present one is no step. Raises StoreError where another window
        appended since this one last read the film's history, and ValueError where the tracing is
        of another landmark set or has lost points.
        """
        seen = self._journal(sha256, reading)
        if seen.history is None:
            old = journal.blank(tracing).scaled(seen.scale)
            change = journal.first_difference(tracing, seen.scale) if tracing != old else ""
        else:
            old = seen.history.present
            change = journal.difference(old, tracing)
        if not change:
            return seen.number
        history = (seen.history or History(old)).commit(tracing)
        by = journal.author_of(old, tracing) or by or self._author
        return self._append(sha256, reading, seen, Kind.COMMIT, change, history, by)

    def append_undo(self, sha256: str, reading: int = 0, *, by: str = "") -> int:
        """Append a step back and return its number; at the beginning nothing is appended."""
        seen = self._journal(sha256, reading)
        if seen.history is None or not seen.history.can_undo:
            return seen.number
        back = seen.history.undo()
        return self._append(sha256, reading, seen, Kind.UNDO, "", back, by or self._author)

    def append_redo(self, sha256: str, reading: int = 0, *, by: str = "") -> int:
        """Append a step forward and return its number; at the end nothing is appended."""
        seen = self._journal(sha256, reading)
        if seen.history is None or not seen.history.can_redo:
            return seen.number
        forth = seen.history.redo()
        return self._append(sha256, reading, seen, Kind.REDO, "", forth, by or self._author)

    def merge(
        self, sha256: str, before: Tracing, after: Tracing, reading: int = 0, *, by: str = ""
    ) -> Appended:
        """Append a step that was made without sight of another window's (store.merging).

        Until the film's history is read anew, every other step of it is refused as before.
        """
        self._record(sha256)
        step, by = (before, after), by or self._author
        with self._writing() as connection:
            return append_merged(connection, sha256, reading, *step, by=by, at=now())

    def tracing(self, sha256: str, reading: int = 0) -> Tracing | None:
        """Return the present tracing of a film in a reading, or None where it was never traced."""
        with self._reading() as connection:
            return queries.read_tracing(connection, sha256, reading)

    def set_pixel_size(
        self, sha256: str, pixel_size: PixelSize | None, *, by: str, at: str
    ) -> None:
        """Append what a user says of the scale beside any tracing, so that no step undoes it.

        None goes back to what the file says.
        """
        self._record(sha256)
        with self._writing() as connection:
            queries.append_scale(connection, sha256, pixel_size, by=by, at=at)

    def traced_films(self, reading: int = 0) -> tuple[tuple[FilmRecord, Tracing], ...]:
        """Return every film of which a reading says something, with its present tracing.

        Films that are skipped or in the bin are left out. Decisions are laid over the first
        reading: what nobody decided is as that has it.
        """
        with self._reading() as connection:
            decides = _is_decisions(queries.read_readings(connection), reading)
            base = FIRST.number if decides else reading
            records = queries.read_films(connection, base)
            tracings = queries.read_tracings(connection, base)
            decisions = queries.read_tracings(connection, reading) if decides else {}
        for sha256, decided in decisions.items():
            first = tracings.get(sha256, journal.blank(decided))
            tracings[sha256] = with_decisions(first, decided)
        return tuple(
            (record, tracings[record.sha256])
            for record in records
            if record.sha256 in tracings
            and not record.is_skipped
            and any(point != Point(point.landmark) for point in tracings[record.sha256])
        )

    def corrected_films(self, reading: int = 0) -> tuple[CorrectedFilm, ...]:
        """Return the films with at least one point that the human of a reading stands for."""
        corrected = []
        for record, tracing in self.traced_films(reading):
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
                        sets={landmark: tracing.set_of(landmark) for landmark in truths},
                    )
                )
        return tuple(corrected)

    def append_work(
        self, sha256: str, seconds: float, reading: int = 0, *, at: str, by: str = ""
    ) -> None:
        """Append a stretch of work on a known film that ended now, without idle minutes."""
        by = by or self._author
        with self._writing() as connection:
            queries.append_work(connection, sha256, reading, by=by, at=at, seconds=seconds)

    def active_model(self) -> str:
        """Return the folder of the active model, "" where the program's own is."""
        with self._reading() as connection:
            return queries.read_active_model(connection)

    def set_active_model(self, folder: str) -> None:
        """Append which model is active from now on; "" goes back to the program's own."""
        with self._writing() as connection:
            queries.append_active_model(connection, folder, at=now())

    def _append(
        self,
        sha256: str,
        reading: int,
        seen: _Journal,
        kind: Kind,
        change: str,
        history: History[Tracing],
        by: str,
    ) -> int:
        revision = Revision(seen.number + 1, kind, change)
        before = seen.scale if seen.history is None else seen.history.present.scale
        self._check_writable()
        if seen.number == 0:
            self._record(sha256)
            if reading not in {known.number for known in self.readings()}:
                raise StoreError(f"The workspace {self._database.place} has no such reading.")
        with self._writing() as connection:
            queries.lock_film(connection, sha256)
            if queries.last_number(connection, sha256, reading) != seen.number:
                raise self._changed_elsewhere(sha256)
            at, scale = now(), history.present.scale
            try:
                queries.append_revision(
                    connection, sha256, reading, revision, history.present, by=by, at=at
                )
            except IntegrityError as error:
                raise self._changed_elsewhere(sha256) from error
            if scale != before:
                queries.append_scale(connection, sha256, scale, by=by, at=at)
        self._journals[sha256, reading] = _Journal(revision.number, history, scale)
        return revision.number

    def _journal(self, sha256: str, reading: int) -> _Journal:
        # Kept until the history is asked for again: what another window appended since must be
        # seen by a user, not silently taken as the base of the next step.
        if (sha256, reading) not in self._journals:
            self._journals[sha256, reading] = self._read_journal(sha256, reading)
        return self._journals[sha256, reading]

    def _read_journal(self, sha256: str, reading: int) -> _Journal:
        with self._reading() as connection:
            revisions = queries.read_revisions(connection, sha256, reading)
            scale = queries.read_scale(connection, sha256)
            present = queries.read_present(connection, sha256, reading)
            history = journal.replay(revisions)
            journal.check(revisions, history, present)
            if history is not None:
                history = on_scale(history, scale)
        return _Journal(revisions[-1].number if revisions else 0, history, scale)

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


def _is_decisions(readings: tuple[Reading, ...], number: int) -> bool:
    return any(reading.number == number and reading.is_decisions for reading in readings)

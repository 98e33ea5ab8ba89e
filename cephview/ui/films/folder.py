"""The open folder: which of its files are films, and what the workspace knows of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cephview.core.learning import CorrectedFilm
from cephview.core.natural_order import natural_order
from cephview.core.tracing import Tracing
from cephview.ui.films.film_digests import FilmDigests
from cephview.ui.films.listing import Listed, films_there, not_to_be_read, where_they_lie
from cephview.ui.films.recognising import Recognising
from cephview.ui.rows.film_list_model import FilmListModel, FilmRow, FilmState
from cephview.ui.rows.standing import NEW, Frame, Standing, standing_of_record, standing_of_tracing
from cephview.ui.work.background import Background
from cephview.ui.work.job import Job, Stopped

if TYPE_CHECKING:
    from cephview.store import FilmRecord


class Folder(QObject):
    """Fills the list of films. Reading the folder happens off the window's thread.

    A row is known by its place at once and by its bytes soon after: a film that was moved, renamed
    or copied is the same film.
    """

    listed = Signal(object)
    failed = Signal(object)
    missed = Signal(int, int)
    began = Signal(object)

    def __init__(
        self,
        model: FilmListModel,
        looks_like_film: Callable[[Path], bool],
        find_films: Callable[..., Any],
        records: "Callable[[], Iterable[FilmRecord]]",
        in_bin: "Callable[[], Iterable[FilmRecord]]",
        digests: FilmDigests,
        parent: QObject,
    ) -> None:
        """records() gives what the workspace knows, in_bin() what is in its bin.

        Both are read anew each time a folder is opened.
        """
        super().__init__(parent)
        self._model = model
        self._looks_like_film = looks_like_film
        self._find_films = find_films
        self._records = records
        self._in_bin = in_bin
        self._binned: dict[str, Path] = {}
        self.moved_counts = False
        self._background = Background(self)
        self._job: Job | None = None
        self._standing: dict[str, Standing] = {}
        self._frames: dict[str, Frame] = {}
        self._last_seen: dict[str, Path] = {}
        self._seen_at: dict[Path, str] = {}
        self._digests: dict[Path, str] = {}
        self._paths: dict[str, list[Path]] = {}
        self._found_at: dict[str, Path] = {}
        self._claims: Mapping[str, str] = {}
        self.recognising = Recognising(digests, self)
        self.recognising.recognised.connect(self._recognised)

    def open(self, places: tuple[Path, ...]) -> None:
        """List the films of folders and discs, and files with them; files alone join the list.

        listed(what is listed now) follows, unless it is given up or failed.
        """
        test, find = self._looks_like_film, self._find_films
        if self._job is not None:
            self._job.stop()
        job = self._job = Job("Reading the folder", self)
        self.began.emit(job)
        self._background.run(
            lambda: find(places, test, job.each, job.go_on),
            lambda found: self._read(job, places, found),
            lambda error: self._not_read(job, error),
        )

    def open_workspace(self) -> None:
        """List every film that the workspace knows, wherever it lies.

        listed(what is listed now) follows, and missed(how many are gone, of how many).
        """
        if self._job is not None:
            self._job.stop()
        job = self._job = Job("Looking for the films", self)
        # Where a film was recognised since it was last open counts too.
        places = tuple(
            (record.path, self._found_at.get(record.sha256, record.path))
            for record in self._records()
        )
        self.began.emit(job)
        self._background.run(
            lambda: films_there(places, job.each),
            lambda found: self._read_workspace(job, found),
            lambda error: self._not_read(job, error),
        )

    def add(self, path: Path) -> None:
        """Put a single film on the list, unless it is there."""
        if self._model.row_of(path) is not None:
            return
        self._ask_workspace()
        self._model.add(self._row(path))
        self.recognising.look_at((path,), self._last_seen)

    def reread(self) -> None:
        """Bring rows that were listed before the workspace opened up to what it knows."""
        self._ask_workspace()
        changed = {}
        for path in self._model.paths():
            standing, row = self._standing_at(path), self._model.row_of(path)
            if standing is not None and row is not None and not row.is_gone:
                changed[path] = standing.fields
        self._model.change_rows(changed)
        self._model.arrange()
        self._recognise_all()

    def begin_again(self) -> None:
        """Forget what the workspace knew: another one is in its place."""
        for known in (self._standing, self._last_seen, self._seen_at):
            known.clear()
        self._model.change_rows(dict.fromkeys(self._model.paths(), NEW.fields))
        self.reread()

    def show_reading(self) -> None:
        """Bring every row up to what the workspace now says: another reading is shown."""
        self._standing.clear()
        self._ask_workspace()
        changed = {}
        for path in self._model.paths():
            row = self._model.row_of(path)
            if row is not None and row.state is not FilmState.UNREADABLE:
                changed[path] = (self._standing_at(path) or NEW).fields
        self._model.change_rows(changed)
        self._model.arrange()

    def put_back(self, rows: Iterable[FilmRow]) -> None:
        """Put rows back on the list, as the workspace knows their films now."""
        self._ask_workspace()
        for row in rows:
            is_readable = row.state is not FilmState.UNREADABLE
            self._model.add(self._row(row.path) if is_readable else row)
        self._model.arrange()

    def digests_of(self, paths: Iterable[Path]) -> tuple[str, ...]:
        """Return the SHA-256 of the files that are films of the workspace, as far as is known."""
        found = (self._digest(path) for path in paths)
        return tuple(dict.fromkeys(one for one in found if one in self._standing))

    def paths_of(self, sha256s: Collection[str]) -> tuple[Path, ...]:
        """Return the listed files that are one of these films."""
        return tuple(path for path in self._model.paths() if self._digest(path) in sha256s)

    def show_skipped(self, sha256s: Iterable[str], is_skipped: bool) -> None:
        """Say in the rows of films whether they are skipped."""
        films = set(sha256s)
        for sha256 in films:
            standing = self._standing.get(sha256, NEW)
            self._standing[sha256] = replace(standing, is_skipped=is_skipped)
        skipped = {"is_skipped": is_skipped}
        self._model.change_rows(dict.fromkeys(self.paths_of(films), skipped))

    def is_binned(self, sha256: str) -> bool:
        """Whether a film is in the bin of the workspace, as it was last read."""
        return sha256 in self._binned

    def forget(self, sha256s: Iterable[str]) -> None:
        """Take note that films are no longer among those of the workspace."""
        for sha256 in sha256s:
            for known in (self._standing, self._last_seen):
                known.pop(sha256, None)
        self._seen_at = {p: one for p, one in self._seen_at.items() if one not in set(sha256s)}
        self._ask_workspace()

    def know(self, path: Path, sha256: str) -> None:
        """Take the digest of a film that was opened."""
        self._recognised({path: sha256})
        self.recognising.look_for_copies(path)

    def traced_films(
        self, traced: "Iterable[tuple[FilmRecord, Tracing]]", paths: Iterable[Path]
    ) -> "tuple[tuple[FilmRecord, Tracing], ...]":
        """Return those that lie at some paths, each once, in the order of these."""
        known = {record.sha256: (record, tracing) for record, tracing in traced}
        found = []
        for sha256, places in self._films_at(paths).items():
            if sha256 in known:
                record, tracing = known[sha256]
                path = record.path if record.path in places else places[0]
                found.append((replace(record, path=path), tracing))
        return tuple(found)

    def located(
        self, traced: "Iterable[tuple[FilmRecord, Tracing]]"
    ) -> "tuple[tuple[FilmRecord, Tracing], ...]":
        """Return all of them, those that are listed with the path where they lie now."""
        listed = self._films_at(self._model.paths())
        return tuple(
            (record, tracing)
            if record.path in listed.get(record.sha256, (record.path,))
            else (replace(record, path=listed[record.sha256][0]), tracing)
            for record, tracing in traced
        )

    def where_they_lie(self, films: Iterable[CorrectedFilm]) -> tuple[CorrectedFilm, ...]:
        """Return the films, those that are listed with the path where they lie now.

        A film in whose place another one is known to lie by now is left out.
        """
        return where_they_lie(films, self._films_at(self._model.paths()), self._digests)

    def has_open_questions(self) -> bool:
        """Whether a listed file may still turn out to be a film of the workspace."""
        return self.recognising.has_open_questions(self._seen_at)

    def show_tracing(self, path: Path, tracing: Tracing, frame: Frame | None = None) -> None:
        """Bring the row of a film, and of its copies, up to date.

        Without a frame, uncertainty is told by what the workspace last knew.
        """
        sha256, row = self._digest(path), self._model.row_of(path)
        before = self._standing.get(sha256 or "", NEW)
        frame = frame or self._frames.get(sha256 or "", Frame())
        standing = standing_of_tracing(tracing, frame, before, moved_counts=self.moved_counts)
        is_placed = standing.state is not FilmState.NEW
        failure = "" if row is None or is_placed else row.failure
        self._model.change(path, sentence="", failure=failure, **standing.fields)
        if sha256 is not None:
            self._frames[sha256] = frame
            self._take(sha256, standing)

    def know_frame(self, sha256: str, frame: Frame) -> None:
        """Take by what the uncertainty of a film is told."""
        self._frames[sha256] = frame

    def add_time(self, sha256: str, seconds: float) -> None:
        """Add time at work to a film."""
        self._take(sha256, self._standing.get(sha256, NEW).after(seconds))

    def show_changed(self, path: Path, at: str) -> None:
        """Note when a film changed last (UTC, ISO 8601)."""
        self._model.change(path, changed_at=at)
        sha256 = self._digest(path)
        if sha256 is not None and sha256 in self._standing:
            self._take(sha256, replace(self._standing[sha256], changed_at=at))

    def show_failed(self, path: Path, sentence: str) -> None:
        """Tell that the points of a film could not be placed, and why; "" takes that back."""
        self._model.change(path, failure=sentence)

    def show_detecting(self, path: Path) -> None:
        self._model.change(path, state=FilmState.DETECTING)

    def show_unreadable(self, path: Path, sentence: str) -> None:
        row = self._model.row_of(path)
        # How to find it says more than that there is nothing to read.
        said = row.sentence if row is not None and row.is_gone else ""
        self._model.change(path, state=FilmState.UNREADABLE, sentence=said or sentence)

    def show_claims(self, claims: Mapping[str, str]) -> None:
        """Say in the rows who else is at work on which film: film -> author."""
        self._claims = claims
        self._model.change_rows({path: self._who(path) for path in self._model.paths()})

    def close(self) -> None:
        if self._job is not None:
            self._job.stop()
        self._background.close()
        self.recognising.close()

    def _films_at(self, paths: Iterable[Path]) -> dict[str, list[Path]]:
        """Return those of some paths where each film lies, by its digest, in their order.

        Files of which the workspace knows nothing may be missing.
        """
        found: dict[str, list[Path]] = {}
        for path in paths:
            sha256 = self._digest(path)
            if sha256 is not None:
                found.setdefault(sha256, []).append(path)
        return found

    def _read(self, job: Job, places: tuple[Path, ...], found: Sequence[Any]) -> None:
        is_wanted = job is self._job
        self._end(job)
        if not is_wanted:
            return
        # Whatever was named itself and is no film is told, and never listed.
        no_films = tuple(file.path for file in found if file.is_named and not file.is_film)
        films = [(file.path, file.is_film) for file in found if file.is_film or not file.is_named]
        where = ", ".join(map(str, places))
        if all(file.is_named for file in found) and not any(place.is_dir() for place in places):
            for path, _ in films:
                self.add(path)
            first = films[0][0] if films else None
            self.listed.emit(Listed(len(films), where, first, no_films))
        else:
            self._show(films, Listed(len(films), where, None, no_films), is_gone=False)

    def _read_workspace(self, job: Job, found: list[tuple[Path, bool]]) -> None:
        is_wanted = job is self._job
        self._end(job)
        if not is_wanted:
            return
        gone = sum(not is_there for _, is_there in found)
        self._show(found, Listed(len(found), "the workspace yet"), is_gone=True)
        self.missed.emit(gone, len(found))

    def _not_read(self, job: Job, error: Exception) -> None:
        is_wanted = job is self._job
        self._end(job)
        # What is listed stays, and nothing went wrong.
        if is_wanted and not isinstance(error, Stopped):
            self.failed.emit(error)

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job = None
        job.end()

    def _show(self, found: list[tuple[Path, bool]], listed: Listed, *, is_gone: bool) -> None:
        """List films instead of what was there; where there is none, that is still of use."""
        if found:
            # What these were before may not be what lies there now.
            self._digests.clear()
            self._paths.clear()
            self._ask_workspace()
            binned = set(self._binned.values()) - set(self._seen_at)
            self._model.set_rows([
                self._row(path) if is_film else not_to_be_read(path, is_gone=is_gone)
                for path, is_film in sorted(found, key=lambda one: natural_order(one[0]))
                if path not in binned
            ])  # fmt: skip
        self.listed.emit(listed)
        if found:
            self._recognise_all()

    def _ask_workspace(self) -> None:
        self._binned = {record.sha256: record.path for record in self._in_bin()}
        for record in self._records():
            sha256, path = record.sha256, record.path
            self._last_seen[sha256] = path
            self._seen_at[path] = sha256
            self._standing[sha256] = standing_of_record(record, moved_counts=self.moved_counts)
            self._frames[sha256] = Frame(record.pixel_size, record.height)

    def _recognise_all(self) -> None:
        rows = (self._model.row_of(path) for path in self._model.paths())
        readable = [r.path for r in rows if r is not None and r.state is not FilmState.UNREADABLE]
        self.recognising.forget()
        self.recognising.look_at(readable, self._last_seen | self._binned)

    def _recognised(self, found: dict[Path, str]) -> None:
        changed = {}
        for path, sha256 in found.items():
            before = self._digests.get(path)
            if before is not None and before != sha256:
                self._paths[before].remove(path)
            if before != sha256:
                self._digests[path] = sha256
                self._paths.setdefault(sha256, []).append(path)
                self._found_at[sha256] = path
            row = self._model.row_of(path)
            if row is not None and row.state not in (FilmState.DETECTING, FilmState.UNREADABLE):
                changed[path] = self._standing.get(sha256, NEW).fields | self._who(path)
        self._model.change_rows(changed)
        self._model.remove([path for path, sha256 in found.items() if sha256 in self._binned])

    def _take(self, sha256: str, standing: Standing) -> None:
        self._standing[sha256] = standing
        for copy in self._paths.get(sha256, ()):
            row = self._model.row_of(copy)
            if row is not None and row.state not in (FilmState.DETECTING, FilmState.UNREADABLE):
                self._model.change(copy, **standing.fields)

    def _digest(self, path: Path) -> str | None:
        return self._digests.get(path) or self._seen_at.get(path.absolute())

    def _standing_at(self, path: Path) -> Standing | None:
        sha256 = self._digest(path)
        return None if sha256 is None else self._standing.get(sha256)

    def _row(self, path: Path) -> FilmRow:
        standing = self._standing_at(path) or NEW
        return FilmRow(path, **standing.fields, **self._who(path))

    def _who(self, path: Path) -> dict[str, Any]:
        """Return the field of a row that says who else is at work on its film."""
        who = self._claims.get(self._digest(path) or "")
        return {"at_work": "" if who is None else who or "somebody"}

"""The workspace as the window sees it: opened late, one exception, and never absent."""

import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cephview import places
from cephview.core.comparison import ReadTwice
from cephview.core.demo import is_demo
from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.landmarks import Landmark, LandmarkSet
from cephview.core.learning import CorrectedFilm
from cephview.core.merging import Merged
from cephview.core.reading import FIRST, Reading, Start
from cephview.core.scale import PixelSize
from cephview.core.tracing import Tracing
from cephview.database_address import is_address
from cephview.ui.workspace import known_places
from cephview.ui.workspace.demo_steps import DemoSteps

if TYPE_CHECKING:
    from cephview.store import FilmRecord, Workspace
    from cephview.store.backups import Backup

T = TypeVar("T")

_GONE = (
    "The workspace {} was there before and is gone, so an empty one was begun in its place; if its "
    "disk is not connected or the folder was moved, close the window, put it back and start again."
)


class KeepError(Exception):
    """Something could not be read from the workspace or kept in it; str() is one sentence."""


class ConflictError(KeepError):
    """Another window changed the film meanwhile; the step must not be tried again as it is."""


class UnmendedError(KeepError):
    """The workspace must be put right first, which takes long; str() says why."""


class Keeping:
    """What a session keeps, and where.

    Before open(), and where open() failed, reading gives nothing and writing raises KeepError, so
    that the window says NOT SAVED instead of pretending.

    What is done on the demo film goes to no workspace, and is gone with the window.
    """

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._error = "The workspace is not open yet, so nothing is saved."
        self._gone = ""
        self._cut = ""
        self._unknown: dict[str, tuple[Film, Path]] = {}
        self._demo = DemoSteps()

    def open(self, place: str, author: str, *, may_take_long: bool = True) -> None:
        """Open the workspace in a folder, or at a database URL.

        Raises KeepError and, unless it may take long, UnmendedError.
        """
        # Imported here: SQLAlchemy takes a good part of the window's first second.
        from cephview.store import NotMendedError, StoreError, Workspace

        try:
            if is_address(place):
                folder = places.user_dir() / "workspace"
                self._workspace = Workspace.open(folder, url=place, author=author)
            else:
                is_gone = known_places.is_known(place) and not Path(place).exists()
                self._workspace = Workspace.open(
                    Path(place), author=author, may_take_long=may_take_long
                )
                self._gone = _GONE.format(place) if is_gone else ""
                known_places.add(place)
        except NotMendedError as error:
            self._error = "The workspace is still being put right, so nothing is saved yet."
            raise UnmendedError(str(error)) from error
        except (StoreError, OSError) as error:
            self.refuse(str(error))
            raise KeepError(self._error) from error

    def refuse(self, sentence: str) -> None:
        """Take note of why there is no workspace in this session."""
        self._error = f"{sentence} Nothing is saved in this session."

    def close(self) -> None:
        if self._workspace is not None:
            self._workspace.close()

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what a user must know of the workspace from the start."""
        workspace = self._workspace
        if workspace is None:
            return ()
        reason = workspace.read_only_reason
        sentences = (
            f"Nothing can be saved: {reason}; allow writing there, or choose another workspace."
            if reason
            else "",
            workspace.notice,
            self._gone,
        )
        return tuple(sentence for sentence in sentences if sentence)

    @property
    def news(self) -> str:
        """Return a sentence on how the last session ended where it did not close, else ""."""
        return "" if self._workspace is None else self._workspace.news

    @property
    def is_shared(self) -> bool:
        """Whether the workspace is on a server."""
        return self._workspace is not None and self._workspace.is_shared

    @property
    def is_cut(self) -> bool:
        """Whether the server could not be reached, and nothing is asked of it until at_work can."""
        return bool(self._cut)

    def at_work(self, sha256: str) -> dict[str, str]:
        """Say that this window is at work on a film, "" for none; return who else is where.

        May be called on another thread. Raises KeepError; where it does not, the server is there.
        """
        assert self._workspace is not None
        claimed = "" if is_demo(sha256) else sha256
        self._told(lambda w: w.claim(claimed), self._workspace)
        found = self._told(lambda w: w.others_claims(), self._workspace)
        self._cut = ""
        return found

    def leave(self) -> None:
        """Give up what this window is at work on, where the server can be told."""
        with contextlib.suppress(KeepError):
            self._write(lambda w: w.claim(""))

    def back_up(self) -> None:
        """Back the workspace up; may be called on another thread. Raises KeepError."""
        if self._workspace is not None:
            self._told(lambda w: w.back_up(), self._workspace)

    def backups(self) -> "tuple[Backup, ...]":
        """Return the backups that can be restored, newest first."""
        return self._read(lambda w: w.backups(), ())

    def restoring(self, backup: Path) -> Callable[[], str]:
        """Let go of the workspace; return what puts a backup in its place, and says of it.

        That may be called on another thread, and raises KeepError. Then the workspace is to be
        opened again, in any case. Raises KeepError where there is none.
        """
        workspace = self._workspace
        if workspace is None:
            raise KeepError(self._error)
        self._workspace = None
        self._error = "A backup is being put back, so nothing is saved until that is done."
        return lambda: self._told(lambda w: w.restore(backup), workspace)

    def traced_at(self, path: Path, sha256: str) -> "FilmRecord | None":
        """Return the traced film last seen at a path where another, untraced one lies now."""
        if is_demo(sha256):
            return None
        return self._read(lambda w: w.traced_at(path, sha256), None)

    def remember_film(self, film: Film, path: Path) -> PixelSize:
        """Make a film known and return its effective pixel size.

        Where that fails it is done before the first step of the film, which needs it.
        """
        if is_demo(film.sha256):
            return self._demo.pixel_size(film.sha256, film.pixel_size)
        # Of its pixels only the shape is kept: films would add up where no disk takes them.
        shape = np.broadcast_to(np.uint8(0), film.pixels.shape)
        self._unknown[film.sha256] = replace(film, pixels=shape), path
        size = self._write(lambda w: w.remember_film(film, path).pixel_size)
        self._unknown.pop(film.sha256, None)
        return size

    def pixel_size(self, film: Film) -> PixelSize:
        """Return the effective pixel size of a film, its own where nothing else is known."""
        if is_demo(film.sha256):
            return self._demo.pixel_size(film.sha256, film.pixel_size)
        record = self._read(lambda w: w.film(film.sha256), None)
        return film.pixel_size if record is None else record.pixel_size

    def readings(self) -> tuple[Reading, ...]:
        return self._read(lambda w: w.readings(), (FIRST,))

    def begin_reading(self, reader: str, start: Start) -> Reading:
        return self._write(lambda w: w.begin_reading(reader, start))

    def read_twice(self, first: int, second: int) -> tuple[ReadTwice, ...]:
        """Return the films with points that the readers of both readings stand for."""
        from cephview.store.readings import films_read_twice

        return self._read(lambda w: films_read_twice(w, first, second), ())

    def history(self, sha256: str, empty: Tracing, reading: int = 0) -> History[Tracing]:
        if is_demo(sha256):
            return self._demo.history(sha256, empty, reading)
        return self._read(lambda w: w.history(sha256, empty, reading), History(empty))

    def tracing(self, sha256: str, reading: int = 0) -> Tracing | None:
        if is_demo(sha256):
            return self._demo.tracing(sha256, reading)
        return self._read(lambda w: w.tracing(sha256, reading), None)

    def films(self, reading: int = 0) -> "tuple[FilmRecord, ...]":
        return self._read(lambda w: w.films(reading), ())

    def traced_films(self, reading: int = 0) -> "tuple[tuple[FilmRecord, Tracing], ...]":
        return self._read(lambda w: w.traced_films(reading), ())

    def corrected_films(self, reading: int = 0) -> tuple[CorrectedFilm, ...]:
        return self._read(lambda w: w.corrected_films(reading), ())

    def set_skipped(self, films: Collection[str], is_skipped: bool) -> None:
        """Let no model learn from films, and no export hold them; or take that back."""
        from cephview.store.leaving_out import set_skipped

        self._write(lambda w: set_skipped(w, films, is_skipped=is_skipped))

    def put_in_bin(self, films: Collection[str]) -> None:
        """Take films out of the workspace; all that is known of them stays in its bin."""
        from cephview.store.leaving_out import put_in_bin

        self._write(lambda w: put_in_bin(w, films, at=_now()))

    def take_from_bin(self, films: Collection[str]) -> None:
        """Put films back among those of the workspace."""
        from cephview.store.leaving_out import take_from_bin

        self._write(lambda w: take_from_bin(w, films))

    def films_in_bin(self) -> "tuple[FilmRecord, ...]":
        """Return what is in the bin, what came last first."""
        if self._workspace is None:
            return ()
        from cephview.store.leaving_out import films_in_bin

        return self._read(films_in_bin, ())

    def active_model(self) -> str:
        return self._read(lambda w: w.active_model(), "")

    def set_active_model(self, folder: str) -> None:
        self._write(lambda w: w.set_active_model(folder))

    def landmarks(self, base: LandmarkSet) -> LandmarkSet:
        """Return a set with what the workspace added to it."""
        if self._workspace is None:
            return base
        from cephview.store.landmarks import landmark_set

        return self._told(lambda w: landmark_set(w, base), self._workspace)

    def add_landmark(self, base: LandmarkSet, landmark: Landmark, *, by: str) -> LandmarkSet:
        """Add a landmark to the workspace's set; return that."""
        from cephview.store.landmarks import add_landmark

        return self._write(lambda w: add_landmark(w, base, landmark, by=by, at=_now()))

    def retire_landmark(self, base: LandmarkSet, landmark: str, *, by: str) -> LandmarkSet:
        """Take an added landmark out of the workspace's set; return that."""
        from cephview.store.landmarks import retire_landmark

        return self._write(lambda w: retire_landmark(w, base, landmark, by=by, at=_now()))

    def append_commit(self, sha256: str, tracing: Tracing, reading: int = 0, by: str = "") -> int:
        if is_demo(sha256):
            return self._demo.append_commit(sha256, tracing, reading)
        return self._step(sha256, lambda w: w.append_commit(sha256, tracing, reading, by=by))

    def append_undo(self, sha256: str, reading: int = 0, by: str = "") -> int:
        if is_demo(sha256):
            return self._demo.append_undo(sha256, reading)
        return self._step(sha256, lambda w: w.append_undo(sha256, reading, by=by))

    def append_redo(self, sha256: str, reading: int = 0, by: str = "") -> int:
        if is_demo(sha256):
            return self._demo.append_redo(sha256, reading)
        return self._step(sha256, lambda w: w.append_redo(sha256, reading, by=by))

    def merge(
        self, sha256: str, before: Tracing, after: Tracing, reading: int = 0, by: str = ""
    ) -> Merged:
        """Bring a step together with another window's, of which its hand knew nothing."""
        return self._step(sha256, lambda w: w.merge(sha256, before, after, reading, by=by).merged)

    def append_work(self, sha256: str, seconds: float, reading: int = 0, by: str = "") -> None:
        if is_demo(sha256):
            return
        self._write(lambda w: w.append_work(sha256, seconds, reading, at=_now(), by=by))

    def _read(self, ask: "Callable[[Workspace], T]", otherwise: T) -> T:
        if self._workspace is None:
            return otherwise
        self._refuse_if_cut()
        return self._told(ask, self._workspace)

    def _refuse_if_cut(self) -> None:
        """Do not make a hand wait for a server that was not there a moment ago."""
        if self._cut:
            raise KeepError(self._cut)

    def _write(self, ask: "Callable[[Workspace], T]") -> T:
        if self._workspace is None:
            raise KeepError(self._error)
        self._refuse_if_cut()
        return self._told(ask, self._workspace)

    def _step(self, sha256: str, ask: "Callable[[Workspace], T]") -> T:
        if sha256 in self._unknown:
            self.remember_film(*self._unknown[sha256])
        return self._write(ask)

    def _told(self, ask: "Callable[[Workspace], T]", workspace: "Workspace") -> T:
        from cephview.store import StoreError

        try:
            return ask(workspace)
        except (StoreError, OSError) as error:
            if isinstance(error, StoreError) and error.is_cut:
                self._cut = str(error)
            is_conflict = isinstance(error, StoreError) and error.is_conflict
            raise (ConflictError if is_conflict else KeepError)(str(error)) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

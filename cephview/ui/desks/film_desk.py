"""What actions do with the films that are selected in the list."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from cephview.ui.dialogs.bin import ask_from_bin
from cephview.ui.notice import Kind, Notice
from cephview.ui.rows.film_list_model import FilmRow
from cephview.ui.workspace.keeping import KeepError

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow


class FilmDesk(QObject):
    """Takes films off the list or out of the workspace, or has them skipped; each can be undone."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        # Of the films that left the list, what brings them back; the last removal last.
        self._ways_back: list[Callable[[], object]] = []

    def put_back(self) -> None:
        """Bring back what was removed last in this window, from the list or the workspace."""
        if not self._ways_back:
            self._say("No film was removed in this window.")
            return
        self._window.notices.withdraw("films")
        self._ways_back[-1]()

    def _undoable(self, way_back: Callable[[], object]) -> Callable[[], object]:
        def once() -> None:
            if once in self._ways_back:
                self._ways_back.remove(once)
                way_back()

        self._ways_back.append(once)
        return once

    def open(self) -> None:
        """Open the first of the selected films."""
        paths = self._window.films.selected_paths()
        if paths:
            self._window.session.open_film(paths[0])

    def show_in_folder(self) -> None:
        """Show where the first of the selected films lies, with the desktop's own program."""
        paths = self._window.films.selected_paths()
        if paths:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths[0].parent)))

    def detect(self) -> None:
        """Detect the selected films, except where a hand was at work."""
        self._window.batch.detect_these(self._window.films.selected_paths())

    def remove(self) -> None:
        """Take the selected films off the list; the workspace and the files stay as they are."""
        folder, paths = self._window.session.folder, self._window.films.selected_paths()
        if not paths:
            return
        rows = self._gone(paths)
        self._say(
            f"{_named(paths)} removed from the list; points and files stay as they are.",
            "Put back", self._undoable(lambda: folder.put_back(rows)),
        )  # fmt: skip

    def put_in_bin(self) -> None:
        """Take the selected films out of the workspace, with their points, into its bin."""
        session, paths = self._window.session, self._window.films.selected_paths()
        films = session.folder.digests_of(paths)
        if not films:
            self._say_unknown(paths)
            return
        if not session.editor.flush() or not self._asked(lambda: session.keeping.put_in_bin(films)):
            return
        paths = session.folder.paths_of(films)
        session.folder.forget(films)
        rows = self._gone(paths)

        def put_back() -> None:
            if self._asked(lambda: session.keeping.take_from_bin(films)):
                session.folder.put_back(rows)

        self._say(
            f"{_named(paths)} taken out of the workspace, into its bin; no file was touched.",
            "Put back", self._undoable(put_back),
        )  # fmt: skip
        self._window.model.refresh_soon()

    def show_bin(self) -> None:
        """Show what is in the bin, and put back what is chosen there."""
        session = self._window.session
        records = session.keeping.films_in_bin()
        if not records:
            self._say("The bin of the workspace is empty.")
            return
        chosen = ask_from_bin(self._window, records)
        if chosen and self._asked(lambda: session.keeping.take_from_bin(chosen)):
            session.folder.reread()
            for record in records:
                if record.sha256 in chosen:
                    session.folder.add(record.path)
            self._say(f"{_counted(len(chosen))} put back into the workspace, with all points.")
            self._window.model.refresh_soon()

    def toggle_skip(self) -> None:
        """Skip the selected films in learning and exports, or no longer where all of them are."""
        session, paths = self._window.session, self._window.films.selected_paths()
        films = session.folder.digests_of(paths)
        if not films:
            self._say_unknown(paths)
            return
        rows = [session.films.row_of(path) for path in session.folder.paths_of(films)]
        is_skipped = not all(row is not None and row.is_skipped for row in rows)
        self._skip(films, is_skipped)

    def _skip(self, films: Collection[str], is_skipped: bool) -> None:
        session = self._window.session
        if not self._asked(lambda: session.keeping.set_skipped(films, is_skipped)):
            return
        session.folder.show_skipped(films, is_skipped)
        many = _counted(len(films))
        said = "skipped in learning and exports" if is_skipped else "used in learning and exports"
        self._say(f"{many} {said}.", "Undo", lambda: self._skip(films, not is_skipped))
        self._window.model.refresh_soon()

    def _gone(self, paths: Collection[Path]) -> tuple[FilmRow, ...]:
        """Take films off the list; where the open one is among them, show the next that stays."""
        session, shown = self._window.session, self._window.films.shown_paths()
        gone, after = set(paths), None
        if session.path in gone:
            at = shown.index(session.path) if session.path in shown else 0
            near = (*shown[at:], *reversed(shown[:at]))
            after = next((path for path in near if path not in gone), None)
            session.leave_film()
        rows = session.films.remove(paths)
        if after is not None:
            session.open_film(after)
        return rows

    def _asked(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except KeepError as error:
            self._window.session.note(str(error), Kind.DANGER, "store")
            return False
        return True

    def _say_unknown(self, paths: Collection[Path]) -> None:
        if paths:
            self._say(
                f"{_named(tuple(paths))} not in the workspace yet: a film comes into it when it is "
                "opened. To be rid of it here, remove it from the list."
            )

    def _say(
        self, text: str, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        self._window.notices.post(Notice(text, Kind.NOTE, "films", action, on_action, passes=True))


def _named(paths: Collection[Path]) -> str:
    """Return a film's name, or how many they are, with the verb that follows."""
    return f"“{next(iter(paths)).name}” is" if len(paths) == 1 else f"{len(paths):,} films are"


def _counted(films: int) -> str:
    return "One film is" if films == 1 else f"{films:,} films are"

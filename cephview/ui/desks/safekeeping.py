"""Backups while a window is open, putting one back, and what the last session left to say."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from cephview.ui.notice import Kind, Notice
from cephview.ui.session import Session
from cephview.ui.work.background import Background
from cephview.ui.workspace.keeping import KeepError

if TYPE_CHECKING:
    from cephview.store.backups import Backup

_HOUR_MS = 3_600_000


class Safekeeping(QObject):
    """Backs the workspace up off the window's thread.

    On opening, hourly, before a fine-tune and before many films are detected in one go.
    """

    def __init__(
        self,
        session: Session,
        choose: "Callable[[tuple[Backup, ...]], Backup | None]",
        parent: QObject,
    ) -> None:
        """choose(backups) asks a user for one; None where they thought better of it."""
        super().__init__(parent)
        self._session = session
        self._choose = choose
        self._background = Background(self, must_finish=True)
        self._hourly = QTimer(self, interval=_HOUR_MS)
        self._hourly.timeout.connect(self.back_up)
        self._was_learning = self._was_detecting_many = False
        session.finetuning.changed.connect(self._learning_changed)
        session.behind.batch.changed.connect(self._batch_changed)
        session.film_loading.loaded.connect(lambda path, film: self._compare(path, film.sha256))

    def start(self) -> None:
        """Say how the last session ended, back up what it left, and again each hour."""
        opening = self._session.opening
        if opening.is_underway:
            opening.opened.connect(self.start, Qt.ConnectionType.SingleShotConnection)
            return
        news = self._session.keeping.news
        if news:
            self._note(news, Kind.NOTE, "last session")
        self.back_up()
        self._hourly.start()

    def back_up(self) -> None:
        """Back the workspace up unless the newest backup holds all of it."""
        self._background.run(
            self._session.keeping.back_up,
            lambda _: self._backed_up(),
            lambda error: self._failed(error),
        )

    def restore(self) -> None:
        """Ask for a backup and put it in the place of the workspace."""
        session = self._session
        if session.opening.is_underway:
            session.noticed.emit(Notice(
                "The workspace is not open yet; restore it then.", topic="restore",
                holds=lambda: session.opening.is_underway,
            ))  # fmt: skip
            return
        found = session.keeping.backups()
        if not found:
            self._note("There is no backup of this workspace yet.", Kind.NOTE, "no backup")
            return
        chosen = self._choose(found)
        if chosen is None:
            return
        try:
            self._restore(chosen.path)
        except KeepError as error:
            self._note(str(error), Kind.DANGER, "restore")

    def close(self) -> None:
        """Wait for a backup that runs."""
        self._hourly.stop()
        self._background.close()

    def _restore(self, backup: Path) -> None:
        """Put a backup in place off the window's thread; no film is shown meanwhile."""
        session = self._session
        session.behind.stop()
        if not session.editor.flush():
            raise KeepError("Your last edits are not saved yet, so nothing was restored.")
        work = session.keeping.restoring(backup)
        job = session.opening.let_go("Putting the backup back")
        session.editor.close()

        def over(text: str, kind: Kind) -> None:
            job.end()
            session.opening.again()
            self._note(text, kind, "restore")

        self._background.run(
            work,
            lambda text: over(text, Kind.NOTE),
            lambda error: over(str(error), Kind.DANGER),
        )

    def _learning_changed(self) -> None:
        is_learning = self._session.finetuning.is_running
        if is_learning and not self._was_learning:
            self.back_up()
        self._was_learning = is_learning

    def _batch_changed(self) -> None:
        """Back up before a batch: nothing else writes to many films in one go."""
        is_at_work = self._session.behind.batch.is_running
        if is_at_work and not self._was_detecting_many:
            self.back_up()
        self._was_detecting_many = is_at_work

    def _compare(self, path: Path, sha256: str) -> None:
        """Say where the file of a traced film was replaced by another one."""
        try:
            before = self._session.keeping.traced_at(path, sha256)
        except KeepError:
            return
        if before is None:
            return
        self._session.noticed.emit(Notice(
            f"{path.name} was changed on disk since it was traced: its {before.placed} points "
            "belong to the file as it was and are kept with that; this one begins without any.",
            Kind.ATTENTION, "film changed", holds=lambda: self._session.path == path,
        ))  # fmt: skip

    def _backed_up(self) -> None:
        for topic in ("backup", "no backup"):
            self._session.settled.emit(topic)

    def _failed(self, error: Exception) -> None:
        self._note(f"No backup could be made. {error}", Kind.ATTENTION, "backup")

    def _note(self, text: str, kind: Kind, topic: str) -> None:
        self._session.noticed.emit(Notice(text, kind, topic))

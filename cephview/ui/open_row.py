"""Keeps the row of the open film true."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cephview.ui.rows.standing import Frame
from cephview.ui.workspace.journal import utc_now

if TYPE_CHECKING:
    from cephview.ui.session import Session


class OpenRow(QObject):
    """Reads the session's open film and writes its row in the list."""

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        editor, detecting = session.editor, session.detecting
        editor.changed.connect(self.show)
        editor.scale_changed.connect(self.show)
        editor.saved.connect(self._changed)
        detecting.started.connect(self.show)
        detecting.ended.connect(self.show)
        detecting.failed.connect(self._failed)

    def show(self, *_: object) -> None:
        """Bring the row up to date."""
        session, editor = self._session, self._session.editor
        film, tracing = editor.film, editor.tracing
        if session.path is None or film is None or tracing is None:
            return
        if session.readings.current.is_decisions:
            return
        if session.detecting.is_busy:
            session.folder.show_detecting(session.path)
        else:
            frame = Frame(editor.pixel_size, film.height)
            session.folder.show_tracing(session.path, tracing, frame)

    def _changed(self) -> None:
        if self._session.path is not None:
            self._session.folder.show_changed(self._session.path, utc_now())

    def _failed(self, sentence: str) -> None:
        if self._session.path is not None:
            self._session.folder.show_failed(self._session.path, sentence)

"""Has notices of what was just done go with what is done next."""

from PySide6.QtCore import QObject

from cephview.core.tracing import Tracing
from cephview.ui.panels.notice_bar import NoticeBar
from cephview.ui.session import Session


class PassingNotices(QObject):
    """Listens for the next film, and for the next change that a person makes."""

    def __init__(self, session: Session, notices: NoticeBar, parent: QObject) -> None:
        super().__init__(parent)
        self._editor, self._notices = session.editor, notices
        self._film = session.editor.film
        # When it is asked for, not when it comes: what takes the open film away asks for the next.
        session.loading.connect(notices.pass_on)
        session.editor.changed.connect(self._changed)
        session.editor.steps_changed.connect(notices.pass_on)

    def _changed(self, old: Tracing | None, new: Tracing | None) -> None:
        is_same_film = self._film is self._editor.film
        self._film = self._editor.film
        if is_same_film and old is not None and new is not None and by_hand(old) != by_hand(new):
            self._notices.pass_on()


def by_hand(tracing: Tracing) -> object:
    """Return what a person said of a film, without what a model found."""
    points = {
        point.landmark: (point.human, point.confirmed, point.hidden, point.unsure)
        for point in tracing
    }
    return tracing.scale, tracing.turn, points

"""Opens the workspace of a session: at the start, and again when another one is in its place."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cephview.ui.notice import Kind, Notice
from cephview.ui.work.job import Job
from cephview.ui.workspace.keeping import KeepError, UnmendedError
from cephview.ui.workspace.mending import Mending

if TYPE_CHECKING:
    from cephview.ui.services import Services
    from cephview.ui.session import Session

_TOPIC = "workspace"
_WAIT = "That takes a while; films are shown when it is done, and closing the window loses nothing."


class Opening(QObject):
    """A large workspace that must be mended first is mended while the window lives.

    Until it is open no film is shown, for nobody knows its points; the last one that was asked for
    waits. opened follows every start() and again(), also where the workspace was refused.
    """

    began = Signal(object)
    opened = Signal()

    def __init__(self, session: "Session", services: "Services") -> None:
        super().__init__(session)
        self._session = session
        self._services = services
        self._mending = Mending(self)
        self._mending.ended.connect(self._mended)
        self._is_underway = False
        self._is_again = False
        self._waiting: Path | None = None

    @property
    def is_underway(self) -> bool:
        """Whether the workspace is not there yet, or not again, and soon will be."""
        return self._is_underway

    @property
    def waiting(self) -> Path | None:
        """Return the film that is shown when the workspace is there."""
        return self._waiting

    def start(self) -> None:
        """Open the workspace, find the models, and tell what is amiss from the start."""
        notice = self._services.settings.notice
        if notice:
            self._note(notice, Kind.ATTENTION, "settings")
        self._open(may_take_long=False)

    def let_go(self, title: str) -> Job:
        """Wait until another workspace is in its place, of which again() tells; return the job."""
        self._is_underway = self._is_again = True
        self._waiting = self._session.path
        job = Job(title, self, can_stop=False)
        self.began.emit(job)
        return job

    def again(self) -> None:
        """Open what is there now."""
        self._open(may_take_long=False)

    def holds_back(self, path: Path) -> bool:
        """Whether a film that was read must wait; then it is read again."""
        if self._is_underway:
            self._waiting = path
        return self._is_underway

    def close(self) -> None:
        """End what is under way; the workspace is left as it was."""
        self._mending.close()

    def _open(self, *, may_take_long: bool) -> None:
        session, services = self._session, self._services
        self._is_underway = True
        session.settled.emit(_TOPIC)
        try:
            session.keeping.open(
                services.workspace, services.settings.author, may_take_long=may_take_long
            )
        except UnmendedError as error:
            self._note(f"{error} {_WAIT}", Kind.ATTENTION, _TOPIC)
            self.began.emit(self._mending.begin(services.workspace, "Putting the workspace right"))
            return
        except KeepError as error:
            self._note(str(error), Kind.DANGER, _TOPIC)
        self._go_on()

    def _mended(self, said: str, error: str) -> None:
        session = self._session
        session.settled.emit(_TOPIC)
        if error:
            session.keeping.refuse(error)
            self._note(error, Kind.DANGER, _TOPIC)
            self._go_on()
            return
        self._open(may_take_long=True)
        if said:
            self._note(said, Kind.DANGER, "")

    def _go_on(self) -> None:
        session = self._session
        is_again, self._is_underway, self._is_again = self._is_again, False, False
        try:
            session.landmarks.reread()
        except KeepError as error:
            self._note(str(error), Kind.DANGER, _TOPIC)
        if is_again:
            session.readings.begin_again()
            session.folder.begin_again()
        else:
            session.folder.reread()
        for sentence in session.keeping.notices:
            session.noticed.emit(Notice(sentence, Kind.DANGER, holds=partial(self._says, sentence)))
        if not is_again:
            session.load_models()
            session.finetuning.look_back()
            session.team.start(self._services.workspace)
        path, self._waiting = self._waiting, None
        self.opened.emit()
        if path is not None:
            session.film_loading.open(path)

    def _says(self, sentence: str) -> bool:
        """Whether the workspace that is open now has this to say."""
        return sentence in self._session.keeping.notices

    def _note(self, text: str, kind: Kind, topic: str) -> None:
        self._session.noticed.emit(Notice(text, kind, topic))

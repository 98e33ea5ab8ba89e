"""A workspace on a server: who is on which film, and what waits while the server is away."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cephview import places
from cephview.core.film import Film
from cephview.ui.editing.readings import KeptReading
from cephview.ui.editor import Editor
from cephview.ui.notice import Kind, Notice
from cephview.ui.team.shelter import Replayed, Shelter, replay
from cephview.ui.team.together import Together
from cephview.ui.work.background import Background
from cephview.ui.workspace.journal import Overtaken
from cephview.ui.workspace.keeping import Keeping

_LOOK_MS = 5000


class Team(QObject):
    """Looks every few seconds, off the window's thread, at a workspace that others share.

    claimed(film -> author) tells who else is where. What could not be sent waits in a file of this
    computer, and is sent when the server answers again, or by the next window.
    """

    claimed = Signal(object)

    def __init__(
        self, editor: Editor, keeping: Keeping, together: Together, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._keeping = keeping
        self._together = together
        self._background = Background(self)
        self._is_looking = False
        self._told = ""
        self._claims: dict[str, str] = {}
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        editor.film_changed.connect(self._film_changed)

    def start(self, place: str) -> None:
        """Begin, where the open workspace is shared; send what earlier windows could not."""
        if not self._keeping.is_shared:
            return
        folder = places.user_dir()
        self._tell(replay(folder, place, self._keeping, self._still_waits))
        self._editor.queue.shelter = Shelter(folder, place)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Keep the claim on the open film alive, see the others', and send what waits."""
        if self._is_looking or not self._timer.isActive():
            return
        film = self._editor.film
        sha256 = "" if film is None else film.sha256
        self._is_looking = True
        self._background.run(
            lambda: self._keeping.at_work(sha256), self._looked, lambda error: self._away()
        )

    def close(self) -> None:
        """Give the claim up, and let go of the file of what waits."""
        was_active = self._timer.isActive()
        self._timer.stop()
        self._background.close()
        if was_active:
            self._keeping.leave()
        shelter = self._editor.queue.shelter
        if shelter is not None:
            shelter.close()

    def _looked(self, claims: dict[str, str]) -> None:
        self._is_looking = False
        if self._editor.has_unsaved and self._editor.flush():
            self._say("The server is there again; all that waited has been sent.", "save")
        if claims != self._claims:
            self._claims = claims
            self.claimed.emit(claims)
        self._tell_who_is_here()

    def _away(self) -> None:
        self._is_looking = False

    def _film_changed(self, film: Film | None) -> None:
        self._told = ""
        self._tell_who_is_here()
        self.look()

    def _tell_who_is_here(self) -> None:
        film = self._editor.film
        if film is None or film.sha256 not in self._claims or self._told == film.sha256:
            return
        self._told = film.sha256
        who = self._claims[film.sha256] or "Somebody else"
        self._together.note(Notice(
            f"{who} is at work on {film.name}, too; what both of you do is brought together.",
            topic="claim",
            holds=lambda: self._editor.film is film and film.sha256 in self._claims,
        ))  # fmt: skip

    def _tell(self, replayed: tuple[Replayed, ...]) -> None:
        if not replayed:
            return
        steps = "1 step" if len(replayed) == 1 else f"{len(replayed)} steps"
        self._say(f"{steps} that an earlier window could not send have been sent now.", "unsent")
        by_film: dict[tuple[str, int, str], list[Replayed]] = {}
        for step, merged in replayed:
            by_film.setdefault((step.film, step.reading, step.by), []).append((step, merged))
        for (film, reading, by), found in by_film.items():
            merges = tuple(merged for _, merged in found)
            if any(merged.is_contested for merged in merges):
                journal = KeptReading(self._keeping, reading, by)
                self._together.take(film, Overtaken(journal, merges))

    def _still_waits(self, file: Path, why: str) -> None:
        self._say(f"Steps of an earlier window still wait in {file}: {why}", "unsent")

    def _say(self, text: str, topic: str) -> None:
        self._together.note(Notice(text, Kind.NOTE, topic))

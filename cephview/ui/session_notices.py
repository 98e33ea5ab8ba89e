"""What a session tells its user of its controllers, each notice for as long as it is true."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from cephview.core.detection import Detection
from cephview.core.film_warning import FilmWarning
from cephview.core.scale_check import film_scale_doubt, scale_doubt
from cephview.ui.notice import Kind

if TYPE_CHECKING:
    from cephview.ui.session import Session


class SessionNotices(QObject):
    """Listens to the controllers of a session; what they fail at and what they warn of is noted."""

    def __init__(self, session: "Session", engine: Any) -> None:
        super().__init__(session)
        self._session = session
        self._engine = engine
        editor, detecting = session.editor, session.detecting
        session.landmarks.failed.connect(lambda text: session.note(text, Kind.DANGER, "landmarks"))
        session.landmarks.changed.connect(lambda: session.settled.emit("landmarks"))
        session.readings.failed.connect(lambda text: session.note(text, Kind.DANGER, "store"))
        editor.changed.connect(self._settle_scale)
        editor.scale_changed.connect(self._doubt_scale)
        session.scaling.doubted.connect(lambda text: session.note(
            f"Not accepted yet. {text}", Kind.ATTENTION, "scale",
            "Accept anyway", session.scaling.accept_anyway,
        ))  # fmt: skip
        editor.save_failed.connect(lambda text: session.note(
            text, Kind.DANGER, "save", "Try again", editor.flush))  # fmt: skip
        for topic in ("save", "store"):
            editor.saved.connect(partial(session.settled.emit, topic))
        session.models.remembering_failed.connect(self._not_remembered)
        session.turning.warned.connect(self._warned)
        detecting.started.connect(lambda _: session.settled.emit("detect"))
        detecting.landed.connect(self._landed)
        detecting.failed.connect(
            lambda text: session.note(
                text, Kind.DANGER, "detect", "Try again", detecting.detect, self._while_open()
            )
        )
        session.finetuning.failed.connect(
            lambda text: session.note(
                text, Kind.DANGER, "finetune", holds=lambda: not session.finetuning.is_running
            )
        )
        session.finetuning.adopted.connect(self._adopted)
        session.exporting.failed.connect(self._not_exported)
        session.exporting.done.connect(
            lambda _, text: session.note(
                text + session.readings.told_of_data(), Kind.NOTE, "export", passes=True
            )
        )
        engine = self._engine
        engine.notice.connect(self._engine_noticed)
        engine.state_changed.connect(
            lambda state: session.settled.emit("engine") if state == "starting" else None
        )

    def _while_open(self) -> Callable[[], bool]:
        """Return what holds for as long as the film that is open now."""
        session = self._session
        path = session.path
        return lambda: session.path == path

    def _not_remembered(self, text: str) -> None:
        session = self._session
        model = session.models.active
        text = f"{text} The model is used until the window closes."
        session.note(
            text, Kind.ATTENTION, "model choice", holds=lambda: session.models.active == model
        )

    def _not_exported(self, text: str) -> None:
        session = self._session

        def why() -> tuple[bool, bool]:
            return session.folder.has_open_questions(), session.films.is_any_traced()

        before = why()
        may_end = before != (False, True)
        session.note(text, Kind.DANGER, "export", holds=lambda: not may_end or why() == before)

    def _landed(self, detection: Detection) -> None:
        session = self._session
        if detection.note:
            session.note(detection.note, Kind.ATTENTION, "device")
        else:
            session.settled.emit("device")
        if unknown := session.landmarks.told_of(detection):
            model = session.models.active
            session.note(unknown, Kind.NOTE, "unknown landmarks", holds=lambda: (
                session.models.active == model and bool(session.landmarks.lacks(detection))
            ))  # fmt: skip
        self._doubt_scale()
        session.turning.remind()

    def _warned(self, warning: FilmWarning | None) -> None:
        session = self._session
        if warning is None:
            session.settled.emit("likeness")
        elif warning.turn is None:
            session.note(warning.text, Kind.DANGER, "likeness")
        else:
            action = "Detect again" if warning.is_stale else "Turn it"
            do = partial(session.turning.detect_turned, warning.turn)
            session.note(warning.text, Kind.ATTENTION, "likeness", action, do)

    def _adopted(self, name: str) -> None:
        session = self._session
        text = f"{name} is used from now on; points that are there stay until you detect again."
        model, has_film = session.models.active, session.editor.film is not None
        session.note(
            text, Kind.NOTE, "adopted",
            "Detect on this film" if has_film else "", session.detecting.detect,
            lambda: session.models.active == model, passes=True,
        )  # fmt: skip

    def _doubt_scale(self, *_: object) -> None:
        doubt = self._scale_doubt()
        if doubt:
            self._session.note(doubt, Kind.ATTENTION, "scale")
        else:
            self._session.settled.emit("scale")

    def _settle_scale(self, *_: object) -> None:
        """Take the doubt back once a hand put sella and nasion where they are."""
        editor = self._session.editor
        if editor.tracing is not None and not self._scale_doubt():
            self._session.settled.emit("scale")

    def _scale_doubt(self) -> str:
        """Return what speaks against the scale: the length of the head, or of the whole film."""
        editor = self._session.editor
        film, tracing, size = editor.film, editor.tracing, editor.pixel_size
        if film is None or tracing is None:
            return ""
        return scale_doubt(tracing, size) or film_scale_doubt(size, (film.width, film.height))

    def _engine_noticed(self, text: str) -> None:
        session = self._session
        engine = self._engine
        if getattr(engine, "state", "") == "failed":
            session.note(text, Kind.DANGER, "engine", "Start again", engine.retry)
        else:
            session.note(text, Kind.ATTENTION, "engine")

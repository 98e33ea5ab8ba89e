"""What a user says of the scale of the open film: accepted, measured on a ruler, or the file's."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from cephview.core.scale import PixelSize
from cephview.core.scale_check import scale_doubt
from cephview.core.tracing import XY
from cephview.ui.editor import Editor
from cephview.ui.workspace.journal import utc_now


class Remember(Protocol):
    """Keep a pixel size for good, signed; None goes back to what the file says."""

    def __call__(self, sha256: str, size: PixelSize | None, *, by: str, at: str) -> None: ...


class Scaling(QObject):
    """Changes the scale only after it was kept: a length must mean the same tomorrow."""

    failed = Signal(str)
    doubted = Signal(str)

    def __init__(
        self,
        editor: Editor,
        remember: Remember,
        errors: tuple[type[Exception], ...],
        parent: QObject,
        *,
        clock: Callable[[], str] = utc_now,
    ) -> None:
        """errors are what remember() raises; their str() is a sentence for the user."""
        super().__init__(parent)
        self._editor = editor
        self._remember = remember
        self._errors = errors
        self._clock = clock

    @property
    def is_changed(self) -> bool:
        """Whether the open film has another scale than its file gives."""
        film = self._editor.film
        return film is not None and self._editor.pixel_size != film.pixel_size

    def accept(self) -> None:
        """Take an unverified pixel size as declared, or say by doubted() why it cannot be right."""
        editor = self._editor
        size = editor.pixel_size.accepted()
        doubt = "" if editor.tracing is None else scale_doubt(editor.tracing, size)
        if doubt:
            self.doubted.emit(doubt)
        else:
            self._keep(size)

    def accept_anyway(self) -> None:
        """Take an unverified pixel size as declared, whatever speaks against it."""
        self._keep(self._editor.pixel_size.accepted())

    def use_ruler(self, a: XY, b: XY, length_mm: float) -> None:
        """Take the scale from a line of known length, its ends in pixel indices.

        Raises ValueError where the ends coincide or the length is not positive.
        """
        self._keep(self._editor.pixel_size.from_ruler(a, b, length_mm))

    def use_file(self) -> None:
        """Go back to the scale that the file gives, if any."""
        self._keep(None)

    def _keep(self, size: PixelSize | None) -> None:
        film = self._editor.film
        if film is None:
            return
        try:
            self._remember(film.sha256, size, by=self._editor.author, at=self._clock())
        except self._errors as error:
            self.failed.emit(str(error))
            return
        self._editor.set_pixel_size(film.pixel_size if size is None else size)

"""What a user says of the scale of the open film: accepted, measured on a ruler, or the file's."""

from PySide6.QtCore import QObject, Signal

from cephview.core.scale_check import scale_doubt
from cephview.core.tracing import XY
from cephview.ui.editor import Editor


class Scaling(QObject):
    """Changes the scale through the editor: a step like any other, undone in its turn."""

    doubted = Signal(str)

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor

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
            editor.set_pixel_size(size)

    def accept_anyway(self) -> None:
        """Take an unverified pixel size as declared, whatever speaks against it."""
        self._editor.set_pixel_size(self._editor.pixel_size.accepted())

    def use_ruler(self, a: XY, b: XY, length_mm: float) -> None:
        """Take the scale from a line of known length, its ends in pixel indices.

        Raises ValueError where the ends coincide or the length is not positive.
        """
        self._editor.set_pixel_size(self._editor.pixel_size.from_ruler(a, b, length_mm))

    def use_file(self) -> None:
        """Go back to the scale that the file gives, if any."""
        film = self._editor.film
        if film is not None:
            self._editor.set_pixel_size(film.pixel_size)

"""Thumbnails of films, made off the window's thread, the newest wish first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from cephview.ui.work.background import Background

_WAITING = 40


class Thumbnails(QObject):
    """Makes one picture at a time. A wish that scrolled far away before its turn is dropped."""

    made = Signal(object, object)
    dropped = Signal(object)

    def __init__(
        self,
        parent: QObject,
        read: Callable[[Path, int], Any],
        *,
        side: int = 88,
    ) -> None:
        """read(path, side) gives a uint8 array (height, width) no larger than side by side."""
        super().__init__(parent)
        self._read = read
        self._side = side
        self._background = Background(self)
        self._waiting: list[Path] = []
        self._is_busy = False
        self._is_held = False

    def want(self, path: Path) -> None:
        """Ask for the picture of a film; it comes by made, or never for a film that is damaged."""
        self._waiting.append(path)
        while len(self._waiting) > _WAITING:
            self.dropped.emit(self._waiting.pop(0))
        self._next()

    def hold(self, *_: object) -> None:
        """Begin no further picture until go_on()."""
        self._is_held = True

    def go_on(self, *_: object) -> None:
        self._is_held = False
        self._next()

    def close(self) -> None:
        self._waiting.clear()
        self._background.close()

    def _next(self) -> None:
        if self._is_busy or self._is_held or not self._waiting:
            return
        path = self._waiting.pop()
        self._is_busy = True
        read, side = self._read, self._side

        def done(grey: Any) -> None:
            self._is_busy = False
            self.made.emit(path, QPixmap.fromImage(_image(grey)))
            self._next()

        def failed(_error: Exception) -> None:
            self._is_busy = False
            self._next()

        self._background.run(lambda: read(path, side), done, failed)


def _image(grey: Any) -> QImage:
    """Copy a uint8 array (height, width) to a picture of its own."""
    array = np.ascontiguousarray(grey, dtype=np.uint8)
    height, width = array.shape
    return QImage(array.data, width, height, width, QImage.Format.Format_Grayscale8).copy()

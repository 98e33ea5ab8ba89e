"""The film as it lies on the screen, without any mark."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from cephview.core.detection import Turn
from cephview.core.film import Levels
from cephview.ui.canvas.levels import lookup_table
from cephview.ui.canvas.pyramid import Pyramid, level_for
from cephview.ui.canvas.viewport import Viewport

MARGIN_SHARE = 0.25
# One for the view and one for the loupe.
KEPT_LEVELS = 2
# Rows looked up at once: NumPy widens the indices first, and so few of them stay in the cache.
_ROWS = 32


@dataclass(frozen=True)
class Shown:
    """How grey values are shown."""

    levels: Levels
    inverted: bool = False
    gamma: float = 1.0


@dataclass(frozen=True, eq=False)
class _Crop:
    """A part of a pyramid level already turned into brightness and as it is seen.

    box is left, top, right and bottom in cells of the level. The array backs the picture.
    """

    level: int
    turn: Turn
    box: tuple[int, int, int, int]
    image: QImage
    array: NDArray[np.uint32]

    def holds(self, level: int, turn: Turn, box: tuple[int, int, int, int]) -> bool:
        return (
            level == self.level
            and turn == self.turn
            and box[0] >= self.box[0]
            and box[1] >= self.box[1]
            and box[2] <= self.box[2]
            and box[3] <= self.box[3]
        )


class Backdrop:
    """Draw a film through its levels; keep the last picture and a crop a little larger than it.

    The crop is RGB32 and not Grayscale8: Qt scales it more than twice as fast, and it is never much
    larger than the view.
    """

    def __init__(self, pyramid: Pyramid, shown: Shown, background: QColor) -> None:
        self.pyramid = pyramid
        self._background = background
        self._crops: dict[int, _Crop] = {}
        self._picture: QImage | None = None
        self._picture_of: Viewport | None = None
        self.show(shown)

    def show(self, shown: Shown) -> None:
        """Change how grey values are shown."""
        self.shown = shown
        grey = lookup_table(
            shown.levels, self.pyramid.pixels.dtype, inverted=shown.inverted, gamma=shown.gamma
        ).astype(np.uint32)
        self._table = np.uint32(0xFF000000) | (grey << 16) | (grey << 8) | grey
        self._crops = {}
        self._picture_of = None

    def show_pixels(self, pyramid: Pyramid) -> None:
        """Draw the same film from other pixels."""
        self.pyramid = pyramid
        self.show(self.shown)

    def picture(self, viewport: Viewport) -> QImage:
        """Return the view's background, in device pixels, with its device pixel ratio set."""
        if self._picture is None or viewport != self._picture_of:
            width = max(1, round(viewport.view_width * viewport.dpr))
            height = max(1, round(viewport.view_height * viewport.dpr))
            picture = self._picture
            if picture is None or (picture.width(), picture.height()) != (width, height):
                picture = QImage(width, height, QImage.Format.Format_RGB32)
            picture.setDevicePixelRatio(1.0)
            picture.fill(self._background)
            painter = QPainter(picture)
            painter.scale(viewport.dpr, viewport.dpr)
            self.paint(painter, viewport)
            painter.end()
            picture.setDevicePixelRatio(viewport.dpr)
            self._picture, self._picture_of = picture, viewport
        return self._picture

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draw the visible part of the film in screen coordinates."""
        left, top, right, bottom = viewport.visible_film()
        if right <= left or bottom <= top:
            return
        wanted = level_for(min(viewport.scale, viewport.scale_y) * viewport.dpr)
        level = max(wanted, self.pyramid.first)
        cells = self.pyramid.level(level)
        side = 1 << level
        crop = self._crop_for(level, viewport.turn, cells, (left, top, right, bottom))
        crop_left, crop_top, *_ = viewport.on_screen(*(edge * side - 0.5 for edge in crop.box))
        film = viewport.film_on_screen()
        painter.save()
        painter.setClipRect(
            QRectF(film[0], film[1], film[2] - film[0], film[3] - film[1]),
            Qt.ClipOperation.IntersectClip,
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        across, down = viewport.step_on_screen((side, side))
        placed = QTransform.fromTranslate(crop_left, crop_top)
        placed.scale(abs(across), abs(down))
        painter.setTransform(placed, True)
        painter.drawImage(0, 0, crop.image, flags=Qt.ImageConversionFlag.AutoColor)
        painter.restore()

    def _crop_for(
        self,
        level: int,
        turn: Turn,
        cells: NDArray[Any],
        edges: tuple[float, float, float, float],
    ) -> _Crop:
        side = 1 << level
        height, width = cells.shape
        left, top, right, bottom = ((edge + 0.5) / side for edge in edges)
        box = (
            max(int(left) - 1, 0),
            max(int(top) - 1, 0),
            min(int(right) + 2, width),
            min(int(bottom) + 2, height),
        )
        kept = self._crops.get(level)
        if kept is not None and kept.holds(level, turn, box):
            return kept
        spare_x = int((box[2] - box[0]) * MARGIN_SHARE)
        spare_y = int((box[3] - box[1]) * MARGIN_SHARE)
        x0, y0 = max(box[0] - spare_x, 0), max(box[1] - spare_y, 0)
        x1, y1 = min(box[2] + spare_x, width), min(box[3] + spare_y, height)
        # Not left to Qt, which mixes neighbours where a scale is negative.
        array = _seen(_looked_up(self._table, cells[y0:y1, x0:x1]), turn)
        high, wide = array.shape
        image = QImage(array.data, wide, high, array.strides[0], QImage.Format.Format_RGB32)
        if level not in self._crops and len(self._crops) >= KEPT_LEVELS:
            self._crops.pop(next(iter(self._crops)))
        self._crops[level] = _Crop(level, turn, (x0, y0, x1, y1), image, array)
        return self._crops[level]


def _looked_up(table: NDArray[Any], cells: NDArray[Any]) -> NDArray[np.uint32]:
    """Return the entry of each cell; the table has one for every value of the cells' type."""
    found = np.empty(cells.shape, np.uint32)
    for top in range(0, cells.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        # No index is out of bounds, and with "clip" NumPy writes where it is told to at once.
        np.take(table, cells[rows], out=found[rows], mode="clip")
    return found


def _seen(array: NDArray[np.uint32], turn: Turn) -> NDArray[np.uint32]:
    """Return a picture as a turn shows it, but for its grey values."""
    picture = array[:, ::-1] if turn.mirrored else array
    return np.ascontiguousarray(np.rot90(picture, -turn.quarters))

"""The films on which a judged candidate is worst, each before and after, side by side."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.learning import FilmChange
from cephview.core.turning import seen_direction
from cephview.ui.canvas.levels import lookup_table
from cephview.ui.look.theme import Theme, font, scaled
from cephview.ui.work.background import Background

# Of the film around the point that is farthest off, from the middle; without a scale in 240ths of
# its height.
_REACH_MM = 21.0
_HEADING = 22
_WIDTH = 200
_GAP = 6


@dataclass(frozen=True)
class Look:
    """A square of a film around a landmark, as the film is looked at.

    places: landmark to (truth, before, after), each (x, y) from the middle in shares of the side.
    far: how far off the landmark in the middle is before and after, with its unit.
    """

    image: QImage
    places: dict[str, tuple[QPointF, QPointF, QPointF]]
    far: tuple[str, str]


def farthest(change: FilmChange) -> str:
    """Return the landmark that is farthest off after, "" where no point is known."""
    points = change.points
    return max(points, key=lambda i: math.dist(points[i].truth, points[i].after), default="")


def look_at(film: Film, change: FilmChange, unit: str) -> Look:
    """Cut the part of a film around what is farthest off, turned as it is looked at.

    unit: that of the change's means, which says the scale of a film whose file does not.
    """
    point = change.points[farthest(change)]
    mm_per_px = _mm_per_px(change) if unit == "mm" else None
    reach = round(_REACH_MM / (mm_per_px or 240.0 / film.height))
    column, row = (round(value) for value in point.truth)
    grey = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    top, left = max(0, row - reach), max(0, column - reach)
    part = film.pixels[top : row + reach + 1, left : column + reach + 1]
    table = lookup_table(film.levels, film.pixels.dtype, inverted=change.turn.negative)
    down, right = top - row + reach, left - column + reach
    grey[down : down + part.shape[0], right : right + part.shape[1]] = table[part]
    places = {}
    for name, known in change.points.items():
        truth, before, after = (
            _share(_off((column, row), xy), reach, change.turn)
            for xy in (known.truth, known.before, known.after)
        )
        places[name] = truth, before, after
    far = [
        f"{px:.0f} px" if mm_per_px is None else f"{px * mm_per_px:.1f} mm"
        for px in (math.dist(point.truth, xy) for xy in (point.before, point.after))
    ]
    return Look(_image(_as_seen(grey, change.turn)), places, (far[0], far[1]))


class WorstFilms(QWidget):
    """A row for each film. A click on one asks for it, with the landmark that is farthest off."""

    film_wanted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._open: Callable[[Path], Film] | None = None
        self._background = Background(self)
        self.rows: list[WorstRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)

    def serve(self, open_film: Callable[[Path], Film]) -> None:
        """Have films read, off the window's thread, by open_film."""
        self._open = open_film

    def end_work(self) -> None:
        """Read nothing any more; to be called before the window goes."""
        self._background.close()

    def show_films(self, changes: tuple[FilmChange, ...], unit: str) -> None:
        """Show films, worst first."""
        for row in self.rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [WorstRow(change, unit, self._theme) for change in changes]
        self._background.clear()
        for row in self.rows:
            self._layout.addWidget(row)
            row.clicked.connect(lambda _=False, row=row: self._wanted(row))
            self._read(row)

    def _wanted(self, row: "WorstRow") -> None:
        self.film_wanted.emit(Path(row.change.path), farthest(row.change))

    def _read(self, row: "WorstRow") -> None:
        read, change = self._open, row.change
        if read is None or not change.points:
            return

        def shown(look: Look) -> None:
            if row in self.rows:
                row.show_look(look)

        self._background.run(
            lambda: look_at(read(Path(change.path)), change, row.unit),
            shown,
            # The numbers stand without a picture.
            lambda _error: None,
        )


class WorstRow(QAbstractButton):
    """One film: its name and mean errors, and the worst of it before and after."""

    def __init__(self, change: FilmChange, unit: str, theme: Theme) -> None:
        super().__init__()
        self.change = change
        self._theme = theme
        self.unit = unit
        self._look: Look | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"{Path(change.path).name}, {self._figures()}; open it")
        self.setToolTip(f"Open {Path(change.path).name} at {farthest(change) or 'its points'}")

    def show_look(self, look: Look) -> None:
        """Show a part of the film in place of an empty square."""
        self._look = look
        self.update()

    @property
    def has_look(self) -> bool:
        return self._look is not None

    def heightForWidth(self, width: int) -> int:
        return scaled(_HEADING) + (self._side(width) if self.change.points else 0)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self.heightForWidth(_WIDTH))

    def _side(self, width: int) -> int:
        """Return how large each of the two squares is."""
        return max((width - _GAP) // 2, 0)

    def _figures(self) -> str:
        return f"{self.change.before:.2f} → {self.change.after:.2f} {self.unit}"

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, heading = self._theme, scaled(_HEADING)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line = QRectF(0, 0, self.width(), heading)
        painter.setFont(font(12))
        painter.setPen(theme.colour("text_2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, self._figures())
        room = line.width() - painter.fontMetrics().horizontalAdvance(self._figures()) - 12
        painter.setFont(font(12, 600))
        painter.setPen(theme.colour("refined_text"))
        name = painter.fontMetrics().elidedText(
            Path(self.change.path).name, Qt.TextElideMode.ElideMiddle, round(room)
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, name)
        if self.change.points:
            side = self._side(self.width())
            for n, when in enumerate(("before", "after")):
                area = QRectF(n * (self.width() - side), heading, side, side)
                self._paint_look(painter, area, when)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _paint_look(self, painter: QPainter, area: QRectF, when: str) -> None:
        theme, look = self._theme, self._look
        clip = QPainterPath()
        clip.addRoundedRect(area, 6, 6)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(area, theme.colour("film"))
        if look is not None:
            painter.drawImage(area, look.image)
            for name, places in look.places.items():
                truth, found = places[0], places[1 if when == "before" else 2]
                self._paint_point(painter, area, truth, found, name == farthest(self.change))
        painter.setFont(font(11, 600))
        painter.setPen(theme.colour("on_film"))
        words = QRectF(area.left(), area.bottom() - 18, area.width(), 18)
        painter.fillRect(words, theme.colour("film", 0.62))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._caption(when))
        painter.restore()

    def _caption(self, when: str) -> str:
        name = farthest(self.change)
        if self._look is None:
            return f"{name} {when}"
        return f"{name} {when}: {self._look.far[0 if when == 'before' else 1]}"

    def _paint_point(
        self, painter: QPainter, area: QRectF, truth: QPointF, found: QPointF, is_worst: bool
    ) -> None:
        theme, radius = self._theme, 4.5 if is_worst else 3.0
        ends = [area.center() + place * area.width() for place in (truth, found)]
        for token, width in (("halo", 3.5), ("attention" if is_worst else "on_film", 1.5)):
            painter.setPen(QPen(theme.colour(token), width))
            painter.drawLine(*ends)
        x, y = ends[0].x(), ends[0].y()
        corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
        painter.setPen(QPen(theme.colour("halo"), 1.2))
        painter.setBrush(theme.colour("human"))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.setBrush(theme.colour("refined"))
        painter.drawEllipse(ends[1], radius - 0.8, radius - 0.8)


def _off(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return b[0] - a[0], b[1] - a[1]


def _mm_per_px(change: FilmChange) -> float | None:
    """Return what a pixel measures, by the mean error that is known in both; None without one."""
    off = [math.dist(p.truth, p.after) for p in change.points.values()]
    return change.after / float(np.mean(off)) if any(off) and change.after > 0 else None


def _share(step: tuple[float, float], reach: int, turn: Turn) -> QPointF:
    return QPointF(*seen_direction(turn, step)) / (2 * reach + 1)


def _as_seen(grey: np.ndarray, turn: Turn) -> np.ndarray:
    """Swap left and right, then turn clockwise; grey values are as seen already."""
    seen = grey[:, ::-1] if turn.mirrored else grey
    return np.rot90(seen, -(turn.quarters % 4))


def _image(grey: np.ndarray) -> QImage:
    array = np.ascontiguousarray(grey)
    height, width = array.shape
    return QImage(array.data, width, height, width, QImage.Format.Format_Grayscale8).copy()

"""What a pressed button is doing: frozen values, and the arithmetic of each gesture."""

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt

from cephview.core.film import Levels
from cephview.core.scale import PixelSize
from cephview.core.tracing import XY
from cephview.ui.canvas.viewport import Viewport

# A press that stays within this many screen pixels is a click, and draws and pans nothing.
DRAG_STARTS_PX = 4.0
# Of a point the same: what is to be put right may be a pixel or two, and a click moves nothing.
POINT_DRAG_STARTS_PX = 2.0


@dataclass(frozen=True)
class PointDrag:
    """A press on a point, all of it in pixel indices of the film.

    grab is the way from the cursor to the point; place is None until the point moves.
    """

    button: Qt.MouseButton
    landmark: str
    press: XY
    grab: XY
    place: XY | None = None

    def moved(self, cursor: XY, viewport: Viewport) -> "PointDrag":
        """Return the drag with the point as far from its start as the cursor from a click's edge.

        So a drag begins with the smallest step, and not with a jump over what counts as a click.
        """
        grab = self.grab if self.place else _held(self.press, self.grab, cursor, viewport)
        if grab is None:
            return self
        x, y = viewport.to_film(cursor)
        return replace(self, grab=grab, place=(x + grab[0], y + grab[1]))


@dataclass(frozen=True)
class Pan:
    """The film follows the cursor once it left the press; is_click tells that it never did.

    press is the place of the film under the hand, in pixel indices.
    """

    button: Qt.MouseButton
    press: XY
    is_click: bool = True


@dataclass(frozen=True)
class LevelDrag:
    """The display window follows the cursor once it left the press; until then it is a click.

    press is a place of the film, in pixel indices.
    """

    button: Qt.MouseButton
    press: XY
    start: Levels
    is_click: bool = True


@dataclass(frozen=True)
class RulerDrag:
    """A line drawn on the film, or one of which an end is moved; all of it in pixel indices.

    start stays and end moves; press and grab are those of PointDrag. is_moving: the hand has left
    press.
    """

    button: Qt.MouseButton
    start: XY
    end: XY
    press: XY
    grab: XY = (0.0, 0.0)
    is_moving: bool = True

    def moved(self, cursor: XY, viewport: Viewport) -> "RulerDrag":
        """Return the drag with its end as far from where it was as a point's drag (PointDrag)."""
        grab = self.grab if self.is_moving else _held(self.press, self.grab, cursor, viewport)
        if grab is None:
            return self
        x, y = viewport.to_film(cursor)
        return replace(self, end=(x + grab[0], y + grab[1]), grab=grab, is_moving=True)


Gesture = PointDrag | Pan | LevelDrag | RulerDrag


def way(press: XY, cursor: XY, viewport: Viewport) -> XY:
    """Return the way from a place of the film to a place on the screen, in screen pixels.

    A film that is moved on the screen takes the place along, and so leaves the way alone.
    """
    x, y = viewport.to_screen(press)
    return cursor[0] - x, cursor[1] - y


def _held(press: XY, grab: XY, cursor: XY, viewport: Viewport) -> XY | None:
    """Return the way from a cursor that just left a click's edge to what it holds, else None."""
    distance = math.hypot(*way(press, cursor, viewport))
    if distance < POINT_DRAG_STARTS_PX:
        return None
    share = POINT_DRAG_STARTS_PX / distance
    x, y = viewport.to_film(cursor)
    return grab[0] - (x - press[0]) * share, grab[1] - (y - press[1]) * share


def has_left(press: XY, cursor: XY, viewport: Viewport) -> bool:
    return math.hypot(*way(press, cursor, viewport)) >= DRAG_STARTS_PX


def wheel_factor(angle_delta: int, pixel_delta: int) -> float:
    """Return the zoom of a wheel event; pixel_delta (a touchpad) counts before steps of 120."""
    if pixel_delta:
        return math.exp(pixel_delta * 0.004)
    return math.pow(1.2, angle_delta / 120)


def nudge_px(direction: XY, *, is_tenth_mm: bool, is_one_mm: bool, pixel_size: PixelSize) -> XY:
    """Return how far an arrow key moves a point, in pixels (x, y). direction is that on the film.

    One pixel; 0.1 mm or 1 mm where asked for and the scale is trusted. Without a scale there are no
    millimetres, and the large step is ten pixels.
    """
    mm_per_px = pixel_size.mm_per_px()
    if not (is_tenth_mm or is_one_mm):
        return direction
    if mm_per_px is None:
        step = 10.0 if is_one_mm else 1.0
        return direction[0] * step, direction[1] * step
    mm = 1.0 if is_one_mm else 0.1
    return direction[0] * mm / mm_per_px[0], direction[1] * mm / mm_per_px[1]

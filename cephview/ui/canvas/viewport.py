"""Where a film lies on the screen.

Film coordinates are pixel indices: (0, 0) is the centre of the top-left pixel, so a pixel covers
half an index to each side and the film covers [-0.5, width - 0.5]. Screen coordinates are logical
pixels of the view, as Qt's events give them; a device pixel is 1 / dpr of one.

A film may be shown turned. This module alone knows: whoever asks it for a place on the screen or
back needs not.
"""

import math
from dataclasses import dataclass, replace

from cephview.core.detection import Turn
from cephview.core.tracing import XY
from cephview.core.turning import AS_ON_FILE, film_direction, seen_covariance, seen_direction
from cephview.core.uncertainty import Covariance

MAX_ZOOM = 32.0
MIN_FILM_ON_SCREEN_PX = 48.0


@dataclass(frozen=True)
class Viewport:
    """One view of one film, never changed in place.

    centre is the film point shown at the middle of the view; scale is logical screen pixels a film
    column. aspect is a pixel's height over its width, so that millimetres look alike both ways.
    turn is how the film lies in the view; that it is a negative is none of the viewport's business.
    """

    film_width: int
    film_height: int
    view_width: float
    view_height: float
    centre: XY
    scale: float
    aspect: float = 1.0
    dpr: float = 1.0
    turn: Turn = AS_ON_FILE

    @property
    def zoom(self) -> float:
        """Return device pixels a film column: 1 shows the film's own pixels."""
        return self.scale * self.dpr

    @property
    def scale_y(self) -> float:
        return self.scale * self.aspect

    def to_screen(self, xy: XY) -> XY:
        x, y = self.step_on_screen((xy[0] - self.centre[0], xy[1] - self.centre[1]))
        return self.view_width / 2 + x, self.view_height / 2 + y

    def to_film(self, xy: XY) -> XY:
        x, y = self.step_on_film((xy[0] - self.view_width / 2, xy[1] - self.view_height / 2))
        return self.centre[0] + x, self.centre[1] + y

    def step_on_screen(self, step: XY) -> XY:
        """Return a step in pixel indices as a step in screen pixels."""
        return seen_direction(self.turn, (step[0] * self.scale, step[1] * self.scale_y))

    def step_on_film(self, step: XY) -> XY:
        """Return a step in screen pixels as a step in pixel indices."""
        x, y = film_direction(self.turn, step)
        return x / self.scale, y / self.scale_y

    def film_direction(self, direction: XY) -> XY:
        """Return which way along columns and rows goes a way on the screen, as long as it is."""
        return film_direction(self.turn, direction)

    def spread_on_screen(self, covariance: Covariance) -> Covariance:
        """Return a covariance in squares of pixel indices as one in squares of screen pixels."""
        return seen_covariance(self.turn, covariance.scaled(self.scale, self.scale_y))

    def is_on_film(self, xy: XY) -> bool:
        """Say whether a place in pixel indices lies on the film's pixels."""
        return -0.5 <= xy[0] <= self.film_width - 0.5 and -0.5 <= xy[1] <= self.film_height - 0.5

    def is_on_screen(self, xy: XY) -> bool:
        """Say whether a place in pixel indices is in view."""
        x, y = self.to_screen(xy)
        return 0 <= x <= self.view_width and 0 <= y <= self.view_height

    def film_on_screen(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the film's outer edges, in screen pixels."""
        return self.on_screen(-0.5, -0.5, self.film_width - 0.5, self.film_height - 0.5)

    def on_screen(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom, in screen pixels, of a box in pixel indices."""
        return _box(self.to_screen((left, top)), self.to_screen((right, bottom)))

    def visible_film(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the part on screen, in pixel indices of edges."""
        corner = self.view_width, self.view_height
        left, top, right, bottom = _box(self.to_film((0.0, 0.0)), self.to_film(corner))
        return (
            max(left, -0.5),
            max(top, -0.5),
            min(right, self.film_width - 0.5),
            min(bottom, self.film_height - 0.5),
        )

    def zoomed(self, factor: float, at: XY) -> "Viewport":
        """Zoom so that the film point under a screen point stays under it."""
        smallest = MIN_FILM_ON_SCREEN_PX / max(self.film_width, self.film_height * self.aspect)
        largest = MAX_ZOOM / self.dpr
        scale = min(max(self.scale * factor, min(smallest, self.scale)), max(largest, self.scale))
        return replace(self, scale=scale).pinned(self.to_film(at), at)

    def panned(self, dx: float, dy: float) -> "Viewport":
        """Move the film by screen pixels; the middle of the view stays on the film."""
        x, y = self.step_on_film((dx, dy))
        centre = (
            min(max(self.centre[0] - x, -0.5), self.film_width - 0.5),
            min(max(self.centre[1] - y, -0.5), self.film_height - 0.5),
        )
        return replace(self, centre=centre)

    def pinned(self, xy: XY, at: XY) -> "Viewport":
        """Put a place of the film under a screen place, as large as it is."""
        x, y = self.step_on_film((at[0] - self.view_width / 2, at[1] - self.view_height / 2))
        return replace(self, centre=(xy[0] - x, xy[1] - y))

    def centred_on(self, xy: XY) -> "Viewport":
        return replace(self, centre=xy)

    def turned(self, turn: Turn) -> "Viewport":
        """Show the film turned, around what is in the middle of the view."""
        return replace(self, turn=turn)

    def closer_on(self, xy: XY, zoom: float) -> "Viewport":
        """Put a place in the middle at no less than a zoom."""
        middle = self.view_width / 2, self.view_height / 2
        return self.zoomed(max(1.0, zoom / self.zoom), middle).centred_on(xy)

    def brought_into_view(self, xy: XY) -> "Viewport":
        """Put a place near or beyond the edge in the middle; else the same viewport."""
        x, y = self.to_screen(xy)
        edge = min(60.0, self.view_width / 6, self.view_height / 6)
        is_seen = edge < x < self.view_width - edge and edge < y < self.view_height - edge
        return self if is_seen else self.centred_on(xy)

    def resized(self, width: float, height: float, dpr: float) -> "Viewport":
        """Keep the middle and the size of the film on screen."""
        return replace(self, view_width=width, view_height=height, dpr=dpr)

    def one_to_one(self) -> "Viewport":
        """Show one film pixel on one device pixel, edges on edges, so nothing is blurred."""
        made = replace(self, scale=1 / self.dpr)
        x, y = made.centre
        # Half-index steps put pixel edges on device edges for views of even and of odd size.
        view = made.view_width, made.view_height
        across, down = view[::-1] if made.turn.quarters % 2 else view
        odd_x = round(across * made.dpr) % 2
        odd_y = round(down * made.dpr) % 2
        return replace(made, centre=(_snap(x, odd_x), _snap(y, odd_y)))


def fit(
    film_size: tuple[int, int],
    view_size: tuple[float, float],
    *,
    aspect: float = 1.0,
    dpr: float = 1.0,
    margin: float = 0.0,
    keep_left: float = 0.0,
    turn: Turn = AS_ON_FILE,
) -> Viewport:
    """Return the viewport that shows the whole film.

    film_size and view_size are (width, height); margin is free screen space on every side.
    keep_left asks for that much free space at the left where the film's shape leaves it anyway; the
    film is never made smaller for it.
    """
    width, height = film_size
    room_x = max(view_size[0] - 2 * margin, 1.0)
    room_y = max(view_size[1] - 2 * margin, 1.0)
    across, down = width * 1.0, height * aspect
    if turn.quarters % 2:
        across, down = down, across
    scale = min(room_x / across, room_y / down)
    free = view_size[0] - across * scale
    left = max(free / 2, min(keep_left, free - margin))
    whole = Viewport(
        film_width=width,
        film_height=height,
        view_width=view_size[0],
        view_height=view_size[1],
        centre=((width - 1) / 2, (height - 1) / 2),
        scale=scale,
        aspect=aspect,
        dpr=dpr,
        turn=turn,
    )
    middle = left + across * scale / 2, view_size[1] / 2
    return whole.pinned(whole.centre, middle)


def _box(a: XY, b: XY) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _snap(value: float, is_odd: int) -> float:
    return math.floor(value) + (0.0 if is_odd else 0.5)

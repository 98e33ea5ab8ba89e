"""Turns of a film, one after the other: arithmetic on Turn, and on directions and doubts it turns.

x is right and y down, so that a quarter clockwise brings (1, 0) to (0, 1). "As seen" is after the
turn, "of the film" before it. Grey values and directions do not meddle with each other.
"""

from dataclasses import replace

from cephview.core.detection import Turn
from cephview.core.uncertainty import Covariance

XY = tuple[float, float]

AS_ON_FILE = Turn()


def turned(turn: Turn, quarters: int) -> Turn:
    """Return a turn followed by so many quarters clockwise, as seen."""
    return replace(turn, quarters=(turn.quarters + quarters) % 4)


def mirrored(turn: Turn) -> Turn:
    """Return a turn followed by a swap of left and right, as seen."""
    return replace(turn, mirrored=not turn.mirrored, quarters=-turn.quarters % 4)


def inverted(turn: Turn) -> Turn:
    """Return a turn with bright and dark swapped."""
    return replace(turn, negative=not turn.negative)


def left_to_turn(now: Turn, wanted: Turn) -> Turn:
    """Return the turn which, after one, comes to the same as another."""
    is_mirrored = now.mirrored != wanted.mirrored
    quarters = wanted.quarters + (now.quarters if is_mirrored else -now.quarters)
    return Turn(now.negative != wanted.negative, is_mirrored, quarters % 4)


def seen_direction(turn: Turn, step: XY) -> XY:
    """Return where a step of the film goes as seen."""
    x, y = step
    if turn.mirrored:
        x = -x
    for _ in range(turn.quarters % 4):
        x, y = -y, x
    return x, y


def film_direction(turn: Turn, step: XY) -> XY:
    """Return the step of the film that goes a way as seen."""
    x, y = step
    for _ in range(turn.quarters % 4):
        x, y = y, -x
    return (-x if turn.mirrored else x), y


def seen_covariance(turn: Turn, covariance: Covariance) -> Covariance:
    """Return a covariance of the film as it is seen."""
    xx, xy, yy = covariance.xx, covariance.xy, covariance.yy
    if turn.mirrored:
        xy = -xy
    if turn.quarters % 2:
        xx, xy, yy = yy, -xy, xx
    return Covariance(xx, xy, yy)

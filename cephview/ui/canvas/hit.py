"""Which point is under the cursor, and which comes next."""

import math

from cephview.core.tracing import XY
from cephview.ui.canvas.marks import MarksContext, is_shown

REACH_PX = 12.0
# A mark itself, and a little more.
MARK_REACH_PX = 8.0


def nearest_point(context: MarksContext, at: XY, reach: float = REACH_PX) -> str:
    """Return the landmark of the nearest visible mark within reach of a screen place, or "".

    The selected point wins where two are about as near, so that it can be dragged out of a crowd.
    """
    best, best_distance = "", math.inf
    for point in context.tracing:
        place = context.at(point)
        if place is None or not is_shown(context, point):
            continue
        distance = math.hypot(place.x() - at[0], place.y() - at[1])
        if distance > reach:
            continue
        if point.landmark == context.selection:
            distance -= 3.0
        if distance < best_distance:
            best, best_distance = point.landmark, distance
    return best

"""What a reader must know of a film before its points: that it is unlike what the model knows."""

from dataclasses import dataclass

from cephview.core.detection import Detection, Likeness, Turn
from cephview.core.review import is_all_checked
from cephview.core.scale import PixelSize
from cephview.core.scale_check import scale_doubt_of
from cephview.core.tracing import Tracing
from cephview.core.turning import left_to_turn

_UNLIKE = "This film is unlike those the model was trained on{}: check every point."
_TURNED_SINCE = "The points of this film were placed before it was turned: detect them again."
_TURNED = "{} It was turned to place its points."
_NOT_TURNED = "{} Its points were placed on it as it is: do not rely on them."
_MIRRORED = "This film looks mirrored: the face is to the left."
# By the quarters clockwise that are left to turn.
_LYING = {
    1: "looks turned to the left",
    2: "looks upside down",
    3: "looks turned to the right",
}


@dataclass(frozen=True)
class FilmWarning:
    """One sentence, and what can be done: turn is how the film should be turned, None to check.

    is_stale says that it is turned so already and needs but to be detected.
    """

    text: str
    turn: Turn | None = None
    is_stale: bool = False


def film_warning(likeness: Likeness | None, turn: Turn) -> FilmWarning | None:
    """Return what to say of a film that is shown in a turn, None where all is well."""
    if likeness is None:
        return None
    better = likeness.better
    if better is not None and better != turn:
        return FilmWarning(looks(left_to_turn(turn, better)), better)
    if not likeness.is_unlike:
        return None
    if better is not None:
        return FilmWarning(_TURNED_SINCE, better, is_stale=True)
    reason = f" ({likeness.reason})" if likeness.reason else ""
    return FilmWarning(_UNLIKE.format(reason))


def warning_of(tracing: Tracing | None, *, moved_counts: bool = False) -> FilmWarning | None:
    """Return what to say of a traced film; nothing once every point of it was checked.

    moved_counts: to have moved a point is to have checked it.
    """
    if tracing is None or is_all_checked(tracing, moved_counts=moved_counts):
        return None
    return film_warning(tracing.likeness, tracing.turn)


def warnings_of(detection: Detection, size: PixelSize) -> tuple[str, ...]:
    """Return sentences on what is amiss with a film whose points nobody has looked at yet.

    size is the film's pixel size: where the points' own distances contradict it, that is one.
    """
    said = []
    if detection.turn:
        said.append(_TURNED.format(looks(detection.turn)))
    warning = film_warning(detection.likeness, detection.turn)
    if warning is not None:
        is_wrong_way = warning.turn is not None and not warning.is_stale
        said.append(_NOT_TURNED.format(warning.text) if is_wrong_way else warning.text)
    placed = {point.landmark: point.refined_px for point in detection.points}
    return tuple(filter(None, (*said, scale_doubt_of(placed, size))))


def orientation_of(detection: Detection) -> str:
    """Return how a film lies on file: "upright", or in words what is wrong.

    "unknown" where it is unlike the model's films and no way of turning it makes it like them;
    "" where the model cannot tell.
    """
    likeness = detection.likeness
    if likeness is None:
        return ""
    upright = detection.turn if likeness.better is None else likeness.better
    if upright:
        words = (part.removeprefix("looks ") for part in _parts(upright))
        return ", ".join(word.removeprefix("like a ") for word in words)
    return "unknown" if likeness.is_unlike and likeness.better is None else "upright"


def looks(wrong: Turn) -> str:
    """Say of a film how it lies, by the turn that would put it right."""
    if wrong == Turn(mirrored=True):
        return _MIRRORED
    first, *rest = _parts(wrong)
    said = " and ".join([first, *(part.removeprefix("looks ") for part in rest)])
    return f"This film {said}."


def _parts(wrong: Turn) -> list[str]:
    parts = []
    if wrong.mirrored:
        parts.append("looks mirrored")
    if wrong.quarters:
        parts.append(_LYING[wrong.quarters])
    if wrong.negative:
        parts.append("looks like a negative")
    return parts


def turn_words(turn: Turn) -> str:
    """Return how a film is shown, in few words; "" for as on file."""
    parts = []
    if turn.mirrored:
        parts.append("mirrored")
    if turn.quarters:
        parts.append(("turned right", "upside down", "turned left")[turn.quarters - 1])
    if turn.negative:
        parts.append("negative")
    return ", ".join(parts)

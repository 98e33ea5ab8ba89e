"""What a reader must know of a film before its points: that it is unlike what the model knows."""

from dataclasses import dataclass

from cephview.core.detection import Likeness, Turn
from cephview.core.review import is_all_checked
from cephview.core.tracing import Tracing
from cephview.core.turning import left_to_turn

_UNLIKE = "This film is unlike those the model was trained on{}: check every point."
_TURNED_SINCE = "The points of this film were placed before it was turned: detect them again."
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


def warning_of(tracing: Tracing | None) -> FilmWarning | None:
    """Return what to say of a traced film; nothing once every point of it was checked."""
    if tracing is None or is_all_checked(tracing):
        return None
    return film_warning(tracing.likeness, tracing.turn)


def looks(wrong: Turn) -> str:
    """Say of a film how it lies, by the turn that would put it right."""
    if wrong == Turn(mirrored=True):
        return _MIRRORED
    parts = []
    if wrong.mirrored:
        parts.append("looks mirrored")
    if wrong.quarters:
        parts.append(_LYING[wrong.quarters])
    if wrong.negative:
        parts.append("looks like a negative")
    said = " and ".join([parts[0], *(part.removeprefix("looks ") for part in parts[1:])])
    return f"This film {said}."


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

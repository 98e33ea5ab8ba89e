"""What decides whether an action makes sense now, and what is said where it does not."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True)
class Situation:
    """What decides whether an action makes sense now."""

    has_film: bool = False
    has_selection: bool = False
    is_chosen_placed: bool = False
    is_chosen_confirmable: bool = False
    is_confirmable: bool = False
    can_undo: bool = False
    can_redo: bool = False
    can_detect: bool = False
    is_detecting: bool = False
    has_traced_films: bool = False
    has_films: bool = False
    has_own_scale: bool = False
    can_batch: bool = False
    is_batch_running: bool = False
    has_failures: bool = False
    is_turned: bool = False
    is_first_reading: bool = True
    is_comparing: bool = False
    is_pair_chosen: bool = False
    can_learn: bool = False
    is_interrupted: bool = False
    is_learning: bool = False
    is_judged: bool = False
    is_judged_better: bool = False
    has_earlier_model: bool = False


def always(_situation: Situation) -> bool:
    return True


@dataclass(frozen=True)
class Need:
    """What must be so for an action to make sense. why is said, in a few words, where it is not."""

    met: Callable[[Situation], bool]
    why: str

    def __call__(self, situation: Situation) -> bool:
        return bool(self.met(situation))


FILM = Need(attrgetter("has_film"), "no film is open")
FILMS = Need(attrgetter("has_films"), "no films are listed")
TRACED = Need(attrgetter("has_traced_films"), "no film has points")
POINT = Need(attrgetter("has_selection"), "no point is chosen")
PLACED = Need(attrgetter("is_chosen_placed"), "no placed point is chosen")
UNCHECKED = Need(attrgetter("is_chosen_confirmable"), "no unchecked point is chosen")
ANY_UNCHECKED = Need(attrgetter("is_confirmable"), "no point is left to check")
UNDO = Need(attrgetter("can_undo"), "nothing to undo")
REDO = Need(attrgetter("can_redo"), "nothing to redo")
OWN_SCALE = Need(attrgetter("has_own_scale"), "no scale was set by hand")
TURNED = Need(attrgetter("is_turned"), "nothing is turned")
DETECT = Need(attrgetter("can_detect"), "needs a film and a model")
DETECTING = Need(attrgetter("is_detecting"), "nothing is running")
BATCH = Need(attrgetter("can_batch"), "needs listed films and a model")
BATCH_RUNS = Need(attrgetter("is_batch_running"), "nothing is running")
FAILURES = Need(attrgetter("has_failures"), "none failed")
LEARN = Need(attrgetter("can_learn"), "no model, or it is learning")
INTERRUPTED = Need(attrgetter("is_interrupted"), "nothing was interrupted")
LEARNED = Need(lambda s: s.is_learning or s.is_interrupted or s.is_judged, "nothing was learned")
BETTER = Need(attrgetter("is_judged_better"), "no better one was learned")
EARLIER = Need(attrgetter("has_earlier_model"), "there is none")
FURTHER = Need(lambda s: not s.is_first_reading, "it is shown")
PAIR = Need(attrgetter("is_pair_chosen"), "no pair of points is chosen")
COMPARED = Need(lambda s: s.is_comparing and s.has_selection, "no pair of points is chosen")

"""Whether corrections are by the definitions that a model places its points by.

The same symbol may be another place in another landmark set, and a model that learnt from both
would place it in neither.
"""

from collections.abc import Iterable

from cephview.core.learning import CorrectedFilm
from cephview.core.model_info import ModelInfo
from cephview.training import TrainingError


def refuse_other_sets(films: Iterable[CorrectedFilm], info: ModelInfo) -> None:
    """Raise TrainingError where a film has a landmark by another definition than the model.

    Also where the films have one that the model does not know by several. A film that does not say
    by which set its points lie is taken to be of the model's.
    """
    seen = {landmark: {info.set_of(landmark)} - {""} for landmark in info.landmarks}
    for film in films:
        for landmark, landmark_set in film.sets.items():
            known = seen.setdefault(landmark, set())
            if known and landmark_set not in known:
                raise TrainingError(
                    f"{film.path} has {landmark} by the landmark set {landmark_set}, not by "
                    f"{', '.join(known)} as the model {info.name} or the other films: the same "
                    "symbol may be another place there. Learn from films of one set, with a model "
                    "of that set."
                )
            known.add(landmark_set)


def sets_of_added(info: ModelInfo, own: int, films: Iterable[CorrectedFilm]) -> dict[str, str]:
    """Return the landmark set of each landmark that was added to a network, where it is known.

    own: how many landmarks the network was trained with, the first of info.
    """
    learnt = {i: name for film in films for i, name in film.sets.items()}
    return {
        i: name
        for i in info.landmarks[own:]
        if (name := info.added_sets.get(i) or learnt.get(i, ""))
    }

"""Which corrected films can be learnt from: the file is there still, and is the same film."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cephview.core.demo import is_demo
from cephview.core.learning import CorrectedFilm
from cephview.formats import FormatError, open_film
from cephview.formats.errors import shown
from cephview.training import TrainingError

_NAMED = 3


@dataclass(frozen=True)
class Present:
    """Films that can be learnt from, and for each of the others why it cannot."""

    films: tuple[CorrectedFilm, ...]
    left_out: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Return a sentence that counts and names what is left out; "" where nothing is."""
        if not self.left_out:
            return ""
        count = len(self.left_out)
        films = "One film was" if count == 1 else f"{count} films were"
        named = "; ".join(self.left_out[:_NAMED])
        more = f"; and {count - _NAMED} more" if count > _NAMED else ""
        return f"{films} left out: {named}{more}."


def present_films(
    films: Sequence[CorrectedFilm], should_stop: Callable[[], bool] = lambda: False
) -> Present:
    """Sort out films that are gone, broken, or another film than the one that was corrected.

    Every file is read. Raises TrainingError, which names them, where none is left.
    """
    kept, left_out = [], []
    for film in films:
        if should_stop():
            return Present(tuple(films))
        reason = _why_not(film)
        if reason:
            left_out.append(reason)
        else:
            kept.append(film)
    found = Present(tuple(kept), tuple(left_out))
    if films and not kept:
        raise TrainingError(f"No film is left to learn from. {found.note}")
    return found


def _why_not(film: CorrectedFilm) -> str:
    path = Path(film.path)
    if is_demo(film.sha256):
        return f"{shown(path)} is the demo film, which is no data"
    if not path.is_file():
        return f"{shown(path)} is no longer in {path.parent}"
    try:
        sha256 = open_film(path).sha256
    except FormatError as error:
        return str(error).rstrip(".")
    if sha256 != film.sha256:
        return f"{shown(path)} is another film now than the one that was corrected"
    return ""

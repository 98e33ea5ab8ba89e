"""What came of opening folders, discs and files, and what is said of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cephview.core.learning import CorrectedFilm
from cephview.core.natural_order import natural_order
from cephview.formats.frames import file_of
from cephview.ui.rows.film_list_model import FilmRow, FilmState

_GONE = (
    "“{}” is no longer in {}. Open the folder where it lies now: it is recognised by its bytes, "
    "and its points are there."
)
_NO_FILM = "“{}” has the name of a film but does not begin like one; copy it again from its source."


_NAMED = 3


@dataclass(frozen=True)
class Listed:
    """What came of opening places: how many films are listed of them, and of what.

    first: the film to show, where films joined the list. not_films: what was named and is none.
    """

    count: int
    where: str
    first: Path | None = None
    not_films: tuple[Path, ...] = ()


def told_of_no_films(paths: Sequence[Path]) -> str:
    """Return a sentence on files that were to be opened and are no films."""
    named = ", ".join(f"“{path.name}”" for path in paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    which = "is no film and was" if len(paths) == 1 else "are no films and were"
    return (
        f"{named}{more} {which} left out; choose DICOM, PNG, JPEG, BMP, TIFF, WebP or AVIF files."
    )


def not_to_be_read(path: Path, *, is_gone: bool) -> FilmRow:
    """Return the row of a film whose file is gone, or only has the name of a film."""
    sentence = _GONE.format(path.name, path.parent) if is_gone else _NO_FILM.format(path.name)
    return FilmRow(path, FilmState.UNREADABLE, sentence=sentence, is_gone=is_gone)


def films_there(
    places: Sequence[tuple[Path, Path]],
    each: "Callable[[Sequence[tuple[Path, Path]]], Iterable[tuple[Path, Path]]]" = iter,
) -> list[tuple[Path, bool]]:
    """Return films, given by where each was last open and where it was last seen, by name.

    With each whether there is a file still, in the place where it is.
    """
    found = {}
    for last_open, last_seen in each(places):
        is_moved = not file_of(last_open).is_file() and file_of(last_seen).is_file()
        path = last_seen if is_moved else last_open
        found[path] = file_of(path).is_file()
    return sorted(found.items(), key=lambda one: natural_order(one[0]))


def where_they_lie(
    films: Iterable[CorrectedFilm],
    listed: Mapping[str, Sequence[Path]],
    digests: Mapping[Path, str],
) -> tuple[CorrectedFilm, ...]:
    """Return films with the path where they lie now, of those that are listed by SHA-256.

    A film in whose place another one is known to lie, by its digest, is left out.
    """
    found = []
    for film in films:
        places = listed.get(film.sha256, ())
        if places and Path(film.path) not in places:
            film = replace(film, path=str(places[0]))
        if digests.get(Path(film.path), film.sha256) == film.sha256:
            found.append(film)
    return tuple(found)

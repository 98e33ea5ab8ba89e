"""What a window needs from the rooms below."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cephview.core.film import Film
from cephview.core.landmarks import Landmark, LandmarkSet

if TYPE_CHECKING:
    from cephview.settings import Settings


@dataclass(frozen=True)
class Services:
    """What a window needs from outside; tests bring their own.

    workspace is a folder or a database URL, model the name or folder of a model, "" for the
    remembered one. open_film raises film_errors, whose str() is a sentence for the user.
    show_film opens one that is to be shown, which give_up_film(path) has fail at once;
    end_reading() has all reading of films fail from then on.
    find_films(places, looks_like_film, each, go_on) returns the films of files, folders and discs;
    is_place says of a path whether it stands for the films in it.
    write_export(format, films, landmarks, with_unchecked, path, names) writes and returns a
    sentence of what it wrote; what_is_exported(films, landmarks, with_unchecked) says before what
    it would write. catalogue holds landmarks that a workspace can add to the set.
    """

    settings: "Settings"
    workspace: str
    model: str
    engine: Any
    landmarks: LandmarkSet
    open_film: Callable[[Path], Film]
    show_film: Callable[[Path], Film]
    give_up_film: Callable[[Path], None]
    end_reading: Callable[[], None]
    film_errors: tuple[type[Exception], ...]
    thumbnail: Callable[[Path, int], Any]
    looks_like_film: Callable[[Path], bool]
    find_films: Callable[..., Any]
    is_place: Callable[[Path], bool]
    write_export: Callable[[str, Any, LandmarkSet, bool, Path, str], str]
    what_is_exported: Callable[[Any, LandmarkSet, bool], tuple[str, bool]]
    catalogue: tuple[Landmark, ...] = ()

"""Files to and from the values of core. Opening never writes."""

from cephview.formats.errors import FormatError
from cephview.formats.families import FILM_SUFFIXES, looks_like_film
from cephview.formats.gathering import find_films, is_place
from cephview.formats.opening import open_film, thumbnail

__all__ = [
    "FILM_SUFFIXES",
    "FormatError",
    "find_films",
    "is_place",
    "looks_like_film",
    "open_film",
    "thumbnail",
]

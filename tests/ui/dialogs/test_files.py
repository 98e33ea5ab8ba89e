"""The dialogs for films and folders."""

from cephview.formats.families import FILM_SUFFIXES
from cephview.ui.dialogs.files import FILM_FILTERS


def test_the_dialog_for_films_lists_every_kind_that_is_opened():
    films, everything = FILM_FILTERS.split(";;")
    assert everything == "All files (*)"
    for suffix in FILM_SUFFIXES:
        assert f"*{suffix}" in films.strip("Films ()").split()

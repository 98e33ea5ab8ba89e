"""The demo film, which earlier releases kept in the user's workspace, is no data."""

from dataclasses import replace
from pathlib import Path

import pytest

from cephview import places
from cephview.core.demo import _DIGESTS, is_demo
from cephview.core.reading import Start
from cephview.store import audit
from cephview.store.readings import films_read_twice

AT = "2026-01-02T03:04:05.678+00:00"


@pytest.mark.parametrize("digest", _DIGESTS)
def test_a_demo_film_of_an_old_workspace_is_never_counted(workspace, make_film, empty, digest):
    own = make_film("own.png")
    demo = replace(own, sha256=digest, name="phantom.dcm")
    traced = empty.moved("S", (1, 1), by="Ann", at=AT)
    ben = workspace.begin_reading("Ben", Start.NOTHING).number
    for film in (demo, own):
        workspace.remember_film(film, Path("/films") / film.name)
        for reading in (0, ben):
            workspace.append_commit(film.sha256, traced, reading)
        workspace.append_work(film.sha256, 60.0, at=AT)
    assert [record.sha256 for record in workspace.films()] == [own.sha256]
    assert [record.sha256 for record, _ in workspace.traced_films(ben)] == [own.sha256]
    assert [film.sha256 for film in workspace.corrected_films()] == [own.sha256]
    assert len(films_read_twice(workspace, 0, ben)) == 1
    assert {entry.film for entry in audit.entries(workspace)} == {own.sha256}
    assert {spent.film for spent in audit.times(workspace)} == {own.sha256}
    assert workspace.tracing(digest) == traced, "what was done on it is not touched"


def test_only_the_demo_film_is_nobodys(make_film):
    assert not is_demo(make_film().sha256)
    assert places.is_demo_film(places.demo_film())
    assert places.is_demo_film("/opt/old/resources/demo/phantom.dcm")
    assert not places.is_demo_film("/films/phantom.dcm")

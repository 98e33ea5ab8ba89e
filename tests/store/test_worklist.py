"""What a list of films tells of each: the largest doubt that is left, and the time spent."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.core.tracing import least_certain
from cephview.core.uncertainty import Covariance
from cephview.store import Workspace, schema, sqlite

AT = "2026-01-02T03:04:05.678+00:00"
LARGE = Covariance(9, 1, 16)


@pytest.fixture
def doubtful(detection):
    """A detection whose last point is the least certain."""
    *points, last = detection.points
    points.append(replace(last, refined_covariance=LARGE))
    return replace(detection, points=tuple(points))


def test_the_largest_doubt_goes_with_the_checking(workspace, film, empty, doubtful):
    workspace.remember_film(film, Path("a.png"))
    assert workspace.film(film.sha256).doubt is None
    tracing = empty.detected(doubtful, at=AT)
    workspace.append_commit(film.sha256, tracing)
    assert workspace.film(film.sha256).doubt == LARGE
    checked = tracing.confirm("Pog'", by="Ann", at=AT)
    workspace.append_commit(film.sha256, checked)
    assert workspace.film(film.sha256).doubt == Covariance.round(1 / 3)
    for symbol in ("S", "N", "A"):
        checked = checked.confirm(symbol, by="Ann", at=AT)
    workspace.append_commit(film.sha256, checked)
    assert least_certain(checked) is None
    assert workspace.film(film.sha256).doubt is None


def test_the_time_of_all_stretches_is_added_film_by_film(workspace, make_film):
    for name in ("a.png", "b.png"):
        workspace.remember_film(make_film(name), Path(name))
    for seconds in (30.0, 12.5):
        workspace.append_work(make_film("a.png").sha256, seconds, at=AT)
    assert [record.seconds for record in workspace.films()] in ([42.5, 0], [0, 42.5])
    assert workspace.film(make_film("a.png").sha256).seconds == 42.5


def test_an_older_workspace_learns_its_doubts(folder, film, make_film, empty, doubtful):
    with Workspace.open(folder) as workspace:
        for one in (film, make_film("damaged.png")):
            workspace.remember_film(one, Path(one.name))
            workspace.append_commit(one.sha256, empty.detected(doubtful, at=AT))
    path = folder / "workspace.sqlite"
    as_version(path, 7)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE tracings SET present = 'null' WHERE film = ?",
            (make_film("damaged.png").sha256,),
        )
    with Workspace.open(folder) as workspace:
        assert workspace.film(film.sha256).doubt == LARGE
        # Its tracing was made anew from its steps.
        assert workspace.film(make_film("damaged.png").sha256).doubt == LARGE
    assert sqlite.found_version(path) == schema.SCHEMA_VERSION

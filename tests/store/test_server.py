"""The same workspace on a database server; runs where CEPHVIEW_TEST_DATABASE names an empty one."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from cephview.core.history import History
from cephview.core.reading import FIRST, Start
from cephview.core.scale import PixelSize, Provenance
from cephview.store import StoreError, Workspace, schema

AT = "2026-01-02T03:04:05.678+00:00"
URL = os.environ.get("CEPHVIEW_TEST_DATABASE", "")

pytestmark = pytest.mark.skipif(not URL, reason="CEPHVIEW_TEST_DATABASE names no database")


@pytest.fixture
def url():
    engine = create_engine(URL)
    schema.metadata.drop_all(engine)
    yield URL
    schema.metadata.drop_all(engine)
    engine.dispose()


def test_two_windows_share_a_workspace(folder, film, make_film, empty, detection, url):
    with Workspace.open(folder, url=url) as mine, Workspace.open(folder, url=url) as theirs:
        mine.remember_film(film, Path("a.png"))
        mine.remember_film(make_film("odd\udcff\0.png", patient="\0"), Path("b.png"))
        steps = [empty.detected(detection, at=AT)]
        steps.append(steps[0].moved("S", (0.1 + 0.2, 1e-9), by="Ann", at=AT))
        for number, step in enumerate(steps, 1):
            assert mine.append_commit(film.sha256, step) == number
        assert mine.append_undo(film.sha256) == 3
        expected = History(empty).commit(steps[0]).commit(steps[1]).undo()
        assert theirs.history(film.sha256, empty) == expected
        assert theirs.append_redo(film.sha256) == 4
        with pytest.raises(StoreError, match="another window") as told:
            mine.append_commit(film.sha256, steps[0].confirm_all(by="Ann", at=AT))
        assert told.value.is_conflict
        theirs.set_pixel_size(film.sha256, PixelSize(0.1, 0.15, Provenance.RULER), by="B", at=AT)
        theirs.set_active_model("/models/a")
        assert mine.active_model() == "/models/a"
        (corrected,) = mine.corrected_films()
        assert corrected.points == {"S": (0.1 + 0.2, 1e-9)}
        assert corrected.mm_per_px == (0.1, 0.15)
        assert len(mine.films()) == 2 and mine.films()[0].revision == 4


def test_a_newer_version_is_refused(folder, url):
    Workspace.open(folder, url=url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(schema.meta.update().values(value="99"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version"):
        Workspace.open(folder, url=url)


# A server's workspace as it was before readings were told apart.
_BACK_TO_VERSION_3 = (
    "ALTER TABLE revisions DROP CONSTRAINT one_revision_a_number",
    "ALTER TABLE revisions DROP COLUMN reading",
    "ALTER TABLE revisions ADD CONSTRAINT one_revision_a_number UNIQUE (film, number)",
    "ALTER TABLE tracings DROP CONSTRAINT tracings_pkey",
    "ALTER TABLE tracings DROP COLUMN reading",
    "ALTER TABLE tracings ADD PRIMARY KEY (film)",
    "ALTER TABLE work DROP COLUMN reading",
    "DROP TABLE readings",
    "DROP TABLE landmarks",
    "DROP TABLE claims",
    "ALTER TABLE tracings DROP COLUMN unsure",
    "ALTER TABLE tracings DROP COLUMN doubt",
    "UPDATE meta SET value = '3'",
)


def test_a_workspace_from_before_readings_opens_and_two_readers_share_it(folder, film, empty, url):
    moved = empty.moved("S", (1, 1), by="Ann", at=AT)
    with Workspace.open(folder, url=url) as workspace:
        workspace.remember_film(film, Path("a.png"))
        workspace.append_commit(film.sha256, moved)
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in _BACK_TO_VERSION_3:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with Workspace.open(folder, url=url) as ann, Workspace.open(folder, url=url) as ben:
        assert ann.history(film.sha256, empty) == History(empty).commit(moved)
        reading = ben.begin_reading("Ben", Start.NOTHING)
        assert ann.readings() == (FIRST, reading)
        blind = empty.moved("S", (2, 2), by="Ben", at=AT)
        assert ben.append_commit(film.sha256, blind, reading.number) == 1
        assert ann.append_undo(film.sha256) == 2
        assert ben.append_undo(film.sha256, reading.number) == 2
        assert ann.append_redo(film.sha256) == 3
        assert ann.tracing(film.sha256) == moved
        assert ann.film(film.sha256, reading.number).placed == 0

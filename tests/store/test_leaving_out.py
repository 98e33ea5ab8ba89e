"""Films that are skipped, or in the bin."""

from pathlib import Path

import pytest
from older_workspace import as_version

from cephview.store import Workspace, audit, salvage, schema, sqlite
from cephview.store.leaving_out import films_in_bin, put_in_bin, set_skipped, take_from_bin

AT = "2026-01-02T03:04:05+00:00"


@pytest.fixture
def traced(folder, make_film, empty):
    """The SHA-256 of two films of a workspace, each with a point."""
    films = [make_film(name) for name in ("a.png", "b.png")]
    with Workspace.open(folder) as workspace:
        for film in films:
            workspace.remember_film(film, Path(film.name))
            workspace.append_commit(film.sha256, empty.moved("S", (1, 2), by="Ann", at=AT))
    return [film.sha256 for film in films]


def test_a_skipped_film_is_listed_and_no_longer_data(folder, traced):
    with Workspace.open(folder) as workspace:
        set_skipped(workspace, traced[:1], is_skipped=True)
        assert [f.is_skipped for f in workspace.films()] in ([True, False], [False, True])
        assert [record.sha256 for record, _ in workspace.traced_films()] == traced[1:]
        assert [film.sha256 for film in workspace.corrected_films()] == traced[1:]
        set_skipped(workspace, traced, is_skipped=False)
        assert len(workspace.corrected_films()) == 2


def test_a_film_in_the_bin_comes_back_with_all_its_steps(folder, traced, make_film, empty):
    with Workspace.open(folder) as workspace:
        before = workspace.history(traced[0], empty)
        put_in_bin(workspace, traced[:1], at=AT)
        # Its file is seen again, as where its folder is opened.
        workspace.remember_film(make_film("a.png"), Path("elsewhere.png"))
    with Workspace.open(folder) as workspace:
        assert [record.sha256 for record in workspace.films()] == traced[1:]
        assert len(workspace.traced_films()) == len(workspace.corrected_films()) == 1
        assert [(one.sha256, one.binned_at) for one in films_in_bin(workspace)] == [(traced[0], AT)]
        # What was done stays on record.
        assert {entry.film for entry in audit.entries(workspace)} >= set(traced)
        take_from_bin(workspace, traced[:1])
        assert workspace.history(traced[0], empty) == before
        assert len(workspace.corrected_films()) == 2 and not films_in_bin(workspace)


def test_a_workspace_of_the_version_before_opens_with_every_film(folder, traced):
    path = folder / "workspace.sqlite"
    as_version(path, 8)
    with Workspace.open(folder) as workspace:
        assert len(workspace.corrected_films()) == 2 and not films_in_bin(workspace)
        put_in_bin(workspace, traced[:1], at=AT)
    assert sqlite.found_version(path) == schema.SCHEMA_VERSION
    # Rows of both versions are read from a damaged file.
    found = salvage.salvaged(path)
    assert {film: row.get("binned_at", "") for film, row in found.films.items()} == {
        traced[0]: AT, traced[1]: "",
    }  # fmt: skip

"""Who changed what, when, from where to where, with which model; and the time each film took."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cephview.core.detection import Turn
from cephview.core.scale import PixelSize, Provenance
from cephview.formats.audit_csv import COLUMNS, write_audit_csv, write_time_csv
from cephview.store import Workspace, audit
from cephview.store import workspace as workspace_module

AT = "2026-01-02T03:04:05.678+00:00"


@pytest.fixture
def traced(folder, film, empty, detection):
    with Workspace.open(folder, author="Ann") as workspace:
        workspace.remember_film(film, Path("/films/a.png"))
        found = empty.detected(detection, at=AT)
        workspace.append_commit(film.sha256, found)
        workspace.append_commit(film.sha256, found.moved("S", (7, 8), by="Ben", at=AT))
        workspace.append_undo(film.sha256)
        workspace.append_redo(film.sha256)
        workspace.append_commit(
            film.sha256,
            found.moved("S", (7, 8), by="Ben", at=AT).confirm("N", by="Cid", at=AT),
        )
        yield workspace


def test_each_step_says_who_moved_which_point_from_where_to_where(traced, film, detection):
    found = list(audit.entries(traced))
    assert {entry.what for entry in found} == {"point"}
    assert [entry.landmark for entry in found if entry.revision == 1] == ["S", "N", "A", "Pog'"]
    assert {entry.model for entry in found if entry.revision == 1} == {detection.model}
    moved, undone, redone, confirmed = [entry for entry in found if entry.revision > 1]
    assert (moved.author, moved.step, moved.landmark) == ("Ben", "commit", "S")
    assert (moved.before, moved.before_px) == ("model", (0.5, 2.125))
    assert (moved.after, moved.after_px, moved.model) == ("moved", (7, 8), detection.model)
    assert (undone.author, undone.step) == ("Ann", "undo")
    assert (undone.before_px, undone.after_px) == ((7, 8), (0.5, 2.125))
    assert (redone.step, redone.after_px) == ("redo", (7, 8))
    assert (confirmed.author, confirmed.landmark, confirmed.after) == ("Cid", "N", "confirmed")
    assert confirmed.before_px == confirmed.after_px
    assert all(entry.film == film.sha256 and entry.file == "/films/a.png" for entry in found)


def test_scale_turn_and_model_are_told_too(traced, film):
    traced.set_pixel_size(film.sha256, PixelSize(0.1, 0.2, Provenance.RULER), by="Ann", at=AT)
    traced.set_pixel_size(film.sha256, None, by="Ann", at=AT)
    traced.set_active_model("/models/mine")
    traced.append_commit(film.sha256, traced.tracing(film.sha256).turned(Turn(mirrored=True)))
    found = {entry.what: entry for entry in audit.entries(traced)}
    assert (found["scale"].before, found["scale"].after) == ("0.1 x 0.2 mm (ruler)", "as on file")
    assert found["active model"].after == "mine", "its name alone, and no place"
    assert "mirrored=True" in found["turn"].after


def test_steps_of_the_scale_say_who_set_it_and_who_took_it_back(traced, film):
    ruler = PixelSize(0.1, 0.2, Provenance.RULER)
    present = traced.tracing(film.sha256)
    traced.append_commit(film.sha256, present.scaled(ruler), by="Ben")
    assert traced.film(film.sha256).pixel_size == ruler
    traced.append_undo(film.sha256, by="Cid")
    assert traced.film(film.sha256).pixel_size == film.pixel_size
    scales = [entry for entry in audit.entries(traced) if entry.what == "scale"]
    assert [(entry.author, entry.after) for entry in scales] == [
        ("Ben", "0.1 x 0.2 mm (ruler)"),
        ("Cid", "as on file"),
    ]


def test_the_table_of_changes(traced, tmp_path):
    path = tmp_path / "audit.csv"
    assert write_audit_csv(path, audit.entries(traced)) == 8
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert rows[4]["landmark"] == "S" and rows[4]["from_x_px"] == "0.500"
    assert rows[0]["from_x_px"] == ""


def test_pauses_are_no_time_spent(traced, film, monkeypatch, tmp_path):
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    moments = iter([0, 20, 50, 3600, 3630])

    def now() -> str:
        return (begin + timedelta(seconds=next(moments))).isoformat()

    monkeypatch.setattr(workspace_module, "now", now)
    tracing = traced.tracing(film.sha256)
    for x in range(5):
        tracing = tracing.moved("A", (x, 0), by="Dan", at=f"{AT}{x}")
        traced.append_commit(film.sha256, tracing)
    monkeypatch.undo()
    spent = {entry.author: entry for entry in audit.times(traced)}
    assert spent["Dan"].seconds == 80 and not spent["Dan"].is_measured
    assert spent["Dan"].steps == 5
    traced.append_work(film.sha256, 12.5, at=AT)
    traced.append_work(film.sha256, 30.0, at=AT)
    spent = {entry.author: entry for entry in audit.times(traced)}
    assert spent["Ann"].seconds == 42.5 and spent["Ann"].is_measured
    assert write_time_csv(tmp_path / "time.csv", spent.values()) == len(spent)
    assert ",42.5,yes,first reading\n" in (tmp_path / "time.csv").read_text()

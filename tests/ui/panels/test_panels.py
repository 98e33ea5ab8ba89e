"""Small parts by themselves: rows of points, notices, the status line, icons, background work."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from cephview import places
from cephview.core.review import Walk, review_order
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Placed, Point, State, Tracing
from cephview.ui.learning.installed_models import default_model, find_model, installed_models
from cephview.ui.look.icons import icon
from cephview.ui.look.theme import DARK
from cephview.ui.notice import Kind, Notice
from cephview.ui.panels.model_facts import about, facts
from cephview.ui.panels.notice_bar import NoticeBar
from cephview.ui.panels.status_line import grouped, scale_words
from cephview.ui.rows.point_rows import PointRow, point_rows
from cephview.ui.work import timing
from cephview.ui.work.background import Background

MM = PixelSize(0.1, 0.1, Provenance.DETECTOR)
LANDMARKS = places.load_landmark_set("isbi19")


def tracing(**points: Point) -> Tracing:
    empty = Tracing.empty("isbi19", ("S", "N", "Go"))
    return Tracing("isbi19", tuple(points.get(p.landmark, p) for p in empty))


def seen(landmark: str, sigma: float) -> Point:
    return Point(
        landmark,
        coarse=Placed(0, 0, "m", "t", 2 * sigma, "h"),
        refined=Placed(30, 40, "m", "t", sigma, "h"),
    )


def rows_of(traced: Tracing, size: PixelSize) -> tuple[PointRow, ...]:
    return point_rows(Walk(traced, review_order(traced, size)), LANDMARKS, size, 2400)


def test_rows_put_unchecked_points_by_uncertainty_first():
    all_seen = tracing(S=seen("S", 3), N=seen("N", 20), Go=seen("Go", 9))
    rows = rows_of(all_seen, MM)
    assert [row.landmark for row in rows] == ["N", "Go", "S"]
    assert [str(row.uncertainty) for row in rows] == ["2.0 mm", "0.9 mm", "0.3 mm"]
    assert [row.is_high for row in rows] == [True, False, False]
    done = all_seen.confirm("N", by="x", at="t")
    assert [row.landmark for row in rows_of(done, MM)] == ["Go", "S", "N"]


def test_a_scale_in_doubt_hides_no_uncertainty():
    # Sella to nasion 650 px: 65 mm at 0.1 mm a pixel, and 26 mm at the 0.04 of a careless tag.
    ends = {"S": (100, 100), "N": (750, 100), "Go": (300, 900)}
    found = tracing(
        **{i: Point(i, refined=Placed(*at, "m", "t", 14.0, "h")) for i, at in ends.items()}
    )
    for mm in (0.1, 0.04):
        rows = rows_of(found, PixelSize(mm, mm, Provenance.DECLARED))
        assert all(row.is_high for row in rows)
        assert {str(row.uncertainty) for row in rows} == {f"{14 * mm:.1f} mm"}
    elsewhere = tracing(**{"Go": found["Go"]})
    size = PixelSize(0.04, 0.04, Provenance.DECLARED)
    assert not any(row.is_high for row in rows_of(elsewhere, size))


def test_rows_tell_pixels_without_a_trusted_scale():
    rows = rows_of(tracing(S=seen("S", 3)), PixelSize())
    row = next(row for row in rows if row.landmark == "S")
    assert str(row.uncertainty) == "3 px"


def test_rows_say_states_in_words():
    moved = tracing(S=seen("S", 3), N=seen("N", 3)).moved("S", (38, 40), by="x", at="t")
    moved = moved.marked_not_visible("N", by="x", at="t")
    words = {row.landmark: row.words for row in rows_of(moved, MM)}
    assert words == {"S": "moved 0.8 mm", "N": "not visible", "Go": "not placed"}
    assert [row.landmark for row in rows_of(moved, MM) if row.is_checked] == ["N"]
    assert moved["S"].state is State.MOVED


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (PixelSize(), "no scale: lengths in pixels"),
        (MM, "0.100 mm/px · detector"),
        (PixelSize(0.1, 0.12, Provenance.RULER), "0.100 × 0.120 mm/px · ruler"),
        (PixelSize(0.1, 0.1, Provenance.UNVERIFIED), "0.100 mm/px unverified: lengths in pixels"),
    ],
)
def test_the_scale_is_told_with_where_it_comes_from(size, words):
    assert scale_words(size) == words


def test_numbers_are_grouped():
    assert grouped(65535) == "65\u2009535"


def test_notices_pile_up_by_topic(qtbot):
    bar = NoticeBar(DARK)
    qtbot.addWidget(bar)
    pressed = []
    bar.post(Notice("one", topic="a"))
    bar.post(Notice("two", Kind.DANGER, "b", "Again", lambda: pressed.append(1)))
    bar.post(Notice("one, newer", topic="a"))
    assert bar.current.text == "one, newer"
    bar.dismiss()
    assert bar.current.text == "two"
    bar.action.click()
    assert pressed == [1] and bar.current is None
    bar.post(Notice("three", topic="c"))
    bar.withdraw("c")
    assert bar.current is None and not bar.isVisibleTo(None)


def test_every_icon_draws():
    names = [
        p.stem for p in (places.resources_dir() / "icons").glob("*.svg") if p.stem != "cephview"
    ]
    assert len(names) > 20
    for name in names:
        image = icon(name, DARK).pixmap(18).toImage()
        assert any(
            image.pixelColor(x, y).alpha()
            for x in range(image.width())
            for y in range(image.height())
        ), name


@pytest.mark.parametrize("size", [(1000, 640), (1280, 720)], ids=str)
def test_the_panes_leave_no_strip_of_the_window_empty(make_desk, size):
    window = make_desk(size=size).window
    for width in (size[0], 1100, size[0]):
        window.resize(width, size[1])
        assert window.tabs.geometry().right() == window.panes.rect().right()
        assert window.view.geometry().right() + 2 == window.tabs.geometry().left()


def test_background_brings_values_and_errors_back(qtbot):
    owner = QObject()
    background = Background(owner)
    got: list[object] = []
    background.run(lambda: 1 + 1, got.append, got.append)
    background.run(lambda: 1 / 0, got.append, got.append)
    qtbot.waitUntil(lambda: len(got) == 2, timeout=2000)
    assert got[0] == 2 and isinstance(got[1], ZeroDivisionError)
    background.close()
    background.run(lambda: 3, got.append, got.append)
    qtbot.wait(30)
    assert len(got) == 2


def test_background_drops_what_has_not_begun(qtbot):
    background = Background(owner := QObject())
    begun, begin, got = threading.Event(), threading.Event(), []
    background.run(lambda: begun.set() or begin.wait(300), got.append, got.append)
    # Else it would be dropped, too.
    assert begun.wait(300)
    background.run(lambda: 2, got.append, got.append)
    background.clear()
    background.run(lambda: 3, got.append, got.append)
    begin.set()
    qtbot.waitUntil(lambda: len(got) == 2, timeout=2000)
    assert got == [True, 3]
    background.close()
    del owner


WIDGET_AT_WORK = """
import sys, time
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from cephview.ui.work.background import Background

class Overriding(QWidget):
    def event(self, event):
        return super().event(event)

app, widget = QApplication([]), Overriding()
Background(widget).run(lambda: [n for n in range(5_000_000)] and None, print, print)
widget.deleteLater()
loop = QEventLoop()
QTimer.singleShot(0, loop.quit)
loop.exec()
print("gone")
"""


def test_a_widget_can_go_while_its_background_is_at_work():
    done = subprocess.run(
        [sys.executable, "-c", WIDGET_AT_WORK], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "gone\n"), done.stderr


def test_installed_models_leave_out_what_is_not_whole(model_dirs, caplog, make_model):
    shipped, user = model_dirs
    make_model(user / "mine", sha="c" * 64)
    make_model(user / "half", sha="d" * 64)
    (user / "half" / "model.safetensors").unlink()
    make_model(user / "odd", sha="e" * 64)
    (user / "odd" / "model.toml").write_text("name = 3")
    models = installed_models()
    assert [(m.name, m.is_own) for m in models] == [("test-base", False), ("mine", True)]
    assert default_model(models).name == "test-base"
    assert find_model(models, "mine").folder == user / "mine"
    assert find_model(models, str(shipped / "test-base")).name == "test-base"
    assert find_model(models, "none") is None


def test_timing_prints_once_and_only_when_asked(monkeypatch, capsys):
    timing.mark("never")
    monkeypatch.setenv("CEPHVIEW_TIMING", "1")
    timing.mark("a test")
    timing.mark("a test")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("timing: a test ")
    assert Path("/").exists()


def test_only_a_model_of_this_machine_is_said_to_be_fine_tuned(model_dirs, make_model):
    shipped, user = model_dirs
    make_model(shipped / "second", sha="b" * 64, parent="a" * 64)
    make_model(user / "mine", sha="c" * 64, parent="a" * 64)
    said = {model.name: about(model) for model in installed_models()}
    assert said["second"].startswith("Places 19 landmarks: it looks at the whole film")
    assert said["mine"] == "Learned from your corrections; places 19 landmarks."


def test_no_file_of_a_model_is_named_on_the_screen(model_dirs, make_model):
    shipped, _ = model_dirs
    make_model(shipped / "second", sha="b" * 64)
    info = next(model.info for model in installed_models())
    told = facts(replace(info, trained_on="260 films; see MODEL_CARD.md."), "cpu")
    assert ("Trained on", "260 films.", "") in told

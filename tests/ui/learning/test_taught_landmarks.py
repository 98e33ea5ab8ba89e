"""A landmark of a user's own that the model learns, and then places itself."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview.core.detection import DetectedPoint
from cephview.core.learning import Accuracy, FinetuneResult, Taught, what_is_taught
from cephview.core.tracing import State
from cephview.core.uncertainty import Covariance
from cephview.ui.learning.finetuning import Material
from cephview.ui.panels.learning_card import material_sentence

from ..conftest import detection

LEARNT = "Xy: learnt from 5 films, 1.4 mm where its neighbours alone give 2.9 mm"


@pytest.fixture
def placed(desk, make_film):
    """A desk whose workspace has Xy, placed on five films, and nothing else checked."""
    desk.open(desk.films)
    assert desk.window.session.landmarks.define("Xy", "My point", "Where I say.", "soft")
    for n in range(5):
        desk.open(make_film(desk.films / f"more-{n}.png", 20 + n))
        answer_without(desk, "Xy")
        desk.editor.move("Xy", (50 + n, 60))
    QTest.mouseClick(desk.window.bar.pill, Qt.MouseButton.LeftButton)
    desk.window.session.behind.stop()
    return desk


def answer_without(desk, *landmarks):
    """Answer as a model that does not know some landmarks."""
    known = [m for m in desk.editor.landmarks if m.id not in landmarks]
    desk.engine.detected.emit(desk.engine.last, found(known))


def found(landmarks, *more):
    return replace(detection(landmarks), points=(*detection(landmarks).points, *more))


def point(landmark):
    return DetectedPoint(landmark, (90.0, 95.0), 6.0, (88.0, 91.0), 2.0, Covariance(9.0, 1.0, 4.0))


def result(folder):
    before, after = (Accuracy(mre, "mm", 5, 5, {"2": 80.0}, {"Xy": mre}) for mre in (2.9, 1.4))
    taught = Taught("Xy", 5, 1.4, 2.9, "mm", 80.0, True, LEARNT)
    return FinetuneResult(
        str(folder), folder.name, before, after, 5, 5, True, LEARNT, 90.0, "cpu",
        is_cross_validated=True, taught=(taught,),
    )  # fmt: skip


def test_what_it_learns_is_told_and_then_placed_with_its_ellipse(placed, make_model):
    card = placed.window.model.learning
    assert "The model does not know Xy yet: it learns it, too" in card.sentence.text()
    assert "5 films" in card.sentence.text() and "habits" not in card.sentence.text()
    QTest.mouseClick(card.start, Qt.MouseButton.LeftButton)
    films, _, out = placed.engine.finetunes[-1][:3]
    assert all(set(film.points) == {"Xy"} for film in films) and len(films) == 5
    make_model(out, sha="b" * 64, parent="a" * 64)
    placed.engine.finetuned.emit(placed.engine.last, result(out))
    assert card.result.sentence.text().startswith("Xy: learnt from 5 films, 1.4 mm")
    QTest.mouseClick(card.adopt, Qt.MouseButton.LeftButton)
    placed.open(placed.films / "film-1.png")
    if placed.editor.tracing["S"].best is not None:
        placed.window.actions_book["detect"].trigger()
    known = [m for m in placed.editor.landmarks if m.id != "Xy"]
    placed.engine.detected.emit(placed.engine.last, found(known, point("Xy")))
    seen = placed.editor.tracing["Xy"]
    assert seen.state is State.MODEL and seen.refined.xy == (88.0, 91.0)
    assert seen.refined.spread == Covariance(9.0, 1.0, 4.0)
    assert placed.window.points.model.row_of("Xy") >= 0


def test_a_landmark_that_was_taken_out_is_not_taught(placed):
    finetuning = placed.window.session.finetuning
    assert finetuning.material().new == (("Xy", 5),)
    assert placed.window.session.landmarks.retire("Xy")
    assert finetuning.material().films == 0 and finetuning.material().new == ()


def test_a_workspace_without_the_landmark_is_told_once(desk):
    desk.open(desk.films / "film-1.png")
    desk.window.session.behind.stop()
    desk.engine.detected.emit(desk.engine.last, found(list(desk.editor.landmarks), point("Xy")))
    assert "Xy" not in desk.editor.tracing.ids
    assert "also places Xy, which this workspace does not have" in (
        desk.window.notices.current.text
    )
    landmarks = desk.window.session.landmarks
    assert not landmarks.told_of(found(list(desk.editor.landmarks), point("Xy")))


def test_what_a_few_films_lack_is_said():
    assert what_is_taught({}) == ""
    both = what_is_taught({"Xy": 5, "Zz": 3})
    assert "does not know Xy yet" in both and both.endswith("so far: Zz (3).")
    text = material_sentence(Material(6, 60, 6, new=(("Zz", 3),)))
    assert text.endswith("films of 5 patients show; so far: Zz (3).")

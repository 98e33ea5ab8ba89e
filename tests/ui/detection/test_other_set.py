"""A model whose landmarks are of another set is never asked for points of these films."""

import pytest

from cephview import places
from cephview.ui.learning.installed_models import read_model


@pytest.fixture
def other_model(model_dirs, make_model):
    folder = make_model(model_dirs[1] / "other", sha="b" * 64)
    description = folder / "model.toml"
    text = description.read_text(encoding="utf-8")
    ids = str(list(places.load_landmark_set("isbi19").ids))
    assert '"isbi19"' in text and ids in text
    text = text.replace('"isbi19"', '"aariz29"').replace(ids, '["S", "N", "Me"]')
    description.write_text(text, encoding="utf-8")
    return read_model(folder, is_own=True)


def test_the_window_says_so_and_asks_nothing(desk, films, other_model):
    desk.open(sorted(films.iterdir())[0])
    detecting = desk.window.session.detecting
    said = []
    detecting.failed.connect(said.append)
    detecting.use_model(other_model)
    asked = len(desk.engine.detections)
    detecting.detect()
    assert len(desk.engine.detections) == asked
    assert said and "landmarks of the set aariz29" in said[0]


def test_nothing_is_placed_behind_the_open_film_either(desk, films, other_model, qtbot):
    first, second = sorted(films.iterdir())[:2]
    desk.open(first)
    session = desk.window.session
    session.detecting.use_model(other_model)
    asked = len(desk.engine.detections)
    with qtbot.waitSignal(session.behind.batch.halted) as halted:
        session.behind.batch.start([second])
    assert "landmarks of the set aariz29" in halted.args[0]
    assert len(desk.engine.detections) == asked

"""What a window that was ended while a model learned leaves, and what the next one makes of it."""

import pytest

from cephview.ui import installed_models, learning_mark
from cephview.ui.learning_mark import LearningMark


@pytest.fixture
def lost(model_dirs, make_model):
    """Return what leaves a candidate as a window that was killed leaves it."""

    def leave(verdict: str | None):
        folder = model_dirs[1] / "test-base+1"
        mark = LearningMark.begin(folder)
        if verdict is None:
            folder.mkdir()
            (folder / "unfinished.json").write_text("{}")
            (folder / "model.safetensors").write_bytes(b"half")
        else:
            make_model(folder, sha="b" * 64, parent="a" * 64)
            with (folder / "model.toml").open("a") as file:
                file.write(f'[settings]\nverdict = "{verdict}"\n')
        mark._file.close()
        return folder

    return leave


def left(model_dirs) -> list[str]:
    return sorted(path.name for path in model_dirs[1].iterdir())


def test_what_was_only_begun_goes_and_is_told_once(desk, lost, model_dirs):
    lost(None)
    desk.window.safekeeping.start()
    (notice,) = [n for n in desk.window.notices._notices if n.topic == "last learning"]
    assert notice.text.startswith("The last window ended while the model was learning, so nothing")
    assert left(model_dirs) == []
    assert learning_mark.settle_lost() == ""


def test_a_better_model_nobody_saw_stays_and_can_be_chosen(desk, lost, model_dirs):
    folder = lost("Better: on 95 points.")
    desk.window.safekeeping.start()
    assert left(model_dirs) == ["test-base+1"]
    assert [n.text for n in desk.window.notices._notices if "is better; it is kept" in n.text]
    assert folder in [model.folder for model in desk.window.session.models.installed]


def test_one_that_is_not_better_goes(desk, lost, model_dirs):
    lost("Not better: on 95 points.")
    assert "was thrown away" in desk.window.session.finetuning.settle_lost()
    assert left(model_dirs) == []


def test_what_another_window_waits_for_is_left_alone(model_dirs):
    parent = installed_models.read_model(model_dirs[0] / "test-base", is_own=False)
    folder = installed_models.new_model_folder(parent)
    mark = LearningMark.begin(folder)
    folder.mkdir()
    assert learning_mark.settle_lost() == ""
    assert folder.exists()
    assert installed_models.new_model_folder(parent).name == "test-base+2"
    folder.rmdir()
    assert installed_models.new_model_folder(parent).name == "test-base+2"
    mark.end()
    assert installed_models.new_model_folder(parent) == folder

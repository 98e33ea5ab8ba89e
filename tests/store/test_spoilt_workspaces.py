"""A few of the torture's trials with random bytes, logs that are gone and older files."""

import random
import shutil

import pytest
import spoilt_workspaces

SEED = 20261201
TRIALS = 12


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A workspace whose window was killed, with a backup from before that."""
    folder = tmp_path_factory.mktemp("kept") / "workspace"
    dice = random.Random(SEED)
    return spoilt_workspaces.kept_workspace(folder, dice, is_killed=True, steps=4)


def test_no_film_has_anothers_points_and_no_loss_is_unsaid(kept, tmp_path):
    dice = random.Random(SEED)
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        shutil.copytree(kept.folder, folder)
        (older,) = (folder / "backups").glob("*.sqlite")
        shutil.copyfile(older, tmp_path / "older.sqlite")
        harm = spoilt_workspaces.harm(folder, tmp_path / "older.sqlite", dice)
        outcome = spoilt_workspaces.judged(folder, kept)
        assert not outcome.strange, (trial, harm, outcome)
        assert not outcome.unsaid, (trial, harm, outcome)
        assert not outcome.false_alarms, (trial, harm, outcome)
        shutil.rmtree(folder)

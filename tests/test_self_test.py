import hashlib
import sys

import pytest

from cephview import places, self_test
from cephview.self_test import installation, program
from cephview.self_test.outcome import Outcome

MODEL = """
name = "tiny"
landmark_set = "isbi19"
landmarks = ["S"]
input_size = [64, 64]
sha256 = "{}"
"""


@pytest.fixture
def models(monkeypatch, tmp_path):
    """Return an empty folder of shipped models."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(places, "models_dir", lambda: folder)
    return folder


def _ship(folder, weights, digest):
    (folder / "tiny").mkdir()
    (folder / "tiny" / "model.safetensors").write_bytes(weights)
    (folder / "tiny" / "model.toml").write_text(MODEL.format(digest), encoding="utf-8")


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome("a", True), "ok      a"),
        (Outcome("a", False, "do b"), "missing a: do b"),
        (Outcome("a", False, "so it is", is_needed=False), "note    a: so it is"),
    ],
)
def test_a_line_says_what_and_what_to_do(outcome, line):
    assert outcome.line() == line


def test_every_library_is_found():
    outcomes = list(installation.check_libraries())
    assert outcomes and all(outcome.is_fine for outcome in outcomes)


def test_a_library_that_is_missing_or_broken_is_named(monkeypatch):
    names = {"no-such-library": "no_such_library", "numpy": "numpy.no_such_module"}
    monkeypatch.setattr(installation, "LIBRARIES", names)
    missing, broken = installation.check_libraries()
    assert (missing.what, missing.is_fine) == ("no-such-library", False)
    assert (broken.what, broken.is_fine) == ("numpy is there but cannot be loaded", False)


def test_qt_starts_off_screen():
    assert all(outcome.is_fine for outcome in installation.check_qt_platforms())


def test_a_platform_that_cannot_start_is_told_and_not_fallen_over(monkeypatch):
    monkeypatch.setattr(installation.qt_libraries, "has_display", lambda: True)
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    fine, broken = installation.check_qt_platforms()
    assert fine.is_fine
    assert not broken.is_fine and broken.advice


def test_every_decoder_is_there():
    assert all(outcome.is_fine for outcome in installation.check_decoders())


def test_weights_that_match_are_fine(models):
    _ship(models, b"weights", hashlib.sha256(b"weights").hexdigest())
    (outcome,) = program.check_models()
    assert outcome.is_fine


def test_one_flipped_byte_is_seen(models):
    _ship(models, b"Weights", hashlib.sha256(b"weights").hexdigest())
    (outcome,) = program.check_models()
    assert not outcome.is_fine
    assert "model.safetensors" in outcome.advice


def test_no_model_or_half_a_model_is_missing(models):
    (none,) = program.check_models()
    (models / "half").mkdir()
    (models / "half" / "model.toml").write_text("name = 1", encoding="utf-8")
    (half,) = program.check_models()
    assert not none.is_fine and not half.is_fine


def test_an_engine_that_ends_is_told(models, monkeypatch):
    _ship(models, b"weights", "0" * 64)
    monkeypatch.setattr(sys, "executable", "/bin/false" if sys.platform != "win32" else "cmd")
    (outcome,) = program.check_engine()
    assert not outcome.is_fine
    assert "engine.log" in outcome.advice


def test_a_workspace_that_is_not_there_yet_is_not_made(tmp_path):
    folder = tmp_path / "new" / "workspace"
    (outcome,) = program.check_workspace(str(folder))
    assert outcome.is_fine
    assert not folder.parent.exists()


def test_a_workspace_that_is_damaged_is_told(tmp_path):
    from cephview.store.opening import DATABASE

    (tmp_path / DATABASE).write_bytes(b"not a database" * 100)
    (outcome,) = program.check_workspace(str(tmp_path))
    assert not outcome.is_fine


def test_the_exit_code_counts_only_what_is_needed(monkeypatch, capsys):
    def note():
        yield Outcome("graphics card", False, "slower", is_needed=False)

    def nothing():
        yield from ()

    for room in (installation, program):
        for name in [name for name in vars(room) if name.startswith("check_")]:
            monkeypatch.setattr(room, name, nothing)
    monkeypatch.setattr(installation, "check_torch", note)
    monkeypatch.setattr(program, "check_workspace", lambda _place: nothing())
    assert self_test.run("anywhere") == 0
    assert "note    graphics card: slower" in capsys.readouterr().out

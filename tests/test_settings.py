import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview import settings as module
from cephview.settings import Settings, load_settings, save_settings, to_toml


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def test_a_missing_file_gives_the_defaults(path):
    settings = load_settings(path)
    assert (settings.device, settings.passes, settings.theme) == ("auto", 1, "dark")
    assert settings.author and settings.workspace and settings.detect_on_open
    assert settings.notice == ""
    assert not path.exists()


def test_what_was_saved_is_read_back(path):
    saved = Settings(
        author='Dr "Ő" \\ 李',
        workspace=r"C:\films\new",
        device="cuda",
        passes=2,
        last_folder="/a b/č",
        window_geometry="AdnQywAC==",
        detect_on_open=False,
        hints_used="confirm next",
        hidden_layers="names",
    )
    save_settings(saved, path)
    assert load_settings(path) == saved
    assert [p.name for p in path.parent.iterdir()] == ["settings.toml"]


def test_settings_are_a_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().theme = "light"  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong", [{"device": "tpu"}, {"passes": 3}, {"author": " "}, {"workspace": ""}]
)
def test_a_setting_out_of_its_range_is_refused(wrong):
    with pytest.raises(ValueError):
        Settings(**wrong)


@pytest.mark.parametrize(
    "content", [b"", b"= nothing", b"\xff\xfe\x00", b"version = 'one'\n", b"version = true\n"]
)
def test_a_damaged_file_is_kept_aside(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    settings = load_settings(path)
    assert settings == Settings()
    assert str(path) in settings.notice and "settings.toml.broken" in settings.notice
    assert path.with_name("settings.toml.broken").read_bytes() == content


def test_a_value_out_of_range_loses_only_itself(path):
    path.parent.mkdir()
    path.write_text('version = 1\ndevice = "tpu"\npasses = true\nauthor = "Ann"\nunknown = 3\n')
    settings = load_settings(path)
    assert (settings.author, settings.device, settings.passes) == ("Ann", "auto", 1)
    assert "device, passes" in settings.notice


def test_a_newer_file_is_read_as_far_as_it_is_known_and_kept(path):
    path.parent.mkdir()
    path.write_text('version = 99\nauthor = "Ann"\nnovelty = "x"\n')
    settings = load_settings(path)
    assert settings.author == "Ann"
    assert "newer" in settings.notice
    save_settings(settings, path)
    assert "novelty" in path.with_name("settings.toml.newer").read_text()


def test_an_old_file_is_migrated(path, monkeypatch):
    monkeypatch.setattr(module, "VERSION", 2)
    monkeypatch.setattr(module, "MIGRATIONS", (lambda data: {"author": data.pop("user"), **data},))
    path.parent.mkdir()
    path.write_text('version = 1\nuser = "Ann"\n')
    assert load_settings(path).author == "Ann"


def test_a_path_that_cannot_be_read_gives_defaults_and_a_notice(tmp_path):
    settings = load_settings(tmp_path)
    assert settings == Settings() and str(tmp_path) in settings.notice


def test_a_failed_save_leaves_the_old_file(path, monkeypatch):
    save_settings(Settings(author="Ann"), path)

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        save_settings(Settings(author="Ben"), path)
    monkeypatch.undo()
    assert load_settings(path).author == "Ann"
    assert [p.name for p in path.parent.iterdir()] == ["settings.toml"]


@given(st.text(st.characters(exclude_categories=("Cs",))), st.integers(0, 2**40), st.booleans())
def test_the_writer_says_what_the_reader_reads(text, number, flag):
    values = {"text": text, "number": number, "flag": flag}
    assert tomllib.loads(to_toml(values)) == values


def test_a_file_name_that_is_not_utf8_can_be_saved(path):
    save_settings(Settings(last_folder="/films/\udcff"), path)
    assert load_settings(path).last_folder == "/films/?"

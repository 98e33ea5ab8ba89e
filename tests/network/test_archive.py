"""A model as one file: nothing of an archive is believed, and nothing is left half done."""

import errno
import os
import time
import warnings
import zipfile

import pytest

from cephview.network import archive as module
from cephview.network.archive import read_archive, write_archive
from cephview.network.weights import ModelError, load_model


@pytest.fixture
def packed(tiny_folder, tmp_path):
    write_archive(tiny_folder, tmp_path / "tiny.zip")
    return tmp_path / "tiny.zip"


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def changed(packed, **entries):
    """Write an archive anew with other contents; None leaves a file out."""
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files |= entries
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            if data is not None:
                archive.writestr(name, data)
    return packed


def refused(packed, models, match):
    with pytest.raises(ModelError, match=match) as error:
        read_archive(packed, models)
    assert "\n" not in str(error.value) and len(str(error.value)) < 600
    assert list(models.iterdir()) == []


def test_a_model_is_the_same_on_another_computer(packed, models, tiny_folder):
    assert load_model(read_archive(packed, models))[1] == load_model(tiny_folder)[1]


def test_files_that_are_no_part_of_a_model_are_written_nowhere(packed, models):
    evil = {"../evil": b"", "/tmp/evil": b"", "a/b": b"", "run.py": b""}
    folder = read_archive(changed(packed, **evil), models)
    assert sorted(p.name for p in folder.iterdir()) == ["model.safetensors", "model.toml"]
    assert [p.name for p in models.iterdir()] == ["tiny"]


def test_a_file_that_is_there_twice_is_refused(packed, models):
    with zipfile.ZipFile(packed, "a") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("model.toml", archive.read("model.toml"))
    refused(packed, models, "twice")


def test_a_file_that_another_system_takes_for_the_same_is_refused(packed, models):
    refused(changed(packed, **{"MODEL.toml": b"x"}), models, "twice")


def test_a_link_is_refused(packed, models):
    entry = zipfile.ZipInfo("split.json")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    refused(packed, models, "link")


def test_a_bomb_is_refused_before_it_is_unpacked(packed, models):
    refused(changed(packed, **{"split.json": bytes(11_000_000)}), models, "larger than any")


@pytest.mark.parametrize("at", range(5, 100, 13))
def test_a_damaged_archive_is_one_sentence(packed, models, at):
    data = bytearray(packed.read_bytes())
    data = data[: len(data) * at // 100]
    packed.write_bytes(bytes(data))
    refused(packed, models, "archive|no model")


@pytest.mark.parametrize("name", ["", "../up", "a/b", "CON", "a:b", ".hidden", "x" * 300])
def test_a_name_that_is_no_folders_is_refused(packed, models, name):
    if not name:
        assert read_archive(packed, models, name).name == "tiny"
        return
    with pytest.raises(ModelError, match="folder's name"):
        read_archive(packed, models, name)
    assert list(models.iterdir()) == []


def test_a_full_disk_leaves_no_part_of_an_archive(tiny_folder, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(ModelError, match="No space left"):
        write_archive(tiny_folder, tmp_path / "out.zip")
    assert not list(tmp_path.glob("out*"))


def test_what_a_killed_import_left_is_removed_by_a_later_one(packed, models):
    models.mkdir()
    old, new = models / ".import-old", models / ".import-new"
    for place in (old, new):
        place.mkdir()
    long_ago = time.time() - module._STALE_S - 60
    os.utime(old, (long_ago, long_ago))
    read_archive(packed, models)
    assert not old.exists() and new.exists()

"""Films of folders, discs and files."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    SecondaryCaptureImageStorage,
)

from cephview.formats.gathering import FoundFile, expanded, find_films, is_place


def picture(path: Path, side: int = 80) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((side, side), np.uint8)).save(path, "PNG")
    return path


def element(sop_class: str, number: int) -> FileDataset:
    ds = FileDataset("", {}, preamble=bytes(128), file_meta=FileMetaDataset())
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
    return ds


@pytest.fixture
def disc(tmp_path):
    """Three films without endings, two folders deep, listed by a DICOMDIR among its patients."""
    index, records = element(MediaStorageDirectoryStorage, 9), []
    for number in range(3):
        names = [f"PT00000{number}", "ST000000", "IM000000"]
        path = tmp_path.joinpath("disc", *names)
        path.parent.mkdir(parents=True)
        element(SecondaryCaptureImageStorage, number).save_as(path)
        patient, image = Dataset(), Dataset()
        patient.DirectoryRecordType, patient.PatientID = "PATIENT", str(number)
        image.DirectoryRecordType, image.ReferencedFileID = "IMAGE", names
        records += [patient, image]
    index.DirectoryRecordSequence = records
    index.save_as(tmp_path / "disc" / "DICOMDIR")
    (tmp_path / "disc" / "AUTORUN.INF").write_text("[autorun]")
    return tmp_path / "disc"


def names(found: list[FoundFile]) -> list[str]:
    return [one.path.name for one in found if one.is_film]


def test_folders_of_folders_are_read_in_the_order_people_count_in(tmp_path):
    for name in ("10/a.png", "9/b/deep.png", "9/a.png", "top.png"):
        picture(tmp_path / name)
    assert [str(p.relative_to(tmp_path).as_posix()) for p in expanded((tmp_path,))] == [
        "top.png", "9/a.png", "9/b/deep.png", "10/a.png",
    ]  # fmt: skip


def test_what_is_hidden_or_a_systems_own_is_no_film(tmp_path):
    for name in ("._a.png", ".hidden/b.png", "__MACOSX/c.png", "$RECYCLE.BIN/d.png", "Thumbs.db",
                 "@eaDir/e.png", "film"):  # fmt: skip
        picture(tmp_path / name)
    picture(tmp_path / "viewer" / "icon.png", side=32)
    (tmp_path / "notes.txt").write_text("a")
    assert names(find_films((tmp_path,))) == ["film"]
    assert len(find_films((tmp_path,))) == 1


def test_a_file_that_only_has_the_name_of_a_film_is_not_passed_over(tmp_path):
    (tmp_path / "b.dcm").write_text("hello")
    assert find_films((tmp_path,)) == [FoundFile(tmp_path / "b.dcm")]


def test_every_place_is_read_and_each_film_given_once(tmp_path):
    first, second = picture(tmp_path / "1" / "a.png"), picture(tmp_path / "2" / "a.png")
    lone, text = picture(tmp_path / "lone.png"), tmp_path / "notes.txt"
    text.write_text("a")
    found = find_films((first.parent, second.parent, first, lone, text))
    assert [one.path for one in found] == [first, second, lone, text]
    assert [one.is_named for one in found] == [False, False, True, True]
    assert not found[-1].is_film


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_without_end(tmp_path):
    picture(tmp_path / "films" / "a.png")
    (tmp_path / "films" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "films" / "gone").symlink_to(tmp_path / "nowhere")
    assert names(find_films((tmp_path / "films",))) == ["a.png"]


def test_films_of_a_disc_are_found_by_its_folder_and_by_its_index(disc):
    by_folder, by_index = find_films((disc,)), find_films((disc / "DICOMDIR",))
    assert len(names(by_folder)) == 3 and all(one.is_film for one in by_folder)
    assert {one.path for one in by_index} == {one.path for one in by_folder}
    assert all(not one.path.suffix for one in by_folder)
    assert is_place(disc) and is_place(disc / "DICOMDIR")


def test_a_disc_mounted_in_small_letters_and_a_film_that_is_missing(disc):
    listed = [one.path for one in find_films((disc / "DICOMDIR",))]
    (disc / "DICOMDIR").rename(disc / "dicomdir")
    listed[0].unlink()
    for folder in sorted(disc.rglob("*"), reverse=True):
        if folder.is_dir():
            folder.rename(folder.with_name(folder.name.lower()))
    found = find_films((disc / "dicomdir",))
    assert [one.is_film for one in found] == [False, True, True]


def test_a_damaged_index_leaves_the_folder_to_be_read(disc):
    (disc / "DICOMDIR").write_bytes(b"no index")
    assert len(names(find_films((disc / "DICOMDIR",)))) == 3


def test_a_walk_can_be_given_up(tmp_path):
    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        find_films((tmp_path,), go_on=stop)
    with pytest.raises(FileNotFoundError):
        find_films((tmp_path,), go_on=tmp_path.rmdir)

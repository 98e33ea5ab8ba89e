"""model.toml as the word of a stranger: typed, bounded, and told by a digest."""

import os
from dataclasses import replace

import pytest
import tomli_w

from cephview import places
from cephview.formats.model_toml import (
    DIGEST,
    FILE,
    MOST_BYTES,
    description_sha256,
    is_landmark_id,
    parse_model_toml,
    read_model_toml,
)

SHA = "a" * 64
TEXT = f"""
name = "base"
landmark_set = "isbi19"
landmarks = ["S", "N", "Pog'"]
input_size = [640, 800]
sha256 = "{SHA}"
seed = 7
terms = "research only"
has_close_looks = true

[metrics]
"validation.refined.mre_mm" = 1.06

[convention]
S = [0.001, 0.0]

[network]
width = 128
"""


def parsed(text: str):
    return parse_model_toml(text.encode("utf-8", "surrogatepass"))


def test_a_description_is_read():
    info = parsed(TEXT)
    assert (info.name, info.landmarks, info.input_size) == ("base", ("S", "N", "Pog'"), (640, 800))
    assert info.metrics == {"validation.refined.mre_mm": 1.06}
    assert info.network == {"width": 128}
    assert (info.seed, info.parent, info.terms) == (7, "", "research only")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "base"', ""),
        ('name = "base"', 'name = ""'),
        ('name = "base"', 'name = "=cmd()"'),
        ('name = "base"', 'name = "<b>base</b>"'),
        ('name = "base"', 'name = "../base"'),
        ('name = "base"', 'name = "a\\nb"'),
        ('name = "base"', 'name = "\u202ebase"'),
        ('name = "base"', f'name = "{"x" * 5000}"'),
        ('name = "base"', 'name = "CON"'),
        ('"S", "N", "Pog\'"', ""),
        ('["S", "N", "Pog\'"]', '"S"'),
        ('["S", "N", "Pog\'"]', "[1, 2]"),
        ('"S", "N"', '"S", "S"'),
        ('"S", "N"', '"S", "XX"'),
        ('"S", "N"', '" S", "N"'),
        ('"S", "N"', '"\u0405", "N"'),
        ('"S", "N"', '"<b>", "N"'),
        ("landmark_set = \"isbi19\"", 'landmark_set = "../isbi19"'),
        ("landmark_set = \"isbi19\"", 'landmark_set = "nobody"'),
        ("[640, 800]", "[640]"),
        ("[640, 800]", '["a", "b"]'),
        ("[640, 800]", "640"),
        ("[640, 800]", "[0, 800]"),
        ("[640, 800]", "[-640, 800]"),
        ("[640, 800]", "[100000, 800]"),
        ("[640, 800]", "[inf, 800]"),
        ("[640, 800]", "[640.5, 800]"),
        (SHA, "abc"),
        ("seed = 7", "sead = 7"),
        ("seed = 7", "seed = -1"),
        ("seed = 7", "seed = true"),
        ("has_close_looks = true", "has_close_looks = 1"),
        ("1.06", "nan"),
        ("1.06", '"1.06"'),
        ("[0.001, 0.0]", "[1.5, 0.0]"),
        ("S = [0.001, 0.0]", "Me = [0.001, 0.0]"),
        ("width = 128", "width = 100000000"),
        ("width = 128", "reference_layers = 100000000"),
        ("width = 128", "added = 3"),
        ("width = 128", "wide = 128"),
        ("[metrics]", "[metrics"),
        ("seed = 7", f"seed = {'[' * 5000}{']' * 5000}"),
        ("seed = 7", f"seed = 7\nsettings = {{ all = [{'1,' * 30000}] }}"),
    ],
)  # fmt: skip
def test_what_is_no_description_is_refused_in_words(old, new):
    assert old in TEXT
    with pytest.raises(ValueError) as error:
        parsed(TEXT.replace(old, new, 1))
    assert len(str(error.value)) < 300
    assert str(error.value).isprintable()


@pytest.mark.parametrize("change", [
    {"landmarks": ("N", "S", "Pog'")}, {"input_size": (800, 640)}, {"convention": {}},
    {"calibration": {"coarse_factor": 2.0}}, {"has_close_looks": False}, {"sha256": "b" * 64},
    {"network": {"width": 64}},
])  # fmt: skip
def test_what_decides_where_points_lie_is_told_by_the_digest(change):
    info = parsed(TEXT)
    assert description_sha256(replace(info, **change)) != description_sha256(info)
    described = f'{DIGEST} = "{description_sha256(info)}"\n{TEXT}'
    assert parsed(described) == info
    with pytest.raises(ValueError, match="was changed since"):
        parsed(f'{DIGEST} = "{description_sha256(replace(info, **change))}"\n{TEXT}')


def test_what_is_said_beside_that_may_be_put_otherwise():
    info = parsed(TEXT)
    assert description_sha256(replace(info, name="x", terms="")) == description_sha256(info)


def test_a_copy_of_a_model_that_ships_is_held_against_it_though_it_has_no_digest(tmp_path):
    shipped = next(places.models_dir().glob(f"*/{FILE}"))
    lines = shipped.read_text(encoding="utf-8").splitlines(keepends=True)
    without = "".join(line for line in lines if not line.startswith(DIGEST))
    assert parsed(without) == read_model_toml(shipped.parent)
    exchanged = without.replace('"S"', '"?"', 1).replace('"N"', '"S"', 1).replace('"?"', '"N"', 1)
    with pytest.raises(ValueError, match="is not what"):
        parsed(exchanged)
    # So is one that was fine-tuned from it by an earlier release.
    sha256 = read_model_toml(shipped.parent).sha256
    tuned = tomli_w.dumps({"parent": sha256}) + exchanged.replace(sha256, SHA)
    tuned = tuned.replace('parent = "5ad8', '# "')
    with pytest.raises(ValueError, match="is not what"):
        parsed(tuned)


@pytest.mark.parametrize("what", ["folder", "link", "pipe", "device", "large", "bytes", "missing"])
def test_what_is_no_file_of_a_model_is_never_read(tmp_path, what):
    path = tmp_path / FILE
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to(path)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "large":
        with path.open("wb") as file:
            file.truncate(MOST_BYTES + 1)
    elif what == "bytes":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"model\.toml|TOML"):
        read_model_toml(tmp_path)


@pytest.mark.parametrize("name", ["S", "Pog'", "N'", "ABC-1", "li_2", "U1.tip"])
def test_names_of_landmarks(name):
    assert is_landmark_id(name)


@pytest.mark.parametrize(
    "name", ["", " S", "=S", "-S", "S\n", "<i>", "x" * 17, "e\u0301", "\u202eS"]
)
def test_what_cannot_be_the_name_of_a_landmark(name):
    assert not is_landmark_id(name)

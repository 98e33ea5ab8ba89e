import pytest

from cephview.core.model_info import ModelInfo

TEXT = """
name = "base"
landmark_set = "isbi19"
landmarks = ["S", "Pog'"]
input_size = [640, 800]
sha256 = "abc"
seed = 7
terms = "research only"

[metrics]
"validation.refined.mre_mm" = 1.06

[network]
width = 128
"""


def test_a_description_is_read():
    info = ModelInfo.from_toml(TEXT)
    assert (info.name, info.landmarks, info.input_size) == ("base", ("S", "Pog'"), (640, 800))
    assert info.metrics == {"validation.refined.mre_mm": 1.06}
    assert info.network == {"width": 128}
    assert (info.seed, info.parent, info.terms) == (7, "", "research only")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "base"', ""),
        ('landmarks = ["S", "Pog\'"]', ""),
        ('landmarks = ["S", "Pog\'"]', 'landmarks = "S"'),
        ('landmarks = ["S", "Pog\'"]', "landmarks = [1, 2]"),
        ("input_size = [640, 800]", "input_size = [640]"),
        ("input_size = [640, 800]", 'input_size = ["a", "b"]'),
        ("input_size = [640, 800]", "input_size = 640"),
        ('sha256 = "abc"', ""),
        ("seed = 7", "sead = 7"),
        ("[metrics]", "[metrics"),
    ],
)
def test_what_is_no_description_is_refused_in_words(old, new):
    assert old in TEXT
    with pytest.raises(ValueError, match="not a model description"):
        ModelInfo.from_toml(TEXT.replace(old, new, 1))

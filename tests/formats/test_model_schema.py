import pytest

from cephview.formats.model_schema import digest_of_text, read_description

TEXT = """
name = "base"
landmark_set = "isbi19"
landmarks = ["S", "Pog'"]
input_size = [640, 800]
sha256 = "abababababababababababababababababababababababababababababababab"
seed = 7
terms = "research only"

[metrics]
"validation.refined.mre_mm" = 1.06

[network]
width = 128
"""


def test_a_description_is_read():
    info = read_description(TEXT)
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
        ('sha256 = "abababababababababababababababababababababababababababababababab"', ""),
        ("seed = 7", "sead = 7"),
        ("[metrics]", "[metrics"),
        ("input_size = [640, 800]", "input_size = [inf, 800]"),
        ("input_size = [640, 800]", "input_size = [0, 800]"),
        ("input_size = [640, 800]", "input_size = [-640, 800]"),
        ("input_size = [640, 800]", "input_size = [100000, 800]"),
        ("input_size = [640, 800]", "input_size = [650, 800]"),
        ("seed = 7", "seed = 1e3"),
        ("seed = 7", f"seed = {2**64}"),
        ("seed = 7", "description_sha256 = 1"),
        ("seed = 7", f"x{'.x' * 60000} = 1"),
        ("seed = 7", f"seed = {'[' * 90000}"),
        ("width = 128", "width = 0"),
        ("width = 128", "reference_layers = 100000000"),
        ("width = 128", "heads = true"),
        ("width = 128", "windows = [17, 1000001]"),
        ("width = 128", "windows = [17, 17, 17, 17, 17, 17, 17]"),
        ("width = 128", "added = 2"),
        ("width = 128", "added = -1"),
        ("width = 128", 'coarse_readout = "guess"'),
        ("width = 128", "[calibration]\ncoarse_factor = nan"),
        ("width = 128", "[calibration]\nrefined_factor = 0"),
        ("width = 128", "[convention]\nS = [inf, 0]"),
        ("width = 128", "[convention]\nS = [0.1]"),
        ("width = 128", "[convention]\nN = [0.1, 0.1]"),
        ("width = 128", '[added_sets]\nS = "further"'),
        ("width = 128", "[settings]\nseconds = nan"),
        ("width = 128", "[settings]\na = [[[[[[1]]]]]]"),
        ("width = 128", '[settings]\nverdict = "a\\u001bb"'),
        ("1.06", "nan"),
        ("1.06", "-inf"),
        ('name = "base"', 'name = "=cmd()"'),
        ('name = "base"', 'name = "<b>base</b>"'),
        ('name = "base"', 'name = "a\\u202eb"'),
        ('name = "base"', f'name = "{"x" * 100000}"'),
        ('"isbi19"', '"../isbi19"'),
        ('"isbi19"', '"none"'),
        ('"isbi19"', '"CON"'),
    ],
)
def test_what_is_no_description_is_refused_in_words(old, new):
    assert old in TEXT
    with pytest.raises(ValueError) as caught:
        read_description(TEXT.replace(old, new, 1))
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)


STRANGE = ("<b>S", "S\\n", "=cmd()", "+S", "@S", "-S", "\\u202eN", " S", "s", "XX", "A" * 99, "")


@pytest.mark.parametrize("symbol", STRANGE)
@pytest.mark.parametrize("added", [0, 1])
def test_landmarks_are_called_as_their_set_calls_them(symbol, added):
    """An added one may be a user's own, by the rules of these."""
    text = TEXT.replace('["S", "Pog\'"]', f'["S", "{symbol}"]') + f"added = {added}\n"
    if added and symbol == "XX":
        assert read_description(text).added == ("XX",)
        return
    with pytest.raises(ValueError):
        read_description(text)


def test_an_added_landmark_of_a_set_is_one_that_the_set_has():
    text = TEXT.replace('["S", "Pog\'"]', '["S", "Ba"]') + 'added = 1\n[added_sets]\nBa = "{}"\n'
    assert read_description(text.format("further")).added == ("Ba",)
    for other in ("aariz29", "none", "../further"):
        with pytest.raises(ValueError, match="landmark set"):
            read_description(text.format(other))


def test_lines_of_a_users_text_become_one():
    text = TEXT.replace('"research only"', '"research\\nonly"')
    assert read_description(text).terms == "research only"


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_written():
    digest = digest_of_text(TEXT)
    assert digest_of_text(TEXT.replace("seed = 7\n", "# seven\nseed    = 7\n")) == digest
    assert digest_of_text(TEXT.replace('"base"', '"other"')) == digest
    swapped = TEXT.replace('["S", "Pog\'"]', '["Pog\'", "S"]')
    for other in (swapped, TEXT.replace("800", "832"), TEXT.replace("1.06", "0.06")):
        assert digest_of_text(other) != digest

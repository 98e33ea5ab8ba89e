"""Names of files as Windows takes them."""

import pytest

from cephview.core.file_names import portable_file_name


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("cephview-points.csv", "cephview-points.csv"),
        ("cephview: keys", "cephview-keys"),
        ("a/b\\c.csv", "a-b-c.csv"),
        ('Anna "A" <x>?.csv', "Anna-A--x-.csv"),
        ("2026-12-01 10:30.json", "2026-12-01 10-30.json"),
        ("trailing. ", "trailing"),
        ("CON", "CON_"),
        ("nul.csv", "nul_.csv"),
        ("com1.tar.gz", "com1_.tar.gz"),
        ("lpt\u00b9", "lpt\u00b9_"),
        ("console.csv", "console.csv"),
        ("M\u00fcller \u6b63 - a.png", "M\u00fcller \u6b63 - a.png"),
        ("line\nbreak", "line-break"),
        ("...", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_what_windows_refuses_is_gone_and_the_rest_stays(name, wanted):
    assert portable_file_name(name) == wanted
    assert portable_file_name(wanted) == wanted


def test_a_long_name_keeps_its_ending():
    name = portable_file_name("x" * 500 + ".json")
    assert len(name) == 200 and name.endswith("x.json")

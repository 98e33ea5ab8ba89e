from pathlib import Path

from cephview.formats.patterns import expanded, matching


def test_a_pattern_stands_for_what_fits_it(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "c.jpg", "sub/d.png", "[1].png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    there = [tmp_path / "[1].png", tmp_path / "a.png", tmp_path / "b.png"]
    assert expanded([tmp_path / "*.png"]) == there
    assert expanded([tmp_path / "[1].png", tmp_path / "?.jpg"]) == [there[0], tmp_path / "c.jpg"]
    assert matching(tmp_path / "**" / "d.*") == (tmp_path, (tmp_path / "sub" / "d.png",))
    nothing = [tmp_path / "*.bmp", tmp_path / "none"]
    assert expanded(nothing) == nothing

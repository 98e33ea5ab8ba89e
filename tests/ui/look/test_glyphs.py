"""Every letter and sign of the program's own words is drawn with the fonts that ship."""

import ast
import unicodedata
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QRawFont

# What is looked for in files of others, and shown to nobody.
LOOKED_FOR = ("table.py",)


def signs_of_the_program(repository) -> Iterator[tuple[str, str]]:
    """Yield every character of every text in the program, with the file that has it."""
    for path in sorted((repository / "cephview").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_shown = path.name not in LOOKED_FOR
            if is_shown and isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from ((sign, str(path)) for sign in node.value)
    for pattern in ("landmarks/*.toml", "icons/*.svg", "style/*"):
        for path in sorted((repository / "resources").glob(pattern)):
            yield from ((sign, str(path)) for sign in path.read_text(encoding="utf-8"))


# Else another font draws it, which differs from one machine to the next, or none does.
@pytest.mark.parametrize("weight", ["Regular", "Medium", "SemiBold"])
def test_every_sign_is_in_the_fonts_that_ship(qapp, repository, weight):
    font = QRawFont(str(repository / "resources" / "fonts" / f"Inter-{weight}.otf"), 13)
    assert font.isValid()
    missing = {
        (f"U+{ord(sign):04X}", unicodedata.name(sign), path)
        for sign, path in signs_of_the_program(repository)
        if unicodedata.category(sign) != "Cc" and not font.supportsCharacter(ord(sign))
    }
    assert not missing

"""What counts as the same picture, and what does not."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

sys.path.append(str(Path(__file__).parent))

from compare import TOLERANCE, share_changed


def card(words: str, *, left: int = 12, shade: int = 24) -> Image.Image:
    made = Image.new("RGB", (300, 120), (shade, shade, shade + 4))
    draw = ImageDraw.Draw(made)
    draw.rounded_rectangle((left, 10, left + 200, 60), 8, fill=(34, 43, 53))
    draw.text((left + 10, 20), words, fill=(228, 234, 240))
    return made


@pytest.mark.parametrize(
    "other",
    [card("Confirm"), card("Confirm", shade=28)],
    ids=["the same", "a ground a step brighter"],
)
def test_what_another_machine_draws_counts_as_the_same(other):
    assert share_changed(other, card("Confirm")) < TOLERANCE


@pytest.mark.parametrize(
    "other",
    [card("Confirm", left=60), card("Confirm").resize((301, 120)), card("Confirm", shade=120)],
    ids=["moved", "another size", "another ground"],
)
def test_a_card_that_moved_or_changed_counts_as_another(other):
    assert share_changed(other, card("Confirm")) > TOLERANCE

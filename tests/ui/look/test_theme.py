"""The look is legible, complete, and the same on every machine."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFont, QFontInfo
from PySide6.QtWidgets import QLabel, QPushButton

from cephview.ui.look import theme as look


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("text_1", ("surface_0", "surface_1", "surface_2", "bar", "raised", "field")),
        ("text_2", ("surface_0", "surface_1", "surface_2", "bar", "raised")),
        ("text_3", ("surface_0", "surface_1", "surface_2", "bar", "field")),
        ("refined_text", ("refined_surface", "bar")),
        ("human_text", ("human_surface",)),
        ("attention_text", ("attention_surface", "surface_1", "surface_2", "bar")),
        ("danger", ("danger_surface", "surface_1", "surface_2", "bar")),
        ("on_confirm", ("confirm", "confirm_hover")),
    ],
)
def test_text_reaches_the_contrast_of_wcag_aa(theme, text, surfaces):
    for surface in surfaces:
        assert look.contrast(theme.colour(text), theme.colour(surface)) >= 4.5, surface


def over(top: QColor, ground: QColor) -> QColor:
    """Return a colour as seen through what lies over it."""
    alpha = top.alphaF()
    parts = zip(top.getRgbF()[:3], ground.getRgbF()[:3], strict=True)
    return QColor.fromRgbF(*(a * alpha + b * (1 - alpha) for a, b in parts))


def label_rules(theme: look.Theme) -> list[tuple[str, str, str]]:
    """Return (role, colour, own ground or "") of every label that the sheet colours."""
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", look.style_sheet(theme)):
        colour = re.search(r"(?<![-\w])color: (#\w+)", body)
        ground = re.search(r"background: (#\w+)", body)
        for role in re.findall(r'QLabel\[role\^?="([\w-]+)"\]', selector):
            if colour:
                found.append((role, colour[1], ground[1] if ground else ""))
    return found


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_labels_of_every_role_are_legible_wherever_they_may_lie(qapp, theme):
    rules = label_rules(theme)
    assert {"research", "attention", "hint", "error", "pill-review"} <= {role for role, *_ in rules}
    for role, colour, own in rules:
        places = ("surface_0", "surface_1", "surface_2", "bar")
        for ground in [QColor(own)] if own else [theme.colour(place) for place in places]:
            assert look.contrast(QColor(colour), ground) >= 4.5, (role, ground.name())


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_what_floats_on_the_film_is_legible_on_black_and_on_white(theme):
    for film in (QColor("black"), QColor("white")):
        off, on = (over(theme.colour(token), film) for token in ("floating", "floating_on"))
        assert look.contrast(theme.colour("text_2"), off) >= 4.5
        assert look.contrast(theme.colour("text_1"), on) >= 4.5


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_the_chosen_row_is_legible(theme):
    ground = over(theme.colour("attention", 0.14), theme.colour("surface_1"))
    for token in ("text_1", "text_2", "text_3", "attention_text", "human_text"):
        assert look.contrast(theme.colour(token), ground) >= 4.5, token


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_shapes_that_mean_something_stand_out_from_every_surface(theme):
    # WCAG 2.2, 1.4.11: what is drawn, and what cannot be done now but is still to be read.
    for token in ("human_text", "refined_text", "attention_text", "outline_text", "focus"):
        for surface in ("surface_0", "surface_1", "surface_2", "bar", "raised"):
            assert look.contrast(theme.colour(token), theme.colour(surface)) >= 3, (token, surface)
        for film in (QColor("black"), QColor("white")):
            ground = over(theme.colour("floating_on"), film)
            assert look.contrast(theme.colour(token), ground) >= 3, token
    for surface in ("surface_0", "surface_1", "surface_2", "bar"):
        seen = look.contrast(theme.colour("text_disabled"), theme.colour(surface))
        assert 3 <= seen < look.contrast(theme.colour("text_3"), theme.colour(surface)), surface


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_the_main_action_is_legible(theme):
    for ground in ("primary", "primary_hover"):
        assert look.contrast(theme.colour("on_primary"), theme.colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=lambda t: t.name)
def test_every_token_is_a_colour_and_the_sheet_is_whole(qapp, theme):
    for token, value in asdict(theme).items():
        assert token == "name" or QColor(value).isValid(), token
    sheet = look.style_sheet(theme)
    assert "$" not in sheet and "@" not in sheet
    assert sheet.count("{") == sheet.count("}")
    for asset in re.findall(r'url\("([^"]+)"\)', sheet):
        assert Path(asset).is_file()


def test_alpha_multiplies():
    assert look.DARK.colour("coarse", 0.5).alphaF() == pytest.approx(0.55 / 2, abs=0.01)
    with pytest.raises(AttributeError):
        look.DARK.colour("mauve")


def test_contrast_of_black_and_white_is_21():
    assert look.contrast(QColor("black"), QColor("white")) == pytest.approx(21)


def test_the_bundled_font_is_used_with_tabular_figures(qapp):
    made = look.font(13, 600)
    assert QFontInfo(made).family() == "Inter"
    assert made.isFeatureSet(QFont.Tag("tnum"))


def test_apply_theme_reaches_widgets(qapp, qtbot):
    look.apply_theme(qapp, look.DARK)
    try:
        button = QPushButton("Export")
        button.setProperty("kind", "primary")
        label = QLabel("11 1 1")
        label.setProperty("role", "value")
        for widget in (button, label):
            qtbot.addWidget(widget)
            widget.show()
            widget.ensurePolished()
        middle = button.grab().toImage().pixelColor(6, button.height() // 2)
        assert middle == QColor(look.DARK.primary)
        assert label.font().isFeatureSet(QFont.Tag("tnum"))
        assert label.font().weight() == QFont.Weight.DemiBold
    finally:
        qapp.setStyleSheet("")


def test_large_system_text_makes_all_of_it_larger(qapp, monkeypatch):
    monkeypatch.setattr(look, "font_scale", lambda: 1.5)
    assert look.font(12).pixelSize() == 18
    assert "font-size: 20px" in look.style_sheet(look.DARK)

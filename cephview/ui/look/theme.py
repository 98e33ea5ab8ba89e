"""The look: every colour, the type, the spacing, and the one style sheet made of them."""

import re
from dataclasses import asdict, dataclass
from functools import cache
from string import Template

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from cephview.places import resources_dir

BASE_PX = 13
GRID_PX = 4
RADIUS_PX = 8
ROW_PX = 26
TARGET_PX = 28


@dataclass(frozen=True)
class Theme:
    """Colours by meaning, as #RRGGBB or #AARRGGBB."""

    name: str
    film: str
    surface_0: str
    surface_1: str
    surface_2: str
    bar: str
    field: str
    line: str
    line_strong: str
    raised: str
    raised_hover: str
    track: str
    floating: str
    floating_on: str
    text_1: str
    text_2: str
    text_3: str
    text_disabled: str
    refined: str
    refined_text: str
    refined_surface: str
    coarse: str
    outline: str
    outline_text: str
    human: str
    human_text: str
    human_surface: str
    reader_1: str
    reader_1_text: str
    reader_2: str
    reader_2_text: str
    attention: str
    attention_text: str
    attention_surface: str
    danger: str
    danger_surface: str
    primary: str
    primary_hover: str
    on_primary: str
    confirm: str
    confirm_hover: str
    on_confirm: str
    focus: str
    on_film: str
    halo: str

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """Return a token as a colour; alpha in [0, 1] multiplies its own. Raises AttributeError."""
        colour = QColor(getattr(self, token))
        colour.setAlphaF(colour.alphaF() * alpha)
        return colour


DARK = Theme(
    name="dark",
    film="#000000",
    surface_0="#0E1216",
    surface_1="#12171C",
    surface_2="#161C22",
    bar="#151A20",
    field="#1A2128",
    line="#232A33",
    line_strong="#2A323C",
    raised="#222B35",
    raised_hover="#2C3743",
    track="#232A33",
    floating="#C812171C",
    floating_on="#E6222B35",
    text_1="#E4EAF0",
    text_2="#B9C4D0",
    text_3="#8796A5",
    text_disabled="#66737F",
    refined="#56B4E9",
    refined_text="#7CC4F0",
    refined_surface="#14334A",
    coarse="#8CFFFFFF",
    outline="#D7C7F2",
    outline_text="#D7C7F2",
    human="#3DDC97",
    human_text="#4FE0A3",
    human_surface="#113A2A",
    reader_1="#F0E442",
    reader_1_text="#F0E442",
    reader_2="#E08FBF",
    reader_2_text="#E79CC8",
    attention="#E69F00",
    attention_text="#F2B233",
    attention_surface="#3A2A0A",
    danger="#FF9B7A",
    danger_surface="#3C2019",
    primary="#297BB2",
    primary_hover="#2673A8",
    on_primary="#FFFFFF",
    confirm="#1D6E4C",
    confirm_hover="#217A55",
    on_confirm="#FFFFFF",
    focus="#56B4E9",
    on_film="#F2F6FA",
    halo="#D0000000",
)

# The film stays on black in the light theme too, so what is drawn on it keeps its colours.
LIGHT = Theme(
    name="light",
    film="#000000",
    surface_0="#E9EDF1",
    surface_1="#F3F5F8",
    surface_2="#FFFFFF",
    bar="#FAFBFC",
    field="#FFFFFF",
    line="#D9DFE6",
    line_strong="#C5CDD6",
    raised="#DEE5EC",
    raised_hover="#D0D9E2",
    track="#D9DFE6",
    floating="#E0F3F5F8",
    floating_on="#F5FFFFFF",
    text_1="#12181E",
    text_2="#36424E",
    text_3="#53606D",
    text_disabled="#7A8692",
    refined="#56B4E9",
    refined_text="#14577F",
    refined_surface="#D3E9F7",
    coarse="#8CFFFFFF",
    outline="#D7C7F2",
    outline_text="#6A549E",
    human="#3DDC97",
    human_text="#0E5A3C",
    human_surface="#CFF2E2",
    reader_1="#F0E442",
    reader_1_text="#625800",
    reader_2="#E08FBF",
    reader_2_text="#8E2F69",
    attention="#E69F00",
    attention_text="#744C00",
    attention_surface="#FBEBC8",
    danger="#9A3412",
    danger_surface="#FBE0D6",
    primary="#2474AA",
    primary_hover="#1E6696",
    on_primary="#FFFFFF",
    confirm="#1D6E4C",
    confirm_hover="#185D40",
    on_confirm="#FFFFFF",
    focus="#2474AA",
    on_film="#F2F6FA",
    halo="#D0000000",
)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application its style, palette, font and style sheet."""
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setFont(font(BASE_PX))
    app.setStyleSheet(style_sheet(theme))


def font_scale() -> float:
    """Return the user's text size over the usual one, in [1, 2], from the system's own font."""
    system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    # Desktops use 12 to 13.3 px at their usual setting; all of that counts as 1.
    size = system.pixelSize()
    return 1.0 if size <= BASE_PX + 1 else min(2.0, size / BASE_PX)


def scaled(length_px: float) -> int:
    """Return a length that must grow with the text, in pixels, at the user's text size."""
    return round(length_px * font_scale())


def font(size_px: float = BASE_PX, weight: int = 400) -> QFont:
    """Return the bundled family with tabular figures; size in pixels before the system's scale."""
    made = QFont(_family())
    made.setPixelSize(round(size_px * font_scale()))
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setStyleHint(QFont.StyleHint.SansSerif)
    # What a system's settings ask for would round each letter's width, or not.
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet for a theme at the user's text size."""
    style = resources_dir() / "style"
    text = Template((style / "cephview.qss").read_text(encoding="utf-8")).substitute(
        {key: _css(value) for key, value in asdict(theme).items()}, assets=style.as_posix()
    )
    scale = font_scale()
    return re.sub(r"@(\d+)@", lambda found: str(round(int(found[1]) * scale)), text)


def contrast(a: QColor, b: QColor) -> float:
    """Return the contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        r, g, b_ = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b_

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@cache
def _families(app_id: int) -> str:
    family = ""
    for path in sorted((resources_dir() / "fonts").glob("*.otf")):
        added = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(added) if added >= 0 else []
        family = family or (families[0] if families else "")
    return family


def _family() -> str:
    # Fonts are registered with the application object, so a new one needs them again.
    found = _families(id(QCoreApplication.instance()))
    return found or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def _css(value: str) -> str:
    if len(value) != 9:
        return value
    colour = QColor(value)
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"


def _palette(theme: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: "surface_0",
        QPalette.ColorRole.WindowText: "text_2",
        QPalette.ColorRole.Base: "surface_1",
        QPalette.ColorRole.AlternateBase: "surface_2",
        QPalette.ColorRole.Text: "text_1",
        QPalette.ColorRole.PlaceholderText: "text_3",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text_1",
        QPalette.ColorRole.BrightText: "attention",
        QPalette.ColorRole.Highlight: "primary",
        QPalette.ColorRole.HighlightedText: "on_primary",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text_1",
        QPalette.ColorRole.Link: "refined_text",
        QPalette.ColorRole.LinkVisited: "refined_text",
        QPalette.ColorRole.Light: "raised_hover",
        QPalette.ColorRole.Midlight: "raised",
        QPalette.ColorRole.Mid: "line_strong",
        QPalette.ColorRole.Dark: "line",
        QPalette.ColorRole.Shadow: "film",
        QPalette.ColorRole.Accent: "primary",
    }
    palette = QPalette()
    for role, token in roles.items():
        palette.setColor(role, theme.colour(token))
    disabled = theme.colour("text_disabled")
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, disabled)
    return palette

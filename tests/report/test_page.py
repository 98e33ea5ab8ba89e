"""The page: whole, closed, alone, and never a way in for what a file is called."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from cephview.core.detection import Likeness
from cephview.formats.errors import FormatError
from cephview.report.document import SCHEMA
from cephview.report.figures import figures_of
from cephview.report.measured import Measured
from cephview.report.page import page_of, signed, write_report

from .conftest import LANDMARKS

VOID = {"meta", "img", "br"}
EVIL = "<b>&\"'\n\x1b.png"


class Reader(HTMLParser):
    """Notes every tag, that each is closed in its turn, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (self.open, tag)
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def full(measured, film_file) -> Measured:
    """With a picture, a second reader, and a film whose name is an attack."""
    first = replace(
        measured.films[0],
        name=EVIL,
        path=film_file,
        other_px=np.array([(50, 80), (91, 81), (100, 210)]),
        likeness=Likeness(1.4, 0.05, "<em>"),
    )
    return Measured(LANDMARKS, (first, measured.films[1]))


def test_the_page_is_whole_and_alone(full, about):
    page = read(page_of(about, full, figures_of(full)))
    assert page.addresses and all(a.startswith("data:image/") for a in page.addresses)
    assert "script" not in page.tags and "link" not in page.tags and "iframe" not in page.tags
    assert page.tags.count("figure") == 5
    html = page_of(about, full, figures_of(full))
    assert "http:" not in html and "https:" not in html and "url(" not in html
    assert "default-src 'none'" in html


def test_names_from_outside_are_escaped(full, about):
    nasty = replace(
        about, model="<script>alert(1)</script>", films_folder="<i>", not_known=("</ul>",)
    )
    html = page_of(nasty, full, figures_of(full), {"S": "<u>"})
    page = read(html)
    assert not {"b", "script", "i2", "u"} & set(page.tags)
    assert "\x1b" not in html
    text = "".join(page.text)
    assert "<b>&\"'\\n\\x1b.png" in text and "<script>alert(1)</script>" in text
    assert "</ul>" in text and "<u>" in text


def test_the_page_says_the_figures(full, about):
    text = " ".join("".join(read(page_of(about, full, figures_of(full))).text).split())
    assert "2.80 mm" in text and "40.0 %" in text
    assert about.model_sha256 in text and "2 of films" in text
    assert "It called 1 unlike, with a mean error of 2.33 mm" in text
    assert "called unlike by the model" in text
    assert "+1.50" in text and "−2.00" in text
    assert "Research use only. Not a medical device." in text


def test_the_remarks_are_on_the_page(full, about):
    said = replace(
        about, duplicates=4, not_known=("Co", "Pn"), not_true=("Ar",), absent=1, unscaled=2
    )
    text = "".join(read(page_of(said, full, figures_of(full))).text)
    for words in ("4 of the films are duplicates", "Co, Pn", "Ar", "1 film.", "2 films;"):
        assert words in text
    assert len(said.remarks()) == 5 and about.remarks() == ()


def test_a_page_in_pixels_claims_no_millimetres(measured, about):
    films = tuple(replace(f, mm_per_px=None) for f in measured.films)
    text = "".join(
        read(
            page_of(about, Measured(LANDMARKS, films), figures_of(Measured(LANDMARKS, films)))
        ).text
    )
    assert "28.00 px" in " ".join(text.split()) and "no pixel size, so no millimetres" in text
    assert "≤ 2 mm" not in text


def test_one_film_makes_a_page(measured, about):
    one = Measured(LANDMARKS, measured.films[:1])
    text = "".join(read(page_of(about, one, figures_of(one))).text)
    assert "95 % interval" not in text.split("Accuracy")[0] and "The worst film" in text


@pytest.mark.parametrize(
    ("given", "page"), [("out", "out/evaluation.html"), ("a/b/mine.html", "a/b/mine.html")]
)
def test_page_and_values_lie_side_by_side(tmp_path, full, about, given, page):
    written = write_report(tmp_path / given, about, full, figures_of(full))
    assert written == tmp_path / page and written.read_text("utf-8").startswith("<!DOCTYPE html>")
    values = json.loads(written.with_suffix(".json").read_text())
    assert values["schema"] == SCHEMA
    assert str(tmp_path) not in written.read_text("utf-8") + json.dumps(values)


def test_a_report_never_takes_the_place_of_a_film_or_folder(tmp_path, full, about, film_file):
    film = tmp_path / "evaluation.html"
    film.write_bytes(film_file.read_bytes())
    with pytest.raises(FormatError, match="is a film"):
        write_report(tmp_path, about, full, figures_of(full))
    assert film.read_bytes() == film_file.read_bytes()
    assert list(tmp_path.iterdir()) == [film]
    (tmp_path / "x.html").mkdir()
    with pytest.raises(FormatError, match="is a folder"):
        write_report(tmp_path / "x.html", about, full, figures_of(full))


def test_the_colours_are_those_of_the_window(repository: Path):
    from cephview.ui.look.theme import DARK, LIGHT

    css = (repository / "cephview" / "report" / "page.css").read_text(encoding="utf-8")
    dark, light = css.split("@media (prefers-color-scheme: light)")[:2]
    light = light.split("@media")[0]
    for theme, part in ((DARK, dark), (LIGHT, light)):
        for line in part.splitlines():
            name, _, value = line.strip().removesuffix(";").partition(": ")
            if name.startswith("--") and value.startswith("#"):
                assert getattr(theme, name[2:].replace("-", "_")) == value, name


def test_a_sign_is_a_true_minus_and_zero_has_none():
    assert [signed(v) for v in (1.234, -1.234, 0.001, -0.001)] == ["+1.23", "−1.23", "0.00", "0.00"]

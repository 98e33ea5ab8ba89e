"""Rows of text to CSV, of which a spreadsheet runs nothing.

A spreadsheet takes a cell that begins with = + - or @ for a formula, also behind spaces, tabs and
quotes, and one that was cut out of another by a semicolon where its country parts cells so. Such a
cell gets an apostrophe before that sign, which spreadsheets take for "this is text"; as_written
takes it away again. Numbers stay numbers.
"""

import re
from collections.abc import Iterable, Sequence

# Programs of East Asia take the wide signs as well.
_SIGNS = "=+\\-@＝＋－＠﹢﹣﹦﹫"
# What is not seen hides a sign from a reader, and not from every program.
_UNSEEN = r" \xa0\"'\0-\x08\x0b\x0c\x0e-\x1f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_BEGINS = r"(?:^|(?<=[;,|\t\r\n]))"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WOULD_RUN = re.compile(rf"(^'*)([\t\r\n])|{_BEGINS}([{_UNSEEN}]*)([{_SIGNS}])")
_MADE_HARMLESS = re.compile(rf"(^'*)'([\t\r\n])|{_BEGINS}([{_UNSEEN}]*)'([{_SIGNS}])")


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV text, lines ended by a newline.

    Python's own writer leaves a lone carriage return unquoted, which no reader takes back; file
    names may hold one.
    """
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def harmless(text: str) -> str:
    """Return a cell as no spreadsheet runs it; a number, and any other text, as it is."""
    if _NUMBER.fullmatch(text):
        return text
    return _WOULD_RUN.sub(
        lambda m: f"{m[1]}'{m[2]}" if m[2] else f"{m[3]}'{m[4]}",
        text,
    )


def as_written(cell: str) -> str:
    """Return what a cell was before it was made harmless."""
    return _MADE_HARMLESS.sub(lambda m: f"{m[1]}{m[2]}" if m[2] else f"{m[3]}{m[4]}", cell)


def _cell(text: str) -> str:
    text = harmless(text)
    if any(mark in text for mark in ',;"\r\n\t'):
        return '"' + text.replace('"', '""') + '"'
    return text

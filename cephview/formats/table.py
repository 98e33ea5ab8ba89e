"""Rows of text to CSV."""

from collections.abc import Iterable, Sequence


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV text, lines ended by a newline.

    Python's own writer leaves a lone carriage return unquoted, which no reader takes back; file
    names may hold one.
    """
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def _cell(text: str) -> str:
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text

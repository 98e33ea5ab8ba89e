"""Tables of text as spreadsheets and other programs write them.

Read are UTF-8 with and without a byte order mark, UTF-16, and the code page of Western Windows;
commas, semicolons, tabs and bars between cells, and the line `sep=;` that Excel wants; titles above
the names of the columns; columns and rows without anything in them; numbers with a decimal comma;
NaN and the like for no value. What could be read in two ways is refused.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cephview.core.numbers import FARTHEST_PX, number_of
from cephview.formats.errors import FormatError, io_error, printable, shown

DELIMITERS = (",", ";", "\t", "|")
# So many rows of titles may stand above the names of the columns.
MAX_TITLE_ROWS = 20
# An export of five thousand films with all their points is no larger.
MAX_TABLE_BYTES = 100_000_000
# Two for each of a few hundred landmarks, and what else a program tells of a film.
MAX_COLUMNS = 2_000
MAX_ROWS = 500_000
# What fits in a gigabyte of memory while it is read.
MAX_CELLS = 3_000_000
# Longer is no name, no remark and no number.
MAX_CELL = 32_000

# So much of the first line tells whether a file is text at all.
_HEAD = 1_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?[.,][0-9]+")
_COORDINATE = re.compile(r"(?:^|_)[xy](?:_px|_mm)?$")
# What statistics programs and spreadsheets write where there is no value.
_NO_VALUE = frozenset(
    ("", "nan", "-nan", "na", "n/a", "#n/a", "#na", "<na>", "null", "none", "-", "–", "—")
)
# "1,234" is one and a bit, or more than a thousand.
_THOUSAND_OR_DECIMAL = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")


class _TooLargeError(FormatError):
    """No table of points is so large, whatever is between its cells."""


@dataclass(frozen=True)
class Row:
    """A row as text, cells by the name of their column. number counts as a spreadsheet does."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns as written, and its rows that hold anything.

    delimiter is what stands between cells.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str

    def column(self, *keys: str) -> str | None:
        """Return the column of the first of these keys that there is, as it is written."""
        found = {column_key(name): name for name in reversed(self.columns)}
        return next((found[key] for key in keys if key in found), None)


def column_key(name: str) -> str:
    """Return a column's name as it is compared: case, spaces and hyphens tell nothing."""
    return re.sub(r"[\s_-]+", "_", name.strip()).casefold()


def read_delimited(path: Path, is_known: Callable[[Sequence[str]], bool]) -> Table:
    """Read a table whose names of columns is_known recognises, which decides what separates cells.

    What stands above them is left out. Raises FormatError for anything that is not such a table, or
    of which a row is not whole.
    """
    text = text_of(path)
    delimiters: Sequence[str] = DELIMITERS
    if told := re.match(r'"?sep=([^\w\s"\0])"?[ \t,;]*(?:\r\n|\r|\n|$)', text, re.IGNORECASE):
        delimiters, text = (told[1], *DELIMITERS), text[told.end() :]
    if not text.strip():
        raise FormatError(f"{shown(path)} is empty; choose a table of landmarks.")
    best: list[list[str]] = []
    unreadable: FormatError | None = None
    for delimiter in delimiters:
        try:
            rows = _rows(path, text, delimiter)
        except _TooLargeError:
            raise
        except FormatError as error:
            # Cells in quotes are read by the delimiter that is between them alone.
            unreadable = error
            continue
        filled = [(n, row) for n, row in enumerate(rows, start=1) if any(c.strip() for c in row)]
        for titles, (_, header) in enumerate(filled[: MAX_TITLE_ROWS + 1]):
            if is_known([cell.strip() for cell in header]):
                return _table(
                    path, filled[titles:], delimiter, is_whole=text.endswith(("\n", "\r"))
                )
        best = rows if len(rows) > len(best) else best
    if not best and unreadable is not None:
        raise unreadable
    if len(best) == 1:
        raise FormatError(f"{shown(path)} holds no films, only a first line; choose another table.")
    header = next((row for row in best if any(cell.strip() for cell in row)), [])
    raise FormatError(
        f"{shown(path)} is not a truth table: its first line must be image,S_x,S_y,N_x,N_y,... or "
        f"hold the columns film, landmark, x_px, y_px; it begins "
        f"“{printable(','.join(header))[:60]}”."
    )


def text_of(path: Path) -> str:
    """Return the text of a table's file, its lines ended as they are. Raises FormatError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise io_error("read", path, error) from error
    if len(data) > MAX_TABLE_BYTES:
        raise FormatError(f"{shown(path)} is too large to be a table of points; choose another.")
    if data.startswith(_WORKBOOKS):
        raise FormatError(
            f"{shown(path)} is a workbook, not a text table; save its sheet as CSV in UTF-8."
        )
    try:
        text = _decoded(data)
        # In a table, a cell with such a character is named below.
        first = re.split("[\r\n]", text[:_HEAD], maxsplit=1)[0]
        if "\0" in first or (text.strip() and not re.search("[A-Za-z]", text)):
            raise ValueError("no text")
    except ValueError as error:
        raise FormatError(
            f"{shown(path)} is not a text file in UTF-8; save the table as CSV in UTF-8."
        ) from error
    return text


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding)
    # UTF-16 without a mark: every second byte of a header in Latin letters is nought.
    if len(data) >= 4 and len(data) % 2 == 0:
        for encoding, high in (("utf-16-le", data[1:64:2]), ("utf-16-be", data[0:64:2])):
            if not any(high):
                return data.decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel calls CSV, west of the Oder. A name read wrong by it finds no film, and is
        # told.
        return data.decode("cp1252")


def _rows(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        rows, cells = [], 0
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            cells += len(row)
            _check_row(path, len(rows), row, cells)
        return rows
    except csv.Error as error:
        raise FormatError(
            f"{shown(path)}, row {len(rows) + 1}: it is not a row of a CSV table ({error}); export "
            "it again."
        ) from error


def _check_row(path: Path, number: int, row: Sequence[str], cells: int) -> None:
    """Refuse a row that no table of points has, before time and memory are spent on it.

    cells: how many there are up to its end.
    """
    if number > MAX_ROWS or cells > MAX_CELLS:
        raise _TooLargeError(
            f"{shown(path)} holds more than {MAX_ROWS:,} rows, or {MAX_CELLS:,} cells; divide it "
            "into smaller tables."
        )
    if len(row) > MAX_COLUMNS:
        raise _TooLargeError(
            f"{shown(path)}, row {number}: it has {len(row):,} cells, and a table of points no "
            f"more than {MAX_COLUMNS:,}; choose another table."
        )
    if any(len(cell) > MAX_CELL for cell in row):
        column = next(i for i, cell in enumerate(row, start=1) if len(cell) > MAX_CELL)
        raise _TooLargeError(
            f"{shown(path)}, row {number}, column {column}: the cell holds more than "
            f"{MAX_CELL:,} letters; correct that cell."
        )


def _table(
    path: Path, filled: Sequence[tuple[int, list[str]]], delimiter: str, *, is_whole: bool
) -> Table:
    """Make a table of rows with their numbers, names of columns first.

    is_whole says that the last row is ended, and so is not cut.
    """
    (_, header), *body = filled
    if not body:
        raise FormatError(f"{shown(path)} holds no films, only a first line; choose another table.")
    named = {i: name.strip() for i, name in enumerate(header) if name.strip()}
    if len(set(named.values())) != len(named):
        twice = next(n for n, count in Counter(named.values()).items() if count > 1)
        raise FormatError(
            f"{shown(path)} names a column twice in its first line, “{printable(twice)[:40]}”; "
            "correct it."
        )
    last = max(named)
    has_nul = any("\0" in cell for _, row in body for cell in row)
    found = []
    for number, row in body:
        spare = [cell for cell in row[last + 1 :] if cell.strip()]
        # Spreadsheets leave out delimiters that only empty cells follow. A row without some of its
        # numbers may as well have lost them.
        lacking = [name for i, name in named.items() if i >= len(row)]
        is_ended = is_whole or number < body[-1][0]
        if is_ended and not any(_COORDINATE.search(column_key(name)) for name in lacking):
            row = row + [""] * (last + 1 - len(row))
        if len(row) <= last or (spare and len(header) <= last + 1):
            raise FormatError(
                f"{shown(path)}, row {number}: {len(row)} cells where the first line has "
                f"{last + 1}; correct that row."
            )
        if has_nul and (bad := next((n for i, n in named.items() if "\0" in row[i]), "")):
            raise FormatError(
                f"{shown(path)}, row {number}, column {printable(bad)[:40]}: the cell holds a NUL, "
                "which no text has; correct that cell."
            )
        found.append(Row(number, {name: row[i].strip() for i, name in named.items()}))
    return Table(tuple(named.values()), tuple(found), delimiter)


def is_no_value(cell: str) -> bool:
    """Say whether a cell is empty, or holds what programs write for that."""
    return cell.strip().casefold() in _NO_VALUE


class Numbers:
    """Reads the numbers of one table, all written with the same decimal mark."""

    def __init__(self, path: Path, cells: Sequence[str], delimiter: str) -> None:
        """cells: all that should be numbers. Raises FormatError where their mark is unclear."""
        written = [cell for cell in cells if _NUMBER.fullmatch(cell)]
        has_comma = [cell for cell in written if "," in cell]
        has_point = [cell for cell in written if "." in cell]
        unclear = delimiter == "," and all(_THOUSAND_OR_DECIMAL.fullmatch(c) for c in has_comma)
        if has_comma and (has_point or unclear):
            other = has_point[0] if has_point else "a decimal comma or thousands"
            raise FormatError(
                f"{shown(path)} writes a number as {has_comma[0]} and as {other}, which can be "
                "read in two ways; save it with a decimal point and without thousands separators."
            )

    @staticmethod
    def read(cell: str) -> float | None:
        """Return the number of a cell; None where it holds none that a place on a film can be."""
        cell = cell.replace("−", "-")
        return number_of(cell.replace(",", "."), FARTHEST_PX)

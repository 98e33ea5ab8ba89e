"""Hostile tables of points: a number that is read is one that the table holds, in plain form."""

import json
import math
import random
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from of_films import told
from specimen import anywhere
from trial import Outcome, Verdict

from cephview.formats import FormatError
from cephview.formats.isbi2015 import LANDMARKS
from cephview.formats.open_truth import open_truth

Points = Mapping[str, Mapping[str, tuple[float, float]]]
FILMS = ("001", "002", "003")
# What could be a place on a film, as people write it: anything else is no number here.
_PLAIN = re.compile(r"[-\u2212]?[0-9]{1,5}([.,][0-9]{1,12})?([eE][+-]?[0-9]{1,2})?")
_ODD = (
    "1e308", "1e-320", "1e5", "inf", "-inf", "nan", "NaN", "Infinity", "1_000", "0x1F", "0b1",
    "\uff11\uff12\uff13", "\u0661\u0662\u0663", "1.2.3", "--5", "+-5", "1,234,567.8", "1 234",
    "9" * 300, "1." + "0" * 300, "5\0", "\0", "=1+1", "#VALUE!", "#REF!", "1/2", "12px", "\u22125",
    "\u00bd", "\u202e123", "None", "null", "true", "'12", "\"12", "1\u00a0000", "(5)", "5%",
    "-99999", "99999", "12", "12.5", "-3.25", "", " ", "1d5", "0.1e", ".", "-", "1;2",
)  # fmt: skip


def truth() -> dict[str, dict[str, tuple[float, float]]]:
    """Return the points that the sound tables hold, of 19 landmarks on three films."""
    rng = random.Random(0)
    return {
        film: {name: (rng.randint(300, 1600), rng.randint(300, 2100)) for name in LANDMARKS}
        for film in FILMS
    }


class Tables:
    """Tidy and wide tables as several spreadsheets write them, ISBI and Aariz folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._truth = truth()

    def trial(self, rng: random.Random) -> Verdict:
        make = rng.choice((_tidy, _tidy, _wide, _wide, _isbi, _aariz))
        shutil.rmtree(self._folder / "table", ignore_errors=True)
        place = self._folder / "table"
        place.mkdir()
        path, what, changed, is_known = make(rng, place, self._truth)
        what = f"{make.__name__[1:]}, {what}"
        try:
            points = open_truth(path).table.points
        except FormatError as error:
            named = next((p.name for p in place.rglob("*") if p.name in str(error)), path.name)
            return told(str(error), named, what)
        fault = _fault(points, self._truth, changed, is_known)
        return Verdict(Outcome.WRONG, f"{what}: {fault}") if fault else Verdict(Outcome.OK, what)


def _fault(points: Points, truth: Points, changed: dict[tuple[str, str, int], str],
           is_known: bool) -> str:  # fmt: skip
    """Return what is wrong with points; changed holds the texts put in place of some numbers."""
    for film, placed in points.items():
        for landmark, xy in placed.items():
            for axis in (0, 1):
                value, text = xy[axis], changed.get((film, landmark, axis))
                if not math.isfinite(value) or abs(value) > 1e6:
                    return f"{landmark} of {film} at {value}"
                if not is_known:
                    continue
                if text is not None and not _PLAIN.fullmatch(text.strip()):
                    return f"{text!r} read as {value}"
                right = truth[film][landmark][axis]
                if text is not None:
                    right = float(text.strip().replace(",", ".").replace("\u2212", "-"))
                if value != right:
                    return f"{landmark} of {film} at {value} for {right}"
    return ""


_Made = tuple[Path, str, dict[tuple[str, str, int], str], bool]


def _tidy(rng: random.Random, place: Path, points: Points) -> _Made:
    rows = [["film", "landmark", "x_px", "y_px"]]
    cells = {}
    for film, placed in points.items():
        for landmark, (x, y) in placed.items():
            for axis in (0, 1):
                cells[film, landmark, axis] = (len(rows), 2 + axis)
            rows.append([film, landmark, str(x), str(y)])
    return _written(rng, place, rows, cells)


def _wide(rng: random.Random, place: Path, points: Points) -> _Made:
    names = list(next(iter(points.values())))
    rows = [["image", *(f"{name}_{axis}" for name in names for axis in "xy")]]
    cells = {}
    for film, placed in points.items():
        for i, landmark in enumerate(names):
            for axis in (0, 1):
                cells[film, landmark, axis] = (len(rows), 1 + 2 * i + axis)
        rows.append([film, *(str(value) for name in names for value in placed[name])])
    return _written(rng, place, rows, cells)


def _written(rng: random.Random, place: Path, rows: list[list[str]],
             cells: dict[tuple[str, str, int], tuple[int, int]]) -> _Made:  # fmt: skip
    path, changed, is_known, end = place / "points.csv", {}, True, "\n"
    separator = rng.choice((",", ",", ";", "\t"))
    what = "as it is"
    match rng.randrange(8):
        case 0 | 1 | 2 | 3:
            for key in rng.sample(sorted(cells), rng.choice((1, 1, 2, 20))):
                row, column = cells[key]
                changed[key] = rows[row][column] = rng.choice(_ODD)
            what = f"numbers {list(changed.values())[:3]!r}"
        case 4:
            i = rng.randrange(len(rows))
            column = rng.randrange(len(rows[i]))
            rows[i][column] = rng.choice((*_ODD, "a" * 10**6, rows[0][0], "\n", '"'))
            what, is_known = f"row {i} column {column} {rows[i][column][:20]!r}", False
        case 5:
            i = rng.randrange(len(rows))
            rows.insert(rng.randrange(len(rows)), [*rows[i]])
            what = f"row {i} again"
        case 6:
            i = rng.randrange(len(rows))
            rows[i] = rows[i][: rng.randrange(len(rows[i]))] * rng.choice((1, 1, 5000))
            what, is_known = f"row {i} of {len(rows[i])} cells", False
        case _:
            end = rng.choice(("\r\n", "\r", "\n\n"))
            what = f"lines ended by {end!r}"
    quoted = [[_cell(cell, separator) for cell in row] for row in rows]
    data = end.join(separator.join(row) for row in quoted)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    raw = data.encode(encoding)
    if rng.random() < 0.2:
        spoilt = anywhere(rng, raw)
        raw, what, is_known = spoilt.data, f"{what}, {spoilt.what}", False
    path.write_bytes(raw)
    return path, f"{what} {encoding} {separator!r}", changed, is_known


def _cell(text: str, separator: str) -> str:
    if any(mark in text for mark in (separator, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _isbi(rng: random.Random, place: Path, points: Points) -> _Made:
    changed = {}
    what = "as it is"
    for film, placed in points.items():
        lines = [[str(value) for value in xy] for xy in placed.values()]
        if film == FILMS[0] and rng.random() < 0.7:
            i, axis = rng.randrange(len(lines)), rng.randrange(2)
            changed[film, LANDMARKS[i], axis] = lines[i][axis] = rng.choice(_ODD)
            what = f"a number {lines[i][axis]!r}"
        rest = ["1"] * 8
        if rng.random() < 0.1:
            rest = rest[: rng.randrange(8)] * rng.choice((1, 10**5))
            what += f", {len(rest)} classes"
        text = "\n".join([*map(",".join, lines), *rest])
        (place / f"{film}.txt").write_text(text, encoding="utf-8")
    return place, what, changed, True


def _aariz(rng: random.Random, place: Path, points: Points) -> _Made:
    what, changed, is_known = "as it is", {}, True
    for film, placed in points.items():
        landmarks = [
            {"landmark_id": str(i), "title": name, "symbol": name, "value": {"x": x, "y": y}}
            for i, (name, (x, y)) in enumerate(placed.items())
        ]
        text = json.dumps({"ceph_id": film, "landmarks": landmarks})
        if film == FILMS[0]:
            text, what = rng.choice(_JSON)(rng, text)
            is_known = what.startswith("x is")
            if is_known:
                changed = {(film, LANDMARKS[0], 0): what[5:]}
        (place / f"{film}.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    return place, what, changed, is_known


def _number(rng: random.Random, text: str) -> tuple[str, str]:
    odd = rng.choice(("NaN", "Infinity", "1e308", "true", '"12"', "null", "[1]", "{}", "9" * 400,
                      "1e400", "-1e7", "12.5"))  # fmt: skip
    return re.sub(r'"x": \d+', f'"x": {odd}', text, count=1), f"x is {odd}"


def _deep(rng: random.Random, text: str) -> tuple[str, str]:
    depth = rng.choice((100, 5_000, 200_000))
    return text[:-1] + ', "more": ' + "[" * depth + "]" * depth + "}", f"lists {depth} deep"


def _twice(rng: random.Random, text: str) -> tuple[str, str]:
    symbol = rng.choice(LANDMARKS)
    return text.replace('"symbol": "N"', f'"symbol": "{symbol}"', 1), f"N is called {symbol}"


def _spoilt(rng: random.Random, text: str) -> tuple[str, str]:
    spoilt = anywhere(rng, text.encode())
    return spoilt.data.decode("utf-8", "replace"), spoilt.what


def _shape(rng: random.Random, text: str) -> tuple[str, str]:
    other = rng.choice(("[]", "{}", "null", "1", '"a"', '{"landmarks": 1}', '{"landmarks": [1]}',
                        '{"landmarks": [{"symbol": ["S"], "value": {"x": 1, "y": 1}}]}',
                        '{"landmarks": {"symbol": "S"}}'))  # fmt: skip
    return other, f"it is {other}"


_JSON: tuple[Callable[[random.Random, str], tuple[str, str]], ...] = (
    _number, _number, _number, _deep, _twice, _spoilt, _shape,
)  # fmt: skip

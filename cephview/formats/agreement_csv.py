"""The agreement of two readers as tables: for other programs, and for a terminal."""

import math
from pathlib import Path

import numpy as np

from cephview.core.agreement import Verdict
from cephview.core.comparison import LandmarkAgreement, Study
from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
from cephview.formats.export_words import counted
from cephview.formats.table import to_csv

COLUMNS = (
    "landmark", "films", "first", "second", "distance_mean_mm", "distance_sd_mm",
    "x_mean_mm", "x_sd_mm", "x_low_mm", "x_high_mm", "y_mean_mm", "y_sd_mm", "y_low_mm",
    "y_high_mm", "dahlberg_mm", "icc_x", "icc_y", "agree", "review", "adjudicate",
)  # fmt: skip
ALL = "all"

_SHOWN = (
    ("films", "films"), ("distance_mean_mm", "mean"), ("distance_sd_mm", "SD"), ("x_mean_mm", "x"),
    ("x_sd_mm", "SD x"), ("y_mean_mm", "y"), ("y_sd_mm", "SD y"), ("dahlberg_mm", "Dahlberg"),
    ("icc_x", "ICC x"), ("icc_y", "ICC y"), ("agree", "agree"), ("review", "review"),
    ("adjudicate", "adjudicate"),
)  # fmt: skip


def agreement_rows(study: Study, first: str, second: str) -> list[dict[str, str]]:
    """Return a row a landmark by columns_of, and a last one over all; empty where nothing is told.

    Differences are second minus first. x, y: mean and SD of the difference with its 95 % limits of
    agreement. ICC is ICC(2,1), of coordinates from sella.
    """
    rows = [_row(landmark, study.unit) for landmark in study.landmarks]
    distances = study.distances
    if len(distances):
        several = len(distances) > 1
        rows.append(
            {
                "landmark": ALL,
                "films": str(study.films),
                "distance_mean_mm": f"{distances.mean():.3f}",
                "distance_sd_mm": f"{distances.std(ddof=1):.3f}" if several else "",
                "dahlberg_mm": f"{math.sqrt(float(np.square(distances).mean()) / 2):.3f}",
                **{str(verdict): str(count) for verdict, count in study.verdicts.items()},
            }
        )
    named = {column: in_unit(column, study.unit) for column in COLUMNS}
    return [
        {named[column]: row.get(column, "") for column in COLUMNS}
        | {"first": first, "second": second}
        for row in rows
    ]


def in_unit(column: str, unit: str) -> str:
    """Return what a column of COLUMNS is called where lengths are in a unit, "mm" or "px"."""
    return column.removesuffix("_mm") + f"_{unit}" if column.endswith("_mm") else column


def write_agreement_csv(path: Path | str, study: Study, first: str, second: str) -> int:
    """Write one row a landmark and one over all; return how many landmarks.

    Raises FormatError where the file cannot be written or is a film.
    """
    refuse_to_overwrite_films(path, ())
    rows = agreement_rows(study, first, second)
    columns = [in_unit(column, study.unit) for column in COLUMNS]
    table = [columns, *([row[column] for column in columns] for row in rows)]
    write_atomically(path, to_csv(table).encode("utf-8", "surrogateescape"))
    return len(study.landmarks)


def agreement_text(study: Study, first: str, second: str) -> str:
    """Return the table as lines of text, and what it says in short below."""
    rows = agreement_rows(study, first, second)
    cells = [["", *(title for _, title in _SHOWN)]]
    for row in rows:
        keys = [in_unit(key, study.unit) for key, _ in _SHOWN]
        cells.append([row["landmark"], *(_short(key, row[key]) for key in keys)])
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if not i else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([*lines, "", *summary(study, first, second)])


def summary(study: Study, first: str, second: str) -> list[str]:
    """Return the sentences that belong below a table of agreement."""
    is_mm = study.unit == "mm"
    unit = "Millimetres" if is_mm else "Pixels, for no film has a trusted scale"
    said = [f"{unit}; x to the right and y down; differences are {second} minus {first}."]
    distances = study.distances
    if len(distances):
        points, films = counted(len(distances), "point"), counted(study.films, "film")
        told = (
            f"{points} on {films}: mean {distances.mean():.2f} {study.unit}, "
            f"median {np.median(distances):.2f} {study.unit}"
        )
        if is_mm:
            share = 100 * study.verdicts[Verdict.AGREE] / len(distances)
            told += f", {share:.0f} % within 2 mm"
        said.append(f"{told}.")
    if study.without_scale and is_mm:
        films = "film has" if study.without_scale == 1 else "films have"
        said.append(f"{study.without_scale} {films} no trusted scale and no part in this.")
    return said


def _row(landmark: LandmarkAgreement, unit: str) -> dict[str, str]:
    found = landmark.agreement
    row = {
        "landmark": landmark.landmark,
        "films": str(landmark.films),
        "distance_mean_mm": f"{landmark.distances.mean():.3f}",
    }
    if found is None:
        return row
    for axis, limits in (("x", found.x), ("y", found.y)):
        row |= {
            f"{axis}_mean_mm": f"{limits.bias:.3f}",
            f"{axis}_sd_mm": f"{limits.sd:.3f}",
            f"{axis}_low_mm": f"{limits.low:.3f}",
            f"{axis}_high_mm": f"{limits.high:.3f}",
        }
    return row | {
        "distance_sd_mm": f"{found.distance_sd:.3f}",
        "dahlberg_mm": f"{found.dahlberg:.3f}",
        "icc_x": _finite(found.icc_x),
        "icc_y": _finite(found.icc_y),
        # Limits of clinical use are lengths: pixels say nothing of them.
        **{str(verdict): str(n) for verdict, n in found.verdicts.items() if unit == "mm"},
    }


def _finite(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else ""


def _short(key: str, text: str) -> str:
    return f"{float(text):.2f}" if text and key.endswith(("_mm", "_px")) else text

"""The report as one page of HTML that needs nothing beside itself, and its table of values."""

import base64
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
from cephview.formats.errors import FormatError, io_error, printable, shown
from cephview.places import resources_dir
from cephview.report.bootstrap import DRAWS
from cephview.report.charts import calibration_chart, cumulative_chart, reader_chart
from cephview.report.document import as_json, document
from cephview.report.figures import SHARES, Figures, LayerFigures
from cephview.report.measured import LAYERS, About, Measured
from cephview.report.pictures import ELLIPSE_SHARE, worst_pictures

NAME = "evaluation"
_MINUS = "−"


def write_report(
    path: Path,
    about: About,
    measured: Measured,
    figures: Figures,
    names: Mapping[str, str] | None = None,
) -> Path:
    """Write the page and, beside it, the same as JSON; return where the page is.

    path is the page itself where it ends in .html, else a folder, made if missing. names are the
    landmarks in full. Raises FormatError.
    """
    page = path if path.suffix.lower() in (".html", ".htm") else path / f"{NAME}.html"
    values = page.with_suffix(".json")
    for file in (page, values):
        if file.is_dir():
            raise FormatError(f"{shown(file)} is a folder; choose another name for the report.")
        refuse_to_overwrite_films(file, ())
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise io_error("written", page.parent, error) from error
    write_atomically(values, as_json(document(about, measured, figures)))
    write_atomically(page, page_of(about, measured, figures, names or {}).encode())
    return page


def page_of(
    about: About, measured: Measured, figures: Figures, names: Mapping[str, str] | None = None
) -> str:
    """Return the page as HTML; everything that came from outside is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        fixed=fixed, signed=signed, plain=lambda text: printable(str(text)), ci=between
    )
    icon = base64.b64encode((resources_dir() / "icons" / "cephview.svg").read_bytes())
    return environment.get_template("page.html.j2").render(
        about=about,
        names=names or {},
        figures=figures,
        unit=figures.unit,
        layers=[(name, figures.layer(name)) for name in LAYERS],
        rows=list(zip(figures.coarse.landmarks, figures.refined.landmarks, strict=True)),
        largest=max(row.mre for row in figures.refined.landmarks),
        films=len(measured.films),
        landmarks=measured.landmarks,
        cumulative=cumulative_chart(figures),
        calibration=calibration_chart(figures),
        observed=observed_at,
        reader=reader_chart(figures.reader_rows) if figures.reader_rows else None,
        pictures=worst_pictures(measured, figures),
        ellipse_share=f"{100 * ELLIPSE_SHARE:g}",
        draws=DRAWS,
        icon=f"data:image/svg+xml;base64,{icon.decode('ascii')}",
    )


def observed_at(layer: LayerFigures, share: int) -> float | None:
    """Return the per cent of true points observed within the ellipse of a share in per cent."""
    return layer.observed[SHARES.index(share)] if layer.observed else None


def fixed(value: float | None, digits: int = 2) -> str:
    """Return a number with so many digits after the point, or a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", _MINUS)


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign, a true minus, and none for zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", _MINUS)


def between(both: tuple[float, float] | None, digits: int = 2) -> str:
    """Return an interval as text, or nothing."""
    return "" if both is None else f"{both[0]:.{digits}f} – {both[1]:.{digits}f}"

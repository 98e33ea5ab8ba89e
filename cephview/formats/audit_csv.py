"""The audit of a workspace as tables, which other programs rely on: keep their columns."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from cephview.formats.atomic import refuse_to_overwrite_films, write_atomically
from cephview.formats.table import to_csv

COLUMNS = (
    "film", "file", "revision", "at", "author", "step", "what", "landmark",
    "from", "from_x_px", "from_y_px", "to", "to_x_px", "to_y_px", "model",
    "reading",
)  # fmt: skip
TIME_COLUMNS = (
    "film", "file", "author", "steps", "first_at", "last_at", "active_s", "measured",
    "reading",
)  # fmt: skip


class Change(Protocol):
    """One change of one thing."""

    @property
    def film(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def landmark(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def before_px(self) -> tuple[float, float] | None: ...
    @property
    def after(self) -> str: ...
    @property
    def after_px(self) -> tuple[float, float] | None: ...
    @property
    def model(self) -> str: ...
    @property
    def reading(self) -> str: ...


class Spent(Protocol):
    """The time of one author on one film."""

    @property
    def film(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def steps(self) -> int: ...
    @property
    def first_at(self) -> str: ...
    @property
    def last_at(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def is_measured(self) -> bool: ...
    @property
    def reading(self) -> str: ...


def write_audit_csv(path: Path | str, changes: Iterable[Change]) -> int:
    """Write one row a change; return how many.

    Pixels are indices (x right, y down, (0, 0) the centre of the top-left pixel), empty where there
    is no place. Raises FormatError where the file cannot be written or is a film.
    """
    rows = [
        [
            change.film,
            change.file,
            str(change.revision or ""),
            change.at,
            change.author,
            change.step,
            change.what,
            change.landmark,
            change.before,
            *_place(change.before_px),
            change.after,
            *_place(change.after_px),
            change.model,
            change.reading,
        ]
        for change in changes
    ]
    _write(path, [COLUMNS, *rows])
    return len(rows)


def write_time_csv(path: Path | str, times: Iterable[Spent]) -> int:
    """Write one row a film, reading and author, the time in seconds; return how many.

    Raises FormatError where the file cannot be written or is a film.
    """
    rows = [
        [
            spent.film,
            spent.file,
            spent.author,
            str(spent.steps),
            spent.first_at,
            spent.last_at,
            f"{spent.seconds:.1f}",
            "yes" if spent.is_measured else "no",
            spent.reading,
        ]
        for spent in times
    ]
    _write(path, [TIME_COLUMNS, *rows])
    return len(rows)


def _place(xy: tuple[float, float] | None) -> tuple[str, str]:
    return ("", "") if xy is None else (f"{xy[0]:.3f}", f"{xy[1]:.3f}")


def _write(path: Path | str, table: Sequence[Sequence[str]]) -> None:
    refuse_to_overwrite_films(path, ())
    write_atomically(path, to_csv(table).encode("utf-8", "surrogateescape"))

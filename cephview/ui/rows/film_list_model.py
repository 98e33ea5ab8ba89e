"""The films of the open folder as a Qt model, with the filter above it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QPixmap

from cephview.core.detection import Turn
from cephview.core.turning import AS_ON_FILE
from cephview.ui.rows.film_labels import folder_labels
from cephview.ui.rows.film_order import Order, arranged
from cephview.ui.rows.point_rows import Length

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
PATH_ROLE = ROW_ROLE + 1
OPEN_ROLE = ROW_ROLE + 2
FOLDER_ROLE = ROW_ROLE + 3
_THUMBNAILS_KEPT = 600


class FilmState(StrEnum):
    """What is known of a film, in the word of its pill."""

    NEW = "new"
    DETECTING = "detecting"
    REVIEW = "review"
    DONE = "done"
    UNREADABLE = "cannot be read"


class Filter(StrEnum):
    """Which films the list shows."""

    ALL = "All"
    TO_REVIEW = "To review"
    DONE = "Done"
    WARNED = "Warning"
    FAILED = "Failed"


@dataclass(frozen=True)
class FilmRow:
    """A film in the list. checked of total points that can be seen are judged, unsure ones of them
    with doubt.

    sentence says why it cannot be read, failure why no points could be placed, warning what to
    know of it before its points, is_gone that no file lies where it was, at_work who else has
    it open in a shared workspace. worst is the uncertainty of its least certain unchecked
    point, urgency the same as a share of what asks for eyes; seconds is the time that hands
    spent on it, changed_at when it changed last (UTC, ISO 8601).
    is_skipped: no model learns from it and no export holds it.
    """

    path: Path
    state: FilmState = FilmState.NEW
    checked: int = 0
    total: int = 0
    sentence: str = ""
    warning: str = ""
    turn: Turn = AS_ON_FILE
    unsure: int = 0
    at_work: str = ""
    failure: str = ""
    is_gone: bool = False
    worst: Length | None = None
    urgency: float = 0.0
    seconds: float = 0.0
    changed_at: str = ""
    is_skipped: bool = False

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def words(self) -> str:
        """Return state and progress as one reads them aloud."""
        is_review = self.state is FilmState.REVIEW
        words = f"review {self.checked} of {self.total}" if is_review else self.label
        words = f"{words}, {self.unsure} unsure" if self.unsure else words
        words = f"{words}, skipped in learning and exports" if self.is_skipped else words
        return f"{words}, {self.at_work} is at work on it" if self.at_work else words

    @property
    def label(self) -> str:
        """Return the word of its pill."""
        if self.is_gone and self.state is FilmState.UNREADABLE:
            return "file is gone"
        return "not detected" if self.has_failed and self.failure else str(self.state)

    @property
    def has_failed(self) -> bool:
        """Whether it cannot be read, or has no points because detecting it failed."""
        is_new = self.state is FilmState.NEW
        return self.state is FilmState.UNREADABLE or (is_new and bool(self.failure))

    @property
    def details(self) -> str:
        """Return uncertainty and time in words; "" where there is neither."""
        worst = f"up to \u00b1{self.worst} unchecked" if self.worst is not None else ""
        time = f"{time_words(self.seconds)} at work" if self.seconds >= 1 else ""
        return ", ".join(filter(None, (worst, time)))


def time_words(seconds: float) -> str:
    """Return a time as one says it: 40 s, 4 min, 1 h 05."""
    if seconds < 60:
        return f"{seconds:.0f} s" if round(seconds) < 60 else "1 min"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def matches(row: FilmRow, which: Filter) -> bool:
    """Say whether a film belongs to a filter."""
    state = row.state
    if which is Filter.WARNED:
        return bool(row.warning)
    if which is Filter.FAILED:
        return row.has_failed
    if which is Filter.TO_REVIEW:
        return state in (FilmState.NEW, FilmState.DETECTING, FilmState.REVIEW)
    if which is Filter.DONE:
        return state is FilmState.DONE
    return True


class FilmListModel(QAbstractListModel):
    """Rows of films. Asks for a thumbnail the first time a row is painted."""

    thumbnail_wanted = Signal(object)
    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[FilmRow] = []
        self._place: dict[Path, int] = {}
        self._counts: Counter[FilmState | Filter] = Counter()
        self._order = Order.NAME
        self._thumbnails: dict[Path, QPixmap | None] = {}
        self._folders: dict[Path, str] = {}
        self._names: Counter[str] = Counter()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == ROW_ROLE:
            return row
        if role == PATH_ROLE:
            return row.path
        if role == FOLDER_ROLE:
            return self._folders.get(row.path, "")
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(row.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            said = (f"{row.name} · {row.words}", row.details, row.failure, row.warning)
            told = row.sentence or "\n".join(filter(None, said))
            return f"{told}\n{row.path.parent}" if row.path in self._folders else told
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = self.label_of(row.path)
            return ", ".join(filter(None, (name, row.words, row.details, row.warning)))
        return None

    def set_rows(self, rows: list[FilmRow]) -> None:
        """Show these films, given by name, instead of what was there."""
        self.beginResetModel()
        self._rows = list(rows) if self._order is Order.NAME else arranged(rows, self._order)
        self._counts.clear()
        for row in rows:
            self._count(row, 1)
        self._place = {row.path: n for n, row in enumerate(self._rows)}
        self._thumbnails = {p: t for p, t in self._thumbnails.items() if p in self._place}
        self._names = Counter(path.name for path in self._place)
        self._folders = folder_labels(self._place)
        self.endResetModel()
        self.counts_changed.emit()

    @property
    def order(self) -> Order:
        return self._order

    def arrange(self, order: Order | None = None) -> None:
        """Bring the rows into an order, or anew into the one they are in.

        A row that changes later stays where it is until this is asked for again: a film must not
        leave its place while somebody works on it, nor the next one turn into another.
        """
        self._order = self._order if order is None else order
        rows = arranged(self._rows, self._order)
        if rows == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        paths = [self._rows[index.row()].path for index in held]
        self._rows = rows
        self._place = {row.path: n for n, row in enumerate(rows)}
        self.changePersistentIndexList(held, [self.index(self._place[path]) for path in paths])
        self.layoutChanged.emit()

    def add(self, row: FilmRow) -> None:
        """Add a film at the end, unless it is there."""
        if row.path in self._place:
            return
        end = len(self._rows)
        self.beginInsertRows(QModelIndex(), end, end)
        self._rows.append(row)
        self._count(row, 1)
        self._place[row.path] = end
        self.endInsertRows()
        self._names[row.name] += 1
        self._tell_apart({row.name})
        self.counts_changed.emit()

    def remove(self, paths: Collection[Path]) -> tuple[FilmRow, ...]:
        """Take films off the list; return their rows."""
        gone = set(paths)
        removed = tuple(row for row in self._rows if row.path in gone)
        for row in removed:
            # Usually few: to tell a view of each keeps its selection and where it is scrolled to.
            place = self._place[row.path]
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._rows[place]
            self._count(row, -1)
            self._place = {one.path: n for n, one in enumerate(self._rows)}
            self.endRemoveRows()
        if removed:
            self._names.subtract(row.name for row in removed)
            self._tell_apart({row.name for row in removed})
            self.counts_changed.emit()
        return removed

    def label_of(self, path: Path) -> str:
        """Return the name of a film, with what of its folder tells it from others of its name."""
        folder = self._folders.get(path)
        return f"{folder}/{path.name}" if folder else path.name

    def _tell_apart(self, names: Collection[str]) -> None:
        """Tell films of some names apart anew, after some came or went."""
        for path in [path for path in self._folders if path.name in names]:
            del self._folders[path]
        if any(self._names[name] > 1 for name in names):
            self._folders |= folder_labels(path for path in self._place if path.name in names)
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def row_of(self, path: Path) -> FilmRow | None:
        place = self._place.get(path)
        return None if place is None else self._rows[place]

    def index_of(self, path: Path) -> QModelIndex:
        place = self._place.get(path)
        return QModelIndex() if place is None else self.index(place)

    def change(self, path: Path, **changes: Any) -> None:
        """Replace fields of one row; a film that is not listed is left alone."""
        place = self._place.get(path)
        if place is None:
            return
        new = replace(self._rows[place], **changes)
        if new != self._rows[place]:
            self._count(self._rows[place], -1)
            self._count(new, 1)
            self._rows[place] = new
            self.dataChanged.emit(self.index(place), self.index(place))
            self.counts_changed.emit()

    def change_rows(self, changes: Mapping[Path, Mapping[str, Any]]) -> None:
        """Replace fields of many rows at once; films that are not listed are left alone."""
        places = []
        for path, fields in changes.items():
            place = self._place.get(path)
            if place is None:
                continue
            old, new = self._rows[place], replace(self._rows[place], **fields)
            if new != old:
                self._count(old, -1)
                self._count(new, 1)
                self._rows[place] = new
                places.append(place)
        if places:
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
            self.counts_changed.emit()

    def set_thumbnail(self, path: Path, picture: QPixmap) -> None:
        place = self._place.get(path)
        if place is not None:
            self._thumbnails[path] = picture
            while len(self._thumbnails) > _THUMBNAILS_KEPT:
                del self._thumbnails[next(iter(self._thumbnails))]
            at = self.index(place)
            self.dataChanged.emit(at, at, [int(Qt.ItemDataRole.DecorationRole)])

    def forget_request(self, path: Path) -> None:
        """Let a thumbnail that was wanted but never made be asked for again."""
        if self._thumbnails.get(path) is None:
            self._thumbnails.pop(path, None)

    def count(self, which: Filter) -> int:
        return self._counts[which]

    def is_any_traced(self) -> bool:
        """Say whether any listed film has points."""
        return self._counts[FilmState.REVIEW] + self._counts[FilmState.DONE] > 0

    def first_readable(self) -> Path:
        """Return the first film that is not known to be damaged. Raises IndexError when empty."""
        for row in self._rows:
            if row.state is not FilmState.UNREADABLE:
                return row.path
        return self._rows[0].path

    def paths(self) -> tuple[Path, ...]:
        return tuple(row.path for row in self._rows)

    def row_at(self, place: int) -> FilmRow:
        return self._rows[place]

    def _count(self, row: FilmRow, by: int) -> None:
        self._counts[row.state] += by
        for which in Filter:
            if matches(row, which):
                self._counts[which] += by

    def _thumbnail(self, path: Path) -> QPixmap | None:
        if path not in self._thumbnails:
            self._thumbnails[path] = None
            self.thumbnail_wanted.emit(path)
        return self._thumbnails[path]


class FilmFilter(QSortFilterProxyModel):
    """The rows that match the search text and the chosen filter.

    The film that is open stays listed when its state leaves the filter, so that confirming the last
    point does not pull the row from under the reader; it goes at the next change of filter.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._which = Filter.ALL
        self._text = ""
        self._kept: Path | None = None

    @property
    def which(self) -> Filter:
        return self._which

    def show_only(self, which: Filter) -> None:
        self.beginFilterChange()
        self._which = which
        self.endFilterChange()

    def search(self, text: str) -> None:
        self.beginFilterChange()
        self._text = text.strip().casefold()
        self.endFilterChange()

    def keep(self, path: Path | None) -> None:
        """Name the open film."""
        if path != self._kept:
            self.beginFilterChange()
            self._kept = path
            self.endFilterChange()

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if role == OPEN_ROLE:
            return self._kept is not None and super().data(index, PATH_ROLE) == self._kept
        return super().data(index, role)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, FilmListModel)
        row = model.row_at(source_row)
        if self._text and self._text not in model.label_of(row.path).casefold():
            return False
        return row.path == self._kept or matches(row, self._which)

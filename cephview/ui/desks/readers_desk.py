"""What one window shows of its readers: who reads, two readings side by side, their agreement."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cephview.core.comparison import Study, study
from cephview.core.reading import FIRST, Reading, Start
from cephview.ui.dialogs.agreement_sheet import AgreementSheet
from cephview.ui.dialogs.files import ask_target
from cephview.ui.dialogs.read_as import ReadAs
from cephview.ui.editing.comparing import NOTHING_TO_COMPARE
from cephview.ui.notice import Kind, Notice
from cephview.ui.panels.compare_panel import ComparePanel
from cephview.ui.workspace.keeping import KeepError

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow

_TOPIC = "readers"
_NO_OTHER = "There is one reading so far: let somebody else read the films with Read as\u2026"
_NO_DECISION = "Nothing was decided yet: compare two readings of a film first."


class ReadersDesk(QObject):
    """Made of the window's own parts; sheets are made when they are first wanted."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._theme = window.theme
        session = window.session
        self.readings, self.comparing = session.readings, session.comparing
        self.panel = ComparePanel(self.comparing, session.editor, window.theme)
        self.panel.row_chosen.connect(self._go_to)
        # It follows the window's theme, and goes with it, before anybody compares, too.
        self.panel.setParent(window)
        self.panel.hide()
        self.read_as: ReadAs | None = None
        self.agreement_sheet: AgreementSheet | None = None
        self.readings.changed.connect(self.show_reader)
        self.readings.data_changed.connect(self._data_changed)
        self.comparing.changed.connect(self._compared_changed)
        self.comparing.failed.connect(self._say)
        self.comparing.warned.connect(self._warn)
        session.editor.film_changed.connect(self.show_reader)

    # What actions call

    def ask(self) -> None:
        """Ask who reads."""
        window = self._window
        page = window.centralWidget()
        assert page is not None
        if self.read_as is None:
            self.read_as = ReadAs(self._theme, page)
            self.read_as.wanted.connect(self._read)
            self.read_as.first_wanted.connect(self.readings.go_to_first)
        has_film = window.session.editor.film is not None
        self.read_as.ask(self.readings.known(), self.readings.current, has_film=has_film)

    def go_to_first(self) -> None:
        """Go back to the first reading."""
        self.readings.go_to_first()

    def place_anew(self) -> None:
        """Let the next click on the film decide where the chosen point lies."""
        self.comparing.place_anew()
        self._window.view.set_tool("place")
        self._window.view.setFocus()

    def show_agreement(self) -> None:
        """Show how far readers agree over the workspace."""
        others = self.readings.others()
        if not others:
            self._say(_NO_OTHER)
            return
        if self.readings.current in others:
            self._window.notices.post(Notice(
                f"The agreement tells {self.readings.reader} where both readers differ; it opens "
                "from the first reading.",
                Kind.ATTENTION, _TOPIC, "Go to the first reading", self._first_and_agreement,
                holds=lambda: self.readings.current in others,
            ))  # fmt: skip
            return
        page = self._window.centralWidget()
        assert page is not None
        if self.agreement_sheet is None:
            self.agreement_sheet = AgreementSheet(self._study, self._theme, page)
            self.agreement_sheet.export_wanted.connect(self._export_agreement)
        self.agreement_sheet.show_readings(others, self.comparing.second)

    def use_first_data(self) -> None:
        """Export, and learn from, the first reading."""
        self.readings.use_as_data(FIRST)
        self._data_changed()

    def use_other_data(self) -> None:
        """Export, and learn from, another reading: the one that is shown or compared."""
        others = self.readings.others()
        wanted = (self.comparing.second, self.readings.current, *others)
        found = next((reading for reading in wanted if reading in others), None)
        self._use(found, _NO_OTHER)

    def use_decided_data(self) -> None:
        """Export, and learn from, the first reading with what was decided."""
        decisions = [reading for reading in self.readings.known() if reading.is_decisions]
        self._use(decisions[0] if decisions else None, _NO_DECISION)

    # What it shows

    def show_reader(self, *_: object) -> None:
        """Say everywhere who reads now."""
        window, current = self._window, self.readings.current
        has_others = len(self.readings.known()) > 1
        if current.is_decisions:
            second = self.comparing.second
            whose = f"first reading and {second.label}" if second is not None else current.label
            status, head = "comparing", f"Comparing {whose}. States: first reading."
        elif current.is_first:
            status = f"first reading: {self.readings.author}" if has_others else ""
            head = "First reading" if has_others else ""
        else:
            only = "this film" if self.readings.is_for_one_film else "all films"
            status = f"reads: {current.reader}"
            head = f"Reading as {current.reader}, {only}"
        is_other = not current.is_first
        window.status.show_reader(status or f"reader: {self.readings.author}", is_other=is_other)
        window.films.show_head(head, is_other=is_other)

    def _compared_changed(self) -> None:
        window, comparing = self._window, self.comparing
        window.view.show_compared(comparing.compared)
        if not comparing.is_placing and window.view.tool == "place" and comparing.is_on:
            window.view.set_tool("select")
        shown = window.tabs.indexOf(self.panel)
        if comparing.is_on and shown < 0:
            self.panel.offer(self.readings.others())
            window.tabs.addTab(self.panel, "Compare")
            window.show_right(True)
            window.tabs.setCurrentWidget(self.panel)
        elif not comparing.is_on and shown >= 0:
            window.tabs.removeTab(shown)
            window.tabs.setCurrentWidget(window.points)
        self.show_reader()
        window.refresh()

    def _go_to(self, landmark: str) -> None:
        window = self._window
        window.session.editor.select(landmark)
        window.view.zoom_to(landmark)

    def _read(self, name: str, start: Start, is_for_one_film: bool) -> None:
        film = self._window.session.editor.film
        only = film.sha256 if is_for_one_film and film is not None else ""
        if self.readings.read_as(name, start, film=only):
            self._window.notices.withdraw(_TOPIC)
        self._window.view.setFocus()

    def _study(self, reading: Reading) -> Study:
        landmarks = self._window.session.editor.landmarks.ids
        keeping = self._window.session.keeping
        try:
            return study(keeping.read_twice(FIRST.number, reading.number), landmarks)
        except KeepError as error:
            self._say(str(error))
            return study((), landmarks)

    def _first_and_agreement(self) -> None:
        self.readings.go_to_first()
        self.show_agreement()

    def _export_agreement(self) -> None:
        from cephview.formats import FormatError

        window, sheet = self._window, self.agreement_sheet
        path = ask_target(
            window, "Export the agreement", window.last_folder, "agreement.csv", self._theme
        )
        if path is None or sheet is None:
            return
        try:
            said, kind = sheet.write(path), Kind.NOTE
        except FormatError as error:
            said, kind = str(error), Kind.DANGER
        sheet.said.setText(said)
        window.notices.post(Notice(said, kind, _TOPIC))

    def _use(self, reading: Reading | None, otherwise: str) -> None:
        if reading is None:
            self._say(otherwise)
        else:
            self.readings.use_as_data(reading)
        self._data_changed()

    def _data_changed(self) -> None:
        """Show whose points exports and fine-tunes take."""
        data, book = self.readings.data, self._window.actions_book
        name = "first" if data.is_first else "decided" if data.is_decisions else "other"
        book[f"data-{name}"].setChecked(True)
        if not data.is_first:
            text = f"Exports and fine-tunes take another reading now.{self.readings.told_of_data()}"
            self._window.notices.post(Notice(
                text, Kind.NOTE, "data", holds=lambda: self.readings.data == data
            ))  # fmt: skip
        self._window.model.refresh_soon()

    def _warn(self, text: str) -> None:
        session = self._window.session
        path, reading = session.path, self.readings.current
        self._window.notices.post(Notice(
            text, Kind.ATTENTION, _TOPIC, "Compare anyway", self.comparing.start_anyway,
            holds=lambda: (
                not self.comparing.is_on
                and (session.path, self.readings.current) == (path, reading)
            ),
        ))  # fmt: skip

    def _say(self, text: str) -> None:
        known = text in (NOTHING_TO_COMPARE, _NO_OTHER, _NO_DECISION)
        kind = Kind.NOTE if known else Kind.DANGER
        session = self._window.session
        path, is_of_film = session.path, text == NOTHING_TO_COMPARE
        self._window.notices.post(Notice(
            text, kind, _TOPIC, holds=lambda: not is_of_film or session.path == path
        ))  # fmt: skip

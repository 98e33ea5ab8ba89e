"""Two readers of the same films: blind to each other, compared, decided, and told in figures."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cephview.core.reading import FIRST, Start
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State
from cephview.ui.rows.film_list_model import FilmState

LEFT = Qt.MouseButton.LeftButton


def settle(desk) -> None:
    desk.process()
    desk.process()


def screen(desk, xy) -> QPoint:
    return QPoint(*(round(v) for v in desk.window.view.viewport.to_screen(xy)))


def drag(desk, landmark: str, dx: int, dy: int) -> None:
    """Drag a point by the mouse, in pixels of the screen."""
    view = desk.window.view
    at = screen(desk, desk.editor.tracing[landmark].best.xy)
    QTest.mousePress(view, LEFT, pos=at)
    for n in (1, 2):
        QTest.mouseMove(view, at + QPoint(n * dx // 2, n * dy // 2))
        desk.process()
    QTest.mouseRelease(view, LEFT, pos=at + QPoint(dx, dy))
    desk.process()


def press(desk, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desk.window, key, modifier)
    settle(desk)


def confirm_all(desk) -> None:
    press(desk, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def read_as(desk, name: str, start: Start = Start.MODEL, *, only_this: bool = False) -> None:
    """Begin or go on with a reading as a user does, by F6 and the sheet."""
    if desk.window.isActiveWindow():
        press(desk, Qt.Key.Key_F6)
    else:
        desk.window.actions_book["read-as"].trigger()
    sheet = desk.window.readers.read_as
    assert sheet.isVisible() and desk.window.focusWidget() is sheet.name
    QTest.keyClicks(sheet.name, name)
    QTest.mouseClick(sheet.starts[start], LEFT, pos=QPoint(8, sheet.starts[start].height() // 2))
    if only_this:
        QTest.mouseClick(sheet.one_film, LEFT, pos=QPoint(8, sheet.one_film.height() // 2))
    QTest.keyClick(sheet.name, Qt.Key.Key_Return)
    settle(desk)
    assert not sheet.isVisible()


def use_scale(desk) -> None:
    desk.editor.set_pixel_size(PixelSize(0.2, 0.2, Provenance.RULER))


def trace_by_first(desk) -> None:
    """Two films are read by the first reader: one all confirmed after a drag, the other too."""
    for name in ("film-1.png", "film-2.png"):
        desk.open(desk.films / name)
        desk.answer()
        use_scale(desk)
        drag(desk, "A", 10, 0)
        confirm_all(desk)


@pytest.fixture
def once(desk):
    desk.open(desk.films)
    trace_by_first(desk)
    return desk


@pytest.fixture
def twice(once):
    """Films read by the first reader and by Ben, whose A, B and N lie elsewhere."""
    read_as(once, "Ben")
    for name in ("film-1.png", "film-2.png"):
        once.open(once.films / name)
        drag(once, "B", 0, 30)
        drag(once, "N", 60, 0)
        confirm_all(once)
    press(once, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    return once


def test_the_second_reader_begins_from_the_model_and_sees_no_point_of_the_first(once):
    first = once.editor.tracing
    shown = len(once.engine.detections)
    read_as(once, "Ben")
    editor = once.editor
    assert editor.author == "Ben"
    assert {point.state for point in editor.tracing} == {State.MODEL}
    assert editor.tracing["A"].best.xy == first["A"].refined.xy
    assert len(once.engine.detections) == shown
    row = once.list_model.row_of(once.window.session.path)
    assert (row.state, row.checked) == (FilmState.REVIEW, 0)
    assert once.window.status.progress.text() == "0 of 19 confirmed"
    assert once.window.status.reader.text() == "reads: Ben"
    assert once.window.films.head.text() == "Reading as Ben, all films"
    drag(once, "A", 0, 20)
    assert editor.tracing["A"].human.by == "Ben"
    keeping = once.window.session.keeping
    assert keeping.tracing(editor.film.sha256) == first
    press(once, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert editor.tracing == first and editor.author == "reader"
    assert once.window.status.reader.text() == "first reading: reader"
    assert once.list_model.row_of(once.window.session.path).state is FilmState.DONE


def test_a_reading_from_nothing_keeps_the_model_out(once):
    read_as(once, "Cid", Start.NOTHING)
    assert all(point.state is State.MISSING for point in once.editor.tracing)
    asked = len(once.engine.detections)
    assert not once.window.actions_book["detect"].isEnabled()
    once.window.session.detecting.detect()
    once.open(once.films / "film-10.png")
    assert len(once.engine.detections) == asked
    assert once.list_model.row_of(once.window.session.path).state is FilmState.NEW
    press(once, Qt.Key.Key_P)
    QTest.mouseClick(once.window.view, LEFT, pos=once.window.view.rect().center())
    assert once.editor.tracing["S"].human.by == "Cid"
    assert once.window.session.readings.data == FIRST


def test_a_film_no_model_saw_is_detected_in_the_reading_that_opened_it(once):
    read_as(once, "Ben")
    once.open(once.films / "film-10.png")
    once.answer()
    assert {point.state for point in once.editor.tracing} == {State.MODEL}
    press(once, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    once.answer()
    assert once.editor.tracing["S"].refined is not None


def test_one_film_alone_can_be_read_again(once):
    read_as(once, "Ben", only_this=True)
    assert once.window.films.head.text() == "Reading as Ben, this film"
    path = once.window.session.path
    once.open(once.films / "film-1.png")
    assert once.window.session.path != path
    assert once.window.session.readings.current == FIRST
    assert once.editor.author == "reader"
    assert once.window.films.head.text() == "First reading"


def test_a_name_that_is_known_goes_on_with_its_reading(twice):
    press(twice, Qt.Key.Key_F6)
    sheet = twice.window.readers.read_as
    QTest.keyClicks(sheet.name, "Ben")
    assert "Ben began from the model's points" in sheet.begun.text()
    assert not sheet.starts[Start.NOTHING].isEnabled()
    QTest.keyClick(sheet.name, Qt.Key.Key_Escape)
    press(twice, Qt.Key.Key_F6)
    buttons = sheet.known.findChildren(type(sheet.read))
    shown = [button for button in buttons if button.isVisible()]
    assert [button.text() for button in shown] == ["Go on as Ben"]
    QTest.mouseClick(shown[0], LEFT)
    settle(twice)
    assert twice.editor.author == "Ben"
    assert twice.list_model.row_of(twice.window.session.path).state is FilmState.DONE


def test_undo_belongs_to_the_reading_and_survives_a_restart(twice, make_desk: Callable):
    first = twice.editor.tracing
    read_as(twice, "Ben")
    ben = twice.editor.tracing
    press(twice, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert twice.editor.tracing["N"].state is State.MOVED
    twice.window.close()
    again = make_desk()
    again.open(twice.films / "film-2.png")
    assert again.editor.tracing == first
    read_as(again, "Ben")
    assert again.editor.tracing["N"].state is State.MOVED
    press(
        again, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert again.editor.tracing == ben
    press(again, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert again.editor.tracing == first


def test_steps_that_wait_for_the_disk_stay_with_their_reading(once, monkeypatch):
    first = once.editor.tracing
    read_as(once, "Ben")
    keeping = once.window.session.keeping

    def full(*_):
        from cephview.ui.workspace.keeping import KeepError

        raise KeepError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_commit", full)
        once.editor.confirm("S")
        press(once, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        assert once.editor.tracing == first
        read_as(once, "Ben")
        assert once.editor.tracing["S"].state is State.CONFIRMED
    assert once.editor.flush()
    assert keeping.tracing(once.editor.film.sha256, 1)["S"].state is State.CONFIRMED
    assert keeping.tracing(once.editor.film.sha256) == first


def test_both_readings_are_shown_and_the_farthest_comes_first(twice):
    press(twice, Qt.Key.Key_F7)
    window = twice.window
    assert window.tabs.currentWidget() is window.readers.panel
    table = window.readers.panel.table
    rows = [[table.item(r, c).text() for c in range(4)] for r in range(3)]
    assert [row[0] for row in rows] == ["N", "B", "A"]
    assert table.horizontalHeaderItem(1).text() == "mm apart"
    distances = [float(row[1]) for row in rows]
    assert distances == sorted(distances, reverse=True) and distances[0] > 4
    assert rows[0][2] == "adjudicate"
    compared = window.view.marks_context().compared
    assert (compared.first, compared.second) == ("first reading", "Ben")
    assert window.readers.panel.summary.text() == "17 agree · 1 review · 1 adjudicate"
    assert window.status.reader.text() == "comparing"
    assert "States: first reading" in window.films.head.text()
    # Choosing a row goes to the point.
    table.setFocus()
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualItemRect(table.item(1, 0)).center())
    assert twice.editor.selection == "B"
    assert window.view.viewport.is_on_screen(compared.pair("B").mean)
    window.view.fit()
    at = screen(twice, compared.pair("N").second)
    QTest.mouseClick(window.view, LEFT, pos=at)
    assert twice.editor.selection == "N"


def test_decisions_are_kept_apart_and_both_readings_stay(twice, make_desk: Callable):
    keeping = twice.window.session.keeping
    sha256 = twice.editor.film.sha256
    before = keeping.tracing(sha256), keeping.tracing(sha256, 1)
    press(twice, Qt.Key.Key_F7)
    compared = twice.window.session.comparing.compared
    panel = twice.window.readers.panel
    twice.editor.select("N")
    settle(twice)
    QTest.mouseClick(panel.buttons["take-second"], LEFT)
    twice.editor.select("B")
    press(twice, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    twice.editor.select("A")
    press(twice, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    twice.editor.select("S")
    settle(twice)
    QTest.mouseClick(panel.buttons["place-anew"], LEFT)
    place = twice.window.view.rect().center()
    QTest.mouseClick(twice.window.view, LEFT, pos=place)
    settle(twice)
    assert twice.window.view.tool == "select"
    decided = twice.editor.tracing
    assert decided["N"].truth.xy == compared.pair("N").second
    assert decided["B"].truth.xy == compared.pair("B").mean
    assert decided["A"].truth.xy == compared.pair("A").first
    assert decided["S"].truth is not None and decided["S"].human.by == "reader"
    words = {panel.table.item(r, 0).text(): panel.table.item(r, 3).text() for r in range(19)}
    assert (words["N"], words["B"], words["A"], words["S"]) == (
        "Ben", "mean", "first reading", "placed",
    )  # fmt: skip
    press(twice, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert twice.editor.tracing["S"].truth is None
    press(
        twice, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert (keeping.tracing(sha256), keeping.tracing(sha256, 1)) == before
    press(twice, Qt.Key.Key_F7)
    assert twice.editor.tracing == before[0]
    assert twice.window.tabs.indexOf(panel) < 0
    twice.window.close()
    again = make_desk()
    again.open(twice.films / "film-2.png")
    press(again, Qt.Key.Key_F7)
    assert again.editor.tracing == decided
    assert again.window.session.comparing.decision("N") == "Ben"


def test_comparing_goes_on_with_the_next_film(twice):
    press(twice, Qt.Key.Key_F7)
    twice.open(twice.films / "film-1.png")
    assert len(twice.window.session.comparing.compared.pairs) == 19
    asked = len(twice.engine.detections)
    twice.open(twice.films / "film-10.png")
    assert "have no point of this film in common" in twice.window.readers.panel.summary.text()
    assert len(twice.engine.detections) == asked
    assert twice.list_model.row_of(twice.films / "film-1.png").state is FilmState.DONE


def test_without_a_scale_there_are_distances_and_no_verdicts(twice):
    twice.window.session.scaling.use_file()
    twice.open(twice.films / "film-1.png")
    twice.open(twice.films / "film-2.png")
    press(twice, Qt.Key.Key_F7)
    panel = twice.window.readers.panel
    assert panel.table.horizontalHeaderItem(1).text() == "px apart"
    assert panel.table.item(0, 2).text() == ""
    assert "no trusted scale" in panel.hint.text()


def test_a_blind_reader_is_warned_before_comparing(once):
    read_as(once, "Ben")
    drag(once, "B", 0, 30)
    press(once, Qt.Key.Key_F7)
    assert not once.window.session.comparing.is_on
    assert "Comparing shows the points of the first reading" in once.window.notices.current.text
    QTest.mouseClick(once.window.notices.action, LEFT)
    settle(once)
    assert once.window.session.comparing.is_on
    press(once, Qt.Key.Key_F7)
    assert once.editor.author == "Ben"


def test_there_is_nothing_to_compare_with_one_reading(once):
    press(once, Qt.Key.Key_F7)
    assert "nothing to compare yet" in once.window.notices.current.text
    press(once, Qt.Key.Key_F8)
    assert "one reading so far" in once.window.notices.current.text


def test_exports_and_fine_tunes_take_the_first_reading_unless_told_otherwise(twice):
    session, book = twice.window.session, twice.window.actions_book

    def truth() -> set[float]:
        (record, tracing) = session.exporting._traced_films()[0]
        learnt = [f for f in session.finetuning._corrected_films() if f.sha256 == record.sha256]
        assert learnt[0].points["N"] == tracing["N"].truth.xy
        return tracing["N"].truth.xy

    first = truth()
    read_as(twice, "Ben")
    assert truth() == first
    book["data-other"].trigger()
    ben = truth()
    assert ben != first and book["data-other"].isChecked()
    assert "those of Ben" in twice.window.notices.current.text
    twice.open(twice.films / "film-1.png")
    press(twice, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    press(twice, Qt.Key.Key_F7)
    twice.editor.select("N")
    press(twice, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    book["data-decided"].trigger()
    assert truth() == pytest.approx(((first[0] + ben[0]) / 2, (first[1] + ben[1]) / 2))
    assert "Exports and fine-tunes take another reading" in twice.window.notices.current.text
    book["data-first"].trigger()
    assert truth() == first
    told = twice.window.notices.current
    assert told is None or "take another reading" not in told.text
    assert session.finetuning.material().told == " The points are the first reading's."


def test_the_agreement_is_shown_and_written(twice, tmp_path, monkeypatch):
    from cephview.ui.desks import readers_desk

    press(twice, Qt.Key.Key_F8)
    sheet = twice.window.readers.agreement_sheet
    assert sheet.isVisible()
    assert sheet.table.rowCount() == 20
    assert sheet.table.item(19, 0).text() == "all" and sheet.table.item(1, 1).text() == "2"
    assert "on 2 films" in sheet.said.text()
    sheet.table.selectRow(1)
    settle(twice)
    assert len(sheet._plot.dots.points()) == 2
    QTest.mouseClick(sheet.axes[1], LEFT)
    path = tmp_path / "agreement.csv"
    monkeypatch.setattr(readers_desk, "ask_target", lambda *_: path)
    QTest.mouseClick(sheet.export, LEFT)
    assert path.read_text(encoding="utf-8").count("\n") == 21
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    read_as(twice, "Ben")
    press(twice, Qt.Key.Key_F8)
    assert not sheet.isVisible()
    assert "opens from the first reading" in twice.window.notices.current.text
    press(twice, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    told = twice.window.notices.current
    assert told is None or "opens from the first reading" not in told.text


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_nothing_is_cut_while_comparing(twice, size):
    twice.window.resize(*size)
    press(twice, Qt.Key.Key_F7)
    panel = twice.window.readers.panel
    for widget in [*panel.findChildren(QLabel), *panel.buttons.values(), twice.window.films.head]:
        if widget.isVisible():
            high = (
                widget.heightForWidth(widget.width())
                if isinstance(widget, QLabel)
                else widget.sizeHint().height()
            )
            assert high <= widget.height(), widget.text()
            if not isinstance(widget, QLabel):
                assert widget.sizeHint().width() <= widget.width(), widget.text()


def test_a_word_that_waits_for_one_reading_is_not_offered_in_another(once, make_desk: Callable):
    first = once.editor.tracing

    def offers() -> list:
        return [n for n in once.window.notices._notices if n.topic == "overtaken"]

    read_as(once, "Ben")
    other = make_desk()
    other.open(once.films / "film-2.png")
    read_as(other, "Ben")
    other.editor.move("S", (50.0, 60.0))
    once.editor.move("S", (90.0, 95.0))
    assert "S is as left there" in offers()[0].text
    assert once.editor.tracing["S"].human.xy == (50.0, 60.0)
    once.window.actions_book["first-reading"].trigger()
    assert not offers()
    assert once.editor.tracing == first
    read_as(once, "Ben")
    (offer,) = offers()
    offer.on_action()
    assert once.editor.tracing["S"].human.xy == (90.0, 95.0)
    assert once.window.session.keeping.tracing(once.editor.film.sha256) == first

"""The window as a reader uses it: open, detect, correct, confirm, undo, restart."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel

from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.ui.panels.point_table import ROW_ROLE
from cephview.ui.rows.film_list_model import FilmState, Filter
from cephview.ui.workspace.keeping import KeepError

LEFT = Qt.MouseButton.LeftButton


def click(widget: QAbstractButton) -> None:
    assert widget.isEnabled() and widget.isVisible(), widget.text()
    QTest.mouseClick(widget, LEFT)


def table_words(desk, landmark: str) -> str:
    model = desk.window.points.model
    return model.index(model.row_of(landmark), 0).data(ROW_ROLE).words


def test_a_folder_opens_on_its_first_film_in_the_order_people_count(desk):
    desk.open(desk.films)
    assert [p.name for p in desk.list_model.paths()] == ["film-1.png", "film-2.png", "film-10.png"]
    assert desk.window.session.path.name == "film-1.png"
    assert desk.window.windowTitle().startswith("film-1.png")


def test_a_film_without_points_is_detected_by_itself_as_one_step(desk):
    desk.open(desk.films)
    path, sha256, model, passes = desk.engine.detections[-1]
    assert (path.name, model.name, passes) == ("film-1.png", "test-base", 1)
    assert sha256 == desk.editor.film.sha256
    assert desk.list_model.row_of(path).state is FilmState.DETECTING
    desk.answer()
    assert desk.list_model.row_of(path).state is FilmState.REVIEW
    assert all(point.state is State.MODEL for point in desk.editor.tracing)
    QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert all(point.state is State.MISSING for point in desk.editor.tracing)
    assert not desk.editor.can_undo
    QTest.keyClick(
        desk.window,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert all(point.state is State.MODEL for point in desk.editor.tracing)


def test_what_is_least_certain_comes_first_and_confirmed_points_go_down(desk):
    desk.open(desk.films)
    desk.answer()
    model = desk.window.points.model
    assert model.landmark_at(0) == desk.editor.landmarks.ids[-1]
    desk.editor.confirm(model.landmark_at(0))
    assert model.landmark_at(0) == desk.editor.landmarks.ids[-1], "a row jumped under the hand"
    desk.window.view.setFocus()
    QTest.keyClick(desk.window.view, Qt.Key.Key_Tab)
    assert model.landmark_at(0) == desk.editor.landmarks.ids[-2]
    assert model.landmark_at(18) == desk.editor.landmarks.ids[-1]


def test_the_answer_for_a_film_that_was_left_is_dropped(desk):
    desk.open(desk.films)
    first = desk.engine.last
    desk.open(desk.films / "film-2.png")
    assert first in desk.engine.gone
    assert desk.list_model.row_of(desk.films / "film-1.png").state is FilmState.NEW
    assert desk.list_model.row_of(desk.films / "film-2.png").state is FilmState.DETECTING
    desk.engine.detected.emit(first, None)
    assert all(point.state is State.MISSING for point in desk.editor.tracing)
    desk.answer()
    assert all(point.state is State.MODEL for point in desk.editor.tracing)


def test_the_card_confirms_reverts_and_marks_as_not_visible(desk):
    desk.open(desk.films)
    desk.answer()
    table = desk.window.points.table
    row = desk.window.points.model.row_of("Go")
    QTest.mouseClick(
        table.viewport(), LEFT, pos=table.visualRect(table.model().index(row, 2)).center()
    )
    assert desk.editor.selection == "Go"
    card = desk.window.points.card
    labels = {label.text() for label in card.findChildren(QLabel)}
    assert {"Go", "Gonion"} <= labels and any(text.startswith("±") for text in labels)
    click(card.confirm)
    assert desk.editor.tracing["Go"].state is State.CONFIRMED
    assert not card.confirm.isEnabled()
    click(card.revert)
    assert desk.editor.tracing["Go"].state is State.MODEL
    click(card.not_visible)
    assert table_words(desk, "Go") == "not visible"


def test_a_drag_on_the_film_moves_the_point_in_the_table(desk):
    desk.open(desk.films)
    desk.answer()
    view = desk.window.view
    at = view.viewport.to_screen(desk.editor.tracing["S"].best.xy)
    start, end = QPoint(round(at[0]), round(at[1])), QPoint(round(at[0]) + 30, round(at[1]) + 12)
    QTest.mousePress(view, LEFT, pos=start)
    for n in (1, 2, 3):
        QTest.mouseMove(view, start + (end - start) * n / 3)
        QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, pos=end)
    assert desk.editor.tracing["S"].state is State.MOVED
    assert table_words(desk, "S").startswith("moved")
    assert table_words(desk, "S").endswith("px")


def test_confirm_all_counts_what_is_left_and_finishes_the_film(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    button = desk.window.points.confirm_all
    assert button.text() == "Confirm the remaining 18"
    click(button)
    assert button.text() == "All points are checked" and not button.isEnabled()
    assert desk.list_model.row_of(desk.window.session.path).state is FilmState.DONE
    assert desk.window.status.progress.text() == "19 of 19 confirmed"
    desk.editor.undo()
    assert desk.editor.tracing["S"].state is State.CONFIRMED
    assert desk.editor.tracing["N"].state is State.MODEL


def test_filters_count_and_search_narrows(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    panel = desk.window.films
    assert panel._buttons[Filter.DONE].text() == "Done 1"
    assert panel._buttons[Filter.TO_REVIEW].text() == "To review 2"
    panel.choose(Filter.TO_REVIEW)
    # The open film stays in sight although it is done.
    assert panel.view.model().rowCount() == 3
    QTest.keyClicks(panel.search, "film-10")
    assert panel.view.model().rowCount() == 1


def test_the_list_opens_films_by_keyboard(desk):
    desk.open(desk.films)
    view = desk.window.films.view
    view.setFocus()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert desk.window.session.path.name == "film-2.png"
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        QTest.keyClick(desk.window, Qt.Key.Key_PageUp)
    assert desk.window.session.path.name == "film-1.png"


def test_the_last_wish_wins(desk):
    desk.open(desk.films)
    shown = []
    desk.editor.film_changed.connect(lambda film: shown.append(film.name))
    for name in ("film-2.png", "film-10.png", "film-2.png"):
        desk.window.session.open_film(desk.films / name)
    desk.qtbot.waitUntil(lambda: desk.window.session.path.name == "film-2.png", timeout=5000)
    desk.qtbot.wait(100)
    assert shown == ["film-2.png"]


@pytest.mark.parametrize("name", ["film-3.dcm", "notes.txt"])
def test_what_is_no_film_is_said_and_leaves_list_and_film_as_they_are(desk, name):
    desk.open(desk.films)
    film, bad = desk.editor.film, desk.films / name
    bad.write_text("hello")
    with desk.qtbot.waitSignal(desk.window.session.stayed, timeout=5000):
        desk.window.open_paths((bad,))
    notice = desk.window.notices.current
    assert name in notice.text and desk.window.notices.isVisible()
    assert desk.editor.film is film and desk.list_model.row_of(bad) is None
    assert desk.window.windowTitle().startswith("film-1.png")
    click(desk.window.notices.close_button)
    assert not desk.window.notices.isVisible()


def test_a_listed_film_that_broke_is_shown_as_such_in_its_place(desk):
    desk.open(desk.films)
    bad = desk.films / "film-2.png"
    bad.write_text("hello")
    with desk.qtbot.waitSignal(desk.window.session.stayed, timeout=5000):
        desk.window.open_paths((bad,))
    assert desk.list_model.row_of(bad).state is FilmState.UNREADABLE
    assert desk.editor.film is not None and desk.window.session.path.name == "film-1.png"
    with desk.qtbot.waitSignal(desk.window.session.film_shown, timeout=5000):
        desk.window.next_film()
    assert desk.editor.film is None
    assert desk.list_model.row_of(bad).sentence == desk.window.notices.current.text


def test_a_damaged_first_film_does_not_hide_the_others(desk):
    (desk.films / "a.dcm").write_bytes(b"")
    desk.open(desk.films)
    assert desk.list_model.row_of(desk.films / "a.dcm").state is FilmState.UNREADABLE
    assert desk.window.session.path.name == "film-1.png"


def test_dropping_a_folder_opens_it(desk):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(desk.films))])
    where = QPointF(300, 300)
    kind = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(where.toPoint(), *kind)
    desk.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    with desk.qtbot.waitSignal(desk.editor.film_changed, timeout=5000):
        desk.window.dropEvent(QDropEvent(where, *kind))
    assert desk.list_model.rowCount() == 3


def test_a_restart_brings_points_and_undo_back(make_desk: Callable, tmp_path: Path):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    desk.editor.move("S", (11.0, 12.0))
    desk.window.close()
    desk.window.session.keeping.close()
    again = make_desk()
    again.open(again.films)
    assert again.editor.tracing["S"].best.xy == (11.0, 12.0)
    assert not again.engine.detections
    again.editor.undo()
    assert again.editor.tracing["S"].state is State.MODEL
    row = again.list_model.row_of(again.films / "film-1.png")
    assert (row.state, row.total) == (FilmState.REVIEW, 19)


def test_an_unverified_scale_gives_millimetres_only_after_it_is_accepted(make_desk: Callable):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    status = desk.window.status
    assert status.scale.text() == "no scale: lengths in pixels"
    film = desk.editor.film
    desk.editor.set_pixel_size(PixelSize(1.4, 1.4, Provenance.UNVERIFIED))
    assert "unverified" in status.scale.text()
    view, at = desk.window.view, QPoint(400, 300)
    QTest.mouseMove(view, at)
    assert status.millimetres.text() == ""
    click(status.accept_scale)
    assert status.scale.text() == "1.400 mm/px · declared"
    assert not status.accept_scale.isVisible()
    QTest.mouseMove(view, at)
    desk.process()
    x, y = view.viewport.to_film((at.x(), at.y()))
    assert status.millimetres.text() == f"{x * 1.4:.1f} mm, {y * 1.4:.1f} mm"
    assert desk.window.session.keeping.pixel_size(film).provenance is Provenance.DECLARED


def test_without_a_workspace_the_window_says_not_saved_and_does_not_close_by_itself(
    make_desk: Callable, tmp_path: Path
):
    (tmp_path / "file").write_text("in the way")
    desk = make_desk(str(tmp_path / "file" / "ws"))
    assert "Nothing is saved" in desk.window.notices.current.text
    desk.open(desk.films)
    desk.answer()
    assert desk.window.status.saved.text() == "NOT SAVED"
    desk.window.close()
    assert desk.window.isVisible()
    click(desk.window.notices.action)
    assert not desk.window.isVisible()


def test_a_step_that_cannot_be_saved_is_said_and_tried_again(desk, monkeypatch):
    desk.open(desk.films)
    desk.answer()
    keeping = desk.window.session.keeping

    def full(*_):
        raise KeepError("The disk is full: this change is not saved; make room.")

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_commit", full)
        desk.editor.confirm("S")
        assert desk.window.status.saved.text() == "NOT SAVED"
        assert desk.window.notices.current.text.startswith("The disk is full")
    click(desk.window.notices.action)
    assert desk.window.status.saved.text() == "saved"
    assert desk.window.notices.current is None
    known = keeping.history(
        desk.editor.film.sha256, Tracing.empty("isbi19", desk.editor.landmarks.ids)
    )
    assert known.present["S"].state is State.CONFIRMED


def test_detection_can_be_stopped_and_repeated(desk):
    desk.open(desk.films)
    first = desk.engine.last
    assert desk.window.bar.detect.text() == "Stop"
    click(desk.window.bar.detect)
    assert first in desk.engine.gone and desk.window.bar.detect.text() == "Detect"
    click(desk.window.bar.detect)
    assert desk.engine.last == first + 1
    desk.engine.failed.emit(desk.engine.last, "The film could not be read by the engine.")
    assert desk.window.notices.current.text.startswith("The film could not")
    click(desk.window.notices.action)
    assert desk.engine.last == first + 2
    desk.answer(note="The graphics card was out of memory; the processor was used.")
    assert "graphics card" in desk.window.notices.current.text
    assert "0.6 s" in desk.window.bar.pill.text()


def test_an_engine_that_gave_up_can_be_started_again(desk):
    desk.engine.become("failed")
    desk.engine.notice.emit("The engine keeps stopping.")
    assert "engine stopped" in desk.window.bar.pill.text()
    click(desk.window.notices.action)
    assert desk.engine.retries == 1


def test_an_engine_that_gave_up_is_started_again_by_who_asks_for_points(desk):
    desk.open(desk.films)
    desk.engine.failed.emit(desk.engine.last, "The engine keeps stopping.")
    desk.engine.become("failed")
    desk.engine.notice.emit("The engine keeps stopping.")
    desk.window.notices.dismiss()
    desk.window.notices.dismiss()
    click(desk.window.bar.detect)
    assert desk.engine.retries == 1
    desk.window.session.detecting.detect(is_asked=False)
    assert desk.engine.retries == 1


def test_place_puts_points_by_hand(desk):
    desk.open(desk.films)
    click(desk.window.bar.detect)
    QTest.keyClick(desk.window, Qt.Key.Key_P)
    assert desk.window.view.tool == "place"
    at = desk.window.view.viewport.to_screen((100.0, 120.0))
    QTest.mouseClick(desk.window.view, LEFT, pos=QPoint(round(at[0]), round(at[1])))
    placed = [point for point in desk.editor.tracing if point.state is State.MOVED]
    assert [point.landmark for point in placed] == ["S"]
    assert table_words(desk, "S") == "placed"


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1000, 640)])
@pytest.mark.parametrize("is_full", [False, True])
def test_nothing_is_cut_off(make_desk: Callable, size: tuple[int, int], is_full: bool):
    desk = make_desk(size=size)
    if is_full:
        desk.open(desk.films)
        desk.answer()
        desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.MAGNIFICATION_CORRECTED))
        desk.window.status.show_cursor((1812.4, 1804.0, 65535), desk.editor.pixel_size)
        desk.editor.move("Pog'", (100.0, 100.0))
        desk.editor.select("Pog'")
    desk.process()
    assert (desk.window.width(), desk.window.height()) == size
    for tab in (0, 1):
        desk.window.tabs.setCurrentIndex(tab)
        desk.process()
        cut = [
            (type(widget).__name__, widget.text() if hasattr(widget, "text") else "")
            for kind in (QLabel, QAbstractButton, QComboBox)
            for widget in desk.window.findChildren(kind)
            if widget.isVisible() and is_cut(widget)
        ]
        assert not cut


def is_cut(widget) -> bool:
    hint = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height()
    return hint.width() > widget.width() or hint.height() > widget.height()


def test_f1_shows_every_key_and_any_key_hides_them(desk):
    QTest.keyClick(desk.window, Qt.Key.Key_F1)
    sheet = desk.window.keys.sheet
    assert sheet.isVisible()
    assert any(label.text() == "Ctrl+Z" for label in sheet.findChildren(QLabel))
    QTest.keyClick(sheet, Qt.Key.Key_A)
    assert not sheet.isVisible()


def test_panels_fold_away(desk):
    QTest.keyClick(desk.window, Qt.Key.Key_F9)
    QTest.keyClick(desk.window, Qt.Key.Key_F10)
    assert not desk.window.films.isVisible() and not desk.window.tabs.isVisible()
    QTest.keyClick(desk.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.films.isVisible() and desk.window.films.search.hasFocus()


def test_panels_and_size_are_as_they_were_left(make_desk: Callable):
    desk = make_desk(size=(1300, 800))
    desk.window.show_left(False)
    state, geometry = desk.window.state_text(), desk.window.geometry_text()
    again = make_desk(size=(1440, 900), window_state=state)
    assert again.window.films.isHidden() and again.window.tabs.isVisible()
    assert not again.window.actions_book["toggle-left"].isChecked()
    assert geometry


def test_points_can_be_acted_on_from_the_table_menu(desk):
    desk.open(desk.films)
    desk.answer()
    names = [action.objectName() for action in desk.window.points.table.actions()]
    assert names == ["confirm", "unsure", "not-visible", "revert", "lock", "zoom-to"]
    assert not desk.window.actions_book["confirm"].isEnabled()
    desk.editor.select("N")
    desk.window.actions_book["confirm"].trigger()
    assert desk.editor.tracing["N"].state is State.CONFIRMED
    assert not desk.window.actions_book["confirm"].isEnabled()
    desk.window.view.zoom_by(0.3)
    zoom = desk.window.view.zoom
    desk.window.actions_book["zoom-to"].trigger()
    assert desk.window.view.zoom > zoom


def test_a_scale_that_cannot_be_right_is_doubted(desk):
    desk.open(desk.films)
    desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.DECLARED))
    desk.answer()
    assert desk.window.notices.current.text.startswith("Sella to nasion measures 4 mm")
    desk.editor.set_pixel_size(PixelSize(1.4, 1.4, Provenance.RULER))
    assert desk.window.notices.current is None
    desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.DECLARED))
    desk.editor.move("N", (260.0, 390.0))
    desk.editor.move("S", (10.0, 10.0))
    assert desk.window.notices.current is not None
    desk.open(desk.films / "film-2.png")
    assert desk.window.notices.current is None


def test_a_scale_that_cannot_be_right_is_accepted_only_when_asked_again(desk):
    desk.open(desk.films)
    desk.answer()
    status, notices = desk.window.status, desk.window.notices
    desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.UNVERIFIED))
    click(status.accept_scale)
    assert not desk.editor.pixel_size.is_trusted
    assert "Sella to nasion measures 4 mm" in notices.current.text
    desk.open(desk.films / "film-2.png")
    assert notices.current is None
    desk.open(desk.films / "film-1.png")
    desk.editor.set_pixel_size(PixelSize(0.1, 0.1, Provenance.UNVERIFIED))
    click(status.accept_scale)
    assert notices.current.action == "Accept anyway"
    click(notices.action)
    assert desk.editor.pixel_size.provenance is Provenance.DECLARED
    assert "Sella to nasion measures 4 mm" in notices.current.text
    table = desk.window.points.model
    rows = [table.index(n, 0).data(ROW_ROLE) for n in range(table.rowCount())]
    # From 2 px on: half a percent of a film of 400 px.
    assert [row.landmark for row in rows if not row.is_high] == ["S"]


def test_letters_typed_into_the_search_are_no_shortcuts(desk):
    desk.open(desk.films)
    desk.window.films.search.setFocus()
    QTest.keyClicks(desk.window.films.search, "pvz")
    assert desk.window.films.search.text() == "pvz"
    assert desk.window.view.tool == "select"


def test_a_running_fine_tune_is_not_ended_by_a_slip(desk):
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm_all()
    desk.window.session.finetuning.start()
    desk.window.close()
    assert desk.window.isVisible()
    click(desk.window.notices.action)
    assert not desk.window.isVisible()


def test_a_model_that_is_not_there_is_not_silently_replaced(make_desk: Callable, tmp_path: Path):
    first = make_desk()
    first.window.session.keeping.set_active_model(str(tmp_path / "gone"))
    first.window.close()
    first.window.session.keeping.close()
    again = make_desk()
    assert again.window.session.models.active is None
    assert "gone" in again.window.notices.current.text
    again.open(again.films)
    assert not again.engine.detections and again.window.bar.pill.text() == "no model"


def test_the_research_line_is_always_there(desk):
    assert desk.window.status.research.text() == "Research use only. Not a medical device."
    assert desk.window.status.research.isVisible()


def test_large_system_text_gives_rows_and_panels_the_room_it_needs(
    make_desk: Callable, qapp, monkeypatch
):
    from cephview.ui.look import theme as look

    usual = make_desk()
    usual.open(usual.films)
    rows = usual.window.points.table.rowHeight(0), usual.window.films.view.sizeHintForRow(0)
    try:
        monkeypatch.setattr(look, "font_scale", lambda: 1.5)
        look.apply_theme(qapp, look.DARK)
        desk = make_desk(size=(1900, 1000))
        desk.open(desk.films)
        desk.process()
        table, films = desk.window.points.table, desk.window.films
        assert (table.rowHeight(0), films.view.sizeHintForRow(0)) == (39, 114)
        assert rows == (26, 76)
        assert films.width() == 372 and desk.window.tabs.width() == 504
        assert table.rowHeight(0) >= table.fontMetrics().height()
        header = table.horizontalHeader()
        assert header.height() >= header.fontMetrics().height()
        desk.answer()
        desk.editor.select("Pog'")
        desk.process()
        cut = [
            widget.text()
            for kind in (QLabel, QAbstractButton)
            for widget in desk.window.findChildren(kind)
            if widget.isVisible() and is_cut(widget)
        ]
        assert not cut
    finally:
        monkeypatch.undo()
        look.apply_theme(qapp, look.DARK)

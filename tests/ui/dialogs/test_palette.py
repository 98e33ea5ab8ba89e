"""The palette, the sheet of keys and the keys themselves, by a user's own keys."""

import re

import pytest
from PySide6.QtCore import QMarginsF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter
from PySide6.QtTest import QTest

from cephview import app
from cephview.core.tracing import State
from cephview.settings import Settings, load_settings
from cephview.ui.actions.synonyms import SYNONYMS
from cephview.ui.actions.table import ACTIONS
from cephview.ui.dialogs.key_print import paint_keys
from cephview.ui.dialogs.palette import Row, matching

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(desk):
    """Return a desk with a film, its points, and the palette open."""
    desk.open(desk.films)
    desk.answer()
    QTest.keyClick(desk.window.view, Key.Key_K, CTRL)
    assert desk.window.keys.palette.isVisible()
    return desk


def press(desk, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(desk.window.focusWidget(), key, modifiers)


def find(desk, text):
    QTest.keyClicks(desk.window.keys.palette.field, text)


def hint(desk):
    return desk.window.keys.palette.hint.text()


def titles(desk):
    model = desk.window.keys.palette.model
    return [model.item(n).text() for n in range(model.rowCount())]


def test_every_action_is_found_and_done(opened):
    assert len(titles(opened)) == len(ACTIONS)
    find(opened, "1:1")
    assert titles(opened) == ["1:1"]
    press(opened, Key.Key_Return)
    assert opened.window.view.zoom == pytest.approx(1.0)
    assert not opened.window.keys.palette.isVisible()
    assert opened.window.view.hasFocus()


def test_it_is_searched_by_words_of_title_tip_section_and_key(opened):
    find(opened, "clockwise")
    assert titles(opened) == ["Turn right"]


def test_nothing_found_is_said(opened):
    palette = opened.window.keys.palette
    find(opened, "zebra")
    assert titles(opened) == [] and palette.nothing.isVisible() and not palette.list.isVisible()
    assert "zebra" in palette.nothing.text()
    press(opened, Key.Key_Return)
    press(opened, Key.Key_F2)
    assert palette.isVisible()
    palette.field.clear()
    assert palette.list.isVisible() and len(titles(opened)) == len(ACTIONS)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("two passes", "two-passes"),
        ("twice", "two-passes"),
        ("rotate", "turn-left"),
        ("flip", "mirror"),
        ("calibrate", "ruler"),
        ("brightness", "auto-window"),
        ("magnifier", "loupe-stronger"),
        ("x-ray", "open-film"),
        ("excel", "export-csv"),
        ("accept", "confirm"),
        ("train", "learn"),
        ("dark theme", "theme-dark"),
        ("shortcut", "palette"),
        ("backup", "restore"),
        ("dahlberg", "agreement"),
        ("exit", "quit"),
    ],
)
def test_the_words_of_clinicians_find_actions(words, wanted):
    rows = tuple(Row(entry, "", True) for entry in ACTIONS)
    assert wanted in [row.entry.id for row in matching(rows, words)]


def test_every_setting_is_found_under_settings():
    rows = tuple(Row(entry, "", True) for entry in ACTIONS)
    found = {row.entry.id for row in matching(rows, "settings")}
    checkable = {entry.id for entry in ACTIONS if entry.is_checkable}
    tools_and_data = {"select", "ruler", "place", "invert", "local-contrast", "sharpen"}
    by_state = {"full-screen"} | {i for i in checkable if i.startswith(("order-", "data-"))}
    assert checkable - tools_and_data - by_state <= found
    assert {"palette", "loupe-stronger"} <= found


def test_synonyms_are_of_actions_that_exist():
    assert set(SYNONYMS) <= {entry.id for entry in ACTIONS}


def test_what_begins_so_comes_first_and_what_cannot_be_done_last():
    rows = tuple(Row(entry, "", entry.id != "redo") for entry in ACTIONS)
    assert matching(rows, "fi")[0].entry.title.startswith("Fi")
    assert matching(rows, "zoom in")[0].entry.id == "zoom-in"
    assert [row.entry.id for row in matching(rows, "undo redo")] == []
    back = [row.is_enabled for row in matching(rows, "do")]
    assert back.index(False) > 0


def test_what_cannot_be_done_says_so_and_stays_open(opened):
    find(opened, "as on file")
    press(opened, Key.Key_Return)
    assert hint(opened) == "As on file cannot be done now: nothing is turned."
    assert opened.window.keys.palette.isVisible()


def test_keys_of_the_window_mean_nothing_meanwhile(opened):
    before = opened.editor.tracing
    press(opened, Key.Key_M, CTRL)
    press(opened, Key.Key_V)
    assert opened.editor.tracing == before
    press(opened, Key.Key_K, CTRL)
    assert not opened.window.keys.palette.isVisible(), "its own key closes it"
    QTest.keyClick(opened.window.view, Key.Key_M, CTRL)
    assert opened.editor.tracing.turn.mirrored


def test_arrows_choose_and_escape_gives_up(opened):
    view = opened.window.keys.palette.list
    press(opened, Key.Key_Down)
    press(opened, Key.Key_Down)
    press(opened, Key.Key_Up)
    assert view.currentIndex().row() == 1
    press(opened, Key.Key_Escape)
    assert not opened.window.keys.palette.isVisible() and opened.window.view.hasFocus()


def test_a_key_is_changed_and_works_at_once(opened):
    find(opened, "1:1")
    press(opened, Key.Key_F2)
    press(opened, Key.Key_Control, CTRL)
    press(opened, Key.Key_9, CTRL)
    assert hint(opened) == "1:1: Ctrl+9"
    press(opened, Key.Key_Escape)
    view = opened.window.view
    QTest.keyClick(view, Key.Key_1, CTRL)
    assert view.zoom != pytest.approx(1.0), "the old key is free"
    QTest.keyClick(view, Key.Key_9, CTRL)
    assert view.zoom == pytest.approx(1.0)
    assert "(Ctrl+9)" in opened.window.actions_book["one-to-one"].toolTip()


def test_a_key_that_is_taken_is_refused_in_one_sentence(opened):
    find(opened, "1:1")
    press(opened, Key.Key_F2)
    press(opened, Key.Key_0, CTRL)
    assert hint(opened) == "Ctrl+0 is the key of Fit; choose another one for 1:1."
    press(opened, Key.Key_Left, CTRL)
    assert "a key of the film itself" in hint(opened)
    press(opened, Key.Key_Backspace)
    assert hint(opened) == "1:1: Ctrl+1"


def test_a_key_can_be_taken_away_and_given_back(opened):
    find(opened, "invert")
    press(opened, Key.Key_F2)
    press(opened, Key.Key_Delete)
    assert hint(opened) == "Invert has no key now"
    assert opened.window.habits()["keys"] == "invert:"
    press(opened, Key.Key_F2)
    press(opened, Key.Key_Backspace)
    assert hint(opened) == "Invert: Ctrl+I"
    assert opened.window.habits()["keys"] == ""


def test_changed_keys_come_back_with_the_settings(opened, make_desk, tmp_path, monkeypatch):
    path, save = tmp_path / "settings.toml", app.save_settings
    monkeypatch.setattr(app, "save_settings", lambda settings: save(settings, path))
    opened.window.actions_book.set_key("fit", "Alt+F")
    app.Memory(opened.window, Settings(author="reader")).close()
    kept = load_settings(path)
    assert (kept.keys, kept.notice) == ("fit:Alt+F", "")
    again = make_desk(keys=kept.keys)
    again.open(again.films)
    again.window.view.one_to_one()
    QTest.keyClick(again.window.view, Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert again.window.view.zoom != pytest.approx(1.0)


def test_keys_that_cannot_be_used_are_told(make_desk):
    desk = make_desk(keys="fit:Ctrl+1 gone:Ctrl+9")
    notice = desk.window.notices.current
    assert notice is not None
    assert notice.text == "These keys of yours could not be used: gone:Ctrl+9, fit:Ctrl+1."


def test_the_sheet_shows_the_keys_as_they_are(opened):
    press(opened, Key.Key_Escape)
    opened.window.actions_book.set_key("fit", "Alt+F")
    QTest.keyClick(opened.window.view, Key.Key_F1)
    sheet = opened.window.keys.sheet
    assert sheet.isVisible()
    assert ("Alt+F", "Fit") in opened.window.actions_book.sheet()["View"]
    QTest.keyClick(sheet, Key.Key_Control, CTRL)
    assert sheet.isVisible(), "or Ctrl+P would close what it prints"
    QTest.keyClick(sheet, Key.Key_A)
    assert not sheet.isVisible() and opened.window.view.hasFocus()


def test_the_sheet_fits_the_smallest_laptop(make_desk):
    desk = make_desk(size=(1280, 720))
    desk.open(desk.films)
    QTest.keyClick(desk.window.view, Key.Key_F1)
    desk.process()
    sheet = desk.window.keys.sheet
    needed = sheet.card.sizeHint()
    assert needed.width() <= sheet.width() and needed.height() <= sheet.height()


def test_printing_asks_for_a_printer_and_gets_every_key(opened, tmp_path):
    asked = []
    opened.window.keys._ask_printer = lambda _parent, sheet: asked.append(sheet)
    press(opened, Key.Key_Escape)
    QTest.keyClick(opened.window.view, Key.Key_P, CTRL)
    assert asked == [opened.window.actions_book.sheet()]
    path = tmp_path / "keys.pdf"
    writer = QPdfWriter(str(path))
    margins = QMarginsF(15, 15, 15, 15)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins)
    )
    pages = paint_keys(writer, asked[0])
    assert pages == 1
    assert len(re.findall(rb"/Type\s*/Page\b", path.read_bytes())) == pages


def test_the_keys_of_the_film_are_actions_too(opened):
    press(opened, Key.Key_Escape)
    view, book, editor = opened.window.view, opened.window.actions_book, opened.editor
    QTest.keyClick(view, Key.Key_Tab)
    first = editor.selection
    book["next-point"].trigger()
    assert editor.selection not in ("", first)
    book["previous-point"].trigger()
    assert editor.selection == first
    book["confirm-next"].trigger()
    assert editor.tracing[first].state is State.CONFIRMED and editor.selection != first
    zoom = view.zoom
    QTest.keyClick(view, Key.Key_Equal, CTRL)
    assert view.zoom == pytest.approx(1.25 * zoom)
    QTest.keyClick(view, Key.Key_Minus, CTRL)
    assert view.zoom == pytest.approx(zoom)


def test_the_menus_wait_while_something_covers_the_page(desk):
    menus = desk.window.menu_bar
    desk.window.keys.search()
    assert not menus.isEnabled()
    desk.window.keys.show_sheet()
    assert not menus.isEnabled()
    desk.window.keys.sheet.put_away()
    assert menus.isEnabled()

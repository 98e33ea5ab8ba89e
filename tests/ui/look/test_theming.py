"""Another theme while the window is open: every part follows, and it is there at the next start."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from cephview.core.learning import TrainingProgress
from cephview.settings import Settings, load_settings, save_settings
from cephview.ui.look import theme as look
from cephview.ui.look import theming
from cephview.ui.look.theme import DARK, LIGHT, apply_theme
from cephview.ui.look.theming import theme_of
from cephview.ui.notice import Kind, Notice


@pytest.fixture(autouse=True)
def dark_afterwards(qapp):
    yield
    apply_theme(qapp, DARK)


def grabbed(desk) -> np.ndarray:
    for _ in range(5):
        QApplication.processEvents()
    image = desk.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[..., :3].astype(np.int16)


def at_work(desk):
    """Bring a window to where much is seen: points, a notice, a model that learns."""
    desk.open(desk.films)
    desk.qtbot.waitUntil(lambda: not desk.window.session.folder.has_open_questions(), timeout=9000)
    small = desk.list_model._thumbnails
    desk.qtbot.waitUntil(lambda: small and all(small.values()), timeout=9000)
    desk.answer()
    # The next film would be detected ahead at one time or another.
    desk.window.session.behind.stop()
    desk.editor.confirm("S")
    desk.editor.select("N")
    desk.window.notices.post(Notice("It lies wrong.", Kind.ATTENTION, "test", "Turn it"))
    desk.window.session.finetuning._request = 99
    for step in range(1, 5):
        told = TrainingProgress(step, 10, 1 / step, 1.2 / step, 40.0, unit="mm")
        desk.engine.trained.emit(99, told)
    desk.window.view.setFocus()
    return desk


@pytest.mark.parametrize("panel", ["points", "model"])
def test_a_window_that_changes_its_theme_looks_as_one_born_in_it(make_desk, qapp, tmp_path, panel):
    changed = at_work(make_desk())
    changed.window.tabs.setCurrentWidget(getattr(changed.window, panel))
    # Made before the change, and to follow it.
    for name in ("palette", "cheat-sheet"):
        changed.window.actions_book[name].trigger()
    changed.window.keys.sheet.put_away()
    changed.window.actions_book["theme-light"].trigger()
    changed.window.view.setFocus()
    one = grabbed(changed)
    changed.window.hide()
    apply_theme(qapp, LIGHT)
    born = at_work(make_desk(str(tmp_path / "other"), theme=LIGHT))
    born.window.tabs.setCurrentWidget(getattr(born.window, panel))
    born.window.view.setFocus()
    two = grabbed(born)
    differs = (np.abs(one - two).max(axis=2) > 8).mean()
    assert differs < 0.0005
    assert two[5, 5].min() > 200, "the top bar is bright"
    for desk in (changed, born):
        desk.window.session.finetuning._request = 0


def test_the_palette_and_the_sheet_follow_as_well(desk):
    book, keys = desk.window.actions_book, desk.window.keys
    book["palette"].trigger()
    dark = desk.window.grab().toImage().pixelColor(keys.palette.card.geometry().center())
    keys.palette.put_away()
    book["theme-light"].trigger()
    book["palette"].trigger()
    light = desk.window.grab().toImage().pixelColor(keys.palette.card.geometry().center())
    assert dark.lightness() < 80 < 180 < light.lightness()


def test_larger_letters_find_the_sheet_of_keys_open(desk, monkeypatch, qapp):
    desk.window.actions_book["cheat-sheet"].trigger()
    for scale in (16 / 13, 1.0):
        monkeypatch.setattr(look, "font_scale", lambda scale=scale: scale)
        # A sheet that made itself anew meanwhile ended the program.
        apply_theme(qapp, DARK)
    assert desk.window.keys.sheet.isVisible()


def test_the_choice_is_kept_for_the_next_start(make_desk, tmp_path):
    desk = make_desk()
    path = tmp_path / "settings.toml"
    desk.window.actions_book["theme-system"].trigger()
    save_settings(replace(Settings(author="r"), **desk.window.habits()), path)
    assert load_settings(path).theme == "system"
    assert desk.window.actions_book["theme-system"].isChecked()
    assert not desk.window.actions_book["theme-dark"].isChecked()


def test_a_theme_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="dark, light, system"):
        Settings(author="r", theme="sepia")


def test_the_theme_of_the_system_is_that_of_the_desktop_now_and_later(desk, monkeypatch):
    scheme = [Qt.ColorScheme.Light]

    class Hints:
        def colorScheme(self):
            return scheme[0]

    desktop = SimpleNamespace(styleHints=Hints)
    monkeypatch.setattr(theming, "QGuiApplication", desktop)
    assert theme_of("system") is LIGHT
    assert theme_of("dark") is DARK
    worn = desk.window.theming
    worn.use_system()
    assert desk.window.view._theme is LIGHT
    scheme[0] = Qt.ColorScheme.Unknown
    worn._desktop_changed(scheme[0])
    assert desk.window.view._theme is DARK
    worn.use_light()
    worn._desktop_changed(scheme[0])
    assert desk.window.view._theme is LIGHT


def test_a_window_leaves_no_part_behind(make_desk, qapp):
    before = set(map(id, qapp.allWidgets()))
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    desk.window.close()
    desk.window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not [type(widget) for widget in qapp.allWidgets() if id(widget) not in before]

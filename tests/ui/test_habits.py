"""What a reader is used to comes back: known hints, hidden layers, when to detect."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cephview import app
from cephview.core.tracing import State
from cephview.settings import Settings, load_settings
from cephview.ui.canvas.overlay import SWITCHES


def test_used_hints_do_not_come_back(make_desk: Callable):
    desk = make_desk()
    desk.open(desk.films)
    desk.answer()
    view = desk.window.view
    assert view._overlays.hints.isVisible()
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Left):
        QTest.keyClick(view, key)
    habits = desk.window.habits()
    assert habits["hints_used"] == "confirm next nudge"
    again = make_desk(hints_used="confirm next nudge put-back")
    again.open(again.films)
    assert not again.window.view._overlays.hints.isVisible()
    assert again.window.habits()["hints_used"] == "confirm next nudge put-back"


@pytest.mark.parametrize(("number", "layer"), [(n, s[0]) for n, s in enumerate(SWITCHES, 1)])
def test_each_layer_has_a_key(desk, number, layer):
    desk.open(desk.films)
    view, action = desk.window.view, desk.window.actions_book[f"layer-{layer}"]
    # Outlines lie on the very edges one is to judge, so they come when asked for.
    assert action.isChecked() == (layer != "outlines")
    view.set_layer_visible(layer, True)
    assert action.isChecked()
    QTest.keyClicks(view, str(number))
    assert layer not in view.layers and not action.isChecked()
    assert not view._overlays.switches._buttons[layer].isChecked()
    QTest.mouseClick(view._overlays.switches._buttons[layer], Qt.MouseButton.LeftButton)
    assert layer in view.layers and action.isChecked()


def test_hidden_layers_stay_hidden(make_desk: Callable):
    desk = make_desk(hidden_layers="names planes")
    desk.open(desk.films)
    assert desk.window.view.layers == {"coarse", "refined", "human", "uncertainty", "outlines"}
    assert not desk.window.actions_book["layer-names"].isChecked()
    assert desk.window.habits()["hidden_layers"] == "names planes"


def test_digits_typed_as_a_length_are_no_layers(desk):
    desk.open(desk.films)
    desk.window.films.search.setFocus()
    QTest.keyClicks(desk.window.films.search, "123")
    assert len(desk.window.view.layers) == len(SWITCHES) - 1


def test_detecting_on_opening_can_be_switched_off_and_on(make_desk: Callable):
    desk = make_desk(detect_on_open=False)
    desk.open(desk.films)
    assert not desk.engine.detections
    assert all(point.state is State.MISSING for point in desk.editor.tracing)
    assert desk.window.bar.detect.text() == "Detect"
    desk.window.actions_book["detect-on-open"].trigger()
    desk.open(desk.films / "film-2.png")
    assert len(desk.engine.detections) == 1
    assert desk.window.habits()["detect_on_open"] is True


def test_habits_are_settings(desk, tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    save = app.save_settings
    monkeypatch.setattr(app, "save_settings", lambda settings: save(settings, path))
    desk.open(desk.films)
    QTest.keyClicks(desk.window.view, "4")
    desk.window.actions_book["detect-on-open"].trigger()
    app.Memory(desk.window, Settings(author="reader")).close()
    kept = load_settings(path)
    assert (kept.hidden_layers, kept.detect_on_open, kept.notice) == ("names outlines", False, "")


def test_settings_are_written_when_they_change_and_not_only_at_the_end(
    desk, tmp_path, monkeypatch, qtbot
):
    path, written = tmp_path / "settings.toml", []
    save = app.save_settings
    monkeypatch.setattr(app, "save_settings", lambda now: (written.append(now), save(now, path)))
    monkeypatch.setattr(app, "_LOOK_MS", 20)
    desk.open(desk.films)
    memory = app.Memory(desk.window, Settings(author="reader"))
    qtbot.waitUntil(path.is_file, timeout=5000)
    assert load_settings(path).last_folder == str(desk.films)
    desk.window.session.detecting.passes = 2
    qtbot.waitUntil(lambda: load_settings(path).passes == 2, timeout=5000)
    qtbot.wait(120)
    assert [now.passes for now in written] == [1, 2]
    memory.close()
    assert len(written) == 2


def test_a_window_that_is_being_resized_writes_once_it_rests(desk, monkeypatch):
    written = []
    monkeypatch.setattr(app, "save_settings", written.append)
    desk.open(desk.films)
    memory = app.Memory(desk.window, Settings(author="reader"))
    for width in (1300, 1310, 1320):
        desk.window.resize(width, 800)
        memory.look()
    assert not written
    memory.look()
    assert len(written) == 1


def test_the_loupe_and_the_closer_look_are_remembered(make_desk: Callable):
    desk = make_desk(loupe=6.0, follows_placing=True)
    desk.open(desk.films)
    assert desk.window.view.loupe_factor == 6 and desk.window.view.placing.is_following
    assert desk.window.actions_book["follow"].isChecked()
    desk.window.actions_book["loupe-stronger"].trigger()
    desk.window.actions_book["follow"].trigger()
    habits = desk.window.habits()
    assert (habits["loupe"], habits["follows_placing"]) == (8.0, False)


def test_the_list_is_as_wide_as_it_was_dragged(make_desk):
    desk = make_desk()
    window = desk.window
    before = window.films.width()
    assert "list=" not in window.state_text()
    window.panes.setSizes([before + 90, 700, 336])
    desk.process()
    assert window.films.width() == before + 90
    again = make_desk(window_state=window.state_text())
    again.process()
    assert again.window.films.width() == before + 90
    again.window.resize(again.window.width() - 150, again.window.height())
    again.process()
    assert again.window.films.width() == before + 90

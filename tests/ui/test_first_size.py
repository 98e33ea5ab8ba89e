"""The window's first size fits the screen it is on."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect, QSize

from cephview import app
from cephview.settings import Settings
from cephview.ui.look.theme import DARK
from cephview.ui.main_window import MainWindow


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        ((1920, 1080), QSize(1440, 900)),
        ((1280, 720), QSize(1272, 680)),
        ((1366, 740), QSize(1358, 700)),
        ((1024, 600), QSize(1016, 560)),
    ],
)
def test_the_first_window_is_no_larger_than_the_screen(
    qtbot, tmp_path, model_dirs, monkeypatch, make_engine, screen, size
):
    room = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, *screen))
    monkeypatch.setattr(MainWindow, "screen", lambda _self: room)
    services = app.make_services(Settings(author="r"), str(tmp_path), "", make_engine())
    window = app.make_window(services, DARK)
    qtbot.addWidget(window)
    assert window.size() == size
    window.session.keeping.close()

"""The picture of the demo shows the window as a reader would see it."""

from PySide6.QtWidgets import QApplication, QLabel

from cephview import app
from cephview.core.detection import Detection
from cephview.ui.main_window import MainWindow


def test_the_chosen_point_is_laid_out_before_the_picture_is_taken(desk, tmp_path, monkeypatch):
    desk.open(desk.films)
    desk.answer()
    desk.process()
    grab, cut, ended = MainWindow.grab, [], []

    def look(window):
        labels = window.points.findChildren(QLabel)
        cut.extend(
            label.text()
            for label in labels
            if label.isVisible() and label.width() < label.minimumSizeHint().width()
        )
        return grab(window)

    monkeypatch.setattr(MainWindow, "grab", look)
    monkeypatch.setattr(QApplication, "exit", ended.append)
    found = Detection((), "m" * 64, "test-base", 1, "cpu", 0.6)
    app._write_demo(desk.window, found, tmp_path / "out")
    desk.qtbot.waitUntil(lambda: bool(ended), timeout=5000)
    assert (ended, cut) == ([0], [])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"overlay.png", "points.csv"}

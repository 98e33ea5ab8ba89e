"""No part keeps the drawing of the toolkit where the window has its own."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton

from cephview.ui.dialogs.files import dress
from cephview.ui.look.icons import SIZE_PX, icon
from cephview.ui.look.theme import DARK


def test_the_buttons_of_a_file_dialog_can_be_read(qtbot, desk):
    dialog = QFileDialog(desk.window, "Export", str(desk.films))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dress(dialog, DARK)
    dialog.show()
    desk.process()
    shown = [b for b in dialog.findChildren(QToolButton) if b.isVisible() and b.objectName()]
    names = {button.objectName() for button in shown}
    assert {"backButton", "forwardButton", "toParentButton", "newFolderButton"} <= names
    assert not names & {"listModeButton", "detailModeButton"}
    for button in shown:
        if button.objectName() in ("toParentButton", "newFolderButton"):
            assert ink(button.grab().toImage()) >= 10, button.objectName()
            assert button.sizeHint().width() <= button.width()


def ink(image: QImage) -> int:
    """Return how many pixels wide the drawing in the middle of a picture is."""
    ground = image.pixelColor(3, image.height() // 2)
    columns = [
        x
        for x in range(2, image.width() - 2)
        if any(differs(image.pixelColor(x, y), ground) for y in range(4, image.height() - 4))
    ]
    return columns[-1] - columns[0] + 1 if columns else 0


def differs(a: QColor, b: QColor) -> bool:
    return abs(a.lightness() - b.lightness()) > 30


def test_a_box_is_there_before_it_is_ticked(desk):
    desk.open(desk.films)
    desk.answer()
    (menu,) = desk.window.bar.export.findChildren(QMenu) or (desk.window.bar.export.menu(),)
    action = desk.window.actions_book["export-unchecked"]
    menu.resize(menu.sizeHint())
    row = menu.actionGeometry(action)
    box = menu.grab(row).toImage().copy(0, 0, 26, row.height())
    assert not action.isChecked() and 12 <= ink(box) <= 18


def test_the_search_is_cleared_by_a_cross_of_our_own(desk):
    desk.open(desk.films)
    search = desk.window.films.search
    QTest.keyClicks(search, "10")
    (clear,) = search.findChildren(QToolButton)
    desk.qtbot.wait(300)
    assert clear.icon().cacheKey() == icon("close", DARK).cacheKey()
    assert clear.iconSize().width() <= SIZE_PX
    QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert search.text() == ""

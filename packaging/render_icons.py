"""Draw the application icon at the sizes that desktops ask for, from its one drawing."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES_PX = (32, 64, 128, 256)
HERE = Path(__file__).resolve().parent
DRAWING = HERE.parent / "resources" / "icons" / "cephview.svg"


def main() -> int:
    """Write packaging/icons/cephview-SIZE.png for every size."""
    application = QGuiApplication(sys.argv)
    drawing = QSvgRenderer(str(DRAWING))
    for size in SIZES_PX:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        drawing.render(painter)
        painter.end()
        path = HERE / "icons" / f"cephview-{size}.png"
        if not image.save(str(path)):
            print(f"{path} could not be written", file=sys.stderr)
            return 1
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())

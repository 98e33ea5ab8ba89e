"""The sheet of keys on paper."""

from collections.abc import Iterator

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPagedPaintDevice, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from cephview.core.file_names import portable_file_name

Sheet = dict[str, list[tuple[str, str]]]

_TITLE = "cephview: keys"
_COLUMNS = 2
_TEXT_PT, _HEADING_PT, _TITLE_PT = 8.5, 10.0, 15.0
_ROW_MM, _TOP_MM, _GAP_MM = 3.8, 14.0, 8.0
_KEYS_SHARE = 0.38
_MM_PER_INCH = 25.4


def print_keys(parent: QWidget, sheet: Sheet) -> bool:
    """Ask for a printer and print; return whether it was done."""
    # Seldom wanted, and it costs the start some milliseconds.
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    # A printer to a file proposes this as its name.
    printer.setDocName(portable_file_name(_TITLE))
    dialog = QPrintDialog(printer, parent)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return False
    return paint_keys(printer, sheet) > 0


def paint_keys(device: QPagedPaintDevice, sheet: Sheet) -> int:
    """Draw the sheet in black, in columns, on as many pages as it takes; return how many."""
    painter = QPainter()
    if not painter.begin(device):
        return 0
    mm = device.logicalDpiY() / _MM_PER_INCH
    width, height = device.width(), device.height()
    column = (width - (_COLUMNS - 1) * _GAP_MM * mm) / _COLUMNS
    pages = 0
    for place, line in zip(_places(height / mm), _lines(sheet), strict=False):
        page, number, down_mm = place
        if page == pages:
            if pages:
                device.newPage()
            pages += 1
            painter.setFont(_font(_TITLE_PT, is_bold=True))
            painter.drawText(QRectF(0, 0, width, _TOP_MM * mm), _TITLE)
        left = number * (column + _GAP_MM * mm)
        _draw(painter, QRectF(left, down_mm * mm, column, _ROW_MM * mm), line)
    painter.end()
    return pages


Line = tuple[str, str, bool]


def _lines(sheet: Sheet) -> Iterator[Line]:
    """Yield (keys, words, is a heading), an empty line between sections."""
    for number, (section, rows) in enumerate(sheet.items()):
        if number:
            yield "", "", False
        yield "", section, True
        for keys, words in rows:
            yield keys, words, False


def _places(height_mm: float) -> Iterator[tuple[int, int, float]]:
    """Yield page, column and the way down, line after line without end."""
    lines = max(1, int((height_mm - _TOP_MM) / _ROW_MM))
    page = 0
    while True:
        for column in range(_COLUMNS):
            for line in range(lines):
                yield page, column, _TOP_MM + line * _ROW_MM
        page += 1


def _draw(painter: QPainter, box: QRectF, line: Line) -> None:
    keys, words, is_heading = line
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    if is_heading:
        painter.setFont(_font(_HEADING_PT, is_bold=True))
        painter.drawText(box, middle, words)
        return
    split = box.width() * _KEYS_SHARE
    painter.setFont(_font(_TEXT_PT, is_bold=True))
    painter.drawText(QRectF(box.left(), box.top(), split, box.height()), middle, keys)
    painter.setFont(_font(_TEXT_PT))
    painter.drawText(box.adjusted(split, 0, 0, 0), middle, words)


def _font(size_pt: float, *, is_bold: bool = False) -> QFont:
    font = QFont()
    # Points are of the paper's own resolution; pixels would be too small to read.
    font.setPointSizeF(size_pt)
    font.setBold(is_bold)
    return font

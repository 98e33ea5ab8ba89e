"""What floats over the canvas: layer switches, and key hints that go away once used."""

from collections.abc import Callable, Iterable
from enum import Enum

from PySide6.QtCore import QEasingCurve, QPointF, QPropertyAnimation, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QIcon,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QGraphicsOpacityEffect,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from cephview.ui.look.theme import TARGET_PX, Theme, font, scaled

SWITCHES = (
    ("coarse", "Coarse", "Where the model looked first"),
    ("refined", "Refined", "Where the model decided"),
    ("human", "Human", "What a person moved or confirmed"),
    ("names", "Names", "The names of the points"),
    ("planes", "Planes", "Sella-nasion, Frankfort, palatal, mandibular and facial plane"),
    (
        "uncertainty",
        "Uncertainty",
        "Where 95 % of the model's errors lie, around points nobody checked",
    ),
    ("outlines", "Outlines", "Profile, jaws and sella: through the points, likely between them"),
)
HINTS = (
    ("next", "Tab", "next to check"),
    ("confirm", "Enter", "confirm"),
    ("nudge", "↑↓←→", "nudge"),
    ("put-back", "Esc", "put back"),
)
# True only in the middle of a drag.
_OF_DRAG = "put-back"
FADE_MS = 400
# The drawing is 14 wide; the rest keeps the word away from it.
ICON_WIDTH = 19


class LayerSwitches(QWidget):
    """A row, or a column, of one switch a layer."""

    toggled = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers")
        self._theme = theme
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self._buttons: dict[str, QToolButton] = {}
        for layer, text, tip in SWITCHES:
            button = QToolButton(self)
            button.setProperty("kind", "layer")
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(f"Show layer {text}")
            button.setCheckable(True)
            button.setChecked(True)
            button.setIconSize(QSize(ICON_WIDTH, 14))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setCursor(Qt.CursorShape.ArrowCursor)
            button.setMinimumHeight(TARGET_PX)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.toggled.connect(lambda on, layer=layer: self.toggled.emit(layer, on))
            self._box.addWidget(button)
            self._buttons[layer] = button
        self.theme_changed()

    def theme_changed(self) -> None:
        for layer, button in self._buttons.items():
            button.setIcon(_layer_icon(layer, self._theme))

    def set_on(self, layer: str, on: bool) -> None:
        """Show a layer as on or off without saying toggled. Raises KeyError for an unknown one."""
        button = self._buttons[layer]
        was = button.blockSignals(True)
        button.setChecked(on)
        button.blockSignals(was)

    def column_size(self) -> QSize:
        return self._size(QBoxLayout.Direction.TopToBottom)

    def row_size(self) -> QSize:
        return self._size(QBoxLayout.Direction.LeftToRight)

    def arrange(self, as_column: bool) -> None:
        """Stand in a column or lie in a row, at the size that takes."""
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._box.setDirection(down if as_column else right)
        self.resize(self.column_size() if as_column else self.row_size())

    def _size(self, direction: QBoxLayout.Direction) -> QSize:
        hints = [button.sizeHint() for button in self._buttons.values()]
        gaps = self._box.spacing() * (len(hints) - 1)
        height = max(TARGET_PX, *(hint.height() for hint in hints))
        if direction == QBoxLayout.Direction.TopToBottom:
            return QSize(max(hint.width() for hint in hints), height * len(hints) + gaps)
        return QSize(sum(hint.width() for hint in hints) + gaps, height)


class HintShape(Enum):
    """How the hints stand: side by side, one below the other, or words below keys as well."""

    ROW = "row"
    COLUMN = "column"
    STACK = "stack"


class HintStrip(QWidget):
    """Keys and what they do; each goes away once it was used, and the strip with the last.

    What puts a dragged point back is told while one is dragged.
    """

    PAD = 8.0

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._used: set[str] = set()
        self._is_dragging = False
        self._fading = HINTS[-1]
        self._shape = HintShape.ROW
        self._row = scaled(26)
        self._cap_font, self._text_font = font(11, 600), font(12)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Keys")
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setOpacity(1.0)
        self._effect.setEnabled(False)
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(FADE_MS)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.finished.connect(self._faded)

    @property
    def is_needed(self) -> bool:
        return bool(self._unused())

    def set_dragging(self, is_dragging: bool) -> bool:
        """Say whether a point is moved, which Escape would put back; return whether it is news."""
        if is_dragging == self._is_dragging:
            return False
        was_needed, self._is_dragging = self.is_needed, is_dragging
        if self.is_needed and not was_needed:
            self._fade.stop()
            self._effect.setEnabled(False)
            self.show()
        self._settle()
        return True

    def resting_width(self) -> int:
        """Return the width as a column while nothing is dragged, 0 where nothing is told then."""
        resting = self._unused(is_dragging=False)
        if not resting:
            return 0
        boxes = self._boxes_of(resting, HintShape.COLUMN)
        return round(max(box.right() for pair in boxes for box in pair) + self.PAD)

    def set_used(self, hints: Iterable[str]) -> None:
        """Leave out hints that were used before."""
        self._used |= set(hints)
        self._settle()

    def use(self, hint: str) -> bool:
        """Let a hint go; return whether it was still there."""
        if hint in self._used or hint not in {known for known, _, _ in HINTS}:
            return False
        was_needed = self.is_needed
        self._used.add(hint)
        if self.is_needed or not was_needed:
            self._settle()
        else:
            self._fading = next(known for known in HINTS if known[0] == hint)
            self._effect.setEnabled(True)
            self._fade.setStartValue(1.0)
            self._fade.setEndValue(0.0)
            self._fade.start()
        return True

    def size_as(self, shape: HintShape) -> QSize:
        boxes = [box for pair in self._boxes(shape) for box in pair]
        right, bottom = max(box.right() for box in boxes), max(box.bottom() for box in boxes)
        return QSize(round(right + self.PAD), round(bottom + 4))

    def arrange(self, shape: HintShape) -> None:
        """Take a shape, at the size that takes."""
        self._shape = shape
        self.resize(self.size_as(shape))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("floating"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        for (_, key, text), (cap, words) in zip(
            self._left(), self._boxes(self._shape), strict=True
        ):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(cap, 5, 5)
            painter.setPen(theme.colour("text_1"))
            painter.setFont(self._cap_font)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            painter.setPen(theme.colour("text_2"))
            painter.setFont(self._text_font)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _left(self) -> list[tuple[str, str, str]]:
        # While the last one fades it is still drawn.
        return self._unused() or [self._fading]

    def _unused(self, *, is_dragging: bool | None = None) -> list[tuple[str, str, str]]:
        dragging = self._is_dragging if is_dragging is None else is_dragging
        known = self._used if dragging else {*self._used, _OF_DRAG}
        return [hint for hint in HINTS if hint[0] not in known]

    def _boxes(self, shape: HintShape) -> list[tuple[QRectF, QRectF]]:
        """Return the boxes of key and words of every hint that is left."""
        return self._boxes_of(self._left(), shape)

    def _boxes_of(
        self, left: list[tuple[str, str, str]], shape: HintShape
    ) -> list[tuple[QRectF, QRectF]]:
        caps, texts = QFontMetricsF(self._cap_font), QFontMetricsF(self._text_font)
        hints = [
            (caps.horizontalAdvance(key) + 12, texts.horizontalAdvance(text) + 2)
            for _, key, text in left
        ]
        widest = max(cap for cap, _ in hints)
        boxes = []
        x, y = self.PAD, 4.0
        for cap, text in hints:
            key_box = QRectF(x, y + 3, cap, self._row - 6)
            if shape is HintShape.STACK:
                boxes.append((key_box, QRectF(x, y + self._row - 4, text, self._row - 6)))
                y += 2 * self._row - 6
                continue
            start = x + (widest if shape is HintShape.COLUMN else cap) + 6
            boxes.append((key_box, QRectF(start, y, text, self._row)))
            if shape is HintShape.COLUMN:
                y += self._row
            else:
                x = start + text + 10
        return boxes

    def _settle(self) -> None:
        if not self.is_needed:
            self.hide()
        self.arrange(self._shape)

    def _faded(self) -> None:
        self.hide()
        self._effect.setEnabled(False)


class Overlays:
    """Both at the left of a view: beside the film where there is room, else over it."""

    MARGIN = 12

    def __init__(self, theme: Theme, view: QWidget) -> None:
        self._view = view
        self.switches = LayerSwitches(theme, view)
        self.hints = HintStrip(theme, view)

    def set_visible(self, visible: bool) -> None:
        self.switches.setVisible(visible)
        self.hints.setVisible(visible and self.hints.is_needed)

    def boxes(self) -> tuple[tuple[float, float, float, float], ...]:
        """Return left, top, right and bottom of what is shown, in pixels of the view."""
        shown = [w.geometry() for w in (self.switches, self.hints) if not w.isHidden()]
        return tuple((g.left(), g.top(), g.right(), g.bottom()) for g in shown)

    def column_width(self) -> float:
        """Return the free strip both need to stand beside a film."""
        widths = [self.switches.column_size().width()]
        widths.append(self.hints.resting_width())
        return max(widths) + 2 * self.MARGIN

    def arrange(self, left_free: float) -> None:
        """Place both, as columns where they fit into a free strip at the left, else as rows."""
        switches, hints, view = self.switches, self.hints, self._view

        def fits(size: QSize, width: float) -> bool:
            return size.width() + 2 * self.MARGIN <= width

        beside = fits(switches.column_size(), left_free)
        switches.arrange(beside or not fits(switches.row_size(), view.width()))
        switches.move(self.MARGIN, view.height() - switches.height() - self.MARGIN)
        narrow = (HintShape.COLUMN, HintShape.STACK)
        fitting = [shape for shape in narrow if fits(hints.size_as(shape), left_free)]
        if not fitting and not fits(hints.size_as(HintShape.ROW), view.width()):
            fitting = [HintShape.STACK]
        hints.arrange(fitting[0] if fitting else HintShape.ROW)
        hints.move(self.MARGIN, self.MARGIN)


def _layer_icon(layer: str, theme: Theme) -> QIcon:
    def circle(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("text_1"), 1.4))
        painter.drawEllipse(QPointF(7, 7), 4.2, 4.2)

    def dot(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("refined_text"), 1))
        painter.setBrush(theme.colour("refined"))
        painter.drawEllipse(QPointF(7, 7), 4, 4)

    def diamond(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("human_text"), 1))
        painter.setBrush(theme.colour("human"))
        corners = ((7, 1.7), (12.3, 7), (7, 12.3), (1.7, 7))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def letters(painter: QPainter) -> None:
        painter.setPen(theme.colour("text_1"))
        painter.setFont(font(11, 600))
        painter.drawText(QRectF(0, 0, 14, 14), Qt.AlignmentFlag.AlignCenter, "A")

    def lines(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("refined_text"), 1.3))
        painter.drawLine(QPointF(1, 4), QPointF(13, 2.5))
        painter.drawLine(QPointF(1, 8), QPointF(13, 12))

    def profile(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("outline_text"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(QPointF(5, 1))
        path.cubicTo(QPointF(13, 4), QPointF(11, 6), QPointF(8, 7))
        path.cubicTo(QPointF(13, 8), QPointF(11, 12), QPointF(4, 13))
        painter.drawPath(path)

    def halo(painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("attention_text"), 1.2))
        painter.setBrush(theme.colour("attention", 0.25))
        painter.drawEllipse(QPointF(7, 7), 6, 6)

    drawings: dict[str, Callable[[QPainter], None]] = {
        "coarse": circle,
        "refined": dot,
        "human": diamond,
        "names": letters,
        "planes": lines,
        "uncertainty": halo,
        "outlines": profile,
    }
    icon = QIcon()
    for dpr in (1.0, 2.0, 3.0):
        for mode, opacity in ((QIcon.State.On, 1.0), (QIcon.State.Off, 0.4)):
            pixmap = QPixmap(round(ICON_WIDTH * dpr), round(14 * dpr))
            pixmap.setDevicePixelRatio(dpr)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(opacity)
            drawings[layer](painter)
            painter.end()
            icon.addPixmap(pixmap, QIcon.Mode.Normal, mode)
    return icon

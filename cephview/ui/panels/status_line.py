"""The bottom line: where the pointer is, the scale and its source, progress, saved."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from cephview.core.scale import PixelSize, Provenance
from cephview.ui.look.theme import TARGET_PX, scaled
from cephview.ui.panels.job_strip import JobStrip, shortened

HEIGHT = 30
_MARGIN = 14
_GAP = 18
_SCALE_GAP = 8
RESEARCH = "Research use only. Not a medical device."

_MEANING = {
    Provenance.RULER: "Measured on a ruler in the film.",
    Provenance.CALIBRATED: "The file gives the size in the patient, calibrated or corrected for "
    "magnification.",
    Provenance.MAGNIFICATION_CORRECTED: "The size at the detector, corrected by the magnification "
    "that the file gives.",
    Provenance.DETECTOR: "The size at the detector, as projected: lengths are some 8 to 14 % "
    "larger than in the patient.",
    Provenance.DECLARED: "As declared by the file or accepted by a user; not verified.",
    Provenance.UNVERIFIED: "Only a resolution tag says so, or the file contradicts itself; it is "
    "not used for millimetres until you accept it.",
    Provenance.ASPECT: "The file says how much higher than wide a pixel is, which angles need, but "
    "not how large, so there are no millimetres.",
    Provenance.UNKNOWN: "The file does not say how large a pixel is, so there are no millimetres.",
}


class StatusLine(QWidget):
    """Plain labels of fixed places, so that nothing jumps while the pointer moves.

    Where there is no room for all, what can be spared is hidden; then the words of a job, of the
    reader and of the scale are cut short, with an ellipsis. The last line is always whole.
    """

    accept_scale_wanted = Signal()
    file_scale_wanted = Signal()
    ruler_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(scaled(HEIGHT))
        # Long words must not widen the window beyond its screen.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._cursor: tuple[float, float, float] | None = None
        self.position = _label("hint")
        self.millimetres = _label("hint")
        self.grey = _label("hint")
        self.zoom = _label("hint")
        self.turn = _label("value")
        self.turn.setToolTip("How the film is shown; View, As on file takes it back")
        self.turn.hide()
        self.scale = QPushButton()
        self.scale.setProperty("kind", "words")
        self.scale.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.scale.setFixedHeight(max(TARGET_PX, scaled(HEIGHT) - 2))
        self.scale.setCursor(Qt.CursorShape.PointingHandCursor)
        self.scale.clicked.connect(self.ruler_wanted)
        self.scale.hide()
        self.accept_scale = _small_button(
            "Accept", "Use this pixel size for millimetres, as declared", self.accept_scale_wanted
        )
        self.set_scale = _small_button(
            "Set scale", "Draw along the ruler in the film, and say how long that is",
            self.ruler_wanted,
        )  # fmt: skip
        self.file_scale = _small_button("Reset scale", "", self.file_scale_wanted)
        self._scale_buttons = self.set_scale, self.accept_scale, self.file_scale
        self.progress = _label("hint")
        self.saved = _label("hint")
        self.reader = _label("hint")
        self.reader.setToolTip("Who reads: what is placed or confirmed now is signed so")
        self._is_other_reader = False
        self._reader_words = self._scale_words = ""
        self.work = JobStrip()
        self.work.resized.connect(self._fit)
        self.research = _label("research", RESEARCH)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(_GAP)
        for label, widest in (
            (self.position, "x 8888.8 px  y 8888.8 px"),
            (self.millimetres, "888.8 mm, 888.8 mm"),
            (self.grey, "grey 65 535"),
            (self.zoom, "1600 %"),
        ):
            label.ensurePolished()
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest))
            row.addWidget(label)
        row.addWidget(self.turn)
        scale = QHBoxLayout()
        scale.setSpacing(_SCALE_GAP)
        scale.addWidget(self.scale)
        for button in self._scale_buttons:
            scale.addWidget(button)
        row.addLayout(scale)
        row.addWidget(self.reader)
        row.addWidget(self.progress)
        row.addWidget(self.saved)
        row.addWidget(self.work)
        row.addStretch(1)
        row.addWidget(self.research)
        self._parts = (
            self.position, self.millimetres, self.grey, self.zoom, self.turn, self.scale,
            *self._scale_buttons, self.reader, self.progress, self.saved, self.work, self.research,
        )  # fmt: skip
        # What goes first where the window is narrow; the scale and the last line stay for ever.
        self._spare = (self.millimetres, self.grey, self.zoom, self.position, self.progress)

    def show_cursor(self, place: tuple[float, float, float] | None, size: PixelSize) -> None:
        """Show x, y in pixel indices with the grey value there; None clears."""
        self._cursor = place
        if place is None:
            for label in (self.position, self.millimetres, self.grey):
                label.clear()
            return
        x, y, grey = place
        self.position.setText(f"x {x:.1f} px  y {y:.1f} px")
        mm = size.mm_per_px()
        self.millimetres.setText("" if mm is None else f"{x * mm[0]:.1f} mm, {y * mm[1]:.1f} mm")
        self.grey.setText(f"grey {grouped(grey)}")

    def show_zoom(self, factor: float) -> None:
        """Show screen pixels a film pixel, in per cent."""
        self.zoom.setText(f"{factor * 100:.0f} %")

    def show_turn(self, words: str) -> None:
        """Show how the film is turned; "" for as it is on file."""
        self.turn.setText(words)
        self.turn.setVisible(bool(words))
        self._fit()

    def show_scale(
        self, size: PixelSize | None, *, is_own: bool = False, has_file_scale: bool = True
    ) -> None:
        """Show the pixel size with where it comes from; None while no film is open.

        is_own: a user measured or accepted it, so there is a way back. has_file_scale: the
        way back is to a scale that the file gives, else to none.
        """
        self.show_cursor(self._cursor if size is not None else None, size or PixelSize())
        self.accept_scale.setVisible(size is not None and size.provenance is Provenance.UNVERIFIED)
        is_unknown = size is not None and not size.is_trusted
        self.set_scale.setVisible(is_unknown and not self.accept_scale.isVisibleTo(self))
        self.file_scale.setVisible(size is not None and is_own)
        self.file_scale.setToolTip(
            "Use what the file gives again" if has_file_scale else "The file gives no scale"
        )
        self.scale.setVisible(size is not None)
        self._scale_words = "" if size is None else scale_words(size)
        if size is not None:
            _set_role(self.scale, "hint" if size.is_trusted else "attention")
            self.scale.setAccessibleName(f"Scale: {scale_words(size)}")
            self.scale.setToolTip(f"{scale_meaning(size)} Click to measure on a ruler.")
        self._fit()

    def show_progress(self, checked: int, total: int) -> None:
        self.progress.setText(f"{checked} of {total} confirmed" if total else "")
        self._fit()

    def show_reader(self, words: str, *, is_other: bool) -> None:
        """Show who reads now; is_other: not the first reading."""
        self._is_other_reader = is_other
        _set_role(self.reader, "attention" if is_other else "hint")
        self._reader_words = words
        self.reader.setAccessibleName(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        # By what each part asks for: a layout's own hint may be that of before a text changed.
        self.scale.setText(self._scale_words)
        self.reader.setText(self._reader_words)
        self.work.show_words()
        # The first reader alone is no news; another one must be seen by who sits down.
        spare = [*self._spare, *(() if self._is_other_reader else (self.reader,))]
        fixed = [part for part in self._parts if part not in spare and not part.isHidden()]
        kept = list(spare)
        while kept and self._missing([*fixed, *kept]) > 0:
            kept.pop(0)
        for label in (*self._spare, self.reader):
            label.setVisible(label in kept or label not in spare)
        shown = [*fixed, *kept]
        self.work.show_words(shorter_by=self._missing(shown))
        for part in (self.reader, self.scale):
            missing = self._missing(shown)
            if part in shown and missing > 0:
                part.setText(shortened(part, part.text(), missing))

    def _missing(self, shown: Iterable[QWidget]) -> int:
        """Return how many pixels these parts lack to be whole; 0 and less where they have room."""
        wide = 2 * _MARGIN - _GAP
        for part in shown:
            part.ensurePolished()
            wide += max(part.sizeHint().width(), part.minimumWidth())
            wide += _SCALE_GAP if part in self._scale_buttons else _GAP
        return wide - self.width()

    def show_saved(self, is_saved: bool | None, *, is_demo: bool = False) -> None:
        """Show whether every step is on disk; None while no film is open.

        is_demo: what is done on the film is kept nowhere.
        """
        _set_role(self.saved, "error" if is_saved is False else "hint")
        words = {None: "", True: "saved", False: "NOT SAVED"}[is_saved]
        self.saved.setText("demo, not kept" if is_demo and is_saved else words)
        self._fit()


def scale_meaning(size: PixelSize) -> str:
    """Return in a sentence or two where a pixel size comes from, and what it is used for."""
    if size.provenance is not Provenance.IMPLAUSIBLE or size.x_mm is None or size.y_mm is None:
        return _MEANING[size.provenance]
    return (
        f"The scale of this film cannot be: it gives {size.x_mm:.4g} \u00d7 {size.y_mm:.4g} mm a "
        "pixel. It is used for nothing, so there are no millimetres."
    )


def scale_words(size: PixelSize) -> str:
    """Return the pixel size and its provenance as a user reads them."""
    if size.provenance is Provenance.IMPLAUSIBLE:
        return "impossible scale: lengths in pixels"
    is_known = size.provenance not in (Provenance.UNKNOWN, Provenance.ASPECT)
    if not is_known or size.x_mm is None or size.y_mm is None:
        return "no scale: lengths in pixels"
    if abs(size.x_mm - size.y_mm) < 5e-4:
        number = f"{size.x_mm:.3f} mm/px"
    else:
        number = f"{size.x_mm:.3f} \u00d7 {size.y_mm:.3f} mm/px"
    if size.provenance is Provenance.UNVERIFIED:
        return f"{number} unverified: lengths in pixels"
    return f"{number} \u00b7 {size.provenance}"


def grouped(number: float) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{round(number):,}".replace(",", "\u2009")


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def _small_button(text: str, tip: str, wanted: SignalInstance) -> QPushButton:
    button = QPushButton(text)
    button.setFixedHeight(max(TARGET_PX, scaled(HEIGHT) - 2))
    button.setStyleSheet("padding: 0 8px; min-height: 20px;")
    button.setToolTip(tip)
    # A click must not take the keyboard from the film.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(wanted)
    button.hide()
    return button


def _set_role(label: QLabel | QPushButton, role: str) -> None:
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)

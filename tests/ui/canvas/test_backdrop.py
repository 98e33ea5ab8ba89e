"""The film lies where the viewport says, to the device pixel."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from cephview.core.film import Levels
from cephview.ui.canvas.backdrop import Backdrop, Shown
from cephview.ui.canvas.pyramid import Pyramid
from cephview.ui.canvas.viewport import Viewport, fit

BLACK = QColor("black")


def grey(image):
    height, width = image.height(), image.width()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return raw[:, : width * 4].reshape(height, width, 4)[:, :, 0].astype(int)


def backdrop(pixels, levels=None):
    top = float(np.iinfo(pixels.dtype).max)
    return Backdrop(Pyramid(pixels), Shown(levels or Levels(0, top)), BLACK)


@pytest.mark.parametrize("dpr", [1.0, 2.0])
def test_one_to_one_is_the_film_itself(qapp, dpr):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    size = 80 / dpr, 60 / dpr
    viewport = Viewport(80, 60, *size, (39.5, 29.5), 1.0, dpr=dpr).one_to_one()
    assert (grey(backdrop(pixels).picture(viewport)) == pixels).all()


@pytest.mark.parametrize("dpr", [1.0, 2.0])
@pytest.mark.parametrize("size", [(1000, 1200), (333, 401)])
def test_a_mark_on_the_film_is_where_the_viewport_says(qapp, dpr, size):
    """The mean of a bright spot's brightness lies on its place, on any level of the pyramid."""
    pixels = np.zeros(size[::-1], np.uint16)
    spot = (size[0] * 0.62, size[1] * 0.37)
    rows, columns = np.indices(pixels.shape)
    bump = np.exp(-((columns - spot[0]) ** 2 + (rows - spot[1]) ** 2) / (2 * 12.0**2))
    pixels[:] = np.rint(bump * 60_000)
    for view in ((200.0, 230.0), (480.0, 520.0)):
        viewport = fit(size, view, dpr=dpr)
        shown = grey(backdrop(pixels).picture(viewport)).astype(float)
        y, x = np.indices(shown.shape)
        # A device pixel's middle is half a pixel from its edge.
        centre = (
            ((x + 0.5) * shown).sum() / shown.sum() / dpr,
            ((y + 0.5) * shown).sum() / shown.sum() / dpr,
        )
        assert centre == pytest.approx(viewport.to_screen(spot), abs=0.15)


def test_nothing_is_drawn_beside_the_film(qapp):
    white = np.full((101, 99), 255, np.uint8)
    viewport = fit((99, 101), (300, 200), margin=10)
    shown = grey(backdrop(white).picture(viewport))
    left, top, right, bottom = (round(edge) for edge in viewport.film_on_screen())
    assert shown[: top - 1].max() == 0 and shown[bottom + 1 :].max() == 0
    assert shown[:, : left - 1].max() == 0 and shown[:, right + 1 :].max() == 0
    assert shown[top + 1 : bottom - 1, left + 1 : right - 1].min() == 255


def test_the_picture_is_kept_until_something_changes(qapp):
    made = backdrop(np.zeros((50, 50), np.uint8))
    viewport = fit((50, 50), (100, 100))
    first = made.picture(viewport).cacheKey()
    assert made.picture(viewport).cacheKey() == first
    made.show(Shown(Levels(0, 10), inverted=True))
    assert grey(made.picture(viewport)).max() == 255


def test_a_film_out_of_sight_is_no_error(qapp):
    made = backdrop(np.full((50, 50), 255, np.uint8))
    far = Viewport(50, 50, 100, 100, (900.0, 900.0), 2.0)
    assert grey(made.picture(far)).max() == 0


def test_sixteen_bits_are_windowed_not_truncated(qapp):
    pixels = np.array([[1000, 1100], [1050, 2000]], np.uint16)
    made = backdrop(pixels, Levels(1000, 1100))
    viewport = Viewport(2, 2, 2, 2, (0.5, 0.5), 1.0)
    assert grey(made.picture(viewport)).tolist() == [[0, 255], [128, 255]]

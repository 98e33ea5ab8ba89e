"""How far a picture is from the one that is kept, whatever machine drew either."""

import numpy as np
from PIL import Image, ImageFilter

# Letters and lines are drawn a little otherwise by another version of Qt: what is blurred by a
# pixel and a half, and then differs by less than this (of 255), counts as the same.
_BLUR_PX = 1.5
_STEP = 36
# Of all pixels. One word is some 0.1 % of a window, a panel that moved some per cent.
TOLERANCE = 0.015


def share_changed(new: Image.Image, kept: Image.Image) -> float:
    """Return the share of pixels that differ, 0 to 1; pictures of two sizes differ wholly."""
    if new.size != kept.size:
        return 1.0
    a, b = (
        np.asarray(one.convert("RGB").filter(ImageFilter.GaussianBlur(_BLUR_PX)), np.int16)
        for one in (new, kept)
    )
    return float((np.abs(a - b).max(axis=2) > _STEP).mean())

"""The pictures that are kept show the window as it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

sys.path.append(str(Path(__file__).parent))

from compare import TOLERANCE, share_changed

KEPT = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 3_000_000


@pytest.mark.timeout(400)
def test_every_kept_picture_is_drawn_again_the_same(tmp_path):
    # In a process of its own: what other tests left in this one is no part of a picture.
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("draw.py"), "--out", tmp_path],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
        timeout=380,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {path.name for path in KEPT.iterdir()}
    changed = {}
    for name in sorted(drawn):
        with Image.open(tmp_path / name) as new, Image.open(KEPT / name) as old:
            share = share_changed(new, old)
            if share > TOLERANCE:
                changed[name] = f"{share:.1%}, {new.size} for {old.size}"
    assert not changed, "look at them, and where they are right: make pictures"


def test_the_pictures_stay_small():
    assert sum(path.stat().st_size for path in KEPT.iterdir()) < MOST_BYTES

"""What an empty window says."""

from cephview.formats.families import FAMILIES
from cephview.ui.canvas.empty import FORMATS


def test_every_format_that_is_opened_is_named():
    assert [name.strip() for name in FORMATS.partition(",")[0].split("·")] == [
        family.kind for family in FAMILIES
    ]

"""Look-up tables and windows of DICOM films (PS3.3 C.11.1 and C.11.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cephview.core.film import Levels
from cephview.formats.dicom_values import items, numbers, text


@dataclass(frozen=True)
class Table:
    """A look-up table: entries[0] is for the value first and all below, the last for all above.

    entries: uint8 or uint16, one dimension.
    """

    first: int
    entries: NDArray[np.uint8] | NDArray[np.uint16]

    def applied(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return whole numbers, of any integer type, looked up."""
        # In a narrower type an index of a table of 4096 entries would begin again at 256.
        index = values.astype(np.int32) - self.first
        np.clip(index, 0, len(self.entries) - 1, out=index)
        return self.entries[index]


def first_table(dataset: Dataset, keyword: str, *, is_little: bool) -> Table | None:
    """Return the first table of a sequence; None where there is none that could be meant."""
    for item in items(dataset, keyword)[:1]:
        return table(item, "LUTDescriptor", "LUTData", is_little=is_little)
    return None


def table(item: Dataset, descriptor: str, data: str, *, is_little: bool) -> Table | None:
    """Read a table: its descriptor is the number of entries, the first value, bits an entry.

    Entries of 8 bits are stored in words or packed in bytes (PS3.3 C.11.1.1.1); how many bytes
    there are tells which. A table that is shorter than it says, or of one grey, is none.
    """
    said = numbers(item, descriptor)
    if len(said) != 3 or said[0] is None or said[1] is None:
        return None
    count, first, bits = int(said[0]) & 0xFFFF or 1 << 16, int(said[1]), int(said[2] or 0)
    entries = _entries(item, data, count, is_little=is_little)
    if entries is None or entries.min() == entries.max():
        return None
    # Written as unsigned, a negative first value is beyond what any table could go on from.
    if first >= 1 << 15 and first + count > 1 << 16:
        first -= 1 << 16
    if bits <= 8 and entries.max() <= 255:
        return Table(first, entries.astype(np.uint8))
    return Table(first, entries)


def _entries(
    item: Dataset, keyword: str, count: int, *, is_little: bool
) -> NDArray[np.uint16] | None:
    try:
        value = item[keyword].value
    except Exception:
        return None
    if value is None:
        return None
    if not isinstance(value, bytes):
        try:
            words = np.atleast_1d(np.asarray(value)).astype(np.int64) & 0xFFFF
        except (TypeError, ValueError, OverflowError):
            return None
        value, is_little = words.astype("<u2").tobytes(), True
    if len(value) >= 2 * count:
        return np.frombuffer(value, "<u2" if is_little else ">u2", count).astype(np.uint16)
    if len(value) >= count:
        return np.frombuffer(value, np.uint8, count).astype(np.uint16)
    return None


def window(dataset: Dataset) -> Levels | None:
    """Return the first window, in modality values (PS3.3 C.11.2.1.2); None where there is none."""
    pairs = zip(numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth"), strict=False)
    is_exact = text(dataset, "VOILUTFunction").upper() == "LINEAR_EXACT"
    for centre, width in pairs:
        if centre is None or width is None or width < 1:
            continue
        if is_exact:
            return Levels(centre - width / 2, centre + width / 2)
        if width > 1:
            return Levels(centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2)
    return None

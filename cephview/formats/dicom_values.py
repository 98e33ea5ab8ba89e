"""Values of DICOM elements as files in the wild have them: absent, empty, of the wrong kind.

An element without a value means the same as none, everywhere: no element may cost the film but
those without which there is no picture.
"""

import math
import re
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.valuerep import VR

from cephview.formats.errors import printable

_KINDS = {str(kind.value) for kind in VR}
_BINARY = {"US": (2, False), "SS": (2, True), "UL": (4, False), "SL": (4, True)}
# Longer than any value that is asked for but tables, which are not read here.
_LONGEST = 1 << 16
_MOST_ITEMS = 1000
# A comma before three digits may be the thousands' as well as the decimals'.
_DECIMAL_COMMA = re.compile(r"[+-]?(0?,\d+|\d+,(\d{1,2}|\d{4,}))(e[+-]?\d+)?", re.IGNORECASE)


def values(dataset: Dataset, keyword: str) -> tuple[Any, ...]:
    """Return the values of an element, empty ones as None; nothing where it has none at all."""
    tag = Tag(keyword)
    if tag not in dataset or _raw_length(dataset, tag) > _LONGEST:
        return ()
    try:
        value: Any = dataset[tag].value
    # Readers of odd values raise whatever they meet.
    except Exception:
        value = _unread(dataset, tag)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        value = value.split("\\")
    is_many = hasattr(value, "__getitem__") and not isinstance(value, str)
    several = value if is_many else [value]
    found = tuple(None if _is_empty(each) else each for each in several)
    return () if all(each is None for each in found) else found


def _raw_length(dataset: Dataset, tag: Any) -> int:
    """Return the bytes of an element that was not made into values yet; 0 where it was."""
    item = dataset.get_item(tag)
    data = item.value if isinstance(item, RawDataElement) else None
    return len(data) if isinstance(data, bytes) else 0


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip("\0 \t\r\n"))


def _unread(dataset: Dataset, tag: Any) -> Any:
    """Return the bytes of an element whose value its reader refused; None where there are none."""
    item = dataset.get_item(tag)
    data = item.value if isinstance(item, RawDataElement) else None
    if not isinstance(data, bytes) or item is None:
        return None
    # An element of an unknown kind is of the one that it is of in other files.
    kind = str(item.VR)
    if kind not in _KINDS and dictionary_has_tag(tag):
        kind = dictionary_VR(tag)
    size, is_signed = _BINARY.get(kind[:2], (0, False))
    if not size:
        return data
    order = "little" if item.is_little_endian else "big"
    return [
        int.from_bytes(data[at : at + size], order, signed=is_signed)  # type: ignore[arg-type]
        for at in range(0, len(data) - size + 1, size)
    ]


def numbers(dataset: Dataset, keyword: str) -> tuple[float | None, ...]:
    """Return the values of an element as numbers; None for one that is not a finite number."""
    return tuple(_as_number(value) for value in values(dataset, keyword))


def number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first number of an element; None where there is none."""
    return next((each for each in numbers(dataset, keyword) if each is not None), None)


def whole(dataset: Dataset, keyword: str) -> int | None:
    """Return the first number of an element where it is whole and not negative; else None."""
    found = number(dataset, keyword)
    return int(found) if found is not None and found >= 0 and found == int(found) else None


def positive(dataset: Dataset, keyword: str) -> float | None:
    found = number(dataset, keyword)
    return found if found is not None and found > 0 else None


def pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    """Return an element of exactly two positive numbers; None where it is anything else."""
    found = numbers(dataset, keyword)
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return (found[0], found[1]) if min(found[0], found[1]) > 0 else None


def text(dataset: Dataset, keyword: str) -> str:
    """Return the first value of an element as one printable line, empty where there is none."""
    found = next((value for value in values(dataset, keyword) if value is not None), "")
    return printable(str(found).strip("\0 \t\r\n"))[:64]


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none where it is absent, empty, endless or no sequence."""
    try:
        raw = dataset.get_item(keyword)
        if isinstance(raw, RawDataElement) and _item_count(raw) > _MOST_ITEMS:
            return []
        value = dataset.get(keyword)
    except Exception:
        return []
    return list(value) if isinstance(value, Sequence) else []


def _item_count(raw: RawDataElement) -> int:
    item = b"\xfe\xff\x00\xe0" if raw.is_little_endian else b"\xff\xfe\xe0\x00"
    return raw.value.count(item) if isinstance(raw.value, bytes) else 0


def _as_number(value: Any) -> float | None:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        value = value.strip("\0 \t\r\n")
        if _DECIMAL_COMMA.fullmatch(value):
            value = value.replace(",", ".")
        # What Python takes beyond that is no number of a file: digits of other scripts, 1_000.
        if not value.isascii() or "_" in value:
            return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None

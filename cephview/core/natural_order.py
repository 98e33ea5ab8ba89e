"""The order in which people count names: film 9 before film 10."""

import re
from pathlib import Path

NameKey = tuple[tuple[int, int, str], ...]


def name_key(name: str) -> NameKey:
    """Return a key by which names sort as people count."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def natural_order(path: Path) -> tuple[NameKey, tuple[NameKey, ...]]:
    """Return a key by the name of a file; of one name, by the folders it lies in."""
    return name_key(path.name), tuple(name_key(part) for part in path.parent.parts)

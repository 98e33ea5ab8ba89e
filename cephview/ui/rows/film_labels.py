"""How films of one name in several folders are told apart."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def folder_labels(paths: Iterable[Path]) -> dict[Path, str]:
    """Return for each path that shares its name with others what of its folder tells it apart.

    The shortest end of the folder that no other one has, without what all of them end with:
    "p1" of p1/ceph.png, "p1/\u2026" of p1/xrays/ceph.png beside p2/xrays/ceph.png.
    """
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(path.name, []).append(path)
    found: dict[Path, str] = {}
    for group in groups.values():
        if len(group) > 1:
            found |= _told_apart(group)
    return found


def _told_apart(group: list[Path]) -> dict[Path, str]:
    folders = {path: path.parent.parts for path in group}
    shared = 0
    least = min(map(len, folders.values()))
    while shared < least and len({parts[-1 - shared] for parts in folders.values()}) == 1:
        shared += 1
    ends = {path: parts[: len(parts) - shared] for path, parts in folders.items()}
    counts = Counter(end[first:] for end in ends.values() for first in range(len(end)))
    tail = "/\u2026" if shared else ""
    found = {}
    for path, end in ends.items():
        own = next((n for n in range(1, len(end) + 1) if counts[end[-n:]] == 1), len(end))
        found[path] = "/".join(part.strip("/\\") for part in end[len(end) - own :]) + tail
    return found

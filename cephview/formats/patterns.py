"""File patterns as `*.png`, which the shells of Windows hand on as they are."""

import glob
from collections.abc import Iterable
from pathlib import Path


def is_pattern(path: Path) -> bool:
    """Say whether a path is a pattern; a file that is there under that very name is none."""
    return glob.has_magic(str(path)) and not path.exists()


def matching(pattern: Path) -> tuple[Path, tuple[Path, ...]]:
    """Return the folder below which a pattern looks, and what is there that fits it, sorted."""
    parts = pattern.parts
    plain = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:plain])
    return base, tuple(sorted(base.glob(str(Path(*parts[plain:])))))


def expanded(paths: Iterable[Path]) -> list[Path]:
    """Return paths with each pattern replaced by what fits it; one that nothing fits stays."""
    found: list[Path] = []
    for path in paths:
        found.extend((matching(path)[1] or (path,)) if is_pattern(path) else (path,))
    return found

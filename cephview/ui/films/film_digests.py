"""SHA-256 of films on disk, remembered so that no film is read twice for it."""

import contextlib
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cephview import places, private_files
from cephview.database_address import is_address

_CHUNK_BYTES = 1 << 20
_LINES_A_FILM = 4


@dataclass(frozen=True)
class Stamp:
    """What tells a file from its older self without reading it.

    status_ns: when the file, or what is known of it, changed last; a copy that keeps the time of
    its source cannot keep this one. Windows tells when it was made.
    """

    size: int
    changed_ns: int
    status_ns: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file, or None where there is none to be had."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def digests_file(workspace: str) -> Path:
    """Return where the digests of a workspace are kept, itself a folder or a database URL."""
    folder = places.user_dir() / "workspace" if is_address(workspace) else Path(workspace)
    return folder / "film-digests.jsonl"


class FilmDigests:
    """Digests by path, size and time of change, kept in a file of lines. For one thread.

    The file is a convenience: where it cannot be read or written, films are read again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[Path, tuple[Stamp, str]] | None = None
        self._sizes: dict[str, set[int]] = defaultdict(set)

    def remembered(self, path: Path, stamp: Stamp) -> str | None:
        """Return the digest of a file that has not changed since it was read."""
        known = self._load().get(path)
        return known[1] if known is not None and known[0] == stamp else None

    def sizes(self, sha256: str) -> frozenset[int]:
        """Return the sizes of the files that had a digest: one, or none where it was never read."""
        self._load()
        return frozenset(self._sizes.get(sha256, ()))

    def read(self, path: Path, should_stop: Callable[[], bool]) -> str | None:
        """Read a file for its digest, and remember it.

        None where should_stop() said so, where the file cannot be read, or where it changed
        meanwhile.
        """
        before = stamp_of(path)
        if before is None:
            return None
        digest = hashlib.sha256()
        try:
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    if should_stop():
                        return None
        except OSError:
            return None
        if stamp_of(path) != before:
            return None
        self._remember(path, before, digest.hexdigest())
        return digest.hexdigest()

    def _remember(self, path: Path, stamp: Stamp, sha256: str) -> None:
        self._load()[path] = stamp, sha256
        self._sizes[sha256].add(stamp.size)
        with (
            contextlib.suppress(OSError),
            open(self._file, "a", encoding="ascii", opener=private_files.opener) as file,
        ):
            file.write(_line(path, stamp, sha256))

    def _load(self) -> dict[Path, tuple[Stamp, str]]:
        if self._known is not None:
            return self._known
        self._known = {}
        lines: list[bytes] = []
        with contextlib.suppress(OSError):
            lines = self._file.read_bytes().splitlines()
        for line in lines:
            # A line may be cut short where the program was ended while it wrote.
            with contextlib.suppress(ValueError, TypeError):
                path, size, *times, sha256 = json.loads(line)
                self._sizes[str(sha256)].add(int(size))
                # Of an older version's line only the size still says something.
                changed_ns, status_ns = map(int, times)
                self._known[Path(path)] = Stamp(int(size), changed_ns, status_ns), str(sha256)
        if len(lines) > _LINES_A_FILM * len(self._known) + _LINES_A_FILM:
            self._rewrite()
        return self._known

    def _rewrite(self) -> None:
        lines = [_line(path, *entry) for path, entry in (self._known or {}).items()]
        shorter = self._file.with_suffix(".part")
        with contextlib.suppress(OSError):
            with open(shorter, "w", encoding="ascii", opener=private_files.opener) as file:
                file.write("".join(lines))
            shorter.replace(self._file)


def _line(path: Path, stamp: Stamp, sha256: str) -> str:
    # ASCII, in which a name that is not valid text comes back whole.
    return json.dumps([str(path), stamp.size, stamp.changed_ns, stamp.status_ns, sha256]) + "\n"

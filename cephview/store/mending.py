"""What must be done to a database file before it is opened, and that may take long.

A damaged file is recovered, one of an older version migrated. Either reads and writes the whole
file, which a window must not wait for once it is large.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from cephview.store import backups
from cephview.store.errors import StoreError

# A share of the work that is done, 0 to 1.
Tell = Callable[[float], None]

AT_ONCE_BYTES = 4 << 20
_LOCK = ".mending"

DAMAGED = "{} is damaged: what can be read is put into a new file, and the damaged one is kept."
OLDER = "{} is of an older version and is brought to the present one, in a copy."


class NotMendedError(StoreError):
    """A file must be mended first, which takes long; str() says why. Nothing was changed."""


def tell_nobody(_share: float) -> None:
    """Tell nobody how far it is."""


def refuse_if_long(path: Path, why: str) -> None:
    """Raise NotMendedError where a file, or what it would be made from, is large."""
    sizes = [one.stat().st_size for one in (path, *backups.backups(path)[-1:]) if one.exists()]
    if max(sizes, default=0) > AT_ONCE_BYTES:
        raise NotMendedError(why.format(path))


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let no other process mend a file meanwhile. Raises StoreError where one does."""
    lock = path.with_name(path.name + _LOCK)
    held = FileLock(lock, mode=0o600)
    try:
        held.acquire(blocking=False)
    except Timeout as error:
        raise StoreError(
            f"{path} is just being recovered or brought to a new version by another "
            "window: open it again when that is done."
        ) from error
    try:
        yield
    finally:
        # While it is locked, so that who waits for it finds it gone and makes its own.
        with contextlib.suppress(OSError):
            lock.unlink()
        held.release()

"""Keep foreign readers from speaking past us."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings of foreign readers: where they matter, there is an error.

    Python's warning filters belong to the process, so only one thread at a time is let in.
    """
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def hush_loggers(*names: str) -> None:
    """Keep loggers from repeating what stands in a file, which may be a patient's name."""
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

"""Keep foreign readers from speaking past us."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_LOCK = threading.Lock()
_RECORD_LOCK = threading.Lock()
_silence = ExitStack()
_inside = 0


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings of foreign readers: where they matter, there is an error.

    Python's warning filters belong to the whole process, so the first thread in sets them and the
    last one out puts them back; none waits for another.
    """
    global _inside
    with _LOCK:
        if _inside == 0:
            _silence.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
        _inside += 1
    try:
        yield
    finally:
        with _LOCK:
            _inside -= 1
            if _inside == 0:
                _silence.close()


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Within quiet(), collect what is warned of; one thread at a time."""
    with _RECORD_LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        messages: list[str] = []
        yield messages
        messages.extend(str(each.message) for each in caught)


def hush_loggers(*names: str) -> None:
    """Keep loggers from repeating what stands in a file, which may be a patient's name."""
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

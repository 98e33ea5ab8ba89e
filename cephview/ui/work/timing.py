"""Marks of how long a start takes, printed where CEPHVIEW_TIMING=1 asks for them."""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer

_WANTED = "CEPHVIEW_TIMING"
_seen: set[str] = set()


def _seconds_since_start() -> float:
    """Return seconds since the process began; since the first import where the system is silent."""
    try:
        fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, ValueError, IndexError, AttributeError):
        return time.perf_counter() - _IMPORTED


_IMPORTED = time.perf_counter()


def mark_when_painted(name: str) -> None:
    """Mark once what was asked to be painted is."""
    # Paint requests are handled before a timer of zero.
    QTimer.singleShot(0, lambda: mark(name))


def mark(name: str) -> None:
    """Print the seconds since the process began, and those it used, once for each name."""
    if os.environ.get(_WANTED) != "1" or name in _seen:
        return
    _seen.add(name)
    took, used = _seconds_since_start(), time.process_time()
    print(
        f"timing: {name} {took:.2f} s, {used:.2f} s of the processor", file=sys.stderr, flush=True
    )
